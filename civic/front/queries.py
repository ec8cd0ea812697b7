"""What several areas say together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from civic.city.models import Ente, FooterLink
from civic.city.queries import ente_or_none, footer_links
from civic.kernel.actor import Actor
from civic.people.models import Body
from civic.people.rules import BodyState
from civic.planning.models import ActionVersion, MandateAction, PegObjective, StrategicDirection
from civic.planning.queries.documents import CURRENT_VERSION


@dataclass(frozen=True, slots=True)
class Chrome:
    """What the layout prints on every page."""

    ente: Ente | None
    footer_links: Sequence[FooterLink]
    accessibility_url: str
    source_url: str


@dataclass(frozen=True, slots=True)
class SitemapEntry:
    """One page of the sitemap: its endpoint, its values, and the day it last changed."""

    endpoint: str
    values: dict[str, Any]
    changed: str


def chrome(session: Session, _who: Actor, *, accessibility_url: str, source_url: str) -> Chrome:
    """Read what the layout prints, in two queries."""
    return Chrome(ente_or_none(session), footer_links(session), accessibility_url, source_url)


def sitemap_entries(session: Session) -> list[SitemapEntry]:
    """List every public page that has an address of its own (at most 25,000: each has two addresses)."""
    actions = session.execute(
        select(MandateAction.code, ActionVersion.published_at).join(ActionVersion, CURRENT_VERSION).limit(16_000)
    )
    entries = [SitemapEntry("planning.action", {"code": c}, at.date().isoformat()) for c, at in actions]
    directions = session.scalars(select(StrategicDirection.code).limit(1_000))
    entries += [SitemapEntry("planning.direction", {"code": code}, "") for code in directions]
    sheets = session.scalars(select(PegObjective.slug).limit(4_000))
    entries += [SitemapEntry("planning.peg", {"slug": slug}, "") for slug in sheets]
    bodies = session.scalars(select(Body.code).where(Body.state == BodyState.VERIFIED).limit(4_000))
    return entries + [SitemapEntry("people.body", {"code": code}, "") for code in bodies]


def schema_level(session: Session) -> str:
    """Return the migration the database is at, '' when it was never migrated."""
    return session.scalar(text("SELECT version_num FROM alembic_version")) or ""
