"""Many ratings and many voices, by set-based SQL: the bench measures reading them, not the commands."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    DateTime,
    FromClause,
    Integer,
    String,
    case,
    cast,
    column,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session

from civic.contributions.models import Contribution
from civic.contributions.rules import Origin, Severity
from civic.kernel.actor import TrustLevel
from civic.kernel.clock import civil_day
from civic.kernel.db import Database
from civic.people.rules import Channel
from civic.quality.models import Rating, RatingAnswer
from civic.quality.rules import Instrument, RatingChannel, Standing, Trust, band_of
from tools.bench import town

DAYS, _YEARS = 730, 3
# What is promised, in days of the calendar: the bench asks no calendar of holidays.
_TRIAGE_DAYS, _REPLY_DAYS = 7, 42
_CHUNK = 1_000_000  # rows of one transaction: SQLite's WAL holds it whole
# Spreads the numbers 1, 2, 3... evenly over 32 bits; every field of a row reads bits of its own.
_MIX, _BITS = 2654435761, 32
# Sixteenths: most rate from the web without signing in.
_WAYS = (
    *((RatingChannel.WEB, Trust.OPEN),) * 6,
    *((RatingChannel.WEB, Trust.EMAIL),) * 2,
    *((RatingChannel.WEB, Trust.VERIFIED),) * 2,
    (RatingChannel.WEB, Trust.TICKET),
    *((RatingChannel.QR, Trust.OPEN),) * 2,
    (RatingChannel.EMAIL, Trust.TICKET),
    (RatingChannel.KIOSK, Trust.OPEN),
    (RatingChannel.OPERATOR, Trust.OPEN),
)
_STARS = (1, 1, 2, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5, 5)
_QUARTIERI = (*town.QUARTIERI, None, None, None)
_STANDINGS = (str(Standing.INTERNAL), str(Standing.EXCLUDED), *(str(Standing.COUNTED),) * 62)


class _Fields:
    """What a row's number gives for each of its fields: each draws the next bits of the mixed number."""

    def __init__(self, number: ColumnElement[int]) -> None:
        self._mixed = number * literal(_MIX, BigInteger) % literal(2**_BITS, BigInteger)
        self._used = 0

    def draw(self, size: int) -> ColumnElement[int]:
        """Return a number below `size`, a power of two."""
        self._used += size.bit_length() - 1
        return self._mixed // literal(2 ** (_BITS - self._used), BigInteger) % literal(size, BigInteger)

    def one_of(self, values: Sequence[Any]) -> ColumnElement[Any]:
        """Return one of the values, as many as a power of two."""
        return chosen(self.draw(len(values)), values)


def chosen(at: ColumnElement[int], values: Sequence[Any]) -> ColumnElement[Any]:
    """Return the value at a place; None is NULL. What stands last is the `ELSE`: most values may be the same."""
    held = [null() if v is None else literal(v) for v in values]
    return case({n: held[n] for n, v in enumerate(values) if v != values[-1]}, value=at, else_=held[-1])


def _numbers(session: Session, first: int, last: int) -> FromClause:
    """Return the numbers from `first` to `last` as a table with one column, `i`."""
    if session.get_bind().dialect.name == "postgresql":
        series = func.generate_series(literal(first, BigInteger), literal(last, BigInteger))
        return series.table_valued(column("i", BigInteger), name="seq").render_derived()
    begin = select(literal(first, BigInteger).label("i")).cte("seq", recursive=True)
    return begin.union_all(select(begin.c.i + 1).where(begin.c.i < last))


def _day(session: Session, back: ColumnElement[int]) -> ColumnElement[Any]:
    """Return the day that lies `back` days before today."""
    today = civil_day(town.NOW)
    if session.get_bind().dialect.name == "postgresql":
        return literal(today, Date) - cast(back, Integer)
    return type_coerce(func.date(today.isoformat(), cast(-back, String) + " days"), Date)


def _instant(session: Session, back: ColumnElement[int]) -> ColumnElement[Any]:
    """Return the instant that lies `back` minutes before now."""
    if session.get_bind().dialect.name == "postgresql":
        return literal(town.NOW, DateTime(timezone=True)) - back * literal(timedelta(minutes=1))
    written = func.strftime("%Y-%m-%d %H:%M:%f000", f"{town.NOW:%Y-%m-%d %H:%M:%S}", cast(-back, String) + " minutes")
    return type_coerce(written, String)


