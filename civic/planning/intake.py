"""The programme's file: its columns, how each cell is read, and what is wrong with it in words.

The same columns go out (`programme.csv`) and come in, so that an export imported again changes nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from civic.kernel.clock import parse_partial_date
from civic.kernel.intake import Problem, Row
from civic.kernel.text import N_
from civic.planning.models import ActionKind, SiteBasis, Status
from civic.planning.rules.statuses import NEEDS_CAUSE

COLUMNS = (
    "code",
    "mandate",
    "direction",
    "kind",
    "title_it",
    "title_en",
    "tags",
    "sites",
    "sites_basis",
    "status",
    "note_it",
    "note_en",
    "cause_it",
    "quantity",
    "target",
    "unit_it",
    "unit_en",
    "amount_eur",
    "importance",
    "as_of",
    "source_url",
    "lead_office",
    "parts",
)
_LONGEST = {"title_it": 300, "title_en": 300, "unit_it": 80, "unit_en": 80, "source_url": 400}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The codes a file may refer to."""

    mandates: frozenset[str]
    directions: frozenset[str]
    quartieri: frozenset[str]
    offices: frozenset[str]
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRecord:
    """One row of the file, read; `row` is its number."""

    row: int
    code: str
    mandate: str
    direction: str | None
    kind: ActionKind
    title_it: str
    title_en: str
    tags: tuple[str, ...]
    sites: tuple[str, ...]
    sites_basis: SiteBasis
    status: Status
    note_it: str
    note_en: str
    cause_it: str
    quantity: Decimal | None
    target: Decimal | None
    unit_it: str
    unit_en: str
    amount_eur: Decimal | None
    importance: int | None
    as_of: date
    as_of_precision: str
    source_url: str
    lead_office: str | None
    parts: tuple[tuple[str, Status], ...]


def read_actions(rows: Sequence[Row], known: Known) -> tuple[list[ActionRecord], list[Problem]]:
    """Read every row; with one problem or more the records are not to be used."""
    records: list[ActionRecord] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for row in rows:
        found = list(_problems(row, known))
        code = row.cells["code"]
        if code in seen:
            found.append(
                Problem(
                    row.number, "code", code, N_("Il codice è già in un'altra riga del file: ogni azione sta in una riga sola.")
                )
            )
        seen.setdefault(code, row.number)
        problems += found
        if not found:
            records.append(_record(row.number, row.cells))
    return records, problems


def _problems(row: Row, known: Known) -> Iterator[Problem]:
    for column, check in _CHECKS.items():
        value = row.cells[column]
        if fix := check(value, known):
            yield Problem(row.number, column, value, fix)
    for column, most in _LONGEST.items():
        if len(row.cells[column]) > most:
            yield Problem(row.number, column, row.cells[column][:60] + "…", N_("Il testo è troppo lungo: accorcialo."))
    if row.cells["status"] in set(NEEDS_CAUSE) and not row.cells["cause_it"]:
        yield Problem(row.number, "cause_it", "", N_("Per questo stato scrivi la causa o il motivo."))


def _one_of(words: Sequence[str], fix: str, *, empty: bool = False) -> Callable[[str, Known], str]:
    return lambda value, _known: "" if value in words or (empty and not value) else fix


def _code_in(name: str, fix: str, *, empty: bool = False) -> Callable[[str, Known], str]:
    return lambda value, known: "" if value in getattr(known, name) or (empty and not value) else fix


def _number(value: str, _known: Known) -> str:
    return (
        ""
        if not value or _decimal(value) is not None
        else N_("Scrivi un numero con il punto e al massimo due decimali, o lascia vuoto se non è noto.")
    )


def _decimal(value: str) -> Decimal | None:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    fits = number.is_finite() and 0 <= number < Decimal("1e12") and number == round(number, 2)
    return number if fits else None


def _code(value: str, _known: Known) -> str:
    good = value and len(value) <= 20 and value.replace("-", "").replace("_", "").isalnum() and value.isascii()
    return "" if good else N_("Il codice è obbligatorio: lettere, cifre e trattini, per esempio A001.")


