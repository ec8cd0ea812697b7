"""Files that come in: read whatever a spreadsheet wrote, and refused in words when they cannot be."""

import pytest

from civic.kernel.errors import Refused
from civic.kernel.intake import MOST_BYTES, read_csv

COLUMNS = ("code", "title")


def cells(data: bytes) -> list[dict[str, str]]:
    return [row.cells for row in read_csv(data, columns=COLUMNS)]


@pytest.mark.parametrize(
    "data",
    [
        "code,title\nA1,Città\n".encode(),
        "\ufeffcode,title\nA1,Città\n".encode(),
        "code,title\nA1,Città\n".encode("cp1252"),
        "code;title\nA1;Città\n".encode(),
        "code;title\r\nA1;Città\r\n".encode(),
        "code,title\rA1,Città\r".encode(),
        ' Code , TITLE \n"A1"," Città "\n'.encode(),
        "code,title\n\nA1,Città\n,\n  ,  \n".encode(),
        "code,title\nA1,Citta\u0300\n".encode(),
        "code,title\nA1,Cit\u202et\u200bà\n".encode(),
    ],
    ids=["plain", "BOM", "cp1252", "semicolons", "CRLF", "CR", "quotes-and-case", "blank-rows", "decomposed", "deceiving"],
)
def test_a_file_reads_the_same_however_it_was_saved(data):
    assert cells(data) == [{"code": "A1", "title": "Città"}]


def test_rows_keep_the_number_that_a_spreadsheet_shows():
    rows = read_csv(b"code,title\nA1,x\n\nA3,y\n", columns=COLUMNS)
    assert [(r.number, r.cells["code"]) for r in rows] == [(2, "A1"), (4, "A3")]


def test_columns_may_stand_in_any_order_and_more_may_be_there():
    assert cells(b"title,note,code\nx,n,A1\n") == [{"title": "x", "note": "n", "code": "A1"}]


def test_a_cell_may_hold_several_lines_and_quotes():
    assert cells(b'code,title\nA1,"una riga\r\ne ""altra"""\n') == [{"code": "A1", "title": 'una riga\ne "altra"'}]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "vuoto"),
        (b"code,title\nA1\0,x\n", "CSV UTF-8"),
        ("code,title\nA1,x\n".encode("utf-16"), "CSV UTF-8"),
        (b"code\nA1\n", "title"),
        (b"\n\n", "code, title"),
        (b"code,title\nA1,x\nA2,y,z\n", "Riga 3"),
        (b"code,title\nA1\n", "Riga 2"),
        (b'code,title\nA1,"x\n', "virgolette"),
        (b'code,title\nA1,"x"y\n', "virgolette"),
        (b"PK\x03\x04\0\0", "CSV UTF-8"),
        (b"code,title\n" + b"A1," + b"x" * 40_000 + b"\n", "Riga 2"),
        (b"code,title\n" + b"A1,x\n" * 50_001, "50.000"),
        (b"x" * (MOST_BYTES + 1), "5 MB"),
        (b"code,title\nA1," + b"x" * 140_000 + b"\n", "riga 2|Riga 2|virgolette|troppo"),
    ],
    ids=[
        "empty",
        "NUL",
        "utf-16",
        "missing-column",
        "no-header",
        "ragged-long",
        "ragged-short",
        "open-quote",
        "quote-inside",
        "xlsx",
        "long-cell",
        "many-rows",
        "many-bytes",
        "longer-than-csv-allows",
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(data, says):
    with pytest.raises(Refused, match=says):
        read_csv(data, columns=COLUMNS)


def test_a_row_of_the_wrong_width_says_what_it_has_and_what_it_should_have():
    with pytest.raises(Refused) as caught:
        read_csv(b"code,title\nA1,x,y\n", columns=COLUMNS)
    assert {"row": 2, "found": 3, "expected": 2}.items() <= caught.value.params.items()


def test_a_long_cell_is_not_told_as_a_row_of_the_wrong_width():
    with pytest.raises(Refused) as caught:
        read_csv(b"code,title\nA1," + b"x" * 33_000 + b"\n", columns=COLUMNS)
    assert "celle invece di" not in str(caught.value)


def test_two_columns_of_the_same_name_are_refused():
    with pytest.raises(Refused, match="title"):
        read_csv(b"code,title,title\nA1,x,y\n", columns=COLUMNS)
