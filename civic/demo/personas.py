"""The people of the demonstration's identity provider: all invented, each there to try something out.

Maria and Aicha are adults, Giovanni is old, Luca is always thirteen; Laura writes for the site, Paolo stands at a desk of the
first Quartiere, and the last colleague has no group at all.
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any

FISCAL_NUMBER = "https://attributes.eid.gov.it/fiscal_number"
Claims = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Citizen:
    """Somebody who does not exist: no place on earth has the cadastral code Z999 of these codici fiscali."""

    key: str
    given_name: str
    family_name: str
    fiscal_number: str
    born: date | None
    """None: always thirteen, whenever the demonstration is run."""

    @property
    def name(self) -> str:
        """The whole name."""
        return f"{self.given_name} {self.family_name}"

    def birthdate(self, today: date) -> date:
        """Return the birthday; who is always thirteen was born on a first of January, so that it changes once a year."""
        return self.born or date(today.year - 13, 1, 1)

    def about(self, today: date) -> str:
        """Say the age in words."""
        born = self.birthdate(today)
        return f"{today.year - born.year - ((today.month, today.day) < (born.month, born.day))} anni"

    def claims(self, today: date) -> Claims:
        """Return what a SPID/CIE proxy tells of a citizen."""
        return {
            "given_name": self.given_name,
            "family_name": self.family_name,
            "birthdate": self.birthdate(today).isoformat(),
            FISCAL_NUMBER: f"TINIT-{self.fiscal_number}",
        }


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of the staff directory, with the groups that give an account its role."""

    key: str
    given_name: str
    family_name: str
    email: str
    groups: tuple[str, ...]

    @property
    def name(self) -> str:
        """The whole name."""
        return f"{self.given_name} {self.family_name}"

    def about(self, _today: date) -> str:
        """Say the groups."""
        return f"gruppo {', '.join(self.groups)}" if self.groups else "in nessun gruppo"

    def claims(self, _today: date) -> Claims:
        """Return what the directory tells of a colleague."""
        return {
            "given_name": self.given_name,
            "family_name": self.family_name,
            "email": self.email,
            "email_verified": True,
            "groups": list(self.groups),
        }


CITIZENS = (
    Citizen("maria", "Maria", "Rossi", "RSSMRA85C52Z999R", date(1985, 3, 12)),
    Citizen("giovanni", "Giovanni", "Bianchi", "BNCGNN53E04Z999L", date(1953, 5, 4)),
    Citizen("aicha", "Aicha", "Benali", "BNLCHA97H59Z999B", date(1997, 6, 19)),
    Citizen("luca", "Luca", "Verdi", "VRDLCU13A01Z999U", None),
)
COLLEAGUES = (
    Colleague("laura", "Laura", "Neri", "laura.neri@demo.invalid", ("partecipazione-redazione",)),
    Colleague("paolo", "Paolo", "Conti", "paolo.conti@demo.invalid", ("partecipazione-sportello-q1",)),
    Colleague("senza", "Senza", "Gruppi", "senza.gruppi@demo.invalid", ()),
)


Persona = Citizen | Colleague


@dataclass(frozen=True, slots=True)
class Realm:
    """One of the two parts the provider plays."""

    name: str
    title: str
    gives: str
    scopes: tuple[str, ...]
    people: tuple[Persona, ...]

    def person(self, key: str) -> Persona | None:
        """Return a person by her key."""
        return next((p for p in self.people if p.key == key), None)

    def subject(self, person: Persona) -> str:
        """Return the opaque name of a person, the same after every restart."""
        return hashlib.sha256(f"{self.name}/{person.key}".encode()).hexdigest()[:32]


REALMS = (
    Realm("eid", "Entra con SPID o CIE", "nome, cognome, data di nascita e codice fiscale", ("openid", "profile"), CITIZENS),
    Realm(
        "personale",
        "Entra come personale",
        "nome, cognome, e-mail e gruppi",
        ("openid", "profile", "email", "groups"),
        COLLEAGUES,
    ),
)
