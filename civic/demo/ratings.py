"""Ratings in the demonstration: all invented, and marked "dato dimostrativo" wherever their figures are shown.

Beside them stand results that were really published (results.csv of the data set): those are true, with their source.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.city.models import Quartiere, Service
from civic.kernel.actor import Actor
from civic.kernel.clock import civil_day
from civic.outbox.rules import Asked
from civic.quality.commands import evidence, points, windows
from civic.quality.commands.evidence import MeasureData, StandardData
from civic.quality.commands.points import PointData
from civic.quality.commands.ratings import RatingData, Rest, rate, tell_the_rest
from civic.quality.models import Sense
from civic.quality.queries.evidence import flow_of
from civic.quality.rules import ASPECTS, WORDS, Instrument, RatingChannel, Trust, band_of, suspicion

_MARK = "(dato dimostrativo)"
_SEED = 1966
# The one service whose office keeps points, tickets, contacts and standards.
_WELL_KEPT = "anagrafe"
_CHANNELS = (RatingChannel.WEB, RatingChannel.WEB, RatingChannel.QR, RatingChannel.KIOSK)
_DAYS = 700


@dataclass(frozen=True, slots=True)
class Mood:
    """How one service is rated: how many ratings in all, and weights of one to five stars, before and in the last year."""

    service: str
    n: int
    before: Sequence[int]
    lately: Sequence[int]


_MOODS = (
    Mood("anagrafe", 260, (9, 14, 22, 33, 22), (5, 8, 17, 40, 30)),
    Mood("urp", 90, (4, 8, 18, 40, 30), (5, 8, 18, 40, 29)),
    Mood("nidi", 60, (2, 4, 12, 40, 42), (2, 4, 12, 40, 42)),
    Mood("refezione", 34, (6, 10, 24, 38, 22), (6, 10, 24, 38, 22)),
    Mood("biblioteche", 130, (1, 3, 8, 34, 54), (1, 3, 8, 34, 54)),
    Mood("rifiuti", 190, (14, 16, 24, 30, 16), (15, 17, 24, 29, 15)),
    Mood("tramvia", 150, (5, 8, 15, 40, 32), (9, 14, 20, 34, 23)),
    Mood("sosta", 45, (22, 22, 26, 20, 10), (22, 22, 26, 20, 10)),
    Mood("cimiteri", 18, (3, 8, 25, 40, 24), (3, 8, 25, 40, 24)),
    Mood("edilizia", 7, (20, 20, 20, 20, 20), (20, 20, 20, 20, 20)),
)


def tell_ratings(session: Session, who: Actor, folder: Path, *, pepper: bytes, link: str, asked: Asked, now: datetime) -> None:
    """Rate services over two years, through the commands; then points, standards, results, and a window that looks odd."""
    there = {s.code for s in session.scalars(select(Service))}
    quartieri = list(session.scalars(select(Quartiere.code).order_by(Quartiere.number)))
    chance = Random(_SEED)  # noqa: S311 - invented data, the same at every run
    tickets = []
    if _WELL_KEPT in there:
        tickets = points.issue_tickets(session, who, _WELL_KEPT, count=40, now=now - timedelta(days=300))
    for mood in _MOODS:
        if mood.service in there:
            mine = tickets if mood.service == _WELL_KEPT else []
            _rate(session, mood, chance, (quartieri, mine), pepper=pepper, link=link, asked=asked, now=now)
    if _WELL_KEPT in there:
        _tell_evidence(session, who, quartieri, now)
    if "urp" in there:
        _burst(session, who, "urp", pepper, now)
    if (folder / "results.csv").is_file():
        evidence.add_results(session, who, (folder / "results.csv").read_bytes(), now=now)


def _rate(
    session: Session,
    mood: Mood,
    chance: Random,
    places_and_tickets: tuple[Sequence[str], list[str]],
    *,
    pepper: bytes,
    link: str,
    asked: Asked,
    now: datetime,
) -> None:
    quartieri, tickets = places_and_tickets
    for number in range(mood.n):
        days = chance.randrange(_DAYS)
        (stars,) = chance.choices(range(1, 6), mood.before if days > 365 else mood.lately)
        at = now - timedelta(days=days, hours=chance.randrange(8))
        data = RatingData(
            instrument=Instrument.SERVICE,
            service_code=mood.service,
            stars=stars,
            form_key=f"demo-{mood.service}-{number}",
            channel=chance.choice(_CHANNELS if mood.service == _WELL_KEPT else (RatingChannel.WEB,)),
            trust=chance.choice((Trust.OPEN, Trust.OPEN, Trust.EMAIL, Trust.VERIFIED)),
            ticket=tickets.pop() if tickets and number % 6 == 0 and days < 300 else "",
            quartiere_code=chance.choice(quartieri) if quartieri else None,
        )
        rated = rate(session, data, pepper=pepper, now=at)
        if number % 3 == 0:
            reasons = [code for code, _words in WORDS[Instrument.SERVICE].reasons(stars)]
            scores = {code: max(1, min(5, stars + chance.choice((-1, 0, 0, 1)))) for code in ASPECTS}
            rest = Rest(reasons=chance.sample(reasons, 2), aspects=scores)
            tell_the_rest(session, rated.secret, rest, link=link, site="", asked=asked, now=at)


def _tell_evidence(session: Session, who: Actor, quartieri: Sequence[str], now: datetime) -> None:
    first = quartieri[0] if quartieri else None
    place = f"Sala d'attesa dello sportello {_MARK}"
    points.make_point(session, who, _WELL_KEPT, PointData(place=place, quartiere_code=first), now=now)
    points.make_point(session, who, _WELL_KEPT, PointData(place=f"Uscita {_MARK}", quartiere_code=first, is_kiosk=True), now=now)
    month = civil_day(now).replace(day=1)
    points.tell_contacts(session, who, _WELL_KEPT, month=month, n=9_400, source=f"Gestionale delle code {_MARK}", now=now)
    promise = StandardData(
        label_it=f"Attesa allo sportello {_MARK}",
        label_en="Waiting at the counter (demonstration data)",
        promised=Decimal(20),
        unit="minuti",
        sense=Sense.AT_MOST,
    )
    standard = evidence.add_standard(session, who, _WELL_KEPT, promise, now=now)
    year = civil_day(now).year - 1
    told = MeasureData(
        period_start=date(year, 1, 1),
        period_end=date(year, 12, 31),
        value=Decimal("23.5"),
        n=1_200,
        method=f"Media delle attese registrate dal gestionale delle code {_MARK}",
    )
    evidence.record_measure(session, who, standard.id, told, now=now)


def _burst(session: Session, who: Actor, service: str, pepper: bytes, now: datetime) -> None:
    """Fourteen ratings of one star in an afternoon, three days ago: two people will have to look."""
    at = (now - timedelta(days=3)).replace(hour=15, minute=0)
    for number in range(14):
        data = RatingData(instrument=Instrument.SERVICE, service_code=service, stars=1, form_key=f"demo-burst-{number}")
        rate(session, data, pepper=pepper, now=at)
    day, band = civil_day(at), band_of(at)
    found = suspicion(day, band, flow_of(session, service, today=day))
    windows.flag_window(session, who, service_code=service, day_band=(day, band), found=found, now=at + timedelta(minutes=4))
