"""The test's browser: it fetches pages, fills the forms it finds on them, and refuses a page with one of the common sins.

Forms are sent as a browser would send them: every field of the form on the page, hidden ones and CSRF token included,
with what the test typed in the place of what stood there. A field that is not on the page cannot be typed into.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from civic.demo.people import PASSWORD

HOST = "http://localhost"
_NOT_CONTROLS = ("hidden", "submit", "reset", "button", "image")
# What may only be sent along, never typed.
_BUTTONS = ("submit", "image", "reset", "button")


class Page:
    """One answer: its status, its headers and, when it is HTML, what is on it."""

    def __init__(self, path: str, response: TestResponse) -> None:
        self.path = path
        self.response = response
        self.status = response.status_code
        self.headers = response.headers
        self.is_html = response.mimetype == "text/html"
        self._soup: BeautifulSoup | None = None

    @property
    def html(self) -> str:
        """The body as text."""
        return self.response.get_data(as_text=True)

    @property
    def data(self) -> bytes:
        """The body as bytes."""
        return self.response.get_data()

    @property
    def json(self) -> Any:
        """The body read as JSON."""
        return self.response.get_json()

    @property
    def soup(self) -> BeautifulSoup:
        """The page, parsed once."""
        if self._soup is None:
            self._soup = BeautifulSoup(self.html, "html.parser")
        return self._soup

    @property
    def location(self) -> str:
        """Where a redirect goes, as a path of this site; another site's address stays whole."""
        target = self.headers.get("Location", "")
        return target.removeprefix(HOST) if target else ""

    def select(self, css: str) -> list[Tag]:
        """List what a CSS selector finds."""
        return list(self.soup.select(css))

    def one(self, css: str) -> Tag:
        """Return the only thing a selector finds."""
        found = self.select(css)
        assert len(found) == 1, f"{self.path}: {css!r} found {len(found)} times, not once"
        return found[0]

    def text(self, css: str = "main") -> str:
        """Return the words of the first thing a selector finds, with single spaces."""
        found = self.soup.select_one(css)
        assert found is not None, f"{self.path}: there is no {css!r} on the page"
        return _words(found)

    def texts(self, css: str) -> list[str]:
        """List the words of everything a selector finds."""
        return [_words(tag) for tag in self.select(css)]

    def links(self, css: str = "main a") -> list[str]:
        """List where the links go."""
        return [str(a.get("href")) for a in self.select(css)]

    @property
    def errors(self) -> list[str]:
        """The messages of the form's error summary, empty without one."""
        return self.texts("#errori li")

    def __repr__(self) -> str:
        return f"<Page {self.status} {self.path} {self.location}>"


