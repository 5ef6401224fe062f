"""Databases for tests: a SQLite file always; PostgreSQL too where YIBENTONG_TEST_POSTGRES names a database for tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

SCHEMA = "yibentong_test_knowledge"


def sqlite_url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'test.sqlite3'}"


def postgres_url(schema: str = SCHEMA) -> Iterator[str]:
    """An address with an empty schema of its own, so that tests of others in the same database do not meet ours."""
    given = os.environ.get("YIBENTONG_TEST_POSTGRES", "")
    if not given:
        pytest.skip("YIBENTONG_TEST_POSTGRES names no database, e.g. postgresql+psycopg://postgres@127.0.0.1:5432/test")
    engine = create_engine(given)
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA IF EXISTS {schema} CASCADE"))
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    url = make_url(given).update_query_dict({"options": f"-csearch_path={schema}"})
    yield url.render_as_string(hide_password=False)
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()
