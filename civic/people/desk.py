"""Staff pages: signing in and out, one's own profile, and the administration of accounts."""

from io import BytesIO

import pyotp
import segno
from flask import Blueprint, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from civic.city import queries as city
from civic.kernel.actor import Scope, ScopeKind
from civic.kernel.clock import civil_day
from civic.kernel.errors import Refused
from civic.kernel.permissions import Permission
from civic.kernel.silence import Silence
from civic.kernel.text import N_
from civic.people import rules
from civic.people.commands import staff as commands
from civic.people.forms import (
    ChangePasswordForm,
    ForgotForm,
    GrantForm,
    InviteForm,
    NewPasswordForm,
    SecondStepForm,
    SignInForm,
)
from civic.people.passwords import hash_password, verify_password
from civic.people.queries import staff as queries
from civic.web import sessions
from civic.web.doors import public, staff
from civic.web.forms import choices
from civic.web.guard import safe_next
from civic.web.pages import absolute, page
from civic.web.town import now, reading, who, writing

desk = Blueprint("people_desk", __name__, url_prefix="/desk")
_MANAGE = Permission.PEOPLE_ACCOUNT_MANAGE
_PENDING = "second_step"


@desk.route("/accedi", methods=["GET", "POST"])
@public(silence=Silence.STAYS)
def sign_in() -> ResponseReturnValue:
    """Sign in with address and password; wrong ones of either kind get the same answer."""
    form = SignInForm()
    onward = safe_next(request.args.get("next"), url_for("desk.home"))
    if who().is_staff:
        return redirect(onward, 303)
    if form.validate_on_submit():
        with reading() as db:
            throttled = queries.is_throttled(db, form.email.data, now())
            account = queries.account_by_email(db, form.email.data)
        if throttled:
            form.put_error(None, _("Troppi tentativi con questo indirizzo: riprova fra un quarto d'ora."))
            return page(form=form, status=429)
        local = account if account and not account.directory else None  # who is of the directory enters through it
        good = verify_password(local.password_hash if local else "", form.password.data)
        if local and good and local.disabled_at is None:
            return _go_in(local.id, onward, second_step=local.totp_confirmed_at is not None)
        with writing() as db:
            commands.note_failure(db, form.email.data, now=now())
        form.put_error(None, _("Indirizzo o password non corrispondono."))
    return page(form=form, status=422 if form.is_submitted() else 200)


def _go_in(account_id: int, onward: str, *, second_step: bool) -> ResponseReturnValue:
    if second_step:
        session.clear()
        session[_PENDING] = {"account": account_id, "at": now().timestamp(), "next": onward}
        return redirect(url_for("people_desk.second_step"), 303)
    with writing() as db:
        key = commands.open_session(db, account_id, now=now(), instead_of=sessions.current_key())
    sessions.begin(key)
    return redirect(onward, 303)


@desk.route("/accedi/codice", methods=["GET", "POST"])
@public(silence=Silence.STAYS)
def second_step() -> ResponseReturnValue:
    """The second step: a code from the phone, or a recovery code."""
    pending = session.get(_PENDING)
    if not pending or now().timestamp() - pending["at"] > rules.SECOND_STEP_WITHIN.total_seconds():
        session.pop(_PENDING, None)
        flash(_("È passato troppo tempo: ricomincia da qui."), "info")
        return redirect(url_for("people_desk.sign_in"), 303)
    form = SecondStepForm()
    if form.validate_on_submit():
        with writing() as db:
            account = queries.account(db, pending["account"])
            blocked = queries.is_throttled(db, account.email, now())
            good = not blocked and commands.check_code(db, account, form.code.data, now=now())
            if not good:
                commands.note_failure(db, account.email, now=now())
        if good:
            return _go_in(pending["account"], safe_next(pending["next"], url_for("desk.home")), second_step=False)
        form.put_error(
            "code",
            _("Troppi tentativi: riprova fra un quarto d'ora.") if blocked else _("Il codice non è valido o è già stato usato."),
        )
    return page(form=form, status=422 if form.is_submitted() else 200)


@desk.route("/password-dimenticata", methods=["GET", "POST"])
@public(silence=Silence.STAYS)
def forgot() -> ResponseReturnValue:
    """Ask for a link to a new password; the answer is the same for every address."""
    form = ForgotForm()
    if form.validate_on_submit():
        link = absolute(url_for("people_desk.choose_password", token="%s")).replace("%25s", "%s")
        with writing() as db:
            account = queries.account_by_email(db, form.email.data)
            reachable = account is not None and account.disabled_at is None and not account.directory
            if account and reachable and not queries.is_throttled(db, f"reset:{account.email}", now()):
                commands.note_failure(db, f"reset:{account.email}", now=now())
                commands.send_reset(db, account, link=link, site=city.ente(db).name, now=now())
        flash(_("Se l'indirizzo è di un accesso attivo, arriva un messaggio con un collegamento."), "info")
        return redirect(url_for("people_desk.sign_in"), 303)
    return page(form=form, status=422 if form.is_submitted() else 200)


