"""Staff-written Markdown to safe HTML: the only importer of bleach.

Three gates in a row: the renderer escapes raw HTML, bleach keeps an allow-list, and a verifier of our own reads the
result again and escapes the whole text when anything but the allow-list is left. Citizens' text never comes here: it is
shown as plain text.
"""

from html.parser import HTMLParser

import bleach
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from civic.kernel.text import clean_text

SANITIZER = 1  # raise when the output changes, so that cached HTML can be rendered anew
MOST_CHARS = 20_000
_TAGS = frozenset("a abbr blockquote br code em h2 h3 h4 hr li ol p pre strong table tbody td th thead tr ul".split())
_ATTRIBUTES = {"a": ["href", "title", "rel"], "th": ["scope"]}
_SCHEMES = ("http://", "https://", "mailto:")
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


def render_markdown(source: str) -> Markup:
    """Return the HTML of a short staff-written text (at most 20,000 characters; the rest is cut)."""
    rendered = _MARKDOWN.render(clean_text(source)[:MOST_CHARS])
    cleaner = bleach.Cleaner(
        tags=_TAGS, attributes=_ATTRIBUTES, protocols={"http", "https", "mailto"}, strip=True, strip_comments=True
    )
    cleaned = cleaner.clean(_lower_headings(rendered)).replace("<a href", '<a rel="nofollow noopener" href')
    return Markup(cleaned) if is_allowed(cleaned) else Markup("<p>") + escape(source[:MOST_CHARS]) + Markup("</p>")  # noqa: S704 - the two gates above passed it


def is_allowed(html: str) -> bool:
    """Say whether a fragment holds nothing but the allow-list, with absolute http(s) or mailto links."""
    verifier = _Verifier()
    verifier.feed(html)
    verifier.close()
    return verifier.clean


def _lower_headings(html: str) -> str:
    """Move headings down one step: the page's h1 is not the author's to set."""
    for level in (3, 2, 1):
        html = html.replace(f"<h{level}>", f"<h{level + 1}>").replace(f"</h{level}>", f"</h{level + 1}>")
    return html


class _Verifier(HTMLParser):
    """Reads HTML and remembers whether anything was outside the allow-list."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.clean = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name not in _ATTRIBUTES.get(tag, []) or (name == "href" and not _is_safe_link(value or "")):
                self.clean = False
        self.clean = self.clean and tag in _TAGS

    def handle_comment(self, data: str) -> None:
        self.clean = False

    def handle_decl(self, decl: str) -> None:
        self.clean = False

    def handle_pi(self, data: str) -> None:
        self.clean = False

    def unknown_decl(self, data: str) -> None:
        self.clean = False


def _is_safe_link(value: str) -> bool:
    return value.lower().startswith(_SCHEMES) and value.isprintable() and not any(c.isspace() for c in value)
