"""Citizens who take part: one account a person, her sessions, her bonds with quartieri, what she chose to be told.

No codice fiscale, no name, no date of birth: `subject_key` is an HMAC whose key stands outside the database.
"""

from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from civic.kernel.db import BigId, Model, UtcDateTime
from civic.kernel.privacy import internal, personal, rows
from civic.kernel.text import N_
from civic.people.rules import BondKind, Channel, Checked

_CITIZEN = {
    "purpose": N_("far partecipare una persona una volta sola, e farle ritrovare ciò che ha fatto"),
    "seen_by": N_("la persona stessa"),
    "keep": N_("finché la persona non si cancella, o 24 mesi senza accessi"),
    "erase": "erase_person",
}
_SESSION = _CITIZEN | {
    "purpose": N_("tenere aperto l'accesso"),
    "seen_by": N_("nessuno"),
    "keep": N_("fino all'uscita, al massimo 12 ore"),
}
_MINE = {"column": "citizen_id", "by": "id"}


class Citizen(Model):
    """A person who takes part. `ref` stands for her everywhere else."""

    __tablename__ = "people_citizen"
    __table_args__ = (
        UniqueConstraint("ref"),
        UniqueConstraint("subject_key"),
        UniqueConstraint("email"),
        CheckConstraint("subject_key IS NOT NULL OR email IS NOT NULL", name="known_by_something"),
        CheckConstraint("(email IS NULL) = (email_confirmed_at IS NULL)", name="only_confirmed_addresses"),
        Index(None, "last_seen_at"),
        rows(column="id", by="id"),
    )

    id: Mapped[int] = internal(BigId, primary_key=True)
    ref: Mapped[str] = personal(String(40), **_CITIZEN)
    # HMAC of the codice fiscale: one person is one account, with SPID, CIE, CNS or at a counter.
    subject_key: Mapped[str | None] = personal(String(64), nullable=True, **_CITIZEN)
    email: Mapped[str | None] = personal(String(254), nullable=True, **_CITIZEN)
    email_confirmed_at: Mapped[datetime | None] = internal(UtcDateTime, nullable=True)
    # At least 14 years old: said by her, or told by the identity with her consent; null when nobody said.
    over_14: Mapped[bool | None] = personal(nullable=True, **_CITIZEN)
    over_14_source: Mapped[str] = internal(String(10), default="")
    created_at: Mapped[datetime] = internal(UtcDateTime)
    last_seen_at: Mapped[datetime] = personal(UtcDateTime, **_CITIZEN)


class CitizenSession(Model):
    """A citizen's signed-in session: the cookie holds the key, the database its fingerprint."""

    __tablename__ = "people_citizen_session"
    __table_args__ = (
        Index(None, "citizen_id"),
        Index(None, "ends_at"),
        rows(after=timedelta(0), since=("ends_at",), **_MINE),
    )

    key_hash: Mapped[str] = internal(String(64), primary_key=True)
    citizen_id: Mapped[int] = internal(ForeignKey("people_citizen.id"))
    level: Mapped[int] = internal()
    # Which provider, '' for a link in a mail; with which assurance, and when she proved who she is.
    provider: Mapped[str] = personal(String(40), default="", **_SESSION)
    acr: Mapped[str] = personal(String(200), default="", **_SESSION)
    authenticated_at: Mapped[datetime] = personal(UtcDateTime, **_SESSION)
    # Derived from the date of birth at sign-in, the date itself is dropped; kept in the account only if she consents.
    over_14: Mapped[bool | None] = personal(nullable=True, **_SESSION)
    # The provider's token, for signing out there too; sealed with the cookie's key, which is not in the database.
    sealed_token: Mapped[str] = personal(Text, default="", **_SESSION)
    created_at: Mapped[datetime] = internal(UtcDateTime)
    last_seen_at: Mapped[datetime] = internal(UtcDateTime)
    ends_at: Mapped[datetime] = internal(UtcDateTime)


class MailLink(Model):
    """A link sent to an address, to sign in or to confirm it; its row goes when its button is pressed."""

    __tablename__ = "people_mail_link"
    __table_args__ = (
        CheckConstraint("purpose IN ('sign_in', 'confirm')", name="known_purpose"),
        CheckConstraint("(purpose = 'confirm') = (citizen_id IS NOT NULL)", name="confirmed_for_somebody"),
        Index(None, "citizen_id"),
        Index(None, "email"),
        rows(after=timedelta(0), since=("expires_at",), column="email", by="address"),
    )

    token_hash: Mapped[str] = internal(String(64), primary_key=True)
    email: Mapped[str] = personal(
        String(254),
        purpose=N_("sapere a chi appartiene l'indirizzo quando si preme il pulsante"),
        seen_by=N_("nessuno"),
        keep=N_("30 minuti"),
        erase="erase_person",
    )
    purpose: Mapped[str] = internal(String(10))
    citizen_id: Mapped[int | None] = internal(ForeignKey("people_citizen.id"), nullable=True)
    onward: Mapped[str] = internal(String(300), default="")
    expires_at: Mapped[datetime] = internal(UtcDateTime)


