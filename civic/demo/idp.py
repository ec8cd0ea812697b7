"""The demonstration's identity provider: invented people, real protocol. It is another town: a process of its own.

It plays two parts below one root address, each an OpenID Connect issuer with its own people: `/eid`, the municipality's
SPID/CIE proxy, and `/personale`, its staff directory. Everybody may enter as anybody: it is for trying out and for tests,
it sends people back to one site only, and what it remembers dies with the process. One process serves it.

Norms: OpenID Connect Core, Discovery and RP-Initiated Logout 1.0; RFC 6749, 7009, 7636 (S256 only), 9207.
"""

import base64
import hashlib
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from urllib.parse import parse_qsl, unquote, unquote_plus, urlencode, urlsplit

from flask import Blueprint, Flask, Response, jsonify, redirect, render_template, request, send_from_directory
from flask.typing import ResponseReturnValue
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from waitress import wasyncore
from waitress.server import create_server
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from civic.demo.personas import REALMS, Claims, Persona, Realm
from civic.demo.shelf import Shelf
from civic.kernel.clock import Clock, civil_day, now
from config import ROOT

CLIENT_ID = "civic-demo"
CLIENT_SECRET = "segreto-dimostrativo"  # noqa: S105 - opens nothing but this provider of invented people
ACR_BASE = "https://www.spid.gov.it/SpidL"
LEVELS = {
    "1": "livello 1: password",
    "2": "livello 2: password e codice",
    "3": "livello 3: carta o dispositivo",
}
CODE_SECONDS, ID_TOKEN_SECONDS, ACCESS_TOKEN_SECONDS, CHOICE_SECONDS = 60, 300, 600, 900
MOST_QUERY_BYTES = 4_000

Alter = Callable[[Claims], Claims]


