"""Signing in through an OpenID Connect provider: authorization code with PKCE S256, state and nonce (Authlib does them).

What comes back is read once and dropped: of a citizen stays the key of her codice fiscale and whether she is 14; no name,
no date of birth, no token that says them but for the one that signs her out, sealed with her own cookie.
"""

import logging
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

import requests
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Flask, Response, current_app, request, session
from joserfc.errors import JoseError

from civic.kernel.clock import civil_day
from civic.kernel.errors import Missing, Refused
from civic.kernel.text import N_
from civic.people import rules
from civic.people.providers import Provider, ProviderKind
from civic.web.town import now

log = logging.getLogger("civic.people.oidc")
_KEY = "civic_identity"
_SECONDS = 3
# After a failure nobody waits again for the provider for so long: a hung one must not hold every thread of the site.
_REST_SECONDS = 15
# A provider's description and keys are read again after this long: a key that it withdrew opens nothing any more.
_FRESH_SECONDS = 600
_STATE_SECONDS = 30
_SKEW_SECONDS = 60
# Signatures with a key that only the provider has; never "none", never a shared secret.
_SIGNATURES = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
_BROKEN = (OAuthError, JoseError, ValueError, KeyError, TypeError, RuntimeError)

DOWN = N_("Il servizio di identità non risponde. Il resto del sito funziona: riprova fra qualche minuto.")
CANCELLED = N_("Accesso annullato: non è successo nulla. Quando vuoi, ricomincia da qui.")
FAILED = N_("L'accesso non è riuscito: era scaduto, già usato o interrotto. Ricomincia da qui.")
TOO_LOW = N_("Per partecipare serve SPID o CIE di livello 2: hai usato un livello più basso. Riprova scegliendo il livello 2.")
NAMELESS = N_("Il servizio di identità non ha detto chi sei: manca il codice fiscale. Riprova, o scrivi all'URP.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a provider told, as far as it is used. `fiscal_code` is for citizens; mail, name and groups are for staff."""

    subject: str
    at: datetime
    acr: str = ""
    fiscal_code: str = ""
    over_14: bool | None = None
    email: str = ""
    name: str = ""
    groups: tuple[str, ...] = ()
    id_token: str = ""


@dataclass(slots=True)
class _Known:
    """A provider's client, when it was made, and what was last seen of it."""

    client: Any
    made_at: float


class _Providers:
    """The providers of one app."""

    def __init__(self, providers: tuple[Provider, ...]) -> None:
        self.by_id = {p.id: p for p in providers}
        self.clients: dict[str, _Known] = {}
        self.states: tuple[float, dict[str, str]] = (0.0, {})
        self.failed_at: dict[str, float] = {}


def install(app: Flask, providers: tuple[Provider, ...]) -> None:
    """Give the app its providers."""
    app.extensions[_KEY] = _Providers(providers)


def _all() -> _Providers:
    found: _Providers = current_app.extensions[_KEY]
    return found


def providers(kind: ProviderKind) -> list[Provider]:
    """List the providers that sign in citizens, or staff."""
    return [p for p in _all().by_id.values() if p.kind is kind]


def provider(provider_id: str) -> Provider:
    """Return one provider. Raises Missing."""
    found = _all().by_id.get(provider_id)
    if found is None:
        raise Missing
    return found


def start(who: Provider, *, back_to: str) -> Response:
    """Send the browser to the provider; it comes back to `back_to`. Raises Refused: when the provider is down."""
    for key in [k for k in session if k.startswith("_state_")][:-1]:
        session.pop(key)  # a cookie holds few: of many sign-ins begun, the last two can be ended
    if provider_states().get(who.id) == "unreachable":
        raise Refused(DOWN)
    try:
        sent: Response = _client(who).authorize_redirect(back_to, acr_values=who.acr_values, ui_locales=_language())
    except requests.RequestException as error:
        raise _down(who, error) from error
    except _BROKEN as error:
        raise _failed(who, error) from error
    return sent


def _language() -> str:
    return "en" if request.script_root == "/en" else "it"


def finish(who: Provider) -> Identity:
    """Read what the provider answered. Raises Refused: for anything but a good and fresh answer to what was asked here."""
    try:
        _check_sender(who)
        client = _client(who)
        options = {
            "iss": {"essential": True, "value": who.issuer},
            "aud": {"essential": True, "value": who.client_id},
        }
        token = client.authorize_access_token(claims_options=options, leeway=_SKEW_SECONDS)
        told = dict(token["userinfo"])
        if who.claim("fiscal", told) is None and client.server_metadata.get("userinfo_endpoint"):
            told = _userinfo(client, token) | told
        _revoke(who, client, token)
        return _identity(who, told, token["id_token"])
    except requests.RequestException as error:
        raise _down(who, error) from error
    except OAuthError as error:
        if error.error == "access_denied":
            raise Refused(CANCELLED) from error
        raise _failed(who, error) from error
    except _BROKEN as error:
        raise _failed(who, error) from error


def _check_sender(who: Provider) -> None:
    """Refuse an answer that another provider sent here (RFC 9207)."""
    sender = request.args.get("iss", who.issuer)
    if sender != who.issuer:
        raise ValueError(f"answer of {sender!r}")


def _userinfo(client: Any, token: dict[str, Any]) -> dict[str, Any]:
    more = dict(client.userinfo(token=token))
    if more.get("sub") != token["userinfo"]["sub"]:
        raise ValueError("userinfo is about somebody else")
    return more


def _revoke(who: Provider, client: Any, token: dict[str, Any]) -> None:
    """Give the access token back: nothing more is asked with it."""
    endpoint = client.server_metadata.get("revocation_endpoint")
    if endpoint and token.get("access_token"):
        try:
            told = {"token": token["access_token"], "token_type_hint": "access_token"}
            requests.post(endpoint, data=told, auth=(who.client_id, who.client_secret), timeout=_SECONDS)
        except requests.RequestException:
            log.warning("%s did not take its token back", who.id)


def _identity(who: Provider, told: dict[str, Any], id_token: str) -> Identity:
    at = datetime.fromtimestamp(int(told.get("auth_time") or told["iat"]), UTC)
    acr = str(told.get("acr") or "")
    if who.kind is ProviderKind.STAFF:
        groups = who.claim("groups", told) or ()
        return Identity(
            subject=str(told["sub"]),
            at=at,
            acr=acr,
            email=str(who.claim("email", told) or "").strip().lower(),
            name=_name(who, told),
            groups=tuple(str(g) for g in groups) if isinstance(groups, list) else (str(groups),),
            id_token=id_token,
        )
    if acr not in who.acr_enough:
        raise Refused(TOO_LOW)
    fiscal_code = rules.read_fiscal_code(str(who.claim("fiscal", told) or ""))
    if fiscal_code is None:
        raise Refused(NAMELESS)
    over_14 = _over_14(who.claim("birthdate", told))
    return Identity(subject=str(told["sub"]), at=at, acr=acr, fiscal_code=fiscal_code, over_14=over_14, id_token=id_token)


def _name(who: Provider, told: dict[str, Any]) -> str:
    parts = (told.get("given_name"), told.get("family_name"))
    return str(who.claim("name", told) or " ".join(str(p) for p in parts if p))[:120]


def _over_14(birthdate: object) -> bool | None:
    """Say whether the person is at least 14; None when the date is missing or unreadable."""
    try:
        return rules.age_on(date.fromisoformat(str(birthdate)), civil_day(now())) >= rules.AGE_FROM
    except ValueError:
        return None


def end_address(who: Provider, *, id_token: str, back_to: str) -> str:
    """Return where the browser signs out at the provider too; "" when the provider is down or has no such place."""
    try:
        endpoint = _client(who).server_metadata.get("end_session_endpoint")
    except (requests.RequestException, *_BROKEN):
        return ""
    told = {"id_token_hint": id_token, "post_logout_redirect_uri": back_to, "client_id": who.client_id}
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(told)}" if endpoint else ""


