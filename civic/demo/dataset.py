"""Loading a data set: a folder with city.json and, where there are any, services, directions, objectives, actions, PEG."""

import csv
import json
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from civic.city import commands as city
from civic.city.models import OfficeKind, ProviderKind
from civic.kernel.actor import Actor
from civic.kernel.errors import Refused
from civic.planning.commands import actions as programme
from civic.planning.commands import documents as plan
from civic.planning.models import (
    Mandate,
    ObjectiveProgress,
    OperationalObjective,
    PublishedResult,
    StrategicDirection,
    StrategicObjective,
)

CITIES = Path(__file__).resolve().parent / "cities"
Say = Callable[[str], None]


def city_folder(name: str) -> Path:
    """Return the folder of a data set that comes with the program; '' is the first by name. Raises Refused."""
    there = {folder.name: folder for folder in sorted(CITIES.iterdir()) if folder.is_dir()}
    if name and name not in there:
        raise Refused("CIVIC_DEMO_CITY: %(name)s non c'è; ci sono: %(there)s.", name=name, there=", ".join(there))
    return there[name] if name else next(iter(there.values()))


def load_dataset(session: Session, who: Actor, folder: Path, *, now: datetime, say: Say = lambda _line: None) -> None:
    """Load a whole data set in the caller's transaction. Raises Refused: when the folder is not one."""
    if not (folder / "city.json").is_file():
        raise Refused("Nella cartella %(folder)s manca city.json.", folder=str(folder))
    data = json.loads((folder / "city.json").read_text(encoding="utf-8"))
    say("ente, uffici, quartieri, gestori")
    _load_city(session, who, data, now)
    say("servizi")
    _load_services(session, who, folder, now)
    say("indirizzi e obiettivi")
    _load_directions(session, who, folder, data, now)
    _load_objectives(session, who, folder, now)
    if (folder / "peg_2022.json").is_file():
        say("scheda PEG")
        _load_peg(session, who, json.loads((folder / "peg_2022.json").read_text(encoding="utf-8")), now)
    if (folder / "actions.csv").is_file():
        say("azioni del programma di mandato")
        declared_by = data["ente"]["name"]
        programme.import_programme(session, who, (folder / "actions.csv").read_bytes(), by_label=declared_by, now=now)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    if path.is_file():
        with path.open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _load_city(session: Session, who: Actor, data: dict[str, Any], now: datetime) -> None:
    ente = data["ente"]
    fields = set(city.EnteData.__slots__) - {"town"}
    known = {k: v or "" for k, v in ente.items() if k in fields}
    city.set_identity(session, who, city.EnteData(**known, town=ente["city"]), version=0, now=now)
    for row in data["quartieri"]:
        city.save_quartiere(session, who, city.QuartiereData(**row), now=now)
    for row in data["providers"]:
        kind = ProviderKind(row["kind"])
        city.save_provider(
            session, who, city.ProviderData(code=row["code"], name=row["name"], kind=kind, note_it=row["note_it"]), now=now
        )
    for row in sorted(data["offices"], key=lambda o: o["parent"] is not None):
        office = city.OfficeData(
            code=row["code"],
            name=row["name"],
            name_en=row["name_en"] or "",
            kind=OfficeKind(row["kind"]),
            parent_code=row["parent"],
            valid_from=_day(row["valid_from"]),
            valid_to=_day(row["valid_to"]),
            basis_it=row["basis_it"] or "",
        )
        city.add_office(session, who, office, now=now)
    if patron := ente.get("patron_day"):
        month, day = (int(p) for p in patron.split("-"))
        if (month, day) != (12, 26):  # already a national holiday
            names = {"name_it": ente["patron_name_it"], "name_en": ente["patron_name_en"]}
            city.add_holiday(session, who, month=month, day=day, every=0, **names, now=now)


def _load_services(session: Session, who: Actor, folder: Path, now: datetime) -> None:
    for row in _rows(folder / "services.csv"):
        service = city.ServiceData(
            code=row["code"],
            name_it=row["name_it"],
            name_en=row["name_en"],
            category=row["category"],
            provider_code=row["provider"] or None,
            office_code=row["office"],
            per_quartiere=row["per_quartiere"] == "yes",
            basis_it=row["basis_it"],
            source_url=row["source_url"],
        )
        city.add_service(session, who, service, now=now)


