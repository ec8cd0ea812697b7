"""The register's daily work."""

from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from civic.journal import commands, queries, rules


def publish_head(session: Session, now: datetime) -> int:
    """Publish today's head; safe to run at any time and any number of times."""
    return 1 if commands.publish_head(session, now=now) else 0


def write_heads_file(session: Session, path: Path) -> int:
    """Add to the file the heads it lacks, oldest first; a line once written is never changed. Returns how many.

    Today's head still moves, so a day is written once it is over, or when its hash is new.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    known = set(path.read_text(encoding="ascii").splitlines()) if path.exists() else set()
    new = [line for head in reversed(queries.heads(session)) if (line := head.line()) not in known]
    with path.open("a", encoding="ascii") as file:
        file.writelines(f"{line}\n" for line in new)
    return len(new)


def read_heads_file(path: Path) -> list[rules.Head]:
    """Read the heads kept outside. Raises OSError or ValueError when the file cannot be read as heads."""
    return [rules.Head.parse(line) for line in path.read_text(encoding="ascii").splitlines() if line.strip()]
