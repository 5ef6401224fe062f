"""Small shared state: one winner, an end, nothing readable in the table."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.channel_state import ChannelState
from bot.privacy import FieldCipher
from knowledge.database import Base, open_engine

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def sessions(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[async_sessionmaker[AsyncSession]]:
    url = f"sqlite+aiosqlite:///{tmp_path / 'state.sqlite3'}"
    if request.param == "postgres":
        url = os.environ.get("YIBENTONG_TEST_POSTGRES", "")
        if not url:
            pytest.skip("YIBENTONG_TEST_POSTGRES names no database, e.g. postgresql+psycopg://postgres@127.0.0.1:5432/test")
    engine = open_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    yield async_sessionmaker(engine, expire_on_commit=False)
    await engine.dispose()


@pytest.fixture
def state(sessions: async_sessionmaker[AsyncSession]) -> ChannelState:
    return ChannelState(sessions, FieldCipher("test"))


async def test_a_value_stands_until_its_end_and_not_in_that_moment(state: ChannelState) -> None:
    await state.put("token", "abc", LATER)
    assert [await state.get("token", LATER - timedelta(seconds=s)) for s in (1, 0)] == ["abc", None]
    assert await state.get("other", NOW) is None


async def test_a_later_value_replaces_an_earlier_one(state: ChannelState) -> None:
    await state.put("token", "abc", LATER)
    await state.put("token", "def", LATER)
    assert await state.get("token", NOW) == "def"


async def test_the_first_of_many_callers_wins_and_the_others_learn_who(state: ChannelState) -> None:
    standing = await asyncio.gather(*(state.put_first("lease", str(n), LATER, NOW) for n in range(20)))
    assert len(set(standing)) == 1
    assert standing[0] == await state.get("lease", NOW)


async def test_what_has_ended_or_was_dropped_can_be_won_again(state: ChannelState) -> None:
    assert await state.put_first("lease", "a", LATER, NOW) == "a"
    assert await state.put_first("lease", "b", LATER, NOW) == "a"
    assert await state.put_first("lease", "c", LATER + timedelta(1), LATER) == "c"
    await state.drop("lease")
    assert await state.put_first("lease", "d", LATER + timedelta(1), LATER) == "d"


async def test_purging_removes_what_has_ended_only(state: ChannelState) -> None:
    await state.put("a", "1", NOW)
    await state.put("b", "2", LATER)
    assert await state.purge(NOW) == 1
    assert await state.get("b", NOW) == "2"


async def test_values_are_sealed_in_the_table(state: ChannelState, sessions: async_sessionmaker[AsyncSession]) -> None:
    await state.put("token", "secret-token", LATER)
    async with sessions() as session:
        rows = (await session.execute(text("select * from channel_state"))).all()
    assert "secret-token" not in str(rows)
