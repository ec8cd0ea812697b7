"""Paper: a poster that any office printer can print and any screen reader can read."""

from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from typing import Any

import pytest
import segno
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject

from civic.kernel.typeset import typeset
from tests.architecture.house import imports, modules

MADE_AT = datetime(2026, 11, 3, 9, 30, tzinfo=UTC)
ADDRESS = "partecipa.comune.esempio.it/v/K7MQ-4XWP"
LONG_PLACE = (
    "Sede distaccata presso il Centro civico polifunzionale, piano terra, ingresso dal cortile interno, "
    "via Giovanni Pascoli angolo via delle Panche 160/r, scala B, ..."
)
MARKUP = "Sportello #unico $a$ *casa* @impresa <privata> _verde_ `x` \\ [y] // fine"


def qr(address: str) -> str:
    out = BytesIO()
    segno.make(f"https://{address}", error="m", micro=False).save(out, kind="svg", xmldecl=False, svgns=True)
    return out.getvalue().decode()


def poster(made_at: datetime = MADE_AT, **data: Any) -> bytes:
    usual = {
        "lang": "it",
        "title": "Com'è andata? Anagrafe",
        "ente": "Comune di Esempio",
        "question": "Com'è andata?",
        "service": "Anagrafe e stato civile",
        "place": "Punto anagrafico di via Nievo",
        "qr": qr(ADDRESS),
        "qr_alt": "Codice QR che apre la pagina per valutare il servizio",
        "how": "Inquadra il codice con il telefono, oppure scrivi questo indirizzo:",
        "address": ADDRESS,
        "use": "La valutazione è anonima. Serve a decidere che cosa migliorare.",
    }
    return typeset("poster", usual | data, made_at=made_at)


def read(pdf: bytes) -> PdfReader:
    return PdfReader(BytesIO(pdf), strict=True)


def text_of(pdf: bytes) -> str:
    """The words of the only page, whatever the lines they stand on."""
    pages = read(pdf).pages
    assert len(pages) == 1
    return " ".join(pages[0].extract_text().split())


def tags_of(pdf: bytes) -> list[tuple[str, str | None]]:
    """Every tag in reading order, with its alternative text."""
    found: list[tuple[str, str | None]] = []

    def walk(node: Any) -> None:
        node = node.get_object()
        for child in node if isinstance(node, ArrayObject) else ():
            walk(child)
        if isinstance(node, DictionaryObject):
            if "/S" in node:
                found.append((node["/S"], node.get("/Alt")))
            if "/K" in node:
                walk(node["/K"])

    walk(read(pdf).trailer["/Root"]["/StructTreeRoot"])
    return found


def test_the_poster_says_what_to_rate_where_and_how():
    pdf = poster()
    assert pdf.startswith(b"%PDF")
    text = text_of(pdf)
    for words in ("Comune di Esempio", "Com'è andata?", "Anagrafe e stato civile", "via Nievo", ADDRESS, "è anonima"):
        assert words in text


def test_the_poster_is_an_a4_sheet():
    width, height = read(poster()).pages[0].mediabox.upper_right
    assert (round(width * 25.4 / 72), round(height * 25.4 / 72)) == (210, 297)


def test_the_same_poster_is_the_same_file():
    rome = MADE_AT.astimezone(timezone(timedelta(hours=1)))
    assert poster() == poster() == poster(made_at=rome)
    assert poster() != poster(made_at=MADE_AT + timedelta(days=1))


def test_the_date_of_the_file_is_the_one_it_was_made_at():
    assert read(poster()).metadata.creation_date == MADE_AT


def test_an_instant_without_zone_is_refused():
    with pytest.raises(ValueError, match="2026-11-03"):
        poster(made_at=MADE_AT.replace(tzinfo=None))


@pytest.mark.parametrize("lang", ["it", "en"])
def test_a_screen_reader_knows_language_title_and_order(lang):
    pdf = poster(lang=lang)
    root = read(pdf).trailer["/Root"]
    assert root["/Lang"] == lang
    assert root["/MarkInfo"]["/Marked"].value is True
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert read(pdf).metadata.title == "Com'è andata? Anagrafe"
    assert b"pdfuaid" in root["/Metadata"].get_object().get_data()
    tags = [(tag, alt) for tag, alt in tags_of(pdf) if tag in ("/P", "/H1", "/H2", "/Figure")]
    figure = ("/Figure", "Codice QR che apre la pagina per valutare il servizio")
    words = ("/P", None)
    assert tags == [words, ("/H1", None), ("/H2", None), words, figure, words, words, words]


def test_a_place_of_160_characters_and_a_long_service_stay_on_one_page():
    service = "Sportello unico per le attività produttive, l'edilizia privata e le pratiche ambientali " * 2
    assert len(LONG_PLACE) >= 160
    text = text_of(poster(place=LONG_PLACE, service=service.strip(), use="Serve a decidere che cosa migliorare. " * 10))
    assert LONG_PLACE in text
    assert service.strip() in text


def test_a_word_without_end_stays_on_the_page():
    (page,) = read(poster(place="M" * 160, service="W" * 160)).pages
    lines = page.extract_text().replace("\u200b", "").splitlines()
    assert "M" * 160 in "".join(lines)
    assert max(len(line) for line in lines if set(line) <= {"M", "W"}) <= 50


def test_what_looks_like_markup_is_printed_as_it_was_written():
    text = text_of(poster(service=MARKUP, place=f"= {MARKUP}", use='#read("/etc/passwd") #import "x.typ"'))
    assert text.count(MARKUP) == 2
    assert '#read("/etc/passwd") #import "x.typ"' in text


def test_the_address_can_be_copied_in_one_piece():
    address = "partecipa-e-valuta.comune.san-giovanni-valdarno.esempio.it/v/K7MQ-4XWP"
    assert address in text_of(poster(address=address))


def test_a_character_that_cannot_be_printed_does_not_cost_the_poster():
    assert "Ludoteca □ Però" in text_of(poster(place="Ludoteca 😀 Però"))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"qr": "not a picture"}, "SVG"),
        ({"qr_alt": None}, "alt text"),
        ({"title": ""}, "document title"),
    ],
)
def test_what_cannot_be_an_accessible_document_is_refused(data, words):
    with pytest.raises(RuntimeError, match=f"poster: .*{words}"):
        poster(**data)


def test_a_template_that_does_not_exist_is_an_error():
    with pytest.raises(RuntimeError, match="flyer"):
        typeset("flyer", {}, made_at=MADE_AT)


def test_only_one_file_imports_typst():
    assert [m for m, path in modules().items() if any(n.startswith("typst") for n in imports(path))] == ["civic.kernel.typeset"]
