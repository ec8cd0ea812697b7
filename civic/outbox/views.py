"""The public page behind the link below a mail that nobody confirmed: no more of these."""

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from civic.kernel.silence import Silence
from civic.outbox import commands, queries
from civic.outbox.forms import StopForm
from civic.web.doors import public
from civic.web.pages import page
from civic.web.town import now, reading, writing

site = Blueprint("outbox", __name__)


@site.route("/posta/basta/<token>", methods=["GET", "POST"])
@public(silence=Silence.STAYS)
def stop(token: str) -> ResponseReturnValue:
    """Stop mails to whoever got this link. Opening the page does nothing: mail scanners open every link."""
    form = StopForm()
    if form.validate_on_submit():
        with writing() as session:
            stopped = commands.stop_mail(session, token, now=now())
        if stopped:
            flash(_("Fatto: al tuo indirizzo non mandiamo più messaggi come quello."), "success")
            return redirect(url_for("front.home"), 303)
    with reading() as session:
        good = queries.is_stop_link_good(session, token, now())
    return page(form=form if good else None, status=200 if good else 410)