# ---- what it remembers -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to sign somebody in, as the site made it."""

    redirect_uri: str
    state: str | None
    nonce: str | None
    challenge: str


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code stands for."""

    asked: Asked
    person: Persona
    level: str
    at: datetime


class Signer:
    """Sign the tokens. A test makes it lie: `alter` changes the claims first, `rotate(publish=False)` uses an unknown key."""

    def __init__(self, alter: Alter | None) -> None:
        self.alter = alter
        self.rotate()

    def rotate(self, *, publish: bool = True) -> None:
        """Sign with a new key from now on; the published set holds the newest published key only."""
        self._key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)
        if publish:
            self.published = KeySet([self._key])

    def sign(self, claims: Claims) -> str:
        """Return the signed token."""
        said = self.alter(dict(claims)) if self.alter else claims
        return jwt.encode({"alg": "RS256", "kid": self._key.kid}, said, self._key)


# ---- the two issuers -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Provider:
    """What the two issuers share."""

    root: str
    site: str
    clock: Clock
    signer: Signer

    def sends_to(self, address: str) -> bool:
        """Say whether an address lies on the site, with no way round: same origin, below its path, nothing to be rewritten."""
        if not address.startswith(f"{self.site}/") or not re.fullmatch(r"[!-~]+", address) or re.search(r"[\\#]", address):
            return False
        there, here = urlsplit(address), urlsplit(self.site)
        return (there.scheme, there.netloc) == (here.scheme, here.netloc) and ".." not in unquote(there.path).split("/")


class Issuer:
    """One issuer: its views, its codes and its tokens."""

    def __init__(self, provider: Provider, realm: Realm) -> None:
        self.provider, self.realm = provider, realm
        self.url = f"{provider.root}/{realm.name}"
        self._choices: Shelf[Asked] = Shelf(CHOICE_SECONDS)
        self._codes: Shelf[Grant] = Shelf(CODE_SECONDS)
        self._tokens: Shelf[Grant] = Shelf(ACCESS_TOKEN_SECONDS)

    def blueprint(self) -> Blueprint:
        """Return the routes of this issuer."""
        routes = Blueprint(self.realm.name, __name__, url_prefix=f"/{self.realm.name}")
        routes.get("/.well-known/openid-configuration")(self.discovery)
        routes.get("/jwks")(self.jwks)
        routes.get("/authorize")(self.choose)
        routes.post("/authorize")(self.chosen)
        routes.post("/token")(self.token)
        routes.route("/userinfo", methods=["GET", "POST"])(self.userinfo)
        routes.route("/logout", methods=["GET", "POST"])(self.logout)
        routes.post("/revoke")(self.revoke)
        return routes

    def discovery(self) -> ResponseReturnValue:
        """Say where everything is and what is understood."""
        ends = ("authorize", "token", "userinfo", "logout", "revoke")
        names = ("authorization", "token", "userinfo", "end_session", "revocation")
        about: Claims = {f"{name}_endpoint": f"{self.url}/{end}" for name, end in zip(names, ends, strict=True)}
        claims = self.realm.people[0].claims(civil_day(self.provider.clock()))
        return jsonify(
            about
            | {
                "issuer": self.url,
                "jwks_uri": f"{self.url}/jwks",
                "scopes_supported": self.realm.scopes,
                "claims_supported": ["sub", "acr", "auth_time", *claims],
                "acr_values_supported": [ACR_BASE + level for level in LEVELS],
                "response_types_supported": ["code"],
                "response_modes_supported": ["query"],
                "grant_types_supported": ["authorization_code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
                "ui_locales_supported": ["it"],
                "authorization_response_iss_parameter_supported": True,
                "request_uri_parameter_supported": False,
            }
        )

    def jwks(self) -> ResponseReturnValue:
        """Publish the key that verifies the tokens."""
        return jsonify(self.provider.signer.published.as_dict(private=False))

    def choose(self) -> ResponseReturnValue:
        """Show who can enter; a request that does not hold goes back to the site, and nowhere when it names another."""
        given = request.args
        if _repeats(given) or len(request.query_string) > MOST_QUERY_BYTES:
            return _say(400, "Richiesta non valida", "Un parametro è ripetuto, oppure la richiesta è troppo lunga.")
        if given.get("client_id") != CLIENT_ID:
            return _say(400, "Sito sconosciuto", "Chi chiede di farti entrare non è registrato qui (client_id).")
        back = given.get("redirect_uri", "")
        if not self.provider.sends_to(back):
            return _say(400, "Indirizzo di ritorno sconosciuto", f"Questo fornitore rimanda soltanto a {self.provider.site}/.")
        asked = Asked(back, given.get("state"), given.get("nonce"), given.get("code_challenge", ""))
        if error := _error_of(given):
            return self._back(asked, error=error)
        return render_template(
            "idp/choose.html",
            title=self.realm.title,
            realm=self.realm,
            site=self.provider.site,
            transaction=self._choices.put(asked, self.provider.clock()),
            people=[(p.key, p.name, p.about(civil_day(self.provider.clock()))) for p in self.realm.people],
            levels=LEVELS,
            level=next((v[-1] for v in given.get("acr_values", "").split() if v in {ACR_BASE + n for n in LEVELS}), "2"),
        )

    def chosen(self) -> ResponseReturnValue:
        """Send the person back to the site with a code, or with her refusal; the page's form is good for one answer."""
        at, form = self.provider.clock(), request.form
        asked = self._choices.take(form.get("csrf_token", ""), at)
        if asked is None:
            return _say(400, "Questa pagina non vale più", "È scaduta o già usata: torna al sito e chiedi di entrare di nuovo.")
        if "cancel" in form:
            return self._back(asked, error="access_denied")
        person, level = self.realm.person(form.get("person", "")), form.get("level", "")
        if person is None or level not in LEVELS:
            return _say(400, "Scelta non valida", "Torna al sito e chiedi di entrare di nuovo.")
        return self._back(asked, code=self._codes.put(Grant(asked, person, level, at), at))

    def token(self) -> ResponseReturnValue:
        """Exchange a code for the tokens; a code is spent by the first try, also a wrong one."""
        at, form = self.provider.clock(), request.form
        if not _is_client(form):
            return _wrong("invalid_client", 401, {"WWW-Authenticate": 'Basic realm="civic"'})
        if _repeats(form) or "grant_type" not in form or "code" not in form:
            return _wrong("invalid_request")
        if form["grant_type"] != "authorization_code":
            return _wrong("unsupported_grant_type")
        grant = self._codes.take(form["code"], at)
        if grant is None or form.get("redirect_uri") != grant.asked.redirect_uri:
            return _wrong("invalid_grant")
        if not _opens(form.get("code_verifier", ""), grant.asked.challenge):
            return _wrong("invalid_grant")
        return jsonify(
            access_token=self._tokens.put(grant, at),
            token_type="Bearer",
            expires_in=ACCESS_TOKEN_SECONDS,
            scope=" ".join(self.realm.scopes),
            id_token=self.provider.signer.sign(self._id_claims(grant, int(at.timestamp()))),
        )

    def userinfo(self) -> ResponseReturnValue:
        """Tell who the access token stands for."""
        shown = request.authorization
        token = shown.token if shown is not None and shown.type == "bearer" else None
        grant = self._tokens.look(token or "", self.provider.clock())
        if grant is None:
            return _wrong("invalid_token", 401, {"WWW-Authenticate": 'Bearer realm="civic", error="invalid_token"'})
        return jsonify(self._who(grant))

    def logout(self) -> ResponseReturnValue:
        """Send back to the site. Nobody stays signed in here, so there is nothing to end."""
        back = request.values.get("post_logout_redirect_uri", "")
        if not back:
            return _say(200, "Sei uscita anche da qui", "Puoi chiudere questa pagina.")
        if not self.provider.sends_to(back):
            return _say(400, "Indirizzo di ritorno sconosciuto", f"Questo fornitore rimanda soltanto a {self.provider.site}/.")
        return redirect(_with_query(back, state=request.values.get("state")), 303)

    def revoke(self) -> ResponseReturnValue:
        """Forget a token; a token that nobody knows is as good as forgotten."""
        self._tokens.take(request.form.get("token", ""), self.provider.clock())
        return Response(mimetype="text/plain")

    def _back(self, asked: Asked, **answer: str) -> ResponseReturnValue:
        return redirect(_with_query(asked.redirect_uri, **answer, state=asked.state, iss=self.url), 303)

    def _who(self, grant: Grant) -> Claims:
        return {"sub": self.realm.subject(grant.person), **grant.person.claims(civil_day(self.provider.clock()))}

    def _id_claims(self, grant: Grant, at: int) -> Claims:
        claims = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "iat": at,
            "exp": at + ID_TOKEN_SECONDS,
            "auth_time": int(grant.at.timestamp()),
            "acr": ACR_BASE + grant.level,
        }
        nonce = {} if grant.asked.nonce is None else {"nonce": grant.asked.nonce}
        return claims | nonce | self._who(grant)


