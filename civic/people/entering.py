"""Public pages of entering and leaving: identity providers, links by mail, signing out."""

from flask import Blueprint, Response, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from civic.city import queries as city
from civic.kernel.actor import TrustLevel
from civic.kernel.codes import fingerprint, token
from civic.kernel.errors import Missing, Refused
from civic.kernel.keys import keyed
from civic.kernel.silence import Silence
from civic.outbox.asking import asked_here
from civic.outbox.commands import post_unconfirmed
from civic.outbox.rules import Told
from civic.people import oidc, rules
from civic.people.commands import citizens as commands
from civic.people.commands import staff as staff_commands
from civic.people.commands.citizens import Proof
from civic.people.commands.directory import NO_GROUP, account_from_directory
from civic.people.forms import MailSignInForm, PressForm
from civic.people.oidc import Identity
from civic.people.providers import Provider, ProviderKind
from civic.people.queries import citizens as queries
from civic.people.queries import staff as staff_queries
from civic.web import sessions
from civic.web.doors import public
from civic.web.guard import safe_next
from civic.web.i18n import explain
from civic.web.pages import absolute, page
from civic.web.town import now, reading, town, who, writing

entry = Blueprint("entry", __name__)
_ONWARD = "onward"
# The fingerprint of the link this browser asked for, and the account it then opened here: only that one may become a
# verified account. Somebody else's link, forwarded to who then shows her identity, must not tie her to his account.
_ASKED, _OWN = "asked_link", "own_account"


@entry.route("/accedi", methods=["GET", "POST"])
@public(silence=Silence.STAYS, rate="30/minute")
def sign_in() -> ResponseReturnValue:
    """The ways in: an identity provider, or a link by mail. A known and an unknown address get the same answer."""
    form = MailSignInForm()
    onward = _onward(request.args.get("next"))
    if form.validate_on_submit():
        with writing() as db:
            secret = send_link(db, form.email.data, citizen_id=None, onward=onward)
        session[_ASKED] = fingerprint(secret)
        return redirect(url_for("entry.mail_sent"), 303)
    return page(
        form=form,
        onward=onward,
        providers=oidc.providers(ProviderKind.CITIZEN),
        status=422 if form.is_submitted() else 200,
    )


def _onward(address: str | None) -> str:
    """Return where to go on to after entering: a page of this site that is not itself an entrance or an exit."""
    found = safe_next(address, "")
    path = found.removeprefix("/en")
    return "" if path.startswith(("/accedi", "/esci", "/uscita")) else found


def send_link(db: Session, email: str, *, citizen_id: int | None, onward: str) -> str:
    """Mail a link that signs an address in, or confirms it for a citizen; within the caps, and never to who said stop.

    Returns the link's secret, whether or not it was mailed.
    """
    address, secret = email.strip().lower(), token()
    kind = "people.sign_in_link" if citizen_id is None else "people.address_link"
    told = post_unconfirmed(
        db,
        kind,
        key=f"{kind}:{fingerprint(secret)[:32]}",
        to=address,
        values={"link": absolute(url_for("entry.mail_link", secret=secret)), "site": city.ente_name(db)},
        asked=asked_here(),
        now=now(),
    )
    if told is Told.SENT:
        commands.keep_mail_link(db, secret, address, citizen_id=citizen_id, onward=onward, now=now())
    return secret


