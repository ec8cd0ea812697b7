"""The tallies: moved in the same transaction as the ratings they count, and rebuilt from them when in doubt.

Measured (docs/performance.md): the busiest cell takes more updates a second than two Python processes can send, so that
cells are not split into shards.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from civic.quality.models import AnswerTally, Rating, RatingAnswer, RatingTally
from civic.quality.rules import APART, Instrument, RatingChannel, Standing, Trust


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """One cell of the tally of stars."""

    instrument: str
    subject: str
    month: date
    quartiere: str
    channel: str
    trust: str
    standing: str
    stars: int


@dataclass(frozen=True, slots=True, order=True)
class AnswerCell:
    """One cell of the tally of answers."""

    instrument: str
    subject: str
    month: date
    code: str
    score: int


def cell_of(rating: Rating) -> Cell:
    """Return the cell that a rating falls in."""
    return Cell(
        instrument=Instrument(rating.instrument),
        subject=rating.service_code or rating.page,
        month=rating.on_day.replace(day=1),
        quartiere=rating.quartiere_code or "",
        channel=RatingChannel(rating.channel),
        trust=Trust(rating.trust),
        standing=Standing(rating.standing),
        stars=rating.stars,
    )


def is_heard(rating: Rating) -> bool:
    """Say whether a rating's answers are counted: it counts itself, and is not of a series that stands apart."""
    return rating.standing == Standing.COUNTED and RatingChannel(rating.channel) not in APART


def move(session: Session, moves: Iterable[tuple[Cell | AnswerCell, int]]) -> None:
    """Add to cells and take from them, always in the same order: two that move the same cells do not wait in a circle."""
    sums: Counter[Cell | AnswerCell] = Counter()
    for cell, by in moves:
        sums[cell] += by
    for table, kind in ((RatingTally, Cell), (AnswerTally, AnswerCell)):
        for cell in sorted(c for c in sums if isinstance(c, kind)):
            if sums[cell]:
                _add(session, table, {name: getattr(cell, name) for name in kind.__slots__}, sums[cell])


def _add(session: Session, table: type[RatingTally] | type[AnswerTally], key: Mapping[str, Any], by: int) -> None:
    dialect = session.get_bind().dialect.name
    make = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    session.execute(make.values(**key, n=max(by, 0)).on_conflict_do_update(index_elements=list(key), set_={"n": table.n + by}))


def answer_cells(rating: Rating, answers: Iterable[RatingAnswer]) -> list[AnswerCell]:
    """List the cells of a rating's answers."""
    where = cell_of(rating)
    return [AnswerCell(where.instrument, where.subject, where.month, a.code, a.score) for a in answers]


def rebuild(session: Session) -> int:
    """Count everything anew from the ratings. Returns how many cells there are; nobody may rate meanwhile."""
    session.execute(delete(RatingTally))
    session.execute(delete(AnswerTally))
    postgres = session.get_bind().dialect.name == "postgresql"
    month = func.date_trunc("month", Rating.on_day) if postgres else func.strftime("%Y-%m-01", Rating.on_day)
    subject = func.coalesce(Rating.service_code, Rating.page)
    quartiere = func.coalesce(Rating.quartiere_code, "")
    of_stars = [Rating.instrument, subject, month, quartiere, Rating.channel, Rating.trust, Rating.standing, Rating.stars]
    stars = select(*of_stars, func.count()).group_by(*of_stars)
    session.execute(insert(RatingTally).from_select([*Cell.__slots__, "n"], stars))
    of_answers = [Rating.instrument, subject, month, RatingAnswer.code, RatingAnswer.score]
    heard = select(*of_answers, func.count()).join(Rating, Rating.id == RatingAnswer.rating_id)
    heard = heard.where(Rating.standing == Standing.COUNTED, Rating.channel.not_in(APART)).group_by(*of_answers)
    session.execute(insert(AnswerTally).from_select([*AnswerCell.__slots__, "n"], heard))
    return session.scalar(select(func.count()).select_from(RatingTally)) or 0
