"""Ratings, where they are given, and the tallies that pages read instead of counting."""

from datetime import date, datetime, timedelta

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, relationship

from civic.city.models import Service
from civic.kernel.db import BigId, Model, UtcDateTime
from civic.kernel.privacy import internal, personal, public, rows
from civic.kernel.text import N_
from civic.quality.rules import Instrument, RatingChannel, Standing, Trust

_ONE_TO_FIVE = "stars BETWEEN 1 AND 5"


class RatingPoint(Model):
    """A place where a service is rated: a poster with a QR code, or a totem. Its code stands on the poster."""

    __tablename__ = "rating_point"
    __table_args__ = (Index(None, "service_code"),)

    code: Mapped[str] = public(String(20), primary_key=True)
    service_code: Mapped[str] = public(ForeignKey("city_service.code"))
    place: Mapped[str] = public(String(160))
    quartiere_code: Mapped[str | None] = public(ForeignKey("city_quartiere.code"), nullable=True)
    is_kiosk: Mapped[bool] = public(default=False)
    made_on: Mapped[date] = public(Date)
    closed_on: Mapped[date | None] = public(Date, nullable=True)
    # When its totem was last pressed: one press in three seconds, or a child fills the series.
    pressed_at: Mapped[datetime | None] = internal(UtcDateTime, nullable=True)

    service: Mapped[Service] = relationship()


class RatingTicket(Model):
    """A one-time code that an office gives after a contact. It names nobody, and is kept only as its fingerprint."""

    __tablename__ = "rating_ticket"
    __table_args__ = (Index(None, "service_code", "issued_on"),)

    code_hash: Mapped[str] = internal(String(64), primary_key=True)
    service_code: Mapped[str] = public(ForeignKey("city_service.code"))
    quartiere_code: Mapped[str | None] = public(ForeignKey("city_quartiere.code"), nullable=True)
    by_mail: Mapped[bool] = public(default=False)
    issued_on: Mapped[date] = public(Date)
    spent_on: Mapped[date | None] = public(Date, nullable=True)


class Rating(Model):
    """One rating of a service or of a page. It holds no instant finer than six hours, and nobody's name or code."""

    __tablename__ = "rating"
    __table_args__ = (
        UniqueConstraint("form_key"),
        UniqueConstraint("edit_hash"),
        CheckConstraint(_ONE_TO_FIVE, name="one_to_five"),
        CheckConstraint("hour_band BETWEEN 0 AND 3", name="quarter_of_a_day"),
        CheckConstraint("(service_code IS NULL) = (instrument <> 'service')", name="service_or_page"),
        # Read by the search for anomalous windows: it holds all that is asked, so that the rows are not opened.
        Index(None, "service_code", "on_day", "hour_band", "stars", "channel"),
        Index(None, "instrument", "on_day"),
    )

    id: Mapped[int] = internal(BigId, primary_key=True)
    # Idempotency key of the form that was sent: five identical POSTs are one rating.
    form_key: Mapped[str] = internal(String(64))
    # Fingerprint of the one-time token with which whoever rated tells the rest.
    edit_hash: Mapped[str | None] = internal(String(64), nullable=True)
    instrument: Mapped[Instrument] = public(String(20))
    version: Mapped[int] = public(default=1)
    service_code: Mapped[str | None] = public(ForeignKey("city_service.code"), nullable=True)
    # The path of the page, without query; for the Comune's own site with its host.
    page: Mapped[str] = public(String(200), default="")
    stars: Mapped[int] = public()
    channel: Mapped[RatingChannel] = public(String(10))
    trust: Mapped[Trust] = public(String(10))
    standing: Mapped[Standing] = public(String(10))
    point_code: Mapped[str | None] = public(ForeignKey("rating_point.code"), nullable=True)
    quartiere_code: Mapped[str | None] = public(ForeignKey("city_quartiere.code"), nullable=True)
    language: Mapped[str] = public(String(2), default="it")
    on_day: Mapped[date] = public(Date)
    hour_band: Mapped[int] = public()
    # What was written about a page, read at the desk only; what is written about a service becomes a voice.
    text: Mapped[str] = internal(String(200), default="")


class RatingAnswer(Model):
    """A reason given with a rating (score 0), or the score of one aspect."""

    __tablename__ = "rating_answer"
    __table_args__ = (CheckConstraint("score BETWEEN 0 AND 5", name="score_or_none"),)

    rating_id: Mapped[int] = internal(ForeignKey("rating.id"), primary_key=True)
    code: Mapped[str] = public(String(20), primary_key=True)
    score: Mapped[int] = public(default=0)


_TURN = {
    "purpose": N_("contare una sola valutazione per persona e servizio in trenta giorni"),
    "seen_by": N_("nessuno: è un codice che solo il programma sa rifare"),
    "keep": N_("30 giorni"),
    "erase": "erase_person",
}


class RatingTurn(Model):
    """Whose turn is spent: the HMAC of a person, or a browser, and a service. With it goes the way from her to her rating."""

    __tablename__ = "rating_turn"
    __table_args__ = (Index(None, "rated_at"), rows(after=timedelta(days=30), since=("rated_at",)))

    key: Mapped[str] = personal(String(64), primary_key=True, **_TURN)
    rating_id: Mapped[int] = internal(ForeignKey("rating.id"))
    # Midnight of its day: an hour would tell more than the rating does.
    rated_at: Mapped[datetime] = internal(UtcDateTime)


class RatingTally(Model):
    """How many ratings fall in one cell, kept in the rating's own transaction: no page counts ratings."""

    __tablename__ = "rating_tally"
    __table_args__ = (
        CheckConstraint(_ONE_TO_FIVE, name="one_to_five"),
        CheckConstraint("n >= 0", name="not_negative"),
        # All services over twelve months: what came before is not read.
        Index(None, "instrument", "month"),
    )

    instrument: Mapped[Instrument] = public(String(20), primary_key=True)
    # The service's code, or the page.
    subject: Mapped[str] = public(String(200), primary_key=True)
    # The first day of the month.
    month: Mapped[date] = public(Date, primary_key=True)
    quartiere: Mapped[str] = public(String(60), primary_key=True)
    channel: Mapped[RatingChannel] = public(String(10), primary_key=True)
    trust: Mapped[Trust] = public(String(10), primary_key=True)
    standing: Mapped[Standing] = public(String(10), primary_key=True)
    stars: Mapped[int] = public(primary_key=True)
    n: Mapped[int] = public(default=0)


class AnswerTally(Model):
    """How many gave a reason, or a score to an aspect, in a month; only of ratings that count and are not apart."""

    __tablename__ = "rating_answer_tally"
    __table_args__ = (CheckConstraint("n >= 0", name="not_negative"),)

    instrument: Mapped[Instrument] = public(String(20), primary_key=True)
    subject: Mapped[str] = public(String(200), primary_key=True)
    month: Mapped[date] = public(Date, primary_key=True)
    code: Mapped[str] = public(String(20), primary_key=True)
    score: Mapped[int] = public(primary_key=True)
    n: Mapped[int] = public(default=0)


class ServiceContacts(Model):
    """How many contacts a service had in a month, as the office tells it, with where it knows it from."""

    __tablename__ = "rating_contacts"
    __table_args__ = (CheckConstraint("n >= 1", name="some_contacts"),)

    service_code: Mapped[str] = public(ForeignKey("city_service.code"), primary_key=True)
    month: Mapped[date] = public(Date, primary_key=True)
    n: Mapped[int] = public()
    source: Mapped[str] = public(Text)
