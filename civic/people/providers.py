"""The identity providers of one installation, read from its TOML file: what each is, and how to read what it tells.

Any OpenID Connect provider with discovery will do; municipalities put a proxy for SPID and CIE in front, and their own
directory for staff. Names of claims differ from proxy to proxy, so each is a list of names to try in turn.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from civic.kernel.text import slugify
from civic.people import rules
from config import ConfigError

# What counts as level 2 or better: SPID's own names, and those of eIDAS.
VERIFIED_ACR = (
    "https://www.spid.gov.it/SpidL2",
    "https://www.spid.gov.it/SpidL3",
    "http://eidas.europa.eu/LoA/substantial",
    "http://eidas.europa.eu/LoA/high",
)
CLAIMS = {
    "fiscal": ("https://attributes.eid.gov.it/fiscal_number", "fiscalNumber", "fiscal_number"),
    "birthdate": ("birthdate", "dateOfBirth"),
    "email": ("email",),
    "name": ("name",),
    "groups": ("groups",),
}


class ProviderKind(StrEnum):
    """Whom a provider signs in."""

    CITIZEN = "citizen"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class GroupGrant:
    """What a group of the directory gives: a role, for one office, quartiere or provider where the role asks for one."""

    role: str
    ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One identity provider. `id` is a part of its callback's address: /accedi/<id>/ritorno."""

    id: str
    kind: ProviderKind
    label_it: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    label_en: str = ""
    scope: str = "openid profile"
    # Asked for at sign-in, space-separated; and what is enough, for citizens.
    acr_values: str = VERIFIED_ACR[0]
    acr_enough: tuple[str, ...] = VERIFIED_ACR
    claims: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: CLAIMS)
    groups: Mapping[str, tuple[GroupGrant, ...]] = field(default_factory=dict)

    def claim(self, name: str, told: Mapping[str, Any]) -> Any:
        """Return the first of a claim's names that the provider told, None without one."""
        return next((told[key] for key in self.claims[name] if told.get(key)), None)


def read_providers(path: Path) -> tuple[Provider, ...]:
    """Read the file. Raises ConfigError: one line that says where and what is wrong."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"CIVIC_IDENTITY_FILE: {path} non si legge: {error}") from error
    entries = told.get("provider")
    if not isinstance(entries, list) or not entries:
        raise ConfigError(f"CIVIC_IDENTITY_FILE: in {path} manca [[provider]].")
    providers = tuple(_provider(path, number, entry) for number, entry in enumerate(entries, start=1))
    if len({p.id for p in providers}) < len(providers):
        raise ConfigError(f"CIVIC_IDENTITY_FILE: in {path} due provider hanno lo stesso id.")
    return providers


def _provider(path: Path, number: int, entry: Mapping[str, Any]) -> Provider:
    where = f"CIVIC_IDENTITY_FILE: {path}, provider {number}"
    needed = ("id", "kind", "label_it", "issuer", "client_id")
    if missing := [name for name in needed if not isinstance(entry.get(name), str) or not entry[name]]:
        raise ConfigError(f"{where}: manca {', '.join(missing)}.")
    known = {*needed, "client_secret", "client_secret_file", "label_en", "scope", "acr_values", "acr_enough", "claims", "groups"}
    if unknown := sorted(set(entry) - known):
        raise ConfigError(f"{where}: {', '.join(unknown)} non è un'impostazione.")
    if entry["kind"] not in set(ProviderKind):
        raise ConfigError(f"{where}: kind è citizen oppure staff, non {entry['kind']!r}.")
    if slugify(entry["id"]) != entry["id"] or entry["id"] == "posta":
        raise ConfigError(f"{where}: id è fatto di lettere minuscole, cifre e trattini, e non è «posta».")
    if not entry["issuer"].startswith(("https://", "http://127.0.0.1")):
        raise ConfigError(f"{where}: issuer comincia con https://.")
    options = {name: entry[name] for name in ("label_en", "scope", "acr_values") if name in entry}
    if "acr_enough" in entry:
        options["acr_enough"] = tuple(entry["acr_enough"])
    return Provider(
        **{name: entry[name] for name in needed if name != "kind"},
        kind=ProviderKind(entry["kind"]),
        client_secret=_secret(where, entry),
        claims=CLAIMS | _claims(where, entry.get("claims", {})),
        groups={group: tuple(_grant(where, group, g) for g in grants) for group, grants in entry.get("groups", {}).items()},
        **options,
    )


def _secret(where: str, entry: Mapping[str, Any]) -> str:
    if "client_secret_file" not in entry:
        return str(entry.get("client_secret", ""))
    try:
        return Path(entry["client_secret_file"]).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigError(f"{where}: client_secret_file non si legge: {error.strerror}.") from error


def _claims(where: str, told: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    if unknown := sorted(set(told) - set(CLAIMS)):
        raise ConfigError(f"{where}: claims {', '.join(unknown)} non si conosce; si conoscono {', '.join(CLAIMS)}.")
    return {name: (names,) if isinstance(names, str) else tuple(names) for name, names in told.items()}


def _grant(where: str, group: str, told: Mapping[str, Any]) -> GroupGrant:
    grant = GroupGrant(str(told.get("role", "")), str(told.get("ref", "")))
    if grant.role not in rules.ROLES:
        raise ConfigError(f"{where}: il gruppo {group!r} dà il ruolo {grant.role!r}, che non esiste.")
    return grant
