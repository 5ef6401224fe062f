"""A text is divided into the passages people quote; nothing is lost or doubled."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.documents.blocks import Block
from knowledge.documents.division import divided
from knowledge.documents.numbering import (
    Depth,
    first_label,
    first_words,
    to_chinese,
    to_integer,
    with_unique_articles,
    without_contents,
)
from knowledge.documents.pieces import LONGEST_PASSAGE, Piece


def pieces_of(*lines: str) -> tuple[Piece, ...]:
    blocks = [Block(line.removeprefix("# "), 1 if line.startswith("# ") else None) for line in lines]
    return divided(blocks)


def articles_of(*lines: str) -> list[str]:
    return [piece.article for piece in pieces_of(*lines) if not piece.is_heading]


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize(
    ("numeral", "number"), [("一", 1), ("十", 10), ("十二", 12), ("二十一", 21), ("一百零三", 103), ("一百一十", 110)]
)
def test_numerals_go_both_ways(numeral: str, number: int) -> None:
    assert (to_integer(numeral), to_chinese(number)) == (number, numeral)


@given(st.integers(1, 999))
def test_every_article_number_survives_the_way_there_and_back(number: int) -> None:
    assert to_integer(to_chinese(number)) == number


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("第一百零三条 本法自公布之日起施行。", "第一百零三条"),
        ("五、实施六项工程", "五、"),
        ("（一）推进建设。", "（一）"),
        ("(一)推进建设。", "（一）"),
        ("3.实施工程。", "3."),
        ("3、实施工程。", "3."),
        ("(2)核对。", "（2）"),
        ("②核对。", "②"),
        ("附件1：一览表", "附件1"),
    ],
)
def test_labels_are_shown_in_one_spelling(line: str, shown: str) -> None:
    label = first_label(line)
    assert label is not None
    assert label.shown == shown


@pytest.mark.parametrize(
    "line",
    [
        "1.43万条记录。",
        "1-9月共发放",
        "2024年是新中国成立75周年",
        "2024.7.23印发",
        "一、二级残疾人可以申请。",
        "（2024年）",
        "一是找准源头",
    ],
)
def test_numbers_that_count_something_are_no_labels(line: str) -> None:
    assert first_label(line) is None


def test_a_law_gives_one_passage_an_article_with_all_its_paragraphs_and_items() -> None:
    pieces = pieces_of(
        "# 第一章 总 则",
        "第一条 为了保障生活，制定本法。",
        "第二条 有下列情形之一的：",
        "（一）甲；",
        "（二）乙。",
        "前款规定从其规定。",
    )
    passages = [p for p in pieces if not p.is_heading]
    assert [p.article for p in passages] == ["第一条", "第二条"]
    assert passages[1].text == "有下列情形之一的：\n（一）甲；\n（二）乙。\n前款规定从其规定。"
    assert passages[1].heading_path == ("第一章 总 则",)


def test_a_new_chapter_ends_the_sections_of_the_one_before() -> None:
    pieces = pieces_of("# 第一章 总则", "# 第一节 甲", "第一条 甲。", "第二章 罚则", "第二条 乙。")
    assert [p.heading_path for p in pieces if p.article == "第二条"] == [("第二章 罚则",)]


def test_an_article_that_is_only_mentioned_opens_no_passage() -> None:
    assert articles_of("第一条 甲。", "第二条 乙。", "第一条规定的情形除外。") == ["第一条", "第二条"]


def test_an_overlong_article_is_divided_at_its_paragraphs_and_items_stay_with_theirs() -> None:
    long = "长" * (LONGEST_PASSAGE // 2) + "。"
    pieces = pieces_of("第一条 短。", f"第二条 {long}", long, "（一）甲；")
    assert [p.article for p in pieces] == ["第一条", "第二条第一款", "第二条第二款"]
    assert pieces[2].text.endswith("（一）甲；")


def test_an_article_of_the_longest_size_stays_whole() -> None:
    half = "长" * ((LONGEST_PASSAGE - 1) // 2)
    assert articles_of("第一条 短。", f"第二条 {half}", half) == ["第一条", "第二条"]


def test_a_plan_is_quoted_by_section_and_item() -> None:
    assert articles_of(
        "序文说明来由。", "一、健全体系", "（一）推进建设。深化政策找人。", "（二）促进监管。", "二、推动服务", "（一）完成项目。"
    ) == [
        "序言/序文说明来由",
        "一、（一）",
        "一、（二）",
        "二、（一）",
    ]


def test_the_paragraph_that_opens_a_section_has_the_section_s_number() -> None:
    pieces = pieces_of(
        "五、实施六项工程",
        "坚持便民利民的原则，提供服务。",
        "1.实施大排查。摸清底数。",
        "六、探索格局",
        "围绕特点进一步细化内容。",
    )
    assert [(p.article, p.heading_path) for p in pieces if not p.is_heading] == [
        ("五、", ("五、实施六项工程",)),
        ("五、1.", ("五、实施六项工程",)),
        ("六、", ("六、探索格局",)),
    ]


def test_paragraphs_without_a_number_are_named_by_heading_and_first_words() -> None:
    assert articles_of(
        "一、持续健全体系:优化建设，保障生活。", "1-9月共发放1.63亿元。", "全面深化，推进机制。", "部门联动，核查信息。"
    ) == [
        "一、",
        "一、1-9月",
        "一、全面深化",
        "一、部门联动",
    ]


def test_headings_without_numbers_name_their_paragraphs() -> None:
    pieces = pieces_of(
        "全局坚持改革创新，整体推动事业发展。",
        "深化上门服务,打造先行区",
        "聚焦独居老人,复合关爱到位。广泛动员社会力量参与。",
        "探索线上办理,实现邻里帮忙。运用平台开展服务。",
    )
    assert [p.article for p in pieces if not p.is_heading] == [
        "序言/全局坚持改革创新",
        "深化上门服务/聚焦独居老人",
        "深化上门服务/探索线上办理",
    ]


def test_what_follows_an_item_without_a_number_belongs_to_it() -> None:
    assert articles_of("三、措施", "（二）两项任务", "一是创建实验区。工作计划已定。", "二是改革婚俗。工作计划已定。") == [
        "三、（二）"
    ]


def test_short_items_are_quoted_with_the_line_that_introduces_them() -> None:
    pieces = pieces_of("二、办理", "（一）申请时提交下列材料：", "1.身份证；", "2.户口簿。", "（二）申请人到受理中心。")
    assert [(p.article, p.text) for p in pieces if not p.is_heading] == [
        ("二、（一）", "申请时提交下列材料：\n1.身份证；\n2.户口簿。"),
        ("二、（二）", "申请人到受理中心。"),
    ]


def test_a_heading_may_end_with_a_full_stop_when_much_more_follows() -> None:
    pieces = pieces_of("一、总体要求。", "坚持以人民为中心，把困难群众放在首位，完善政策，健全机制，保障基本生活。")
    assert [(p.article, p.label + p.text) for p in pieces] == [("", "一、总体要求。"), ("一、", pieces[1].text)]


def test_the_signature_is_a_passage_of_its_own() -> None:
    pieces = pieces_of("一、要求", "认真落实各项要求，做好工作。", "某区民政局", "2024年2月28日")
    assert (pieces[-1].article, pieces[-1].text) == ("落款", "某区民政局\n2024年2月28日")


def test_a_table_after_the_text_is_one_passage_of_the_annex() -> None:
    pieces = pieces_of("一、要求", "认真落实各项要求，做好工作。", "附件：时限一览表", "事项 一般 特殊", "最低生活保障 20 45")
    assert [(p.article, p.text) for p in pieces][-1] == ("附件", "事项 一般 特殊\n最低生活保障 20 45")


def test_a_table_of_contents_is_left_out() -> None:
    blocks = [
        Block(t)
        for t in ("目 录", "第一章 总则……1", "第二章 附则……9", "第一章 总则", "第一条 甲。", "第二章 附则", "第二条 乙。")
    ]
    kept, dropped = without_contents(blocks)
    assert (kept[0].text, dropped) == ("第一章 总则", 3)


def test_a_text_without_contents_is_left_alone() -> None:
    blocks = [Block("第一条 甲。"), Block("第二条 乙。")]
    assert without_contents(blocks) == (blocks, 0)


def test_a_label_that_comes_twice_gets_a_counter() -> None:
    assert with_unique_articles(["五、", "六、", "五、", "五、"]) == ["五、", "六、", "五、~2", "五、~3"]


def test_first_words_end_at_the_first_mark() -> None:
    assert [first_words("聚焦独居老人,复合关爱到位", 10), first_words("全面深化推进", 4), first_words("“四区”驱动", 10)] == [
        "聚焦独居老人",
        "全面深化",
        "四区",
    ]


# -- nothing lost, nothing doubled ---------------------------------------------------------------------------------------------

WORDS = st.text("甲乙丙丁戊己庚辛，、", min_size=1, max_size=30).map(lambda t: t.strip("，、") or "甲")
SENTENCES = st.lists(WORDS, min_size=1, max_size=4).map(lambda parts: "。".join(parts) + "。")
PROSE = st.one_of(WORDS, SENTENCES)
PREFIX = st.sampled_from(
    [
        "",
        "",
        "一、",
        "二、",
        "（一）",
        "（二）",
        "(三)",
        "1.",
        "2、",
        "（1）",
        "①",
        "第一条 ",
        "第二条 ",
        "第三章 ",
        "附件1：",
        "第三条",
    ]
)
LINES = st.tuples(PREFIX, PROSE).map("".join)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(LINES, st.booleans()), min_size=1, max_size=14))
def test_the_pieces_put_together_are_the_text(lines: list[tuple[str, bool]]) -> None:
    blocks = [Block(line, 2 if heading else None) for line, heading in lines]
    whole = "".join(piece.label + piece.text for piece in divided(blocks))
    assert squeezed(whole) == squeezed("".join(line for line, _ in lines))


ITEMS = st.tuples(st.sampled_from(["", "二、", "（一）", "（二）", "1.", "2、", "（1）"]), PROSE).map("".join)


@settings(max_examples=200, deadline=None)
@given(st.lists(ITEMS, min_size=1, max_size=10), st.lists(ITEMS, min_size=1, max_size=4))
def test_an_edit_at_the_end_leaves_the_labels_before_it_alone(lines: list[str], added: list[str]) -> None:
    before = [
        Block(line) for line in ("一、总则", "首先说明来由，再说明目的。", *lines, "二十、结语", "最后说明施行日期，解释机关。")
    ]
    old = [piece.article for piece in divided(before)]
    assert [piece.article for piece in divided([*before, *map(Block, added)])][: len(old)] == old


def test_depths_run_from_chapters_down_to_circled_numbers() -> None:
    order = [first_label(line) for line in ("第一章 甲", "第一条 甲。", "一、甲", "（一）甲", "1.甲", "（1）甲", "①甲")]
    depths = [label.depth for label in order if label is not None]
    assert depths == sorted(depths)
    assert depths[-1] is Depth.FIFTH
