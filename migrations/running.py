"""Bringing a database to the shape this program wants. Works from a checkout and from an installed wheel."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config


def upgrade(url: str, revision: str = "head") -> None:
    """Every step up to `revision`, in one transaction. Several workers may call it at once: one works, the others wait.

    url: any SQLAlchemy address of SQLite or PostgreSQL, with a plain or an asyncio driver."""
    command.upgrade(configuration(url), revision)


def configuration(url: str) -> Config:
    config = Config()
    # Alembic keeps options in an ini file's syntax, where % begins a placeholder.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config
