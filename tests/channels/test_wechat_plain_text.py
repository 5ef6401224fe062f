"""Replies as plain text: nothing important is lost, nothing is cut in the wrong place, nothing is too long."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages import Ask, Citation, Reply, Status
from bot.outbox import Outgoing
from channels.wechat.plain_text import LIMIT_BYTES, PlainText
from channels.wechat.text_cut import cut, size, sound
from channels.wechat.wording import Wording

WORDING = Wording.load()
PLAIN = PlainText(WORDING)
FAMILY = "👨\u200d👩\u200d👧"
FLAG = "🇨🇳"


def cited(article: str, document: str = "上海市社会救助条例", number: str | None = "沪府发〔2099〕1号") -> Citation:
    return Citation(document + article, document, number, article, "原文", None, "shanghai_regulation", "上海市")


def answer(points: int = 3, length: int = 20, citations: int = 2, **changes: Any) -> Reply:
    values: dict[str, Any] = {
        "status": Status.ANSWERED, "text": "都在分项里", "headline": "一般要20个工作日。",
        "points": tuple(f"第{n}点" + "字" * length + "。" for n in range(points)),
        "citations": tuple(cited(f"第{n}条") for n in range(citations)), "next_steps": ("到户籍所在街镇申请",),
        "options": ("要带什么", "去哪儿办"), **changes}
    return Reply(**values)


def person(text: str, author: str = "wang") -> Outgoing:
    return Outgoing(1, None, "gh", "o1", author, text, None, 0, 1, False)


def test_a_short_answer_reads_in_the_order_of_the_card() -> None:
    asks = Ask("self.age", "您今年多大？", (("60", "60岁以上"), ("0", "60岁以下")))
    (text,) = PLAIN.of_reply(answer(2, 2, asks=asks))
    assert text == (
        "一般要20个工作日。\n\n· 第0点字字。\n· 第1点字字。\n\n"
        "（依据：《上海市社会救助条例》（沪府发〔2099〕1号）第0条；《上海市社会救助条例》（沪府发〔2099〕1号）第1条）\n\n"
        f"下一步：\n· 到户籍所在街镇申请\n\n{WORDING.ai_label}\n\n您今年多大？\n\n您可以这样回复：\n1. 60岁以上\n2. 60岁以下")


def test_a_fixed_reply_is_its_text_and_nothing_twice() -> None:
    words = "请问家里几口人？"
    reply = Reply(Status.CLARIFY_FACT, words, asks=Ask("household.size", words), points=(words,))
    assert PLAIN.of_reply(reply) == [f"{words}\n\n{WORDING.ai_label}"]


@pytest.mark.parametrize("status", [Status.CRISIS, Status.CRISIS_URGENT_NEED, Status.HANDOFF])
def test_nothing_stands_beside_a_help_line(status: Status) -> None:
    assert PLAIN.of_reply(Reply(status, "请马上拨打110。")) == ["请马上拨打110。"]


def test_every_answer_made_by_the_machine_is_marked_once() -> None:
    assert PLAIN.of_reply(Reply(Status.ANSWERED, f"好。{WORDING.ai_label}"))[0].count(WORDING.ai_label) == 1


def test_an_advisors_words_are_marked_as_a_persons_and_not_as_the_machines() -> None:
    assert PLAIN.messages(person("明天上午可以来。")) == [f"{WORDING.advisor}\n明天上午可以来。"]


def test_sources_are_said_more_briefly_before_anything_else_goes() -> None:
    (text,) = PLAIN.of_reply(answer(3, 160, citations=6))
    assert "沪府发" not in text
    assert text.count("《上海市社会救助条例》") == 6
    (text,) = PLAIN.of_reply(answer(3, 180, citations=6))
    assert text.count("《上海市社会救助条例》") == 2
    assert "第2点" in text
    assert "2. 去哪儿办" in text


def test_a_long_answer_takes_two_messages_and_says_everything() -> None:
    parts = PLAIN.of_reply(answer(8, 100))
    assert len(parts) == 2
    assert all(f"第{n}点" in "".join(parts) for n in range(8))
    assert parts[1].endswith("2. 去哪儿办")
    assert parts[0].endswith("。")


def test_a_very_long_answer_drops_its_last_points_and_says_that_there_is_more() -> None:
    parts = PLAIN.of_reply(answer(30, 100))
    assert len(parts) == 2
    assert "第0点" in parts[0]
    assert "第29点" not in "".join(parts)
    assert WORDING.rest_without_link in parts[1]
    assert "到户籍所在街镇申请" in parts[1]
    assert "《上海市社会救助条例》第0条" in parts[1]


def test_the_rest_is_behind_a_link_where_there_is_a_page() -> None:
    linked = PlainText(WORDING, "https://example.org")
    assert "https://example.org" in linked.of_reply(answer(30, 100))[1]
    assert "https://example.org" not in linked.of_reply(answer(3))[0]


def test_a_text_without_points_is_cut_at_a_sentence() -> None:
    parts = PLAIN.of_reply(Reply(Status.ANSWERED, "我们会尽快办理您的申请。" * 300, options=("好",)))
    assert len(parts) == 2
    assert parts[0].endswith("申请。")
    assert WORDING.rest_without_link in parts[1]
    assert parts[1].endswith("1. 好")


def test_nobodys_words_become_a_link_of_wechat() -> None:
    assert "<a" not in PLAIN.of_reply(Reply(Status.ANSWERED, '<a href="https://example.org">点这里</a>'))[0]


def test_a_broken_emoji_cannot_stop_a_message() -> None:
    joined, lone = sound("\ud83d\ude00"), sound("a\ud83d")
    assert (joined, lone) == ("😀", "a\ufffd")
    assert PLAIN.of_reply(Reply(Status.ANSWERED, "\ud83d好\x07"))[0].encode()


@pytest.mark.parametrize(("text", "limit", "head"), [
    ("先到街镇。再等通知。", 18, "先到街镇。"),
    ("第一行先说\n第二行很长很长", 26, "第一行先说"),
    ("没有句号但是有逗号，后面还有", 33, "没有句号但是有逗号，"),
    ("标准是每月1630元整", 18, "标准是每月"),
    ("收入1,630元以下的家庭", 11, "收入"),
    ("每天9:30开门，周末休息", 11, "每天"),
    ("请看https://example.org/a后办理", 20, "请看"),
    ("一家" + FAMILY + "都好", 16, "一家"),
    ("旗" + FLAG + FLAG, 15, "旗" + FLAG),
    ("好👍🏽了", 9, "好"),
])
def test_a_cut_falls_where_a_reader_pauses_and_never_inside_a_number_or_sign(text: str, limit: int, head: str) -> None:
    assert cut(text, limit)[0] == head


def test_a_number_as_long_as_a_message_is_cut_all_the_same() -> None:
    head, rest = cut("9" * 100, 40)
    assert (len(head), len(rest)) == (40, 60)


@given(st.text(alphabet="低保。，\n 1,a👍\u200d🇨\u0301", min_size=1, max_size=200), st.integers(min_value=4, max_value=120))
def test_a_cut_fits_and_loses_no_character_but_blanks(text: str, limit: int) -> None:
    head, rest = cut(text, limit)
    assert size(head) <= limit
    assert "".join((head + rest).split()) == "".join(text.split())
    assert len(rest) < len(text) or not text.strip() or not rest


@given(points=st.integers(0, 40), length=st.integers(0, 400), citations=st.integers(0, 30), at_most=st.integers(1, 3),
       headline=st.integers(0, 3000), options=st.integers(0, 800))
def test_no_message_is_longer_than_wechat_takes(points: int, length: int, citations: int, at_most: int, headline: int,
                                                options: int) -> None:
    reply = answer(points, length, citations, headline="头" * headline, options=("选" * options,) if options else ())
    parts = PLAIN.of_reply(reply, at_most)
    assert 1 <= len(parts) <= at_most
    assert all(0 < size(part) <= LIMIT_BYTES for part in parts)
    assert parts == PLAIN.of_reply(reply, at_most)


def test_wording_that_lacks_a_phrase_is_named_at_the_start(tmp_path: Path) -> None:
    path = tmp_path / "wording.yaml"
    path.write_text("ai_label: x\nextra: y\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"missing \['advisor'.*not known \['extra'\]"):
        Wording.load(path)
