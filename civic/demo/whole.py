"""The whole demonstration: a city, its people, what they said, how they rated."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.city.models import Office
from civic.demo import citizenry, dataset, people, ratings, story, voices
from civic.demo.dataset import Say
from civic.kernel.actor import Actor
from civic.outbox.rules import Asked
from civic.people.queries.staff import account_by_email, actor_of


def load_whole(
    session: Session,
    who: Actor,
    folder: Path,
    *,
    pepper: bytes,
    base_url: str,
    asked: Asked,
    now: datetime,
    say: Say = lambda _line: None,
) -> None:
    """Load everything into an empty database, in the caller's transaction. Raises Refused: when the folder is no data set."""
    dataset.load_dataset(session, who, folder, now=now, say=say)
    say("accessi di prova")
    people.add_logins(session, who, set(session.scalars(select(Office.code))), now=now)
    say("storie e bozze di prova")
    account = account_by_email(session, "ambiente@demo.invalid")
    referent = actor_of(session, account) if account else None
    story.tell_story(session, who, referent, link=f"{base_url}/desk/azioni/%s", site=who.label, now=now)
    say("cittadine, cittadini e associazioni di prova")
    citizenry.add_citizens(session, who, pepper, site=base_url, now=now)
    say("voci e impegni di prova")
    link = f"{base_url}/voci/%s"
    voices.tell_voices(session, who, link=link, asked=asked, now=now)
    say("valutazioni di prova")
    ratings.tell_ratings(session, who, folder, pepper=pepper, link=link, asked=asked, now=now)
