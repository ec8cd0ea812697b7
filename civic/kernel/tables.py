"""Rows to CSV that a spreadsheet cannot be tricked into running."""

import csv
import io
from collections.abc import Iterable, Sequence

# With their full-width twins, which some spreadsheets read alike.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")


def safe_cell(value: object) -> object:
    """Prefix a text that a spreadsheet would read as a formula with an apostrophe; numbers pass.

    >>> safe_cell("=1+1"), safe_cell(-3), safe_cell("-3")
    ("'=1+1", -3, "'-3")
    """
    return "'" + value if isinstance(value, str) and value.lstrip("'").startswith(_FORMULA_STARTS) else value


def plain_cell(value: str) -> str:
    """Undo `safe_cell`, so that what was exported comes back as it was.

    >>> plain_cell("'=1+1"), plain_cell("'tis")
    ('=1+1', "'tis")
    """
    return value[1:] if value.startswith("'") and value.lstrip("'").startswith(_FORMULA_STARTS) else value


def to_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write UTF-8 comma-separated text with a header; None is an empty cell."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([["" if cell is None else safe_cell(cell) for cell in row] for row in rows])
    return out.getvalue()
