"""Run by Alembic for every command: connects, takes the lock, hands over our tables."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import text

import bot.tables
import knowledge.tables
from knowledge.database import Base, UtcDateTime
from migrations.engine import plain_engine

LOCK = 8_214_002
"""Any number, but the same in every worker: PostgreSQL lets one of them migrate at a time."""

TABLES = (bot.tables, knowledge.tables)
"""Importing these fills Base.metadata; a new file of tables is added here."""


def render_item(kind: str, item: Any, _autogen: AutogenContext) -> str | Literal[False]:
    """Steps must not change when our own column types move, so they name the library's."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    address = context.config.get_main_option("sqlalchemy.url")
    if address is None:
        raise RuntimeError("no database address: call migrations.running.upgrade('sqlite:///data/example.sqlite3')")
    engine = plain_engine(address)
    try:
        with engine.connect() as connection:
            context.configure(
                connection=connection,
                target_metadata=Base.metadata,
                render_as_batch=connection.dialect.name == "sqlite",
                transactional_ddl=True,
                render_item=render_item,
            )
            with context.begin_transaction():
                if connection.dialect.name == "postgresql":
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
                context.run_migrations()
    finally:
        engine.dispose()


run()
