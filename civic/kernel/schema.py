"""The schema's level: where the migrations are, where a database is, and how to bring it up."""

from functools import lru_cache
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from civic.kernel.db import Database

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def _alembic(database: Database | None = None) -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(MIGRATIONS))
    if database is not None:
        config.attributes["database"] = database
    return config


@lru_cache(maxsize=1)
def head_level() -> str:
    """Return the newest migration's id."""
    return ScriptDirectory.from_config(_alembic()).get_current_head() or ""


def level_of(database: Database) -> str:
    """Return the migration a database is at, '' when it was never migrated."""
    with database.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return ""
        return connection.scalar(text("SELECT version_num FROM alembic_version")) or ""


def upgrade(database: Database, level: str = "head") -> None:
    """Bring a database up to a level; several hosts may do it at once, one waits for the other."""
    command.upgrade(_alembic(database), level)


def downgrade(database: Database, level: str) -> None:
    """Take a database down to a level."""
    command.downgrade(_alembic(database), level)
