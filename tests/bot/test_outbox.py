"""The outbox: each message to one holder at a time, and none forgotten, whoever dies when."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.outbox import Outbox, Outgoing
from bot.privacy import FieldCipher
from bot.tables import ConversationRow, InboxRow, MessageRow, OutboxRow
from knowledge.database import Base, open_engine

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
LEASE = timedelta(seconds=60)
DUE = NOW + timedelta(seconds=6)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


class Table:
    """Writes rows as the consultation does, and reads what became of them."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self.sessions = sessions
        self.cipher = FieldCipher("test")
        self.outbox = Outbox(sessions, self.cipher)
        self._count = 0

    async def answer(self, text: str = "好", status: str = "answered", *, openid: str = "o1", due: datetime = DUE,
                     author: str = "bot", kind: str = "text") -> tuple[str, int]:
        """A message received and answered; returns its inbox id and the id of the outbox row."""
        self._count += 1
        inbox_id = f"in{self._count}"
        async with self.sessions.begin() as session:
            await self._conversation(session, openid)
            session.add(InboxRow(id=inbox_id, channel="wechat", account="gh", sender=openid, dedupe_key=inbox_id,
                                 conversation_id=openid, kind=kind, sealed_text=self.cipher.seal("问"), payload={},
                                 received_at=NOW))
            await session.flush()
            reply = json.dumps({"status": status, "text": text}) if author == "bot" else None
            message = MessageRow(conversation_id=openid, inbox_id=inbox_id, author=author, sealed_text=self.cipher.seal(text),
                                 sealed_reply=self.cipher.seal(reply) if reply else None, at=NOW)
            session.add(message)
            await session.flush()
            row = OutboxRow(message_id=message.id, inbox_id=inbox_id if author == "bot" else None, channel="wechat", account="gh",
                            recipient=openid, due_at=due)
            session.add(row)
        return inbox_id, row.id

    async def hand_to(self, openid: str, owner: str) -> None:
        async with self.sessions.begin() as session:
            (await session.get_one(ConversationRow, openid)).owner = owner

    async def row(self, id_: int) -> OutboxRow:
        async with self.sessions() as session:
            return await session.get_one(OutboxRow, id_)

    async def claim(self, seconds: float = 6, limit: int = 10) -> tuple[Outgoing, ...]:
        return await self.outbox.claim_due(after(seconds), limit, LEASE)

    async def passive(self, inbox_id: str, seconds: float = 1) -> tuple[Outgoing, ...]:
        return await self.outbox.claim_passive(inbox_id, after(seconds), timedelta(seconds=20))

    async def _conversation(self, session: AsyncSession, openid: str) -> None:
        if await session.get(ConversationRow, openid) is None:
            session.add(ConversationRow(
                id=openid, channel="wechat", account="gh", sender=openid, created_at=NOW, last_message_at=NOW))
            await session.flush()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def table(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Table]:
    """SQLite always; PostgreSQL too where YIBENTONG_TEST_POSTGRES names a database for tests."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'outbox.sqlite3'}"
    if request.param == "postgres":
        url = os.environ.get("YIBENTONG_TEST_POSTGRES", "")
        if not url:
            pytest.skip("YIBENTONG_TEST_POSTGRES names no database, e.g. postgresql+psycopg://postgres@127.0.0.1:5432/test")
    engine = open_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    yield Table(async_sessionmaker(engine, expire_on_commit=False))
    await engine.dispose()


# --- the direct answer -------------------------------------------------------------------------------------------------------


async def test_a_reply_in_time_is_claimed_as_the_direct_answer(table: Table) -> None:
    inbox_id, id_ = await table.answer("要带身份证")
    (outgoing,) = await table.passive(inbox_id)
    assert (outgoing.id, outgoing.text, outgoing.reply) == (id_, "要带身份证", {"status": "answered", "text": "要带身份证"})
    assert (await table.row(id_)).state == "passive"


async def test_a_retry_is_given_the_same_direct_answer_and_the_sender_nothing(table: Table) -> None:
    inbox_id, id_ = await table.answer()
    first = await table.passive(inbox_id, 1)
    await table.outbox.mark_given([id_], after(1))
    assert await table.passive(inbox_id, 6) == first
    assert await table.claim(6) == ()
    assert await table.claim(10_000) == ()


async def test_two_connections_at_once_get_the_same_direct_answer(table: Table) -> None:
    inbox_id, id_ = await table.answer()
    answers = await asyncio.gather(*(table.passive(inbox_id) for _ in range(5)))
    assert [[o.id for o in answer] for answer in answers] == [[id_]] * 5


async def test_when_the_platform_has_stopped_trying_there_is_no_direct_answer_any_more(table: Table) -> None:
    inbox_id, id_ = await table.answer()
    await table.passive(inbox_id, 1)
    await table.outbox.mark_given([id_], after(1))
    assert await table.passive(inbox_id, 21) == ()


async def test_a_direct_answer_that_nobody_finished_is_sent_once_the_platform_has_stopped_trying(table: Table) -> None:
    inbox_id, id_ = await table.answer()
    await table.passive(inbox_id, 1)        # the process is killed here
    assert await table.claim(20.9) == ()
    assert [o.id for o in await table.claim(21)] == [id_]
    assert await table.passive(inbox_id, 21) == ()


async def test_what_a_sender_holds_or_has_sent_is_no_direct_answer(table: Table) -> None:
    inbox_id, _ = await table.answer()
    (outgoing,) = await table.claim()
    assert await table.passive(inbox_id, 7) == ()
    await table.outbox.mark_sent(outgoing, after(7))
    assert await table.passive(inbox_id, 8) == ()


async def test_what_does_not_fit_goes_to_the_sender_at_once(table: Table) -> None:
    inbox_id, id_ = await table.answer()
    await table.passive(inbox_id)
    await table.outbox.push_instead([id_], after(1))
    assert [o.id for o in await table.claim(1)] == [id_]


async def test_the_answer_to_one_message_is_not_given_to_another(table: Table) -> None:
    first, first_row = await table.answer("甲")
    second, second_row = await table.answer("乙", openid="o2")
    assert [o.id for o in await table.passive(first)] == [first_row]
    assert [o.id for o in await table.passive(second)] == [second_row]
    assert await table.passive("nobody") == ()


# --- sending -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "claimed"), [(5.9, 0), (6, 1)])
async def test_a_reply_is_due_when_its_time_as_direct_answer_is_over(table: Table, seconds: float, claimed: int) -> None:
    await table.answer()
    assert len(await table.claim(seconds)) == claimed


async def test_of_many_senders_one_gets_each_message(table: Table) -> None:
    ids = {(await table.answer(openid=f"o{n}"))[1] for n in range(30)}
    claims = await asyncio.gather(*(table.claim(limit=4) for _ in range(12)))
    claimed = [outgoing.id for claim in claims for outgoing in claim]
    assert sorted(claimed) == sorted(set(claimed))
    rest = [o.id for o in await table.claim(limit=100)]
    assert set(claimed) | set(rest) == ids
    assert not set(claimed) & set(rest)


async def test_the_oldest_due_message_goes_first(table: Table) -> None:
    late = (await table.answer(due=after(5)))[1]
    early = (await table.answer(openid="o2", due=after(3)))[1]
    assert [o.id for o in await table.claim(limit=1)] == [early]
    assert [o.id for o in await table.claim(limit=1)] == [late]


async def test_a_sender_that_died_before_sending_loses_its_claim_and_the_message_is_sent_once(table: Table) -> None:
    await table.answer()
    (dead,) = await table.claim(6)
    assert await table.claim(65.9) == ()
    (alive,) = await table.claim(66)
    assert alive.parts_sent == 0
    assert await table.outbox.mark_part_sent(alive, 1)
    assert await table.outbox.mark_sent(alive, after(67))
    assert not await table.outbox.mark_part_sent(dead, 1)
    assert not await table.outbox.mark_failed(dead, "late", after(70))
    assert await table.claim(10_000) == ()


async def test_after_a_crash_between_two_parts_only_the_second_is_left(table: Table) -> None:
    await table.answer()
    (dead,) = await table.claim(6)
    await table.outbox.mark_part_sent(dead, 1)
    (alive,) = await table.claim(66)
    assert alive.parts_sent == 1


async def test_a_failed_message_comes_back_when_it_is_due_and_a_given_up_one_never(table: Table) -> None:
    _, id_ = await table.answer()
    (outgoing,) = await table.claim(6)
    await table.outbox.mark_failed(outgoing, "HTTP 503", after(10))
    assert await table.claim(9.9) == ()
    (again,) = await table.claim(10)
    assert again.claim == outgoing.claim + 1
    await table.outbox.mark_failed(again, "40003 " + "x" * 500, None)
    row = await table.row(id_)
    assert (row.state, len(row.last_error or "")) == ("failed", 200)
    assert await table.claim(10_000) == ()


async def test_an_expired_message_is_not_sent(table: Table) -> None:
    _, id_ = await table.answer()
    (outgoing,) = await table.claim()
    await table.outbox.mark_expired(outgoing, "45015")
    assert await table.claim(10_000) == ()
    assert ((await table.row(id_)).state, (await table.row(id_)).last_error) == ("expired", "45015")


# --- what waits for the resident ---------------------------------------------------------------------------------------------


async def test_what_may_not_be_pushed_rides_on_the_next_message_and_on_its_retry(table: Table) -> None:
    _, held = await table.answer("第一个答案")
    (outgoing,) = await table.claim()
    await table.outbox.hold_for_pull(outgoing, "48001")
    assert await table.claim(10_000) == ()
    inbox_id, own = await table.answer("第二个答案")
    for _ in range(2):
        assert [o.id for o in await table.passive(inbox_id)] == [held, own]


async def test_what_may_not_be_pushed_waits_for_its_own_resident(table: Table) -> None:
    await table.answer("给甲的")
    (outgoing,) = await table.claim()
    await table.outbox.hold_for_pull(outgoing, "48001")
    inbox_id, own = await table.answer("给乙的", openid="o2")
    assert [o.id for o in await table.passive(inbox_id)] == [own]


async def test_what_the_quota_stopped_rides_on_the_next_message_and_is_looked_at_when_the_window_ends(table: Table) -> None:
    _, stopped = await table.answer()
    (outgoing,) = await table.claim()
    await table.outbox.wait_for_resident(outgoing, after(48 * 3600))
    assert await table.claim(48 * 3600 - 1) == ()
    inbox_id, own = await table.answer()
    assert [o.id for o in await table.passive(inbox_id)] == [stopped, own]
    _, other = await table.answer(openid="o3")
    (outgoing,) = [o for o in await table.claim(7) if o.id == other]
    await table.outbox.wait_for_resident(outgoing, after(48 * 3600))
    assert other in [o.id for o in await table.claim(48 * 3600)]


# --- a person takes over -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "author", "withheld"), [
    ("answered", "bot", True), ("error_unexpected", "bot", True), ("crisis", "bot", False), ("crisis_urgent_need", "bot", False),
    ("handoff", "bot", False), ("", "wang", False)])
async def test_the_bot_is_silent_once_a_person_holds_the_conversation(
        table: Table, status: str, author: str, withheld: bool) -> None:
    inbox_id, _ = await table.answer(status=status, author=author)
    await table.hand_to("o1", "wang")
    if author == "bot":
        assert len(await table.passive(inbox_id)) == (0 if withheld else 1)
    (outgoing,) = await table.claim(100)
    assert (outgoing.withheld, outgoing.author) == (withheld, author)


# --- the window ----------------------------------------------------------------------------------------------------------------


async def test_contact_counts_pushed_parts_and_not_direct_answers(table: Table) -> None:
    inbox_id, direct = await table.answer()
    await table.passive(inbox_id)
    await table.outbox.mark_given([direct], after(1))
    await table.answer()
    (outgoing,) = await table.claim(6)
    await table.outbox.mark_part_sent(outgoing, 2)
    await table.outbox.mark_sent(outgoing, after(8))
    contact = await table.outbox.contact("gh", "o1", NOW)
    assert (contact.last_message_at, contact.last_event_at, contact.pushes) == (NOW, None, (after(8), after(8)))
    assert (await table.outbox.contact("gh", "o1", after(9))).pushes == ()


async def test_contact_tells_messages_from_events_and_residents_from_each_other(table: Table) -> None:
    await table.answer(kind="event")
    contact = await table.outbox.contact("gh", "o1", NOW)
    assert (contact.last_message_at, contact.last_event_at) == (None, NOW)
    assert (await table.outbox.contact("gh", "o2", NOW)).last_event_at is None


async def test_words_and_recipients_words_are_sealed_in_the_table(table: Table) -> None:
    await table.answer("要带身份证")
    async with table.sessions() as session:
        sealed = [(m.sealed_text, m.sealed_reply) for m in await session.scalars(select(MessageRow))]
    assert "身份证" not in str(sealed)