def _load_directions(session: Session, who: Actor, folder: Path, data: dict[str, Any], now: datetime) -> None:
    for row in data["mandates"]:
        mandate = Mandate(
            code=row["code"],
            title_it=row["title_it"],
            title_en=row["title_en"],
            starts_on=_day(row["starts_on"]),
            ends_on=_day(row["ends_on"]),
        )
        plan.save_mandate(session, who, mandate, now=now)
    for row in _rows(folder / "directions.csv"):
        direction = StrategicDirection(
            code=row["code"],
            year=int(row["year"]),
            mandate_code=row["mandate"],
            number=int(row["number"]),
            title_it=row["title_it"],
            title_en=row["title_en"],
            source_url=row["source_url"],
        )
        plan.save_direction(session, who, direction, now=now)
    totals = folder / "published_totals.json"
    if totals.is_file():
        _load_published(session, who, json.loads(totals.read_text(encoding="utf-8")), folder, now)


def _load_published(session: Session, who: Actor, whole: dict[str, Any], folder: Path, now: datetime) -> None:
    shared = {
        "mandate_code": whole["mandate"],
        "as_of": _day(whole["date"]),
        "assessor_it": whole["assessor_it"],
        "assessor_en": whole["assessor_en"],
    }
    words = {"note_it": whole["note_it"], "note_en": whole["note_en"], "source_url": whole["source_url"]}
    counts = {name: whole[name] for name in ("total", "completed", "in_progress", "not_done")}
    plan.add_published_result(session, who, PublishedResult(**shared, **words, **counts), now=now)
    for row in _rows(folder / "directions.csv"):
        if row["published_total"]:
            part = {name: int(row[f"published_{name}"]) for name in ("total", "completed", "in_progress", "not_done")}
            result = PublishedResult(**shared, **part, direction_ref=row["code"], source_url=row["source_url"])
            plan.add_published_result(session, who, result, now=now)


def _load_objectives(session: Session, who: Actor, folder: Path, now: datetime) -> None:
    for row in _rows(folder / "objectives.csv"):
        objective = StrategicObjective(
            code=row["code"], direction_code=row["direction"], number=int(row["number"]), title_it=row["title_it"]
        )
        plan.save_strategic_objective(session, who, objective, now=now)
        progress = ObjectiveProgress(
            objective_code=row["code"],
            percent=Decimal(row["progress_pct"]),
            as_of=_day(row["as_of"]),
            source_url=row["source_url"],
        )
        plan.record_progress(session, who, progress, now=now)


def _load_peg(session: Session, who: Actor, data: dict[str, Any], now: datetime) -> None:
    year = data["year"]
    for row in data["directions"]:
        mandate = row.get("mandate") or "2019-2024"
        direction = StrategicDirection(
            code=row["code"], year=row["year"], mandate_code=mandate, number=row["number"], title_it=row["title"]
        )
        plan.save_direction(session, who, direction, now=now)
    for row in data["strategic_objectives"]:
        objective = StrategicObjective(
            code=row["code"],
            direction_code=row["direction"],
            number=row["number"],
            title_it=row["title"],
            note_it=row.get("note_it") or "",
        )
        plan.save_strategic_objective(session, who, objective, now=now)
    for row in data["operational_objectives"]:
        operational = OperationalObjective(
            year=year, code=row["code"], strategic_code=row["strategic_objective"], text_it=row["text"]
        )
        plan.add_operational_objective(session, who, operational, now=now)
    plan.add_peg_sheet(session, who, _peg_sheet(data), now=now)


def _peg_sheet(data: dict[str, Any]) -> plan.PegData:
    replaces = data["replaces"]
    return plan.PegData(
        year=data["year"],
        code=data["code"],
        title=data["title"],
        office_code=data["office"],
        director_role=data["director_role"],
        manager_role=data["manager_role"],
        classification=data["classification"],
        typology=data["typology"],
        closing_on=_day(data["closing_date"]),
        description_it=data["description_it"],
        replaces_code=replaces["code"],
        replaces_title=replaces["title"],
        carried_phase_it=replaces["carried_phase_it"],
        review_notes_it="\n".join(data["review_notes_it"]),
        operational=tuple((data["year"], o["code"]) for o in data["operational_objectives"]),
        phases=[_phase(p) for p in data["phases"]],
        indicators=[_indicator(i) for i in data["indicators"]],
    )


def _phase(row: dict[str, Any]) -> plan.PhaseData:
    return plan.PhaseData(
        number=row["n"],
        description_it=row["description"],
        block=row["block"],
        weight=_decimal(row["weight"]),
        planned_start=_day(row["planned_start"]),
        planned_end=_day(row["planned_end"]),
        manager_role=row["manager_role"] or "",
        centre=row["centre"] or "",
        note_it=row["note_it"] or "",
    )


def _indicator(row: dict[str, Any]) -> plan.IndicatorData:
    return plan.IndicatorData(
        number=row["n"],
        description_it=row["description"],
        unit=row["unit"] or "",
        kind=row["kind"] or "",
        direction=row["direction"],
        expected_value=_decimal(row["expected_value"]),
        confidence=row["confidence"],
        note_it=row["note_it"] or "",
    )


def _decimal(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))
