"""Files that come in: read whole, checked whole, and only then applied.

A problem says row, column, value and the fix; one problem and nothing is written.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from civic.kernel.errors import Refused
from civic.kernel.tables import plain_cell
from civic.kernel.text import N_, clean_text

MOST_BYTES = 5_000_000
MOST_ROWS = 50_000
MOST_CELL = 32_000


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: the row as a spreadsheet numbers it (header = 1), the column, the value, and how."""

    row: int
    column: str
    value: str
    fix: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file: its number and its cells by column name, cleaned."""

    number: int
    cells: dict[str, str]


def read_csv(data: bytes, *, columns: Sequence[str]) -> list[Row]:
    """Read a CSV (UTF-8 or Windows-1252, comma or semicolon) that has these columns, in any order.

    Raises Refused: for a file that is too big, is not text, lacks a column, or has a row of another width.
    """
    if len(data) > MOST_BYTES:
        raise Refused(N_("Il file supera i 5 MB: dividilo in più file."))
    text = decode(data).replace("\r\n", "\n").replace("\r", "\n")
    first_line = text.split("\n", 1)[0]
    delimiter = ";" if first_line.count(";") > first_line.count(",") else ","
    try:
        table = list(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise Refused(N_("Il file non è un CSV leggibile: controlla le virgolette."), detail=str(error)) from error
    return _rows(table, columns)


def decode(data: bytes) -> str:
    """Read a file's text: UTF-8, or else Windows-1252. Raises Refused: when it is not text."""
    if b"\0" in data:
        raise Refused(N_("Il file non è un testo CSV: salvalo come CSV UTF-8."))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _rows(table: list[list[str]], columns: Sequence[str]) -> list[Row]:
    if not table:
        raise Refused(N_("Il file è vuoto: la prima riga deve contenere i nomi delle colonne."))
    if len(table) > MOST_ROWS:
        raise Refused(N_("Il file supera le 50.000 righe: dividilo in più file."))
    header = [name.strip().lower() for name in table[0]]
    missing = [c for c in columns if c not in header]
    if missing:
        raise Refused(N_("Nella prima riga mancano le colonne: %(names)s."), names=", ".join(missing))
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise Refused(N_("Nella prima riga una colonna è scritta due volte: %(names)s."), names=", ".join(twice))
    rows = []
    for number, cells in enumerate(table[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if any(len(cell) > MOST_CELL for cell in cells):
            raise Refused(N_("Riga %(row)s: una cella supera i 32.000 caratteri, accorciala."), row=number)
        if len(cells) != len(header):
            raise Refused(
                N_("Riga %(row)s: le celle sono %(found)s invece di %(expected)s. Controlla virgole e virgolette."),
                row=number,
                found=len(cells),
                expected=len(header),
            )
        rows.append(Row(number, dict(zip(header, (plain_cell(clean_text(c)) for c in cells), strict=True))))
    return rows
