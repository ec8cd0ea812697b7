"""Failures as pages: what happened, that nothing was lost, what to do next."""

import logging
from typing import Any

from flask import Flask, Response, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from civic.kernel.errors import Missing, NotAllowed, Refused, Stale
from civic.web.i18n import explain
from civic.web.town import town

log = logging.getLogger("civic")
_NEVER_ECHOED = frozenset({"csrf_token", "password", "current", "code", "fiscal_code"})


def install(app: Flask) -> None:
    """Map each failure to its page."""
    app.register_error_handler(Missing, lambda _e: _show("not_found", 404))
    app.register_error_handler(NotAllowed, lambda _e: _show("not_allowed", 403))
    app.register_error_handler(Refused, lambda e: _show("refused", 400, message=explain(e)))
    app.register_error_handler(Stale, lambda e: _show("refused", 409, message=explain(e)))
    app.register_error_handler(CSRFError, _resend)
    app.register_error_handler(OperationalError, _busy)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _show(name: str, status: int, **context: Any) -> Response:
    return make_response(render_template(f"errors/{name}.html", **context), status)


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return make_response(error.get_response())
    named = {403: "not_allowed", 404: "not_found", 413: "too_large", 429: "too_many"}.get(status)
    response = _show(named, status) if named else _show("refused", status, message="")
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after"):
            response.headers[name] = value
    return response


def _resend(_error: CSRFError) -> Response:
    """A form whose session ended comes back filled, with one button to send it again.

    Only a request that started on this site gets it: for another one the button would be somebody else's form.
    """
    return _show("resend", 400, **_what_was_sent()) if _began_here() else _show("refused", 400, message="")


def too_many(*, wait_seconds: int) -> Response:
    """Say that it is too much for now. A form of this site comes back filled, with one button to send it again."""
    sent = _what_was_sent() if request.method == "POST" and _began_here() else {}
    response = _show("too_many", 429, **sent)
    response.headers["Retry-After"] = str(wait_seconds)
    return response


def _began_here() -> bool:
    ours = request.headers.get("Origin", "").rstrip("/") in ("", town().config.base_url, request.host_url.rstrip("/"))
    return ours and request.headers.get("Sec-Fetch-Site", "same-origin") in ("same-origin", "none")


def _what_was_sent() -> dict[str, Any]:
    fields = [(k, v) for k, v in request.form.items(multi=True) if k not in _NEVER_ECHOED]
    dropped = len(fields) + ("csrf_token" in request.form) < len(list(request.form.items(multi=True)))
    return {"fields": fields, "dropped": dropped}


def _busy(error: OperationalError) -> Response:
    log.error("database not available: %s", error.orig)
    response = _plain("errors/busy.html", 503)
    response.headers["Retry-After"] = "30"
    return response


def _unexpected(error: Exception) -> Response:
    log.exception("unexpected failure on %s", request.endpoint, exc_info=error)
    return _plain("errors/unexpected.html", 500)


def _plain(template: str, status: int) -> Response:
    """Render a page that asks the database nothing."""
    return make_response(render_template(template), status)
