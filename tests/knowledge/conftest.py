"""Databases and stores for tests of the knowledge base: SQLite always, PostgreSQL where there is one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from knowledge.database import open_engine
from knowledge.storage import KnowledgeStore
from migrations.running import upgrade
from tests.knowledge.databases import postgres_url, sqlite_url
from tests.knowledge.small_catalogue import AT, catalogue, store_of


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield sqlite_url(tmp_path / "database")
    else:
        yield from postgres_url()


@pytest_asyncio.fixture
async def engine(url: str) -> AsyncIterator[AsyncEngine]:
    await asyncio.to_thread(upgrade, url)
    engine = open_engine(url)
    yield engine
    await engine.dispose()


@pytest_asyncio.fixture
async def store(engine: AsyncEngine) -> KnowledgeStore:
    """Release 1 is there: the handbook and nothing else."""
    store = store_of(engine)
    await store.ensure_first_release(catalogue(), AT)
    return store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "政策"
    folder.mkdir()
    return folder
