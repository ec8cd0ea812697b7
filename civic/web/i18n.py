"""Two languages: Italian at the root, English below `/en`. One address, one language."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from gettext import NullTranslations
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from babel.support import Translations
from flask import Flask, request
from flask_babel import Babel, get_locale, gettext
from markupsafe import Markup, escape

from civic.kernel.clock import ROME
from civic.kernel.errors import CivicError

LANGUAGES = ("it", "en")
TRANSLATIONS = Path(__file__).resolve().parent.parent / "translations"


class LanguagePrefix:
    """WSGI: `/en/...` is the same application with English as its language; `url_for` keeps the prefix by itself."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Move the prefix from the path to the script name."""
        path = environ.get("PATH_INFO", "")
        if path == "/en" or path.startswith("/en/"):
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + "/en"
            environ["PATH_INFO"] = path[3:] or "/"
            environ["civic.language"] = "en"
        return self._app(environ, start_response)


def install(app: Flask) -> None:
    """Set up languages, formats and the template functions that speak them."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS)
    Babel(app, default_locale="it", default_timezone="Europe/Rome", locale_selector=language)
    # Babel's own callables find out the language at every word; a page has some two hundred.
    app.jinja_env.install_gettext_callables(_say, _say_plural, newstyle=True)  # type: ignore[attr-defined]  # an extension's
    app.jinja_env.filters.update(iso=iso, day=day, instant=instant, number=number, euro=euro)
    app.jinja_env.globals.update(language=language, loc=loc, other_language_path=other_language_path)


@cache
def _catalogue(name: str) -> NullTranslations:
    """Load a language's sentences once; Italian is what the templates say."""
    return Translations.load(str(TRANSLATIONS), [name])


def _say(sentence: str) -> str:
    return _catalogue(language()).gettext(sentence)


def _say_plural(one: str, many: str, n: int) -> str:
    return _catalogue(language()).ngettext(one, many, n)


def language() -> str:
    """Return the language of this request, `it` or `en`."""
    return str(request.environ.get("civic.language", "it")) if request else "it"


def loc(italian: str | None, english: str | None) -> str | Markup:
    """Pick the text in the page's language; Italian on an English page says so to screen readers."""
    if language() == "it" or not italian:
        return italian or ""
    return english if english else Markup('<span lang="it">{}</span>').format(escape(italian))


def other_language_path() -> str:
    """Return this page's path and query in the other language."""
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    return ("/en" if language() == "it" else "") + request.path + query


def explain(error: CivicError) -> str:
    """Say a polite failure in the page's language."""
    return str(gettext(error.message, **error.params))


def day(value: date | None, precision: str = "day") -> str:
    """Write a day in words; with precision `month` or `year`, no more than is known."""
    if value is None:
        return str(gettext("data non nota"))
    pattern = {"day": "d MMMM y", "month": "MMMM y", "year": "y"}[precision]
    return str(format_date(value, pattern, locale=get_locale()))


def iso(value: date | datetime) -> str:
    """Write a day or an instant for the `datetime` attribute, which takes no microseconds."""
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else value.isoformat()


def instant(value: datetime) -> str:
    """Write an instant as day and hour in Italy."""
    pattern = "d MMMM y, HH:mm"
    return str(format_datetime(value.astimezone(ROME), pattern, locale=get_locale()))


def number(value: Decimal | int | None) -> str:
    """Write a number as the language does; unknown is a dash, never zero."""
    return "–" if value is None else format_decimal(value, locale=get_locale())


def euro(value: Decimal | int | None) -> str:
    """Write an amount in whole euro."""
    return "–" if value is None else f"{format_decimal(value, '#,##0', locale=get_locale())} €"
