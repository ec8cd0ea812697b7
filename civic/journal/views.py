"""Public page of the register's heads, its feed and its file."""

from datetime import datetime, time

from flask import Blueprint, Response, make_response, url_for
from flask_babel import gettext as _

from civic.journal import queries
from civic.kernel.clock import ROME
from civic.kernel.feeds import Feed, FeedEntry, to_atom
from civic.kernel.silence import Silence
from civic.web.doors import public
from civic.web.i18n import day, language
from civic.web.pages import absolute, page
from civic.web.town import reading

site = Blueprint("journal", __name__)


@site.get("/registro")
@public(silence=Silence.STAYS)
def register() -> Response:
    """What the register is, and the head of each day."""
    with reading() as session:
        return page(heads=queries.heads(session, limit=60))


@site.get("/registro/teste.txt")
@public(silence=Silence.STAYS)
def heads_file() -> Response:
    """All heads, oldest first: the file that `civic check --heads` reads."""
    with reading() as session:
        lines = "".join(f"{head.line()}\n" for head in reversed(queries.heads(session, limit=4000)))
    response = make_response(lines)
    response.headers["Content-Type"] = "text/plain; charset=utf-8"
    return response


@site.get("/registro/teste.atom")
@public(silence=Silence.STAYS)
def heads_feed() -> Response:
    """The heads as Atom: whoever follows it keeps a copy outside the Comune."""
    with reading() as session:
        found = queries.heads(session, limit=60)
    url = absolute(url_for("journal.register"))
    entries = [
        FeedEntry(
            id=f"{url}#{head.day.isoformat()}-{head.seq}",
            title=_("Testa del registro del %(day)s", day=day(head.day)),
            url=url,
            at=datetime.combine(head.day, time(), ROME),
            summary=head.line(),
        )
        for head in found
    ]
    self_url = absolute(url_for("journal.heads_feed"))
    title = _("Teste del registro pubblico")
    feed = Feed(
        id=self_url, title=title, url=url, self_url=self_url, author=_("Registro pubblico"), entries=entries, language=language()
    )
    response = make_response(to_atom(feed))
    response.headers["Content-Type"] = "application/atom+xml; charset=utf-8"
    return response
