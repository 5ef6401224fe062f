"""Messages are stored before anything else, answered once, and kept with their case in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.assembly import Product
from bot.consultation import Office
from bot.messages import Channel, Reply, Status
from bot.staff import Role, Staff
from bot.tables import CaseRow, InboxRow, MessageRow, OutboxRow
from tests.product import Clock, Resident, opened

ADVISOR = Staff("李顾问", frozenset({Role.ADVISOR}))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def product(tmp_path: Path, clock: Clock) -> AsyncIterator[Product]:
    async with opened(tmp_path, clock) as product:
        yield product


async def count(product: Product, table: type[Any]) -> int:
    async with product.sessions() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_the_same_message_twice_is_stored_once(product: Product) -> None:
    resident = Resident(product)
    message = resident.message("低保怎么申请", key="m1")
    first = await product.consultations.receive(message)
    second = await product.consultations.receive(message)
    assert (first.is_new, second.is_new) == (True, False)
    assert first.inbox_id == second.inbox_id
    assert await count(product, InboxRow) == 1


async def test_twenty_deliveries_at_once_of_one_message_are_stored_and_answered_once(product: Product) -> None:
    message = Resident(product).message("低保怎么申请", key="m1")
    receipts = await asyncio.gather(*(product.consultations.receive(message) for _ in range(20)))
    assert len({receipt.inbox_id for receipt in receipts}) == 1
    replies = await asyncio.gather(*(product.consultations.respond(receipts[0].inbox_id) for _ in range(20)))
    assert len({reply.text for reply in replies if reply}) == 1
    assert await count(product, MessageRow) == 2


async def test_two_residents_may_have_the_same_message_number(product: Product) -> None:
    one, other = Resident(product), Resident(product)
    await product.consultations.receive(one.message("低保怎么申请", key="m1"))
    assert (await product.consultations.receive(other.message("低保怎么申请", key="m1"))).is_new


async def test_a_reply_asked_for_again_is_the_kept_one(product: Product) -> None:
    receipt = await product.consultations.receive(Resident(product).message("低保审批一般要多久？"))
    first = await product.consultations.respond(receipt.inbox_id)
    again = await product.consultations.respond(receipt.inbox_id)
    assert isinstance(first, Reply)
    assert isinstance(again, Reply)
    assert again.as_dict() == first.as_dict()


async def test_words_are_not_readable_in_the_database(product: Product) -> None:
    await Resident(product).hears("我叫王小花，退休金900块")
    async with product.sessions() as session:
        kept = [row.sealed_text for row in (await session.scalars(select(MessageRow))).all()]
        kept += [row.sealed_text for row in (await session.scalars(select(InboxRow))).all()]
    assert kept
    assert not any("王小花" in text or "900" in text for text in kept)


async def test_a_message_nobody_answered_waits_and_is_answered_later(product: Product, clock: Clock) -> None:
    receipt = await product.consultations.receive(Resident(product).message("低保怎么申请"))
    clock.move(10)
    assert await product.consultations.waiting(5) == [receipt.inbox_id]
    await product.consultations.respond(receipt.inbox_id)
    assert await product.consultations.waiting(5) == []


async def test_a_wechat_answer_lies_in_the_outbox_and_a_web_answer_does_not(product: Product) -> None:
    await Resident(product, Channel.WECHAT).hears("低保怎么申请")
    await Resident(product, Channel.WEB).hears("低保怎么申请")
    assert await count(product, OutboxRow) == 1


async def test_danger_opens_an_urgent_case_at_once(product: Product) -> None:
    reply = await Resident(product).hears("不想活了")
    assert reply.status is Status.CRISIS
    (case,) = await product.cases.list_cases(ADVISOR)
    assert (case.priority, case.reason, case.state) == ("S", "danger_suicide", "open")


async def test_accepting_the_offer_makes_a_case_whose_record_holds_each_fact_with_its_words(product: Product) -> None:
    resident = Resident(product)
    await resident.hears("我妈72岁，一个人住，退休金一个月900块，没存款，上海户口，长宁的")
    await resident.hears("找顾问")
    (summary,) = await product.cases.list_cases(ADVISOR)
    case = await product.cases.case(summary.case_id, ADVISOR)
    facts = {line["fact"]: line for line in case.record["facts"]}
    assert "72岁" in facts["self.age"]["words"]
    assert facts["household.financial_assets_yuan"]["words"] == "没存款"
    assert facts["household.monthly_income_yuan"]["value_text"].startswith("900")
    assert "最低生活保障" in summary.programmes
    assert case.record["wish"].startswith("我妈72岁")
    assert case.record["consent"]["handoff"]
    assert [event.kind for event in case.events] == ["opened"]
    assert [line.author for line in case.transcript] == ["resident", "bot", "resident", "bot"]


async def test_a_second_request_extends_the_open_case(product: Product) -> None:
    resident = Resident(product)
    await resident.hears("人工")
    assert (await resident.hears("人工")).status is Status.HANDOFF_ALREADY
    assert await count(product, CaseRow) == 1


async def test_danger_raises_the_urgency_of_an_open_case(product: Product) -> None:
    resident = Resident(product)
    await resident.hears("人工")
    await resident.hears("不想活了")
    (case,) = await product.cases.list_cases(ADVISOR)
    assert case.priority == "S"
    assert [e.kind for e in (await product.cases.case(case.case_id, ADVISOR)).events] == ["opened", "urgency_raised"]


async def test_the_bot_is_silent_while_a_person_holds_the_conversation_and_speaks_again_after(product: Product) -> None:
    resident = Resident(product)
    await resident.hears("人工")
    (case,) = await product.cases.list_cases(ADVISOR)
    await product.cases.claim(case.case_id, ADVISOR)
    assert await resident.says("低保要多久") is None
    lines = await product.consultations.transcript(await resident.conversation_id)
    assert lines[-1].author == "resident"
    await product.cases.close(case.case_id, ADVISOR, "helped", "已经讲清楚")
    assert (await resident.hears("低保要多久")).status is Status.ANSWERED


async def test_danger_is_answered_even_while_a_person_holds_the_conversation(product: Product) -> None:
    resident = Resident(product)
    await resident.hears("人工")
    (case,) = await product.cases.list_cases(ADVISOR)
    await product.cases.claim(case.case_id, ADVISOR)
    assert (await resident.hears("我不想活了")).status is Status.CRISIS


async def test_a_claim_while_the_bot_is_thinking_wins(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    resident = Resident(product)
    await resident.hears("人工")
    (case,) = await product.cases.list_cases(ADVISOR)
    receipt = await product.consultations.receive(resident.message("低保要多久"))
    thinking = product.consultations._think
    claimed = False

    def claim_first(*arguments: Any, **named: Any) -> Any:
        nonlocal claimed
        outcome = thinking(*arguments, **named)
        if not claimed:
            claimed = True
            asyncio.run_coroutine_threadsafe(product.cases.claim(case.case_id, ADVISOR), loop).result(5)
        return outcome

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(product.consultations, "_think", claim_first)
    assert await product.consultations.respond(receipt.inbox_id) is None
    assert claimed


async def test_messages_of_one_conversation_sent_at_once_lose_no_fact(product: Product) -> None:
    resident = Resident(product)
    texts = ["我一个人住", "我今年72岁", "退休金一个月900块", "我是上海户口"]
    receipts = [await product.consultations.receive(resident.message(text)) for text in texts]
    await asyncio.gather(*(product.consultations.respond(receipt.inbox_id) for receipt in receipts))
    state = await product.consultations.state(receipts[0].conversation_id)
    known = dict(state.situation.known())
    assert {"household.size", "self.age", "self.hukou"} <= set(known)


class BrokenSearcher:
    def search(self, question: str, **_: object) -> list[Any]:
        raise RuntimeError("the index is gone")


async def test_a_broken_step_still_yields_a_reply_and_never_hides_danger(product: Product) -> None:
    office = product.office
    product.office = Office(office.knowledge, BrokenSearcher(), office.region)
    resident = Resident(product)
    assert (await resident.hears("低保怎么申请")).status is Status.ERROR_UNEXPECTED
    assert (await resident.hears("我不想活了，低保要多久")).status is Status.CRISIS
    product.office = replace(office)
    assert (await resident.hears("低保怎么申请")).status is Status.ANSWERED


@pytest.mark.parametrize("kind", ["image", "voice", "location", "link"])
async def test_what_cannot_be_read_is_said_kindly(product: Product, kind: str) -> None:
    resident = Resident(product, Channel.WECHAT)
    receipt = await product.consultations.receive(replace(resident.message(""), kind=kind))
    reply = await product.consultations.respond(receipt.inbox_id)
    assert reply is not None
    assert reply.status is Status.UNANSWERED_MEDIA


async def test_a_new_follower_is_greeted(product: Product) -> None:
    message = replace(Resident(product, Channel.WECHAT).message(""), kind="event", payload={"event": "subscribe"})
    receipt = await product.consultations.receive(message)
    reply = await product.consultations.respond(receipt.inbox_id)
    assert reply is not None
    assert reply.status is Status.ANSWERED_GREETING
