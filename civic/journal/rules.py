"""The chain's arithmetic: canonical text, hashes, seals. Pure."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

GENESIS = "0" * 64
# The kinds whose order and content are worth a lock: few, and never a citizen's act.
CHAINED = frozenset(
    {
        "planning.status_recorded",
        "planning.version_published",
        "city.silence_scheduled",
        "contributions.text_hidden",
        "quality.window_decided",
    }
)


@dataclass(frozen=True, slots=True)
class Head:
    """A published head: on that day, link `seq` had this hash."""

    day: date
    seq: int
    hash: str

    def line(self) -> str:
        """Write the head as a line of the heads file.

        >>> Head(date(2026, 11, 23), 7, "ab").line()
        '2026-11-23 7 ab'
        """
        return f"{self.day.isoformat()} {self.seq} {self.hash}"

    @classmethod
    def parse(cls, line: str) -> "Head":
        """Read a line of the heads file. Raises ValueError when it is not one."""
        day, seq, digest = line.split()
        if len(digest) != 64:
            raise ValueError(line)
        return cls(date.fromisoformat(day), int(seq), digest)


def canonical(
    *,
    kind: str,
    subject_kind: str,
    subject_ref: str,
    voice: str,
    happened_at: datetime,
    facts: dict[str, Any],
    author_seal: str,
) -> str:
    """Write an entry's chained text: JSON with sorted keys, no spaces, UTC to the microsecond."""
    body = {
        "author_seal": author_seal,
        "facts": facts,
        "happened_at": happened_at.astimezone(UTC).isoformat(),
        "kind": kind,
        "subject": [subject_kind, subject_ref],
        "voice": voice,
    }
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def link_hash(previous: str, seq: int, text: str) -> str:
    """Return h(n) from h(n-1), n and the entry's canonical text."""
    return hashlib.sha256(f"{previous}|{seq}|{text}".encode()).hexdigest()


def author_seal(author_ref: str, salt: str) -> str:
    """Return the seal that binds an entry to its author as long as the salt is kept."""
    return hashlib.sha256(f"{salt}|{author_ref}".encode()).hexdigest()