class Client:
    """One browser with its own cookies."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self._flask = app.test_client()
        self._titles: dict[tuple[str, str], str] = {}

    def get(self, path: str, *, follow: bool = False, headers: Mapping[str, str] | None = None) -> Page:
        """Fetch a page; redirects only when told to."""
        page = self._take(path, self._flask.get(path, base_url=HOST, headers=headers))
        return self.follow(page) if follow and 300 <= page.status < 400 else page

    def post(
        self,
        path: str,
        data: Mapping[str, Any] | None = None,
        *,
        seen_at: str | None = None,
        form: str = "form",
        extra: Mapping[str, Any] | None = None,
        follow: bool = False,
    ) -> Page:
        """Fill and send the form that goes to `path`, found on the page `seen_at` (default: that address itself).

        `data` holds what is typed or chosen, by field name: a list for several choices, None to leave a box unticked, the
        name of a button to press it. `extra` holds fields that are not on the page, as a forger would send them. `form`
        narrows the choice by a CSS selector where several forms go the same way.
        """
        page = self.get(seen_at or path, follow=True)
        assert page.status == 200, f"no form to fill: {page!r}"
        return self.send(page, path, data, form=form, extra=extra, follow=follow)

    def send(
        self,
        page: Page,
        path: str | None = None,
        data: Mapping[str, Any] | None = None,
        *,
        form: str = "form",
        extra: Mapping[str, Any] | None = None,
        follow: bool = False,
    ) -> Page:
        """Fill and send a form of a page that was fetched before: a second send, or one that has grown stale."""
        target = path or page.path
        fields = _filled(_form_to(page, target, form), data or {}, page.path)
        for name, value in (extra or {}).items():
            fields.setlist(name, value if isinstance(value, list) else [value])
        sent = self._take(target, self._flask.post(target, data=fields, base_url=HOST, headers={"Origin": HOST}))
        return self.follow(sent) if follow and 300 <= sent.status < 400 else sent

    def post_raw(self, path: str, data: Any = None, *, headers: Mapping[str, str] | None = None, **options: Any) -> Page:
        """Send exactly this, without any form: for what no browser would send."""
        return self._take(path, self._flask.post(path, data=data, base_url=HOST, headers=headers, **options))

    def follow(self, page: Page) -> Page:
        """Go where a redirect leads, and on from there."""
        for _step in range(5):
            if not 300 <= page.status < 400:
                return page
            assert page.location.startswith("/"), f"{page!r} leaves the site"
            page = self.get(page.location)
        raise AssertionError(f"redirects without end: {page!r}")

    def sign_in(self, email: str, password: str = PASSWORD) -> Page:
        """Sign in through the door; the answer is the redirect that follows a good password."""
        page = self.post("/desk/accedi", {"email": email, "password": password})
        assert page.status == 303, f"{email} was not let in: {page.errors or page!r}"
        return page

    def sign_out(self) -> Page:
        """Sign out with the desk's own button."""
        return self.post("/esci", seen_at="/desk")

    def cookies(self) -> dict[str, str]:
        """Return the cookies that this browser holds."""
        return {c.key: c.value for c in self._flask._cookies.values()}  # no public way to list them

    def _take(self, path: str, response: TestResponse) -> Page:
        page = Page(path, response)
        assert page.status != 500, f"{path} failed: see the captured log"
        if page.is_html and not 300 <= page.status < 400:
            found = [*sins(page), *self._title_sins(page)]
            assert not found, f"{path} ({page.status}) has sins:\n  " + "\n  ".join(found)
        return page

    def _title_sins(self, page: Page) -> Iterator[str]:
        """Two pages of one site never share a title."""
        title = page.soup.title
        if page.status != 200 or title is None:
            return
        address = urlsplit(page.path).path
        key = ("en" if address.startswith("/en/") else "it", _words(title))
        if self._titles.setdefault(key, address) != address:
            yield f"the title {key[1]!r} is also that of {self._titles[key]}"


def _words(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split())


# ---- forms -----------------------------------------------------------------------------------------------------------


def _form_to(page: Page, target: str, css: str) -> Tag:
    """Return the one form of a page that posts to this address."""
    forms = [f for f in page.select(css) if str(f.get("method", "get")).lower() == "post" and _goes_to(page, f, target)]
    assert forms, f"{page!r} has no form that posts to {target}"
    assert len(forms) == 1, f"{page!r} has {len(forms)} forms that post to {target}: narrow them with form=..."
    return forms[0]


def _goes_to(page: Page, form: Tag, target: str) -> bool:
    actions = [str(form.get("action") or page.path), *(str(b["formaction"]) for b in form.select("[formaction]"))]
    return any(urlsplit(urljoin(page.path, a)).path == urlsplit(target).path for a in actions)


def _filled(form: Tag, data: Mapping[str, Any], where: str) -> MultiDict[str, Any]:
    """Return what a browser would send: the form as it stands, with what was typed."""
    fields: MultiDict[str, Any] = MultiDict()
    on_page = set()
    for control in form.select("input, select, textarea, button"):
        name = str(control.get("name") or "")
        if name and not control.has_attr("disabled"):
            on_page.add(name)
            for value in _standing(control):
                fields.add(name, value)
    for name, typed in data.items():
        assert name in on_page, f"{where}: the form has no field {name!r}, only {sorted(on_page)}"
        fields.setlist(name, [] if typed is None else typed if isinstance(typed, list) else [typed])
    return fields


