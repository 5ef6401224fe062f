"""The steps bring an empty database to exactly the tables in code, on SQLite and PostgreSQL."""

from __future__ import annotations

import multiprocessing
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

import bot.tables
import knowledge.tables
from knowledge.database import Base
from migrations.engine import plain_engine, plain_url
from migrations.running import configuration, upgrade
from tests.knowledge.databases import postgres_url, sqlite_url

TABLE_FILES = (bot.tables, knowledge.tables)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield sqlite_url(tmp_path / "not" / "there" / "yet")
    else:
        yield from postgres_url()


def differences(url: str) -> list[object]:
    engine = plain_engine(url)
    with engine.connect() as connection:
        # A code change without a step, or a step without the code change, shows here.
        found = list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), Base.metadata))
    engine.dispose()
    return found


def tables(url: str) -> set[str]:
    engine = plain_engine(url)
    names = set(inspect(engine).get_table_names())
    engine.dispose()
    return names


def test_the_steps_make_exactly_the_tables_in_code(url: str) -> None:
    upgrade(url)
    assert {name for module in TABLE_FILES for name in _tables_of(module)} < tables(url)
    assert differences(url) == []


def test_going_up_twice_changes_nothing(url: str) -> None:
    upgrade(url)
    before = tables(url)
    upgrade(url)
    assert tables(url) == before


def test_every_step_can_be_taken_back(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    upgrade(url)
    command.downgrade(configuration(url), "base")
    assert tables(url) == {"alembic_version"}


def test_workers_that_start_together_all_find_the_tables(url: str) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=upgrade, args=(url,)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert differences(url) == []


def test_a_step_that_fails_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    connection = sqlite3.connect(tmp_path / "test.sqlite3")
    # Stands in the way of the last tables of the first step.
    connection.execute("CREATE TABLE release_document (x)")
    connection.commit()
    connection.close()
    with pytest.raises(Exception, match="release_document"):
        upgrade(url)
    assert tables(url) == {"release_document"}


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        ("sqlite+aiosqlite:////data/a.sqlite3", "sqlite:////data/a.sqlite3"),
        ("sqlite:///a.sqlite3", "sqlite:///a.sqlite3"),
        ("postgresql://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql+psycopg://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql+asyncpg://u@h/d", "postgresql+psycopg://u@h/d"),
    ],
)
def test_every_usual_address_is_understood(given: str, plain: str) -> None:
    assert str(plain_url(given)) == plain


def test_an_address_with_a_percent_sign_is_not_mistaken_for_a_placeholder(tmp_path: Path) -> None:
    upgrade(f"sqlite:///{tmp_path}/100%25.sqlite3")
    assert len(list(tmp_path.iterdir())) == 1


def _tables_of(module: ModuleType) -> list[str]:
    rows = [row for row in vars(module).values() if isinstance(row, type) and issubclass(row, Base) and row is not Base]
    return [row.__tablename__ for row in rows]