@desk.route("/scegli-password/<token>", methods=["GET", "POST"])
@public(silence=Silence.STAYS)
def choose_password(token: str) -> ResponseReturnValue:
    """Choose a password through a one-time link. Opening the page spends nothing: mail scanners open every link."""
    form = NewPasswordForm()
    with reading() as db:
        owner = queries.link_owner(db, token, now())
    if owner is None:
        return page(form=None, owner=None, status=410)
    if form.validate_on_submit():
        problem = rules.password_problem(form.password.data, email=owner.email, name=owner.name)
        if problem:
            form.put_error("password", _(problem))
            return page(form=form, owner=owner, status=422)
        hashed = hash_password(form.password.data)
        with form.mending(), writing() as db:
            commands.spend_link(db, token, password_hash=hashed, now=now())
            flash(_("Password scelta: ora puoi accedere."), "success")
            return redirect(url_for("people_desk.sign_in"), 303)
    return page(form=form, owner=owner, status=422 if form.is_submitted() else 200)


@desk.get("/profilo")
@staff()
def profile() -> ResponseReturnValue:
    """One's own account: password, second step, grants."""
    with reading() as db:
        account = queries.account_of(db, who())
        return page(
            account=account,
            left=queries.recovery_codes_left(db, account.id),
            roles=rules.ROLES,
            permissions=rules.PERMISSION_LABELS,
        )


@desk.route("/profilo/password", methods=["GET", "POST"])
@staff()
def change_password() -> ResponseReturnValue:
    """Change one's own password; every other session ends."""
    form = ChangePasswordForm()
    if form.validate_on_submit():
        with reading() as db:
            account = queries.account_of(db, who())
            throttled = queries.is_throttled(db, f"change:{account.email}", now())
        problem = rules.password_problem(form.password.data, email=account.email, name=account.name)
        if throttled:
            form.put_error("current", _("Troppi tentativi: riprova fra un quarto d'ora."))
        elif not verify_password(account.password_hash, form.current.data):
            with writing() as db:
                commands.note_failure(db, f"change:{account.email}", now=now())
            form.put_error("current", _("La password attuale non corrisponde."))
        elif problem:
            form.put_error("password", _(problem))
        else:
            hashed = hash_password(form.password.data)
            with writing() as db:
                commands.set_password(db, queries.account_of(db, who()), password_hash=hashed, now=now())
                key = commands.open_session(db, account.id, now=now())
            sessions.begin(key)
            flash(_("Password cambiata; le altre sessioni sono state chiuse."), "success")
            return redirect(url_for("people_desk.profile"), 303)
    return page(form=form, status=422 if form.is_submitted() else 200)


@desk.post("/profilo/secondo-passaggio/inizia")
@staff()
def begin_second_step() -> ResponseReturnValue:
    """Make a new secret for one's own second step, which asks for nothing until a first code confirms it."""
    with writing() as db:
        account = queries.account_of(db, who())
        if account.totp_confirmed_at is None:
            commands.begin_second_step(db, account)
    return redirect(url_for("people_desk.set_second_step"), 303)


@desk.route("/profilo/secondo-passaggio", methods=["GET", "POST"])
@staff()
def set_second_step() -> ResponseReturnValue:
    """Turn the second step on: show the secret, ask for a first code, give the recovery codes."""
    form = SecondStepForm()
    with reading() as db:
        account = queries.account_of(db, who())
        issuer = city.ente(db).name
    if account.totp_confirmed_at is not None or not account.totp_secret:
        return redirect(url_for("people_desk.profile"), 303)
    if form.validate_on_submit():
        with form.mending(), writing() as db:
            codes = commands.confirm_second_step(db, queries.account_of(db, who()), form.code.data, now=now())
            return page(form=None, codes=codes, secret="", picture="")
    uri = pyotp.TOTP(account.totp_secret).provisioning_uri(name=account.email, issuer_name=issuer)
    return page(form=form, codes=None, secret=account.totp_secret, picture=_qr(uri), status=422 if form.is_submitted() else 200)


def _qr(uri: str) -> Markup:
    """Draw a QR code as inline SVG: shapes and attributes only."""
    out = BytesIO()
    segno.make(uri, micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, scale=5, title=_("Codice QR del secondo passaggio"), omitsize=False
    )
    return Markup(out.getvalue().decode())  # noqa: S704 - drawn here, from no one's text