def _standing(control: Tag) -> list[str]:
    """List the values that a control sends when nobody touches it."""
    if control.name == "button":
        return []
    if control.name == "textarea":
        return [control.get_text().removeprefix("\n")]
    if control.name == "select":
        return _chosen(control)
    kind = str(control.get("type", "text")).lower()
    if kind in _BUTTONS or kind == "file" or (kind in ("checkbox", "radio") and not control.has_attr("checked")):
        return []
    return [str(control.get("value", "on" if kind in ("checkbox", "radio") else ""))]


def _chosen(select: Tag) -> list[str]:
    options = select.select("option")
    chosen = [o for o in options if o.has_attr("selected")] or ([] if select.has_attr("multiple") else options[:1])
    return [str(o.get("value", o.get_text())) for o in chosen]


# ---- sins ------------------------------------------------------------------------------------------------------------


class Tags:
    """Every tag of a page in order, found in one walk: a page has some forty questions to answer, and a run some thousand pages."""

    def __init__(self, soup: BeautifulSoup) -> None:
        self.all: list[Tag] = list(soup.find_all(True))
        self.ids = Counter(str(t["id"]) for t in self.all if "id" in t.attrs)
        self._by_name: dict[str, list[Tag]] = {}
        for tag in self.all:
            self._by_name.setdefault(tag.name, []).append(tag)

    def named(self, *names: str) -> list[Tag]:
        """List the tags of these names, name by name."""
        return [tag for name in names for tag in self._by_name.get(name, [])]

    def with_id(self, name: str) -> list[Tag]:
        """List the tags that carry this id."""
        return [tag for tag in self.all if tag.get("id") == name]


def sins(page: Page) -> Iterator[str]:
    """Name what is wrong with a page whatever it says; nothing on a good one."""
    tags = Tags(page.soup)
    for look in (_language_sins, _head_sins):
        yield from look(tags, page)
    for search in (_heading_sins, _script_sins, _reference_sins, _control_sins, _name_sins, _form_sins):
        yield from search(tags)
    if found := re.search(r"%\(\w+\)[sd]|\{\{|\{%", page.soup.get_text()):
        yield f"a placeholder nobody filled: {found.group()!r}"


def _shown(tag: Tag) -> str:
    return str(tag)[:120]


def _is_english(path: str) -> bool:
    return path == "/en" or path.startswith("/en/")


def _language_sins(tags: Tags, page: Page) -> Iterator[str]:
    wanted = "en" if _is_english(urlsplit(page.path).path) else "it"
    given = [html.get("lang") for html in tags.named("html")]
    if given != [wanted]:
        yield f"html lang is {given}, not {wanted}"


def _head_sins(tags: Tags, page: Page) -> Iterator[str]:
    titles = [t for t in tags.named("title") if t.parent is not None and t.parent.name == "head"]
    if len(titles) != 1 or not _words(titles[0]):
        yield "no title, or more than one"
    public = not urlsplit(page.path).path.removeprefix("/en").startswith("/desk")
    described = [str(m.get("content", "")).strip() for m in tags.named("meta") if m.get("name") == "description"]
    if public and page.status == 200 and not any(described):
        yield "a public page without a description"


def _heading_sins(tags: Tags) -> Iterator[str]:
    headings = [t for t in tags.all if re.fullmatch("h[1-6]", t.name)]
    if (firsts := len(tags.named("h1"))) != 1:
        yield f"{firsts} h1 instead of one"
    before = 1
    for heading in headings:
        level = int(heading.name[1])
        if level > before + 1:
            yield f"the headings jump from h{before} to h{level}: {_shown(heading)}"
        if not _words(heading) and not heading.select("img[alt], svg"):
            yield f"an empty heading: {_shown(heading)}"
        before = level


