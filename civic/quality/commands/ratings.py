"""Rating: the stars at once, the rest with a one-time token, and never twice for one person, service and contact."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from civic.city.models import Service
from civic.contributions.commands.voices import CITIZENRY, ContributionData, receive_voice
from civic.contributions.rules import Origin
from civic.kernel.actor import TrustLevel
from civic.kernel.clock import civil_day
from civic.kernel.codes import fingerprint
from civic.kernel.db import is_added
from civic.kernel.errors import Missing, Refused
from civic.kernel.keys import keyed
from civic.kernel.persons import Person
from civic.kernel.text import N_
from civic.outbox.rules import Asked
from civic.people.rules import Channel
from civic.quality.commands.tallies import AnswerCell, Cell, answer_cells, cell_of, is_heard, move
from civic.quality.models import AnomalyWindow, Employee, Rating, RatingAnswer, RatingPoint, RatingTicket, RatingTurn
from civic.quality.rules import (
    ASPECTS,
    WORDS,
    Instrument,
    RatingChannel,
    Standing,
    Trust,
    WindowVerdict,
    band_of,
)

TURN_DAYS = 30
EDIT_DAYS = 1
KIOSK_PAUSE = timedelta(seconds=3)
_LEVELS = {Trust.VERIFIED: TrustLevel.VERIFIED, Trust.EMAIL: TrustLevel.EMAIL}
_CHANNELS = {RatingChannel.KIOSK: Channel.KIOSK, RatingChannel.OPERATOR: Channel.DESK}


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingData:
    """One rating as it comes in.

    `turn` is what stands for the person and the service, "" when nothing tells persons apart; `ticket` is the code that
    the office gave. `form_key` makes five identical POSTs one.
    """

    instrument: Instrument
    stars: int
    form_key: str
    service_code: str | None = None
    page: str = ""
    channel: RatingChannel = RatingChannel.WEB
    trust: Trust = Trust.OPEN
    turn: str = ""
    ticket: str = ""
    point_code: str | None = None
    quartiere_code: str | None = None
    language: str = "it"
    is_internal: bool = False


@dataclass(frozen=True, slots=True)
class Rated:
    """A rating that was stored: the token for the rest, and whether it took the place of one's own earlier one."""

    secret: str
    replaced: bool


def rate(session: Session, data: RatingData, *, pepper: bytes, now: datetime) -> Rated:
    """Store the stars. The same form twice is one rating; the same person within thirty days changes her own.

    Raises Refused: for a score out of 1 to 5, a service that is not there, a spent ticket.
    """
    if data.stars not in range(1, 6):
        raise Refused(N_("Scegli da una a cinque stelle."), field="stars")
    if data.instrument is Instrument.SERVICE:
        service = session.get(Service, data.service_code or "")
        if service is None or not service.active:
            raise Refused(N_("Questo servizio non è nell'elenco: scegli quello che vuoi valutare."), field="service_code")
    # Made from the form's key: who sends the form twice gets the same token both times, and nobody else can make it.
    secret = keyed(pepper, "rating-edit", data.form_key)
    again = session.scalar(select(Rating).where(Rating.form_key == data.form_key).with_for_update())
    if again is not None:
        # The page was still open: the same score is the same rating, another one corrects it.
        corrected = again.stars != data.stars
        if corrected:
            _change(session, again, data, secret)
        return Rated(secret, replaced=corrected)
    data, turn = _with_ticket(session, data, now), ""
    if data.turn and not data.ticket:
        turn = keyed(pepper, "rating-turn", f"{data.turn}|{data.instrument}|{data.service_code or data.page}")
    earlier = _own(session, turn, now)
    if earlier is None:
        try:
            with session.begin_nested():
                rating = _add(session, data, secret, now)
                if rating is None:
                    return Rated(secret, replaced=False)
                _take_turn(session, turn, rating, now)
            return Rated(secret, replaced=False)
        except _TurnIsTakenError:
            earlier = _own(session, turn, now)
    if earlier is None:
        raise Missing
    _change(session, earlier, data, secret)
    return Rated(secret, replaced=True)


class _TurnIsTakenError(Exception):
    """Somebody with the same key was quicker."""


def _with_ticket(session: Session, data: RatingData, now: datetime) -> RatingData:
    """Spend the ticket, once. Raises Refused: when it is spent, unknown or of another service."""
    if not data.ticket:
        return data
    spend = (
        update(RatingTicket)
        .where(RatingTicket.code_hash == fingerprint(data.ticket), RatingTicket.spent_on.is_(None))
        .where(RatingTicket.service_code == data.service_code)
        .values(spent_on=civil_day(now))
        .returning(RatingTicket.by_mail, RatingTicket.quartiere_code)
    )
    found = session.execute(spend).first()
    if found is None:
        raise Refused(
            N_("Questo biglietto è già stato usato, o non è di questo servizio. Puoi valutare anche senza."), field="ticket"
        )
    return RatingData(
        **{
            **{name: getattr(data, name) for name in RatingData.__slots__},
            "trust": Trust.TICKET,
            "channel": RatingChannel.EMAIL if found.by_mail else data.channel,
            "quartiere_code": data.quartiere_code or found.quartiere_code,
        }
    )