@entry.get("/accedi/posta")
@public(silence=Silence.STAYS)
def mail_sent() -> Response:
    """What to do now: look into one's mailbox."""
    return page(minutes=int(rules.MAIL_LINK_TERM.total_seconds() // 60))


@entry.route("/accedi/posta/<secret>", methods=["GET", "POST"])
@public(silence=Silence.STAYS, rate="30/minute")
def mail_link(secret: str) -> ResponseReturnValue:
    """A link of a mail. Opening the page does nothing, its button acts: mail scanners open every link."""
    form = PressForm()
    with reading() as db:
        link = queries.link_waits(db, secret, now())
    if link is None:
        return page(form=form, link=None, status=410)
    if form.validate_on_submit():
        key, own = "", session.get(_ASKED) == fingerprint(secret)
        with form.mending(), writing() as db:
            citizen, pressed = commands.press_mail_link(db, secret, now=now())
            if pressed.purpose == "sign_in":
                proof = Proof(level=TrustLevel.EMAIL, at=now())
                key = commands.open_session(db, citizen, proof, now=now(), instead_of=sessions.current_key())
        if not form.errors:
            answer = _go_in(key, pressed.onward) if key else redirect(url_for("entry.address_confirmed"), 303)
            if key and own:
                session[_OWN] = citizen.ref
            return answer
    return page(form=form, link=link, status=422 if form.is_submitted() else 200)


@entry.get("/accedi/confermato")
@public(silence=Silence.STAYS)
def address_confirmed() -> Response:
    """An address was confirmed, perhaps on another device than the one that asked."""
    return page()


@entry.get("/accedi/<provider_id>")
@public(silence=Silence.STAYS, rate="120/minute")
def begin(provider_id: str) -> ResponseReturnValue:
    """Leave for an identity provider."""
    provider = oidc.provider(provider_id)
    try:
        leaving = oidc.start(provider, back_to=_callback(provider))
    except Refused as refusal:
        return _not_in(provider, refusal, _onward(request.args.get("next")))
    session[_ONWARD] = _onward(request.args.get("next"))
    return leaving


def _callback(provider: Provider) -> str:
    """Return the address a provider sends back to: one for each provider, the same in every language."""
    path = url_for("entry.finish", provider_id=provider.id).removeprefix(request.script_root)
    return absolute(path)


@entry.get("/accedi/<provider_id>/ritorno")
@public(silence=Silence.STAYS, rate="120/minute")
def finish(provider_id: str) -> ResponseReturnValue:
    """Come back from an identity provider: whatever is wrong with the answer is a page that says how to go on."""
    provider = oidc.provider(provider_id)
    onward = _onward(session.get(_ONWARD))
    try:
        identity = oidc.finish(provider)
        key = _open_for(provider, identity)
        if not key:
            raise Refused(NO_GROUP)
    except Refused as refusal:
        return _not_in(provider, refusal, onward)
    return _go_in(key, onward or url_for("desk.home" if provider.kind is ProviderKind.STAFF else "area.home"))


def _open_for(provider: Provider, identity: Identity) -> str:
    """Open the session of whoever the provider says she is. Returns its key, "" when her groups give her nothing."""
    old = sessions.current_key()
    with writing() as db:
        if provider.kind is ProviderKind.STAFF:
            found = account_from_directory(
                db,
                directory=provider.id,
                directory_key=keyed(town().pepper, "directory", f"{provider.issuer} {identity.subject}"),
                email=identity.email,
                name=identity.name,
                gives=[give for group in identity.groups for give in provider.groups.get(group, ())],
                now=now(),
            )
            if found is None:
                return ""
            return staff_commands.open_session(
                db, found.id, now=now(), instead_of=old, provider=provider.id, id_token=identity.id_token
            )
        subject_key = keyed(town().pepper, "person", identity.fiscal_code)
        mine = who().ref if who().is_citizen and session.get(_OWN) == who().ref else ""
        citizen = commands.citizen_with_subject(db, subject_key, now=now(), current_ref=mine)
        if identity.over_14 is False:
            commands.forget_age(citizen)
        proof = Proof(
            level=TrustLevel.VERIFIED,
            at=identity.at,
            provider=provider.id,
            acr=identity.acr,
            over_14=identity.over_14,
            id_token=identity.id_token,
        )
        return commands.open_session(db, citizen, proof, now=now(), instead_of=old)


def _go_in(key: str, onward: str) -> ResponseReturnValue:
    sessions.begin(key)
    return redirect(onward or url_for("area.home"), 303)


def _not_in(provider: Provider, refusal: Refused, onward: str) -> Response:
    """Say why nobody is signed in, and offer to begin again."""
    status = 503 if refusal.message == oidc.DOWN else 400
    return page(provider=provider, message=explain(refusal), onward=onward, status=status)


@entry.post("/esci")
@public(silence=Silence.STAYS)
def sign_out() -> ResponseReturnValue:
    """End the session for good here, then at the provider that began it."""
    key = sessions.current_key()
    with writing() as db:
        provider_id, id_token = queries.token_of(db, key) if who().is_citizen else staff_queries.token_of(db, key)
        staff_commands.close_session(db, key)
    sessions.end()
    address = _address_out(provider_id, id_token)
    return page(address=address) if address else redirect(url_for("entry.signed_out"), 303)


def _address_out(provider_id: str, id_token: str) -> str:
    try:
        provider = oidc.provider(provider_id)
    except Missing:
        return ""
    return oidc.end_address(provider, id_token=id_token, back_to=absolute("/uscita"))


@entry.get("/uscita")
@public(silence=Silence.STAYS)
def signed_out() -> Response:
    """Out, here and at the provider."""
    return page()
