"""Atom feeds, as values; `to_atom` writes the XML."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, tostring

_ATOM = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """One entry: a stable id, a title, a page, an instant and a plain-text summary."""

    id: str
    title: str
    url: str
    at: datetime
    summary: str
    author: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed and its entries, newest first."""

    id: str
    title: str
    url: str
    self_url: str
    author: str
    entries: Sequence[FeedEntry]
    language: str = "it"


def to_atom(feed: Feed) -> bytes:
    """Write the feed as Atom 1.0 (RFC 4287), UTF-8."""
    root = Element("feed", {"xmlns": _ATOM, "xml:lang": feed.language})
    newest = max((e.at for e in feed.entries), default=datetime(2026, 1, 1, tzinfo=UTC))
    for tag, value in (("id", feed.id), ("title", feed.title), ("updated", _instant(newest))):
        SubElement(root, tag).text = value
    SubElement(SubElement(root, "author"), "name").text = feed.author
    SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": feed.url})
    SubElement(root, "link", {"rel": "self", "type": "application/atom+xml", "href": feed.self_url})
    for entry in feed.entries:
        _add_entry(root, entry)
    body: bytes = tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + body


def _add_entry(root: Element, entry: FeedEntry) -> None:
    node = SubElement(root, "entry")
    for tag, value in (("id", entry.id), ("title", entry.title), ("updated", _instant(entry.at))):
        SubElement(node, tag).text = value
    SubElement(node, "link", {"rel": "alternate", "type": "text/html", "href": entry.url})
    SubElement(node, "summary", {"type": "text"}).text = entry.summary
    if entry.author:
        SubElement(SubElement(node, "author"), "name").text = entry.author


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