def _filled(value: str, _known: Known) -> str:
    return "" if value else N_("Questa cella è obbligatoria.")


def _as_of(value: str, known: Known) -> str:
    try:
        day, _precision = parse_partial_date(value)
    except ValueError:
        return N_("Scrivi la data come 2024, 2024-06 oppure 2024-06-09.")
    return N_("La data è nel futuro.") if day > known.today else ""


def _sites(value: str, known: Known) -> str:
    return (
        "" if all(s in known.quartieri for s in _split(value)) else N_("Usa i codici dei quartieri separati da punto e virgola.")
    )


def _address(value: str, _known: Known) -> str:
    good = not value or (value.startswith(("https://", "http://")) and " " not in value)
    return "" if good else N_("Scrivi un indirizzo completo, che comincia con https://.")


def _parts(value: str, _known: Known) -> str:
    words = [p.rpartition("|") for p in _split(value)]
    good = all(title and status.strip() in set(Status) and status.strip() not in set(NEEDS_CAUSE) for title, _, status in words)
    return "" if good else N_("Scrivi ogni parte come titolo|stato, separate da punto e virgola.")


_CHECKS: dict[str, Callable[[str, Known], str]] = {
    "code": _code,
    "mandate": _code_in("mandates", N_("Questo mandato non c'è: usa il codice di un mandato caricato.")),
    "direction": _code_in(
        "directions", N_("Questo indirizzo non c'è: usa il codice di un indirizzo caricato, o lascia vuoto."), empty=True
    ),
    "kind": _one_of(tuple(ActionKind), N_("Scrivi action, output oppure priority.")),
    "title_it": _filled,
    "sites": _sites,
    "sites_basis": _one_of(tuple(SiteBasis), N_("Scrivi stated oppure inferred, o lascia vuoto."), empty=True),
    "status": _one_of(
        tuple(Status),
        N_(
            "Questo stato non esiste: usa completed, in_progress, planned, not_started, "
            "critical, changed, withdrawn oppure not_assessable."
        ),
    ),
    "quantity": _number,
    "target": _number,
    "amount_eur": _number,
    "importance": _one_of(("1", "2", "3"), N_("Scrivi 1, 2 oppure 3, o lascia vuoto."), empty=True),
    "as_of": _as_of,
    "source_url": _address,
    "lead_office": _code_in(
        "offices", N_("Questo ufficio non c'è: usa il codice di un ufficio caricato, o lascia vuoto."), empty=True
    ),
    "parts": _parts,
}


def _split(value: str) -> list[str]:
    return [part.strip() for part in value.split(";") if part.strip()]


def _record(row: int, cells: dict[str, str]) -> ActionRecord:
    day, precision = parse_partial_date(cells["as_of"])
    plain = {
        name: cells[name]
        for name in (
            "code",
            "mandate",
            "title_it",
            "title_en",
            "note_it",
            "note_en",
            "cause_it",
            "unit_it",
            "unit_en",
            "source_url",
        )
    }
    return ActionRecord(
        **plain,
        row=row,
        direction=cells["direction"] or None,
        kind=ActionKind(cells["kind"]),
        tags=tuple(dict.fromkeys(t.lower()[:60] for t in _split(cells["tags"]))),
        sites=tuple(dict.fromkeys(_split(cells["sites"]))),
        sites_basis=SiteBasis(cells["sites_basis"] or "stated"),
        status=Status(cells["status"]),
        quantity=_decimal(cells["quantity"]),
        target=_decimal(cells["target"]),
        amount_eur=_decimal(cells["amount_eur"]),
        importance=int(cells["importance"]) if cells["importance"] else None,
        as_of=day,
        as_of_precision=precision,
        lead_office=cells["lead_office"] or None,
        parts=tuple((t.strip(), Status(s.strip())) for t, _, s in (p.rpartition("|") for p in _split(cells["parts"]))),
    )


def write_partial_date(day: date, precision: str) -> str:
    """Write a date as precisely as it is known.

    >>> write_partial_date(date(2023, 12, 1), "month")
    '2023-12'
    """
    return day.isoformat()[: {"year": 4, "month": 7, "day": 10}[precision]]