def _own(session: Session, turn: str, now: datetime) -> Rating | None:
    """Return the rating that this person gave within thirty days, locked until the end."""
    if not turn:
        return None
    mine = select(Rating).join(RatingTurn, RatingTurn.rating_id == Rating.id)
    mine = mine.where(RatingTurn.key == turn, RatingTurn.rated_at > _midnight(now) - timedelta(days=TURN_DAYS))
    return session.scalar(mine.with_for_update().execution_options(populate_existing=True))


def _midnight(now: datetime) -> datetime:
    return datetime.combine(civil_day(now), time(), UTC)


def _take_turn(session: Session, turn: str, rating: Rating, now: datetime) -> None:
    """Spend the person's turn: by the constraint, so that of two at the same instant one gives way."""
    if not turn:
        return
    today = _midnight(now)
    values = {"rating_id": rating.id, "rated_at": today}
    make = postgresql.insert(RatingTurn) if session.get_bind().dialect.name == "postgresql" else sqlite.insert(RatingTurn)
    over = RatingTurn.rated_at <= today - timedelta(days=TURN_DAYS)
    take = make.values(key=turn, **values).on_conflict_do_update(index_elements=["key"], set_=values, where=over)
    if session.execute(take.returning(RatingTurn.key)).first() is None:
        raise _TurnIsTakenError


def _add(session: Session, data: RatingData, secret: str, now: datetime) -> Rating | None:
    """Add the row and count it; None when the same form came in at the same instant."""
    day, band = civil_day(now), band_of(now)
    rating = Rating(
        form_key=data.form_key,
        edit_hash=fingerprint(secret),
        instrument=data.instrument,
        version=WORDS[data.instrument].version,
        service_code=data.service_code,
        page=data.page,
        stars=data.stars,
        channel=data.channel,
        trust=data.trust,
        standing=Standing.INTERNAL if data.is_internal else _standing(session, data.service_code, day, band),
        point_code=data.point_code,
        quartiere_code=data.quartiere_code,
        language=data.language,
        on_day=day,
        hour_band=band,
    )
    if not is_added(session, rating):
        return None
    move(session, [(cell_of(rating), 1)])
    return rating


def _standing(session: Session, service_code: str | None, day: date, band: int) -> Standing:
    """Say how a new rating stands: in a window that was flagged it waits with the others."""
    same = (AnomalyWindow.service_code == service_code, AnomalyWindow.day == day, AnomalyWindow.hour_band == band)
    flagged = session.execute(select(AnomalyWindow.verdict).where(*same)).first() if service_code else None
    if flagged is None or flagged.verdict == WindowVerdict.KEEP:
        return Standing.COUNTED
    return Standing.EXCLUDED if flagged.verdict == WindowVerdict.EXCLUDE else Standing.IN_REVIEW


def _change(session: Session, rating: Rating, data: RatingData, secret: str) -> None:
    """Put new stars in the place of one's own earlier ones; reasons went with the score, so they go."""
    before = _cells(session, rating)
    session.execute(delete(RatingAnswer).where(RatingAnswer.rating_id == rating.id))
    rating.stars, rating.edit_hash = data.stars, fingerprint(secret)
    rating.form_key = data.form_key
    if data.is_internal:
        rating.standing = Standing.INTERNAL
    move(session, [*((cell, -1) for cell in before), (cell_of(rating), 1)])
    session.flush()


def _cells(session: Session, rating: Rating) -> list[Cell | AnswerCell]:
    """List every cell that a rating is counted in."""
    answers = session.scalars(select(RatingAnswer).where(RatingAnswer.rating_id == rating.id)).all()
    return [cell_of(rating), *(answer_cells(rating, answers) if is_heard(rating) else [])]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """What is told after the stars. `works_there` is the rater's own word."""

    reasons: Sequence[str] = ()
    aspects: Mapping[str, int] | None = None
    text: str = ""
    quartiere_code: str | None = None
    works_there: bool = False
    wants_public: bool = False
    email: str = ""
    email_confirmed: bool = False
    author_ref: str = ""


def rating_of(session: Session, secret: str, *, now: datetime) -> Rating | None:
    """Return the rating that a token opens, None when it is spent, old or unknown."""
    since = civil_day(now) - timedelta(days=EDIT_DAYS)
    return session.scalar(select(Rating).where(Rating.edit_hash == fingerprint(secret), Rating.on_day >= since))


