"""删除我的信息: what a resident said is wiped for good; a case in work stays, and its advisor is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.assembly import Product
from bot.messages import Channel, Status
from bot.situation import Situation
from bot.staff import Role, Staff
from bot.tables import InboxRow, MessageRow, OutboxRow
from tests.product import Resident, opened

ADVISOR = Staff("李顾问", frozenset({Role.ADVISOR}))
TOLD = "我今年七十二岁，一个人住，每月退休金1300元"


@pytest.fixture
async def product(tmp_path: Path) -> AsyncIterator[Product]:
    async with opened(tmp_path) as product:
        yield product


async def opened_words(product: Product, table: type[InboxRow] | type[MessageRow]) -> list[str]:
    async with product.sessions() as session:
        return [product.cipher.open(sealed) for sealed in (await session.scalars(select(table.sealed_text))).all()]


async def test_words_facts_and_the_page_are_empty_afterwards(product: Product) -> None:
    resident = Resident(product)
    await resident.hears(TOLD)
    reply = await resident.hears("删除我的信息")
    assert reply.status is Status.ANSWERED_FORGOTTEN
    conversation = await resident.conversation_id
    assert (await product.consultations.state(conversation)).situation == Situation()
    lines = await product.consultations.transcript(conversation)
    assert [line.text for line in lines] == ["删除我的信息", reply.text]
    for table in (InboxRow, MessageRow):
        assert not any("退休金" in words for words in await opened_words(product, table))


async def test_other_residents_keep_theirs(product: Product) -> None:
    other, resident = Resident(product), Resident(product)
    await other.hears(TOLD)
    await resident.hears(TOLD)
    await resident.hears("忘掉我说的")
    assert TOLD in [line.text for line in await product.consultations.transcript(await other.conversation_id)]


async def test_an_open_case_stays_and_its_history_says_what_was_asked(product: Product) -> None:
    resident = Resident(product)
    await resident.hears(TOLD)
    await resident.hears("转人工")
    reply = await resident.hears("请删除我的个人信息")
    assert reply.status is Status.ANSWERED_FORGOTTEN_BUT_CASE
    (summary,) = await product.cases.list_cases(ADVISOR)
    case = await product.cases.case(summary.case_id, ADVISOR)
    assert "deletion_asked" in [event.kind for event in case.events]
    assert case.record["wish"]
    assert all("退休金" not in line.text for line in case.transcript)


async def test_what_was_still_to_be_pushed_is_not_sent_any_more(product: Product) -> None:
    resident = Resident(product, channel=Channel.WECHAT)
    await resident.hears("低保怎么申请")
    await resident.hears("删除我的信息")
    async with product.sessions() as session:
        rows = (await session.scalars(select(OutboxRow).order_by(OutboxRow.id))).all()
    assert [(row.state, row.last_error) for row in rows] == [("expired", "forgotten"), ("pending", None)]


async def test_after_it_the_talk_goes_on_from_nothing(product: Product) -> None:
    resident = Resident(product)
    await resident.hears(TOLD)
    await resident.hears("删除我的信息")
    reply = await resident.hears("低保怎么申请")
    assert reply.status is Status.ANSWERED
    assert reply.assessments == ()