def add_ratings(database: Database, *, first: int, last: int) -> None:
    """Add the ratings of these numbers: two years, all services, quartieri, channels, trusts and stars; one in eight tells more."""
    for start in range(first, last + 1, _CHUNK):
        with database.writing() as session:
            seq = _numbers(session, start, min(start + _CHUNK - 1, last))
            days_back = (literal(last, BigInteger) - seq.c.i) * literal(DAYS) // literal(last - first + 1, BigInteger)
            _insert_ratings(session, seq, {Rating.on_day: _day(session, days_back)})
            told = select(Rating.id, literal("courtesy"), Rating.stars).where(Rating.id >= start, Rating.id % 8 == 0)
            session.execute(insert(RatingAnswer).from_select(["rating_id", "code", "score"], told))


def add_flood(database: Database, service: str, *, first: int, last: int) -> None:
    """Add an attack: ratings of these numbers, of one star, of one service, within the six hours of now."""
    with database.writing() as session:
        fixed = {
            Rating.on_day: _day(session, literal(0)),
            Rating.hour_band: literal(band_of(town.NOW)),
            Rating.service_code: literal(service),
            Rating.stars: literal(1),
            Rating.standing: literal(str(Standing.COUNTED)),
            Rating.channel: literal(str(RatingChannel.WEB)),
            Rating.trust: literal(str(Trust.OPEN)),
        }
        _insert_ratings(session, _numbers(session, first, last), fixed)


def _insert_ratings(session: Session, seq: FromClause, fixed: dict[Any, ColumnElement[Any]]) -> None:
    i, fields = seq.c.i, _Fields(seq.c.i)
    way = fields.draw(len(_WAYS))
    made = {
        Rating.id: i,
        Rating.form_key: literal("bench-") + cast(i, String),
        Rating.instrument: literal(str(Instrument.SERVICE)),
        Rating.channel: chosen(way, [str(channel) for channel, _trust in _WAYS]),
        Rating.trust: chosen(way, [str(trust) for _channel, trust in _WAYS]),
        Rating.service_code: fields.one_of(town.SERVICES),
        Rating.stars: fields.one_of(_STARS),
        Rating.quartiere_code: fields.one_of(_QUARTIERI),
        Rating.hour_band: fields.one_of(range(4)),
        Rating.standing: fields.one_of(_STANDINGS),
    } | fixed
    session.execute(insert(Rating).from_select(list(made), select(*made.values()).select_from(seq)))


def add_voices(database: Database, *, count: int) -> None:
    """Add voices of three years: half were answered, an eighth of the others nobody has read; over all offices and themes."""
    with database.writing() as session:
        seq = _numbers(session, 1, count)
        i, fields = seq.c.i, _Fields(seq.c.i)
        minutes_back = (literal(count, BigInteger) - i) * literal(_YEARS * 365 * 1440) // literal(count, BigInteger)
        days_back = minutes_back // literal(1440, BigInteger)
        day = _day(session, days_back)
        answered, read = fields.draw(2) == 0, fields.draw(8) > 0
        made = {
            Contribution.id: i,
            Contribution.code: literal("B-") + cast(i, String),
            Contribution.form_key: literal("bench-") + cast(i, String),
            Contribution.origin: fields.one_of([str(o) for o in Origin]),
            Contribution.channel: literal(str(Channel.WEB)),
            Contribution.level: literal(int(TrustLevel.OPEN)),
            Contribution.service_code: fields.one_of(town.SERVICES),
            Contribution.quartiere_code: fields.one_of(_QUARTIERI),
            Contribution.title: literal("Una voce sulla città, numero ") + cast(i, String),
            Contribution.text: literal("Poche righe di testo, quante ne scrive chi ha una cosa sola da dire. " * 4),
            Contribution.received_at: _instant(session, minutes_back),
            Contribution.received_on: day,
            Contribution.triaged_on: case((or_(answered, read), day)),
            Contribution.office_code: case((or_(answered, read), fields.one_of(town.OFFICES))),
            Contribution.theme_code: case((or_(answered, read), fields.one_of(town.THEMES))),
            Contribution.triage_due_on: _day(session, days_back - _TRIAGE_DAYS),
            Contribution.reply_term_days: literal(_REPLY_DAYS),
            Contribution.reply_due_on: _day(session, days_back - _REPLY_DAYS),
            Contribution.severity: fields.one_of([str(Severity.HIGH), *[str(Severity.NORMAL)] * 7]),
            Contribution.replied_at: case((answered, _instant(session, minutes_back))),
            Contribution.replied_on: case((answered, day)),
            Contribution.replied_after_days: case((answered, literal(0))),
        }
        session.execute(insert(Contribution).from_select(list(made), select(*made.values()).select_from(seq)))
