"""Rendering: a page's template has the name of its endpoint, and gets rows that are ready to print."""

from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, g, make_response, render_template, request
from jinja2 import StrictUndefined
from markupsafe import Markup

from civic.kernel.richtext import render_markdown
from civic.web.town import now, reading, town, who


def install(app: Flask) -> None:
    """Make templates strict, and give the layouts what they print on every page."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters["markdown"] = _markdown
    app.jinja_env.globals.update(
        who=who, chrome=_chrome, absolute=absolute, here=here, page_link=page_link, is_demo=_is_demo, now=now
    )


def page(*, status: int = 200, **context: Any) -> Response:
    """Render the template of this endpoint, e.g. `planning.action` -> planning/action.html."""
    name = f"{(request.endpoint or '').replace('.', '/')}.html"
    return make_response(render_template(name, **context), status)


def absolute(path: str) -> str:
    """Return the public address of a path."""
    return town().config.base_url + path


def here() -> str:
    """Return this page's public address, in its language, without the query."""
    return absolute(request.script_root + request.path)


def page_link(number: int) -> str:
    """Return this page's address with another page number and the same filters."""
    pairs = [(k, v) for k, v in request.args.items(multi=True) if k != "pagina"]
    return f"{request.script_root}{request.path}?{urlencode([*pairs, ('pagina', str(number))])}"


def _is_demo() -> bool:
    return town().config.demo


def _chrome() -> Any:
    """Read what the layout prints, once a request."""
    if "chrome" not in g:
        with reading() as session:
            g.chrome = town().chrome(session, who())
    return g.chrome


def _markdown(source: str | None) -> Markup:
    return render_markdown(source or "")
