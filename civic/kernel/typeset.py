"""Typeset a page to be printed, as PDF/UA-1: the only importer of typst.

A document is a template below templates/print and the data it prints. The data travel as one JSON text, never as markup,
so what people typed stays plain text. The fonts are those that come with typst and none of the machine, so that the same
data and the same instant give the same bytes everywhere. The compiler itself refuses what PDF/UA-1 forbids: a picture
without alternative text, a document without title, a skipped heading level.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import typst

from config import ROOT

_TEMPLATES = ROOT / "templates" / "print"


def typeset(template: str, data: Mapping[str, Any], *, made_at: datetime) -> bytes:
    """Compile templates/print/<template>.typ with these data to PDF/UA-1.

    The head of a template says which data it prints. A picture is SVG text among them. `made_at` is an aware instant and
    becomes the date of the document. Raises RuntimeError when typst does not compile it, with typst's own words.
    """
    if made_at.tzinfo is None:
        raise ValueError(made_at)
    try:
        return typst.compile(
            _TEMPLATES / f"{template}.typ",
            root=_TEMPLATES,
            format="pdf",
            ignore_system_fonts=True,
            sys_inputs={"data": json.dumps(data, sort_keys=True)},
            pdf_standards=["ua-1"],
            timestamp=int(made_at.astimezone(UTC).timestamp()),
        )
    except RuntimeError as error:  # TypstError is one, and so is a template that does not exist
        raise RuntimeError(f"{template}: {error}") from error
