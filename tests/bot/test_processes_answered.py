"""Questions on the way from application to decision are answered from the handbook's processes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from bot.assembly import Product
from bot.consultation import consult
from bot.conversation import ConversationState
from bot.messages import Reply, Status
from tests.product import NOON, opened

DAY = date(2026, 11, 21)


@pytest.fixture
async def product(tmp_path: Path) -> AsyncIterator[Product]:
    async with opened(tmp_path) as product:
        yield product


def reply_to(product: Product, text: str, state: ConversationState | None = None) -> Reply:
    return consult(text, state or ConversationState(), product.office, on=DAY, at=NOON).reply


@pytest.mark.parametrize(("words", "process", "said"), [
    ("名单会贴出来让别人看见吗", "gongshi", "公示"),
    ("他们会不会查我手机里的钱", "hedui", "授权"),
    ("到底谁说了算", "queren", "户籍所在街镇审核确认"),
    ("信用承诺签了会怎么样", "chengnuo", "承诺书"),
    ("户口和住的地方不是同一个街道，到哪边申请", "renhu", "45个工作日"),
    ("我没有上海户口，能有什么帮助", "waidi", "临时救助"),
])
def test_a_question_on_the_way_is_answered_from_its_process(product: Product, words: str, process: str, said: str) -> None:
    reply = reply_to(product, words)
    assert reply.status is Status.ANSWERED
    assert said in reply.text
    assert f"一本通:liucheng#{process}" in {citation.clause_id for citation in reply.citations}
    assert reply.programmes == ()


def test_every_point_of_a_process_rests_on_a_citation_that_holds_its_quote(product: Product) -> None:
    reply = reply_to(product, "公示要贴几天啊")
    assert len(reply.marks) == 1 + len(reply.points)
    assert all(reply.marks)
    for citation in reply.citations:
        clause = product.clause(citation.clause_id, DAY)
        assert clause is not None
        assert citation.quote in clause.text


def test_a_programme_named_beside_stays_the_topic(product: Product) -> None:
    outcome = consult("低保信用承诺书是什么", ConversationState(), product.office, on=DAY, at=NOON)
    assert "承诺书" in outcome.reply.text
    assert outcome.reply.programmes == ("dibao",)
    assert outcome.state.topic == ("dibao",)


def test_a_programme_with_its_own_words_is_answered_from_its_own_section(product: Product) -> None:
    reply = reply_to(product, "低保审批一般要多久？")
    assert "一本通:dibao#how_long" in {citation.clause_id for citation in reply.citations}
    assert "一本通:liucheng#shixian" not in {citation.clause_id for citation in reply.citations}


def test_a_short_question_goes_on_about_the_programme_just_spoken_of(product: Product) -> None:
    first = consult("低保是什么", ConversationState(), product.office, on=DAY, at=NOON)
    reply = reply_to(product, "要等多久", first.state)
    assert reply.programmes == ("dibao",)
    assert "一本通:dibao#how_long" in {citation.clause_id for citation in reply.citations}


@pytest.mark.parametrize("words", ["物价补贴什么时候发", "温暖加梯是什么", "有没有慈善机构能帮我家"])
def test_charity_and_price_allowance_are_programmes_of_their_own(product: Product, words: str) -> None:
    assert reply_to(product, words).programmes[0] in {"jiage_butie", "cishan"}
