"""What a resident tells in two ways is said back with both, and not overwritten in silence."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.assembly import Product
from bot.conversation import ConversationState, ToldAnew
from bot.staff import Role, Staff
from tests.product import Resident, opened

ADVISOR = Staff("李顾问", frozenset({Role.ADVISOR}))


@pytest.fixture
async def product(tmp_path: Path) -> AsyncIterator[Product]:
    async with opened(tmp_path) as product:
        yield product


async def test_both_are_said_back_and_the_later_one_counts(product: Product) -> None:
    resident = Resident(product)
    await resident.hears("我一个人住，上海户口，每月退休金1300元，能吃低保吗")
    reply = await resident.hears("刚才说错了，退休金每月是2100元，能吃低保吗")
    assert "1300元" in reply.text
    assert "2100元" in reply.text
    state = await product.consultations.state(await resident.conversation_id)
    assert len(state.told_anew) >= 1


async def test_the_advisor_sees_both(product: Product) -> None:
    resident = Resident(product)
    await resident.hears("我一个人住，上海户口，每月退休金1300元，能吃低保吗")
    await resident.hears("刚才说错了，退休金每月是2100元，能吃低保吗")
    await resident.hears("转人工")
    (summary,) = await product.cases.list_cases(ADVISOR)
    told = (await product.cases.case(summary.case_id, ADVISOR)).record["told_anew"]
    assert any("1300" in one["earlier"] and "2100" in one["later"] for one in told)


async def test_telling_the_same_again_or_more_exactly_is_no_contradiction(product: Product) -> None:
    resident = Resident(product)
    await resident.hears("我一个人住，上海户口，每月退休金一千三百多，能吃低保吗")
    await resident.hears("退休金每月1350元，能吃低保吗")
    state = await product.consultations.state(await resident.conversation_id)
    assert state.told_anew == ()


def test_a_state_kept_before_this_was_known_still_opens() -> None:
    state = ConversationState(told_anew=(ToldAnew("self.age", "七十岁", "七十二岁"),))
    assert ConversationState.from_json(state.to_json()) == state
    older = state.to_json().replace('"told_anew"', '"something_else"')
    assert ConversationState.from_json(older).told_anew == ()
