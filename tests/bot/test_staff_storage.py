"""Staff accounts: who gets one, who gets in, and when an account is locked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy.ext.asyncio import async_sessionmaker

from bot.staff import Role
from bot.staff_storage import LOCKED_FOR, StaffInputError, StaffNotFoundError, StaffStore
from knowledge.database import Base, open_engine

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
PASSWORD = "correct horse battery"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[StaffStore]:
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path / 'staff.sqlite3'}")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    quick = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    yield StaffStore(async_sessionmaker(engine, expire_on_commit=False), quick)
    await engine.dispose()


async def test_an_account_signs_in_with_its_password_and_keeps_roles_and_subdistricts(store: StaffStore) -> None:
    await store.add("李顾问", PASSWORD, [Role.ADVISOR], ["新泾镇"], at=NOW)
    account = await store.verify("李顾问", PASSWORD, NOW)
    assert account is not None
    assert account.staff.roles == {Role.ADVISOR}
    assert account.staff.subdistricts == {"新泾镇"}


async def test_wrong_password_and_unknown_name_look_the_same(store: StaffStore) -> None:
    await store.add("李顾问", PASSWORD, [Role.ADVISOR], at=NOW)
    assert await store.verify("李顾问", "something else", NOW) is None
    assert await store.verify("没有这个人", PASSWORD, NOW) is None


async def test_five_failures_lock_for_fifteen_minutes_and_not_a_second_longer(store: StaffStore) -> None:
    await store.add("李顾问", PASSWORD, [Role.ADVISOR], at=NOW)
    for _ in range(5):
        await store.verify("李顾问", "wrong", NOW)
    assert await store.verify("李顾问", PASSWORD, NOW + LOCKED_FOR - timedelta(seconds=1)) is None
    assert await store.verify("李顾问", PASSWORD, NOW + LOCKED_FOR) is not None


async def test_four_failures_do_not_lock_and_a_success_starts_the_count_anew(store: StaffStore) -> None:
    await store.add("李顾问", PASSWORD, [Role.ADVISOR], at=NOW)
    for _ in range(3):
        for _ in range(4):
            assert await store.verify("李顾问", "wrong", NOW) is None
        assert await store.verify("李顾问", PASSWORD, NOW) is not None


async def test_after_a_lock_the_count_starts_anew(store: StaffStore) -> None:
    await store.add("李顾问", PASSWORD, [Role.ADVISOR], at=NOW)
    for _ in range(5):
        await store.verify("李顾问", "wrong", NOW)
    later = NOW + LOCKED_FOR
    assert await store.verify("李顾问", "wrong", later) is None
    assert await store.verify("李顾问", PASSWORD, later) is not None


async def test_guesses_made_at_the_same_time_share_one_count(store: StaffStore) -> None:
    await store.add("李顾问", PASSWORD, [Role.ADVISOR], at=NOW)
    await asyncio.gather(*(store.verify("李顾问", f"wrong {i}", NOW) for i in range(12)))
    assert await store.verify("李顾问", PASSWORD, NOW) is None


async def test_a_new_password_unlocks_replaces_the_old_and_changes_the_mark(store: StaffStore) -> None:
    await store.add("李顾问", PASSWORD, [Role.ADVISOR], at=NOW)
    before = await store.get("李顾问")
    for _ in range(5):
        await store.verify("李顾问", "wrong", NOW)
    await store.set_password("李顾问", "another password")
    after = await store.verify("李顾问", "another password", NOW)
    assert before is not None
    assert after is not None
    assert after.password_mark != before.password_mark
    assert await store.verify("李顾问", PASSWORD, NOW) is None


@pytest.mark.parametrize(
    ("password", "taken"), [("123456789", False), ("1234567890", True), ("长" * 256, True), ("长" * 257, False)]
)
async def test_a_password_has_10_to_256_characters(store: StaffStore, password: str, taken: bool) -> None:
    if taken:
        await store.add("李顾问", password, [Role.ADVISOR], at=NOW)
        assert await store.verify("李顾问", password, NOW) is not None
        return
    with pytest.raises(StaffInputError, match=f"密码有 {len(password)} 个字符；要 10 到 256 个"):
        await store.add("李顾问", password, [Role.ADVISOR], at=NOW)


async def test_a_longer_password_than_any_does_not_pass_for_its_beginning(store: StaffStore) -> None:
    await store.add("李顾问", "a" * 256, [Role.ADVISOR], at=NOW)
    assert await store.verify("李顾问", "a" * 300, NOW) is None


@pytest.mark.parametrize("name", ["", " ", " 李", "李 ", "李\n顾问", "长" * 65])
async def test_a_name_that_cannot_be_told_apart_is_refused_and_quoted(store: StaffStore, name: str) -> None:
    with pytest.raises(StaffInputError, match="不能作账号名；要 1 到 64 个字") as refused:
        await store.add(name, PASSWORD, [Role.ADVISOR], at=NOW)
    assert f"“{name}”" in str(refused.value)


@pytest.mark.parametrize("name", ["bot", "Resident"])
async def test_nobody_is_called_like_the_bot_or_the_resident(store: StaffStore, name: str) -> None:
    with pytest.raises(StaffInputError, match="留给对话记录使用"):
        await store.add(name, PASSWORD, [Role.ADVISOR], at=NOW)


async def test_a_name_is_given_once_and_a_role_is_needed(store: StaffStore) -> None:
    await store.add("李顾问", PASSWORD, [Role.ADVISOR], at=NOW)
    with pytest.raises(StaffInputError, match="“李顾问”已经有人用了"):
        await store.add("李顾问", PASSWORD, [Role.EDITOR], at=NOW)
    with pytest.raises(StaffInputError, match=r"没有身份.*advisor"):
        await store.add("王顾问", PASSWORD, [], at=NOW)


async def test_a_password_for_nobody_names_the_name(store: StaffStore) -> None:
    with pytest.raises(StaffNotFoundError, match="没有账号“没有这个人”"):
        await store.set_password("没有这个人", PASSWORD)


async def test_everybody_is_listed_by_name(store: StaffStore) -> None:
    for name in ("b", "a"):
        await store.add(name, PASSWORD, [Role.ADVISOR], at=NOW)
    assert [staff.name for staff in await store.list()] == ["a", "b"]