class CitizenBond(Model):
    """What ties a citizen to a quartiere: declared by her, a residence perhaps checked."""

    __tablename__ = "people_bond"
    __table_args__ = (
        UniqueConstraint("citizen_id", "kind", "quartiere_code"),
        # One lives in one place; one may work, study and go anywhere.
        Index(
            "uq_people_bond_one_home",
            "citizen_id",
            unique=True,
            sqlite_where=text("kind = 'lives'"),
            postgresql_where=text("kind = 'lives'"),
        ),
        rows(**_MINE),
    )

    id: Mapped[int] = internal(BigId, primary_key=True)
    citizen_id: Mapped[int] = internal(ForeignKey("people_citizen.id"))
    kind: Mapped[BondKind] = personal(String(10), **_CITIZEN)
    quartiere_code: Mapped[str] = personal(ForeignKey("city_quartiere.code"), **_CITIZEN)
    checked: Mapped[Checked] = personal(String(10), default=Checked.NO, **_CITIZEN)
    channel: Mapped[Channel] = internal(String(10))
    declared_at: Mapped[datetime] = internal(UtcDateTime)


class NoticeChoice(Model):
    """What a citizen chose to be told, where she chose otherwise than the default."""

    __tablename__ = "people_notice_choice"
    __table_args__ = (rows(**_MINE),)

    citizen_id: Mapped[int] = internal(ForeignKey("people_citizen.id"), primary_key=True)
    kind: Mapped[str] = personal(String(20), primary_key=True, **_CITIZEN)
    wanted: Mapped[bool] = personal(**_CITIZEN)


class Resident(Model):
    """One line of the signed list of residents: the key of a person and her quartiere."""

    __tablename__ = "people_resident"

    subject_key: Mapped[str] = personal(
        String(64),
        primary_key=True,
        purpose=N_("controllare la residenza di chi partecipa, dove serve"),
        seen_by=N_("nessuno"),
        keep=N_("fino all'elenco successivo, al massimo 12 mesi"),
        erase="replace_residents",
    )
    quartiere_code: Mapped[str] = personal(
        ForeignKey("city_quartiere.code"),
        purpose=N_("controllare la residenza di chi partecipa, dove serve"),
        seen_by=N_("nessuno"),
        keep=N_("fino all'elenco successivo, al massimo 12 mesi"),
        erase="replace_residents",
    )
    listed_at: Mapped[datetime] = internal(UtcDateTime)

    __table_args__ = (rows(after=timedelta(days=365), since=("listed_at",), column="subject_key", by="subject"),)


_REQUEST = _CITIZEN | {
    "purpose": N_("verificare con l'ufficio una residenza che non risulta"),
    "seen_by": N_("la persona e chi verifica le residenze"),
    "keep": N_("12 mesi dopo la risposta"),
}


class ResidenceRequest(Model):
    """Somebody whom the list does not know asks the office to look again; the way out of a dead end."""

    __tablename__ = "people_residence_request"
    __table_args__ = (
        UniqueConstraint("code"),
        Index(
            "uq_people_residence_request_one_open",
            "citizen_id",
            unique=True,
            sqlite_where=text("decided_at IS NULL"),
            postgresql_where=text("decided_at IS NULL"),
        ),
        CheckConstraint("(decided_at IS NULL) = (granted IS NULL)", name="decided_with_an_outcome"),
        rows(after=timedelta(days=365), since=("decided_at",), **_MINE),
    )

    id: Mapped[int] = internal(BigId, primary_key=True)
    code: Mapped[str] = internal(String(20))
    citizen_id: Mapped[int] = internal(ForeignKey("people_citizen.id"))
    quartiere_code: Mapped[str] = personal(ForeignKey("city_quartiere.code"), **_REQUEST)
    note: Mapped[str] = personal(Text, default="", **_REQUEST)
    asked_at: Mapped[datetime] = internal(UtcDateTime)
    granted: Mapped[bool | None] = personal(nullable=True, **_REQUEST)
    answer: Mapped[str] = personal(Text, default="", **_REQUEST)
    decided_at: Mapped[datetime | None] = internal(UtcDateTime, nullable=True)


class PepperSeal(Model):
    """A code of the pepper itself: with another pepper everybody would become somebody else."""

    __tablename__ = "people_pepper_seal"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = internal(primary_key=True, default=1)
    code: Mapped[str] = internal(String(64))