def tell_the_rest(
    session: Session, secret: str, rest: Rest, *, link: str, site: str, asked: Asked, now: datetime
) -> tuple[Rating, str]:
    """Add reasons, aspects and a text to a rating, once. Returns it, and the receipt code of the voice that the text became.

    Raises Missing: when the token is spent. Raises Refused: for a reason that does not go with the score.
    """
    rating = _spend(session, secret, now)
    allowed = dict(WORDS[Instrument(rating.instrument)].reasons(rating.stars))
    if not set(rest.reasons) <= set(allowed):
        raise Refused(
            N_("Un motivo non va d'accordo con le stelle che hai dato: scegli fra quelli della pagina."), field="reasons"
        )
    scores = {code: score for code, score in (rest.aspects or {}).items() if code in ASPECTS and 1 <= score <= 5}
    before = _cells(session, rating)
    rating.quartiere_code = rest.quartiere_code or rating.quartiere_code
    if rest.works_there:
        rating.standing = Standing.INTERNAL
    session.add_all(RatingAnswer(rating_id=rating.id, code=code, score=0) for code in sorted(set(rest.reasons)))
    session.add_all(RatingAnswer(rating_id=rating.id, code=code, score=score) for code, score in sorted(scores.items()))
    session.flush()
    move(session, [*((cell, -1) for cell in before), *((cell, 1) for cell in _cells(session, rating))])
    if not rest.text:
        return rating, ""
    if rating.service_code is None:
        rating.text = rest.text
        session.flush()
        return rating, ""
    return rating, _say(session, rating, rest, secret, link=link, site=site, asked=asked, now=now)


def _spend(session: Session, secret: str, now: datetime) -> Rating:
    rating = rating_of(session, secret, now=now)
    if rating is None:
        raise Missing
    spend = update(Rating).where(Rating.id == rating.id, Rating.edit_hash == fingerprint(secret)).values(edit_hash=None)
    if session.execute(spend.returning(Rating.id)).first() is None:
        raise Missing
    session.refresh(rating)
    return rating


def _say(session: Session, rating: Rating, rest: Rest, secret: str, *, link: str, site: str, asked: Asked, now: datetime) -> str:
    """Put what was written into the one register of voices, where the office answers it. Returns its receipt code."""
    service = session.get_one(Service, rating.service_code)
    data = ContributionData(
        title=f"{service.name_it}: {rating.stars}/5",
        text=rest.text,
        # Who corrects her stars may write again: another text is another voice.
        form_key=fingerprint(f"{secret}:{rest.text}"),
        origin=Origin.RATING,
        origin_ref=str(rating.id),
        channel=_CHANNELS.get(RatingChannel(rating.channel), Channel.WEB),
        level=_LEVELS.get(Trust(rating.trust), TrustLevel.OPEN),
        author_ref=rest.author_ref,
        email=rest.email,
        email_confirmed=rest.email_confirmed,
        service_code=rating.service_code,
        quartiere_code=rating.quartiere_code,
        wants_public=rest.wants_public,
    )
    return receive_voice(session, CITIZENRY, data, link=link, site=site, asked=asked, now=now).code


def press_totem(session: Session, point_code: str, *, stars: int, form_key: str, pepper: bytes, now: datetime) -> bool:
    """Count a press of a totem; False within three seconds of the one before. Raises Missing, Refused."""
    point = session.get(RatingPoint, point_code)
    if point is None or not point.is_kiosk or point.closed_on is not None:
        raise Missing
    rested = RatingPoint.pressed_at.is_(None) | (RatingPoint.pressed_at <= now - KIOSK_PAUSE)
    press = update(RatingPoint).where(RatingPoint.code == point_code, rested).values(pressed_at=now)
    if session.execute(press.returning(RatingPoint.code)).first() is None:
        return False
    data = RatingData(
        instrument=Instrument.SERVICE,
        service_code=point.service_code,
        stars=stars,
        form_key=form_key,
        channel=RatingChannel.KIOSK,
        point_code=point.code,
        quartiere_code=point.quartiere_code,
    )
    rate(session, data, pepper=pepper, now=now)
    return True


def works_for(session: Session, subject_key: str, service: Service) -> bool:
    """Say whether an identity is on the list of who works for the office or the provider of a service."""
    employers = [service.office_code, *([service.provider_code] if service.provider_code else [])]
    listed = select(Employee.employer).where(Employee.subject_key == subject_key, Employee.employer.in_(employers))
    return session.execute(listed.limit(1)).first() is not None


def erase_person(session: Session, person: Person, *, now: datetime) -> int:
    """Forget who decided on windows and who is on the list of employees. Returns how many rows.

    What says whose a rating was goes by itself within thirty days; her ratings name nobody and stay.
    """
    gone = 0
    if person.subject_key:
        listed = delete(Employee).where(Employee.subject_key == person.subject_key).returning(Employee.employer)
        gone += len(session.execute(listed).all())
    for column in (AnomalyWindow.first_ref, AnomalyWindow.second_ref):
        mine = update(AnomalyWindow).where(column == person.ref).values({column: ""}).returning(AnomalyWindow.id)
        gone += len(session.execute(mine).all())
    return gone