def _script_sins(tags: Tags) -> Iterator[str]:
    for script in tags.named("script"):
        if script.get("type") != "application/ld+json" and not str(script.get("src", "")).startswith("/"):
            yield f"a script that is inline or of another host: {_shown(script)}"
    for sheet in tags.named("link"):
        if "stylesheet" in (sheet.get("rel") or []) and not str(sheet.get("href", "")).startswith("/"):
            yield f"a style sheet of another host: {_shown(sheet)}"
    for tag in tags.all:
        if tag.name == "style" or "style" in tag.attrs:
            yield f"an inline style: {_shown(tag)}"
        if handlers := [a for a in tag.attrs if a.lower().startswith("on")]:
            yield f"an inline handler {handlers}: {_shown(tag)}"
        if any(
            str(tag.attrs.get(a, "")).strip().lower().startswith("javascript:") for a in ("href", "src", "action", "formaction")
        ):
            yield f"a javascript: address: {_shown(tag)}"


_POINTERS = {
    "aria-describedby",
    "aria-labelledby",
    "aria-controls",
    "aria-owns",
    "aria-errormessage",
    "for",
    "popovertarget",
    "list",
    "form",
}


def _reference_sins(tags: Tags) -> Iterator[str]:
    yield from (f"the id {name!r} stands {n} times" for name, n in tags.ids.items() if n > 1)
    if "" in tags.ids:
        yield "an empty id"
    for tag in tags.all:
        for attribute in _POINTERS.intersection(tag.attrs):
            value = tag[attribute]
            wanted = value if isinstance(value, list) else str(value).split()
            yield from (f"{attribute} points to {w!r}, which is not there" for w in wanted if w not in tags.ids)
    for link in tags.named("a"):
        name = str(link.get("href", ""))
        if name.startswith("#") and name[1:] not in tags.ids:
            yield f"a link to {name}, which is not there"


def _has_name(tag: Tag, tags: Tags) -> bool:
    """Say whether a control, button or link has a name that a screen reader can speak."""
    if (tag.name in ("button", "a") and _words(tag)) or any(str(tag.get(a, "")).strip() for a in ("aria-label", "title")):
        return True
    if any(str(i.get("alt", "")) for i in tag.find_all("img")) or any(_words(t) for t in tag.find_all("title")):
        return True
    by = tag.get("aria-labelledby")
    names = by if isinstance(by, list) else str(by or "").split()
    return any(_words(t) for name in names for t in tags.with_id(name))


def _control_sins(tags: Tags) -> Iterator[str]:
    labels = {str(label.get("for")): _words(label) for label in tags.named("label")}
    for control in tags.named("input", "select", "textarea"):
        kind = str(control.get("type", "text")).lower()
        if kind in _NOT_CONTROLS:
            continue
        around = control.find_parent("label")
        labelled = labels.get(str(control.get("id", ""))) or (around is not None and _words(around))
        if not labelled and not _has_name(control, tags):
            yield f"a control without a label: {_shown(control)}"
        group = control.find_parent("fieldset") if kind == "radio" else None
        if kind == "radio" and (group is None or group.find("legend") is None):
            yield f"a radio button outside a fieldset with a legend: {_shown(control)}"


def _name_sins(tags: Tags) -> Iterator[str]:
    for thing in tags.named("button", "a"):
        if (thing.name == "button" or "href" in thing.attrs) and not _has_name(thing, tags):
            yield f"a {thing.name} without words: {_shown(thing)}"
    yield from (f"an image without alt: {_shown(i)}" for i in tags.named("img") if "alt" not in i.attrs)


def _form_sins(tags: Tags) -> Iterator[str]:
    for form in tags.named("form"):
        posts = str(form.get("method", "get")).lower() == "post"
        tokens = [i for i in form.find_all("input") if i.get("name") == "csrf_token" and i.get("type") == "hidden"]
        plain = re.fullmatch(r"(/en)?/(valuta/pagina|totem/[^/]+)", urlsplit(str(form.get("action", ""))).path) is not None
        if posts and not plain and not (len(tokens) == 1 and tokens[0].get("value")):
            yield f"a POST form without a csrf_token: {_shown(form)}"
        if plain and tokens:
            yield f"a form that a cache must be able to keep has a token: {_shown(form)}"
        if not posts and tokens:
            yield f"a GET form that puts the csrf_token into the address: {_shown(form)}"
        if posts and form.find("button") is None and not any(i.get("type") == "submit" for i in form.find_all("input")):
            yield f"a form without a button: {_shown(form)}"
