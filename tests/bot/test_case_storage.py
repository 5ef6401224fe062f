"""Cases are histories: one holder at a time, nothing forgotten, nobody sees another subdistrict's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.assembly import Product
from bot.casework.cases import CaseConflictError, CaseNotFoundError
from bot.messages import Channel
from bot.staff import Role, Staff
from bot.tables import CaseRow, ConversationRow, OutboxRow
from tests.product import Clock, Resident, opened

LI = Staff("李顾问", frozenset({Role.ADVISOR}))
WANG = Staff("王顾问", frozenset({Role.ADVISOR}))
OF_XINJING = Staff("新泾顾问", frozenset({Role.ADVISOR}), frozenset({"新泾镇"}))
OF_TIANSHAN = Staff("天山顾问", frozenset({Role.ADVISOR}), frozenset({"天山路街道"}))


@pytest.fixture
async def product(tmp_path: Path) -> AsyncIterator[Product]:
    async with opened(tmp_path, Clock()) as product:
        yield product


async def a_case(product: Product, *texts: str, channel: Channel = Channel.WEB) -> str:
    """The newest case after a resident said these things and asked for a person."""
    resident = Resident(product, channel)
    for text in (*texts, "人工"):
        await resident.says(text)
    async with product.sessions() as session:
        conversation = await resident.conversation_id
        return (await session.scalars(select(CaseRow.id).where(CaseRow.conversation_id == conversation))).one()


async def kinds(product: Product, case_id: str) -> list[str]:
    return [event.kind for event in (await product.cases.case(case_id, LI)).events]


async def test_of_two_advisors_at_once_one_wins_and_the_other_sees_who(product: Product) -> None:
    case_id = await a_case(product)
    outcomes = await asyncio.gather(
        *(product.cases.claim(case_id, advisor) for advisor in (LI, WANG)), return_exceptions=True
    )
    (lost,) = [outcome for outcome in outcomes if outcome is not None]
    holder = (await product.cases.case(case_id, LI)).summary.owner
    assert isinstance(lost, CaseConflictError)
    assert lost.holder == holder


async def test_claiming_twice_oneself_changes_nothing(product: Product) -> None:
    case_id = await a_case(product)
    await product.cases.claim(case_id, LI)
    await product.cases.claim(case_id, LI)
    assert await kinds(product, case_id) == ["opened", "claimed"]


async def test_a_claim_gives_the_conversation_to_the_advisor_and_a_release_gives_it_back(product: Product) -> None:
    case_id = await a_case(product)
    await product.cases.claim(case_id, LI)
    async with product.sessions() as session:
        assert (await session.scalars(select(ConversationRow.owner))).one() == "李顾问"
    await product.cases.release(case_id, LI)
    async with product.sessions() as session:
        assert (await session.scalars(select(ConversationRow.owner))).one() == "bot"


async def test_only_the_holder_replies_releases_and_closes(product: Product) -> None:
    case_id = await a_case(product)
    await product.cases.claim(case_id, LI)
    for act in (
        product.cases.reply(case_id, WANG, "您好"),
        product.cases.release(case_id, WANG),
        product.cases.close(case_id, WANG, "helped", ""),
    ):
        with pytest.raises(CaseConflictError):
            await act


async def test_a_reply_is_in_the_transcript_and_for_wechat_in_the_outbox(product: Product) -> None:
    case_id = await a_case(product, channel=Channel.WECHAT)
    await product.cases.claim(case_id, LI)
    await product.cases.reply(case_id, LI, "阿姨您好，我是李顾问")
    case = await product.cases.case(case_id, LI)
    assert (case.transcript[-1].author, case.transcript[-1].text) == ("李顾问", "阿姨您好，我是李顾问")
    async with product.sessions() as session:
        rows = (await session.scalars(select(OutboxRow).where(OutboxRow.inbox_id.is_(None)))).all()
    assert len(rows) == 1


async def test_an_empty_reply_note_or_unknown_outcome_is_refused(product: Product) -> None:
    case_id = await a_case(product)
    await product.cases.claim(case_id, LI)
    with pytest.raises(ValueError, match="empty reply"):
        await product.cases.reply(case_id, LI, "  ")
    with pytest.raises(ValueError, match="empty note"):
        await product.cases.note(case_id, LI, "")
    with pytest.raises(ValueError, match="'won' is not known"):
        await product.cases.close(case_id, LI, "won", "")


async def test_the_history_tells_everything_in_order(product: Product) -> None:
    case_id = await a_case(product)
    await product.cases.claim(case_id, LI)
    await product.cases.reply(case_id, LI, "您好")
    await product.cases.note(case_id, LI, "下午再联系")
    await product.cases.close(case_id, LI, "helped", "已经说明")
    case = await product.cases.case(case_id, LI)
    assert [event.kind for event in case.events] == ["opened", "claimed", "replied", "note_added", "closed"]
    assert [event.number for event in case.events] == [1, 2, 3, 4, 5]
    assert case.events[-1].data == {"outcome": "helped", "reason": "已经说明"}


async def test_a_closed_case_cannot_be_claimed_and_the_next_request_opens_another(product: Product) -> None:
    resident = Resident(product)
    await resident.says("人工")
    (first,) = await product.cases.list_cases(LI)
    await product.cases.claim(first.case_id, LI)
    await product.cases.close(first.case_id, LI, "helped", "")
    with pytest.raises(CaseConflictError):
        await product.cases.claim(first.case_id, WANG)
    await resident.says("人工")
    (second,) = await product.cases.list_cases(LI)
    assert second.case_id != first.case_id


async def test_an_advisor_sees_the_cases_of_the_own_subdistrict_and_those_of_nobody_yet(product: Product) -> None:
    of_xinjing = await a_case(product, "我72岁一个人住，住在新泾镇，上海户口，退休金900块")
    of_nobody = await a_case(product)
    assert {c.case_id for c in await product.cases.list_cases(OF_XINJING)} == {of_xinjing, of_nobody}
    assert {c.case_id for c in await product.cases.list_cases(OF_TIANSHAN)} == {of_nobody}
    with pytest.raises(CaseNotFoundError):
        await product.cases.case(of_xinjing, OF_TIANSHAN)
    with pytest.raises(CaseNotFoundError):
        await product.cases.claim(of_xinjing, OF_TIANSHAN)


async def test_the_queue_shows_the_most_urgent_first_then_the_oldest(product: Product) -> None:
    routine = await a_case(product)
    urgent = Resident(product)
    await urgent.says("我不想活了")
    queue = await product.cases.list_cases(LI)
    assert queue[0].priority == "S"
    assert queue[1].case_id == routine


async def test_identity_numbers_are_masked_in_the_record(product: Product) -> None:
    case_id = await a_case(product, "我身份证310105194903070028，手机13800138000，72岁，一个人住")
    case = await product.cases.case(case_id, LI)
    assert "310105194903070028" not in str(case.record)
    assert "13800138000" not in str(case.record)
    assert "310105194903070028" not in case.transcript[0].text
    assert "13800138000" in case.transcript[0].text
