"""The plain engine migrations run on, whatever driver the product itself uses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url, pool

PLAIN_DRIVERS = {
    "sqlite+aiosqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgresql+asyncpg": "postgresql+psycopg",
    "postgresql+psycopg_async": "postgresql+psycopg",
}
"""Drivers that need an event loop, to the ones that do not; psycopg is both."""


def plain_url(url: str) -> URL:
    parsed = make_url(url)
    return parsed.set(drivername=PLAIN_DRIVERS.get(parsed.drivername, parsed.drivername))


def plain_engine(url: str) -> Engine:
    """An engine with one connection; a SQLite file's folder is made, and its tables change inside a transaction."""
    address = plain_url(url)
    is_sqlite = address.get_backend_name() == "sqlite"
    if is_sqlite and address.database and address.database != ":memory:":
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(address, poolclass=pool.NullPool)
    if is_sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_immediate)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # Python's own BEGIN would come too late for CREATE TABLE; foreign keys stay off while tables are rebuilt.
    connection.isolation_level = None
    connection.execute("PRAGMA busy_timeout=30000").close()


def _begin_immediate(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