def provider_states() -> dict[str, str]:
    """Map each provider to "ok" or "unreachable"; asked at most once in half a minute."""
    known = _all()
    asked_at, states = known.states
    if time.monotonic() - asked_at > _STATE_SECONDS or not asked_at:
        states = {p.id: _state(p) for p in known.by_id.values()}
        known.states = (time.monotonic(), states)
    return states


def _state(who: Provider) -> str:
    try:
        requests.get(_discovery(who), timeout=1).raise_for_status()
    except requests.RequestException:
        return "unreachable"
    return "ok"


def _discovery(who: Provider) -> str:
    return f"{who.issuer.rstrip('/')}/.well-known/openid-configuration"


def _client(who: Provider) -> Any:
    """Return a client that knows the provider's addresses and keys. Raises requests' errors, ValueError for a false provider."""
    failed_at = _all().failed_at.get(who.id)
    if failed_at is not None and time.monotonic() - failed_at < _REST_SECONDS:
        raise requests.ConnectionError("it did not answer a moment ago")
    known = _all().clients.get(who.id)
    if known is None or time.monotonic() - known.made_at > _FRESH_SECONDS:
        client = OAuth(current_app).register(
            who.id,
            client_id=who.client_id,
            client_secret=who.client_secret,
            server_metadata_url=_discovery(who),
            client_kwargs={"scope": who.scope, "code_challenge_method": "S256", "default_timeout": _SECONDS},
        )
        metadata = client.load_server_metadata()
        if metadata.get("issuer") != who.issuer:
            raise ValueError(f"{who.issuer} says it is {metadata.get('issuer')!r}")
        offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        metadata["id_token_signing_alg_values_supported"] = [a for a in offered if a in _SIGNATURES]
        known = _all().clients[who.id] = _Known(client, time.monotonic())
    return known.client


def _down(who: Provider, error: Exception) -> Refused:
    if "a moment ago" not in str(error):
        _all().failed_at[who.id] = time.monotonic()
    log.error("%s does not answer: %s", who.id, type(error).__name__)
    return Refused(DOWN)


def _failed(who: Provider, error: Exception) -> Refused:
    log.warning("sign-in with %s failed: %s", who.id, type(error).__name__)
    return Refused(FAILED)
