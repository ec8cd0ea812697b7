"""What machines ask of a site: robots, sitemap, security.txt, health."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError

from civic.front import queries
from civic.kernel.schema import head_level
from civic.kernel.silence import Silence
from civic.people.oidc import provider_states
from civic.web.doors import public
from civic.web.pages import absolute
from civic.web.town import now, reading, town

plumbing = Blueprint("plumbing", __name__)
# Pages without values that belong in the sitemap.
FIXED_PAGES = (
    "front.home",
    "planning.programme",
    "planning.dup",
    "planning.method",
    "quality.services",
    "city.organisation",
    "journal.register",
    "front.privacy",
    "front.legal_notes",
    "front.faq",
    "front.improvement_plan",
    "front.site_map",
    "city.accessibility",
    "city.malfunction",
    "people.levels",
    "people.body_list",
    "voices.new",
    "voices.said",
    "voices.consultations",
)


def _text(body: str, kind: str = "text/plain") -> Response:
    response = make_response(body)
    response.headers["Content-Type"] = f"{kind}; charset=utf-8"
    return response


@plumbing.get("/robots.txt")
@public(silence=Silence.STAYS)
def robots() -> Response:
    """Everything may be read but the desk and receipts."""
    rules = "User-agent: *\nDisallow: /desk\nDisallow: /en/desk\nDisallow: /segnalazioni/\nDisallow: /area\nDisallow: /accedi/\n"
    return _text(f"{rules}Sitemap: {absolute('/sitemap.xml')}\n")


@plumbing.get("/sitemap.xml")
@public(silence=Silence.STAYS)
def sitemap() -> Response:
    """All public pages, in both languages."""
    fixed = [(url_for(endpoint), "") for endpoint in FIXED_PAGES]
    with reading() as session:
        rows = [(url_for(e.endpoint, **e.values), e.changed) for e in queries.sitemap_entries(session)]
    return _text(render_template("plumbing/sitemap.xml", rows=fixed + rows), "application/xml")


@plumbing.get("/.well-known/security.txt")
@public(silence=Silence.STAYS)
def security_txt() -> Response:
    """Where to report a weakness (RFC 9116)."""
    expires = (now() + timedelta(days=180)).strftime("%Y-%m-%dT00:00:00Z")
    return _text(
        f"Contact: {town().config.security_contact}\nExpires: {expires}\nPreferred-Languages: it, en\n"
        f"Canonical: {absolute('/.well-known/security.txt')}\n"
    )


@plumbing.get("/.well-known/change-password")
@public(silence=Silence.STAYS)
def change_password() -> ResponseReturnValue:
    """Where password managers go to change a password."""
    return redirect(url_for("people_desk.change_password"), 302)


@plumbing.get("/healthz")
@public(silence=Silence.STAYS)
def health() -> Response:
    """The process answers."""
    return _text("ok\n")


@plumbing.get("/readyz")
@public(silence=Silence.STAYS)
def ready() -> ResponseReturnValue:
    """The database answers and is at the level this code expects; an identity provider that is down does not stop the site."""
    checks: dict[str, Any] = {"database": "ok", "schema": "ok"}
    try:
        with reading() as session:
            level = queries.schema_level(session)
        if level != head_level():
            checks["schema"] = f"at {level or 'none'}, expected {head_level()}"
    except DBAPIError:
        checks["database"] = "unreachable"
    good = set(checks.values()) == {"ok"}
    identity = provider_states()
    healthy = set(identity.values()) <= {"ok"}
    status = ("ok" if healthy else "degraded") if good else "failing"
    return jsonify(status=status, checks=checks, identity=identity), 200 if good else 503