def _repeats(given: MultiDict[str, str]) -> bool:
    return any(len(values) > 1 for values in given.listvalues())


def _error_of(given: MultiDict[str, str]) -> str:
    """Name what is wrong with a request of the site, "" when it holds."""
    if "response_type" in given and given["response_type"] != "code":
        return "unsupported_response_type"
    if "request" in given or "request_uri" in given:
        return "request_not_supported" if "request" in given else "request_uri_not_supported"
    challenge = re.fullmatch(r"[A-Za-z0-9_-]{43}", given.get("code_challenge", ""))
    if "response_type" not in given or not challenge or given.get("code_challenge_method") != "S256":
        return "invalid_request"
    if given.get("response_mode", "query") != "query":
        return "invalid_request"
    if "openid" not in given.get("scope", "").split():
        return "invalid_scope"
    return "login_required" if "none" in given.get("prompt", "").split() else ""


def _is_client(form: MultiDict[str, str]) -> bool:
    """Say whether the site proved itself, in one way and not in two (RFC 6749, 2.3)."""
    basic = request.authorization if request.authorization is not None and request.authorization.type == "basic" else None
    if basic is not None and "client_secret" in form:
        return False
    name, secret = form.get("client_id", ""), form.get("client_secret", "")
    if basic is not None:
        if name not in ("", CLIENT_ID):
            return False
        name, secret = unquote_plus(basic.username or ""), unquote_plus(basic.password or "")
    same = [compare_digest(given.encode(), ours.encode()) for given, ours in ((name, CLIENT_ID), (secret, CLIENT_SECRET))]
    return all(same)


def _opens(verifier: str, challenge: str) -> bool:
    if not re.fullmatch(r"[A-Za-z0-9._~-]{43,128}", verifier):
        return False
    made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
    return compare_digest(made, challenge.encode())


def _with_query(address: str, **more: str | None) -> str:
    parts = urlsplit(address)
    given = parse_qsl(parts.query, keep_blank_values=True)
    query = urlencode([*given, *((name, value) for name, value in more.items() if value is not None)])
    return parts._replace(query=query).geturl()


def _wrong(error: str, status: int = 400, headers: dict[str, str] | None = None) -> ResponseReturnValue:
    return jsonify(error=error), status, headers or {}


def _say(status: int, title: str, text: str) -> ResponseReturnValue:
    return render_template("idp/message.html", title=title, text=text), status


def _fail(error: HTTPException) -> ResponseReturnValue:
    title = "Qui non c'è niente" if error.code == 404 else "Non è stato possibile"
    return _say(error.code or 500, title, "Torna al sito e riparti da lì.")


# ---- the app ---------------------------------------------------------------------------------------------------------


def create_idp(root: str, *, redirect_prefix: str, clock: Clock = now, alter: Alter | None = None) -> Flask:
    """Build the provider whose issuers are `root`/eid and `root`/personale, and which sends back below `redirect_prefix` only.

    `alter` changes the claims of every ID token before it is signed; `app.extensions["idp"]` is the `Signer`.
    """
    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = 64_000
    signer = app.extensions["idp"] = Signer(alter)
    provider = Provider(root.rstrip("/"), redirect_prefix.rstrip("/"), clock, signer)
    for realm in REALMS:
        app.register_blueprint(Issuer(provider, realm).blueprint())
    app.add_url_rule("/idp.css", "css", lambda: send_from_directory(ROOT / "static" / "css", "idp.css"))
    app.register_error_handler(HTTPException, _fail)
    there = urlsplit(provider.site)
    policy = (
        # Chromium asks form-action about the redirect that follows a POST too.
        f"default-src 'none'; style-src 'self'; form-action 'self' {there.scheme}://{there.netloc}; "
        "base-uri 'none'; frame-ancestors 'none'"
    )

    def protect(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
        return response

    app.after_request(protect)
    return app


def serve_idp(listener: socket.socket, root: str, redirect_prefix: str, stop: Callable[[], bool]) -> None:
    """Serve the provider on an open socket, which is closed at the end, until `stop()` says so; asked every half second."""
    app = create_idp(root, redirect_prefix=redirect_prefix)
    server = create_server(app, sockets=[listener], threads=4, ident="civic idp", channel_timeout=60)
    while not stop():
        wasyncore.loop(timeout=0.5, use_poll=True, map=server._map, count=1)
    server.task_dispatcher.shutdown()
    wasyncore.close_all(server._map)