@desk.post("/profilo/secondo-passaggio/togli")
@staff()
def drop_second_step() -> ResponseReturnValue:
    """Turn one's own second step off."""
    with writing() as db:
        commands.drop_second_step(db, queries.account_of(db, who()), now=now())
    flash(_("Il secondo passaggio è disattivato."), "info")
    return redirect(url_for("people_desk.profile"), 303)


@desk.get("/accessi")
@staff(_MANAGE)
def accounts() -> ResponseReturnValue:
    """All accounts."""
    with reading() as db:
        return page(accounts=queries.accounts(db), roles=rules.ROLES)


@desk.route("/accessi/nuovo", methods=["GET", "POST"])
@staff(_MANAGE)
def invite() -> ResponseReturnValue:
    """Invite a member of staff."""
    form = InviteForm()
    with reading() as db:
        offices = city.offices_valid_on(db, civil_day(now()))
        parts = [(q.code, q.name) for q in city.quartieri(db)] + [(p.code, p.name) for p in city.providers(db)]
    form.office_code.choices = choices([("", _("Nessuno")), *((o.code, o.name) for o in offices)])
    form.scope_ref.choices = choices([("", _("Nessuno")), *parts])
    if form.validate_on_submit():
        link = absolute(url_for("people_desk.choose_password", token="%s")).replace("%25s", "%s")
        with form.mending(), writing() as db:
            account = commands.add_account(
                db,
                who(),
                email=form.email.data,
                name=form.name.data,
                role=form.role.data,
                office_code=form.office_code.data,
                scope_ref=form.scope_ref.data,
                now=now(),
            )
            commands.send_invitation(db, account, link=link, site=city.ente(db).name, now=now())
            flash(_("Invito inviato."), "success")
            return redirect(url_for("people_desk.accounts"), 303)
    return page(form=form, status=422 if form.is_submitted() else 200)


@desk.route("/accessi/<int:account_id>", methods=["GET", "POST"])
@staff(_MANAGE)
def account(account_id: int) -> ResponseReturnValue:
    """One account: its grants, and giving another."""
    form = GrantForm()
    if form.validate_on_submit():
        with form.mending(), writing() as db:
            kind = ScopeKind(form.scope_kind.data)
            if kind is not ScopeKind.ALL and not form.scope_ref.data:
                raise Refused(N_("Scrivi il codice di ciò per cui vale il permesso."), field="scope_ref")
            scope = Scope(kind, "" if kind is ScopeKind.ALL else form.scope_ref.data)
            commands.give_grant(db, who(), account_id, Permission(form.permission.data), scope, now=now())
            flash(_("Permesso dato: vale dal prossimo accesso."), "success")
            return redirect(url_for("people_desk.account", account_id=account_id), 303)
    with reading() as db:
        return page(
            account=queries.account(db, account_id),
            form=form,
            roles=rules.ROLES,
            permissions=rules.PERMISSION_LABELS,
            status=422 if form.is_submitted() else 200,
        )


@desk.post("/accessi/permessi/<int:grant_id>/togli")
@staff(_MANAGE)
def take_grant(grant_id: int) -> ResponseReturnValue:
    """Take a permission away."""
    with writing() as db:
        account_id = commands.take_grant(db, who(), grant_id, now=now())
    flash(_("Permesso tolto."), "success")
    return redirect(url_for("people_desk.account", account_id=account_id), 303)


@desk.post("/accessi/<int:account_id>/invita")
@staff(_MANAGE)
def reinvite(account_id: int) -> ResponseReturnValue:
    """Send the invitation again, to somebody who has not chosen a password yet."""
    link = absolute(url_for("people_desk.choose_password", token="%s")).replace("%25s", "%s")
    with writing() as db:
        account = queries.account(db, account_id)
        if account.password_hash or account.directory or account.disabled_at is not None:
            raise Refused(N_("Questa persona ha già scelto la sua password, o il suo accesso è chiuso."))
        commands.send_invitation(db, account, link=link, site=city.ente(db).name, now=now())
    flash(_("Invito inviato di nuovo."), "success")
    return redirect(url_for("people_desk.account", account_id=account_id), 303)


@desk.post("/accessi/<int:account_id>/chiudi")
@staff(_MANAGE)
def disable(account_id: int) -> ResponseReturnValue:
    """Close an account."""
    with writing() as db:
        commands.disable_account(db, who(), account_id, now=now())
    flash(_("Accesso chiuso."), "success")
    return redirect(url_for("people_desk.account", account_id=account_id), 303)


@desk.post("/accessi/<int:account_id>/riapri")
@staff(_MANAGE)
def enable(account_id: int) -> ResponseReturnValue:
    """Open a closed account again."""
    with writing() as db:
        commands.enable_account(db, who(), account_id, now=now())
    flash(_("Accesso riaperto."), "success")
    return redirect(url_for("people_desk.account", account_id=account_id), 303)
