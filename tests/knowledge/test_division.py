"""Other families of documents: questions and answers, collections, lists of annexes, tables; ids that stay when others change."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.documents.blocks import Block, table_block
from knowledge.documents.division import divided
from knowledge.documents.numbering import with_unique_articles
from knowledge.documents.pieces import Piece
from knowledge.documents.positions import Counted, at, shown
from knowledge.documents.printed_tables import PrintedTable

TABLE = table_block(PrintedTable((("项目", "标准"), ("低保", "1510"), ("特困", "1960"))))


def pieces_of(*given: str | Block) -> tuple[Piece, ...]:
    return divided([Block(part) if isinstance(part, str) else part for part in given])


def passages_of(*given: str | Block) -> list[tuple[str, str]]:
    return [(piece.article, piece.text) for piece in pieces_of(*given) if not piece.is_heading]


# -- questions and answers -----------------------------------------------------------------------------------


def test_a_numbered_question_is_quoted_with_its_answer_and_its_items() -> None:
    assert passages_of(
        "一、申请条件",
        "1.谁来受理？",
        "答：户籍所在地街镇受理。主要有：",
        "（1）受理中心；",
        "（2）居委会。",
        "2.要多久？",
        "答：20个工作日。",
    ) == [
        ("一、1.", "谁来受理？\n答：户籍所在地街镇受理。主要有：\n（1）受理中心；\n（2）居委会。"),
        ("一、2.", "要多久？\n答：20个工作日。"),
    ]


def test_a_question_without_a_number_is_named_by_its_words() -> None:
    assert passages_of("问：多久能办好？", "答：一般20个工作日。", "特殊情况45个工作日。", "问：可以代办吗？", "答：可以。") == [
        ("问/多久能办好", "问：多久能办好？\n答：一般20个工作日。\n特殊情况45个工作日。"),
        ("问/可以代办吗", "问：可以代办吗？\n答：可以。"),
    ]


# -- headings ------------------------------------------------------------------------------------------------


def test_lines_behind_which_the_numbers_begin_again_are_the_parts_of_a_collection() -> None:
    assert [
        article
        for article, _ in passages_of(
            "最低生活保障",
            "一、申请条件",
            "收入低于标准的家庭可以申请这项救助。",
            "特困人员供养",
            "一、申请条件",
            "无劳动能力、无生活来源的人员可以申请。",
        )
    ] == ["最低生活保障/一、", "特困人员供养/一、"]


def test_a_bold_line_inside_a_section_is_a_heading_of_its_own() -> None:
    bold = [Block("申请条件", bold=True), Block("办理材料", bold=True)]
    first, second = [
        p
        for p in pieces_of(
            "一、低保",
            bold[0],
            "收入低于标准的可以申请。",
            bold[1],
            "身份证件和收入证明材料。",
            "二、特困",
            "无生活来源的可以申请。",
        )
        if not p.is_heading
    ][:2]
    assert (first.heading_path, second.heading_path) == (("一、低保", "申请条件"), ("一、低保", "办理材料"))


def test_where_everything_is_bold_bold_tells_nothing() -> None:
    lines = [Block(text, bold=True) for text in ("一、要求", "认真落实各项要求，做好工作。", "联系人甲", "联系人乙")]
    assert [article for article, _ in passages_of(*lines)] == ["一、"]


# -- annexes and small items ---------------------------------------------------------------------------------


def test_the_list_of_annexes_above_the_signature_is_one_passage() -> None:
    found = passages_of(
        "一、要求", "认真落实各项要求。", "附件：1.标准表", "2.申请表", "某区民政局", "2025年6月18日", "附件1", "标准说明如下。"
    )
    assert found == [
        ("一、", "认真落实各项要求。"),
        ("附件清单", "1.标准表\n2.申请表"),
        ("落款", "某区民政局\n2025年6月18日"),
        ("附件1", "标准说明如下。"),
    ]


def test_tiny_items_below_a_heading_are_quoted_together() -> None:
    assert passages_of("二、申请材料", "1.身份证", "2.户口簿", "三、其他", "其他事项另行通知。") == [
        ("二、", "1.身份证\n2.户口簿"),
        ("三、", "其他事项另行通知。"),
    ]


def test_tiny_items_join_the_line_that_calls_for_them() -> None:
    assert passages_of("二、申请材料", "申请时提交下列材料：", "1.身份证；", "2.户口簿。") == [
        ("二、", "申请时提交下列材料：\n1.身份证；\n2.户口簿。")
    ]


def test_items_stay_apart_when_one_of_them_says_more() -> None:
    long = "收入证明，由所在单位出具并加盖公章，自由职业者可以书面说明。"
    assert [article for article, _ in passages_of("二、材料", "1.身份证", f"2.{long}")] == ["二、1.", "二、2."]


# -- tables --------------------------------------------------------------------------------------------------


def test_a_table_takes_title_and_unit_from_the_lines_above_it_and_its_note_from_below() -> None:
    assert passages_of("一、标准", "标准按下表执行。", "救助标准表", "单位：元/月", TABLE, "注：按月发放。") == [
        ("一、", "标准按下表执行。"),
        ("一、表1 第1–2行", "救助标准表\n单位：元/月\n项目 | 标准\n低保 | 1510\n特困 | 1960\n注：按月发放。"),
    ]


def test_a_table_without_a_title_says_the_heading_it_stands_under() -> None:
    assert passages_of("一、要求", "做好工作。", "附件2：救助标准", TABLE)[-1] == (
        "附件2表1 第1–2行",
        "救助标准\n项目 | 标准\n低保 | 1510\n特困 | 1960",
    )


def test_a_table_inside_an_article_is_a_clause_of_that_article() -> None:
    articles = [
        article
        for article, _ in passages_of("第一条 标准按下表执行：", TABLE, "前款标准每年调整。", "第二条 本办法自公布之日起施行。")
    ]
    assert articles == ["第一条", "第一条表1 第1–2行", "第二条"]


def test_tables_are_counted_where_they_stand_so_another_table_elsewhere_renames_none() -> None:
    tail = ["二、其他标准", TABLE]
    without = [article for article, _ in passages_of("一、标准", "按表执行。", *tail)]
    with_one = [article for article, _ in passages_of("一、标准", TABLE, "按表执行。", *tail)]
    assert without[-1] == with_one[-1] == "二、表1 第1–2行"


def test_a_printed_table_number_is_kept() -> None:
    assert passages_of("一、标准", "按表执行。", "表3 救助标准", TABLE)[-1][0] == "一、表3 第1–2行"


# -- places and confidence -----------------------------------------------------------------------------------


def test_a_passage_stands_where_its_lines_stand_and_is_as_sure_as_the_least_of_them() -> None:
    lines = [
        Block("一、要求", positions=at(Counted.PAGE, 1)),
        Block("下列材料：", positions=at(Counted.PAGE, 1), confidence=0.99),
        Block("1.身份证；", positions=at(Counted.PAGE, 2), confidence=0.72),
        Block("2.户口簿。", positions=at(Counted.PAGE, 2), confidence=0.98),
    ]
    passage = next(piece for piece in divided(lines) if not piece.is_heading)
    assert (shown(passage.positions), passage.confidence) == ("第1–2页", 0.72)


# -- nothing lost, ids that stay -----------------------------------------------------------------------------

WORDS = st.text("甲乙丙丁戊己庚辛", min_size=1, max_size=24)
ENDS = st.sampled_from(["", "。", "；", "：", "？"])
PREFIX = st.sampled_from(
    ["", "", "一、", "二、", "（一）", "1.", "2.", "（1）", "问：", "答：", "附件：1.", "附件1：", "第一条 ", "第二条 ", "注："]
)
LINES = st.tuples(PREFIX, WORDS, ENDS).map("".join)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(LINES, st.sampled_from([None, None, None, 1, 2]), st.booleans()), min_size=1, max_size=16))
def test_no_line_is_lost_or_doubled_whatever_is_bold_asked_or_annexed(lines: list[tuple[str, int | None, bool]]) -> None:
    blocks = [Block(text, level, bold=bold) for text, level, bold in lines]
    whole = "".join(piece.label + piece.text for piece in divided(blocks))
    assert re.sub(r"\s", "", whole) == re.sub(r"\s", "", "".join(text for text, _, _ in lines))


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 40), st.lists(LINES, max_size=4), st.lists(LINES, max_size=4))
def test_every_row_of_a_table_is_in_exactly_one_clause(rows: int, above: list[str], below: list[str]) -> None:
    table = PrintedTable((("项目", "数"), *((f"行{n}末", str(n)) for n in range(1, rows + 1))))
    pieces = divided([*map(Block, above), table_block(table), *map(Block, below)])
    said = "\n".join(piece.text for piece in pieces if piece.is_table)
    assert [said.count(f"行{n}末 | {n}") for n in range(1, rows + 1)] == [1] * rows


@pytest.mark.parametrize("again", [1, 2])
def test_the_same_blocks_give_the_same_articles(again: int) -> None:
    lines = [Block(text) for text in ("一、标准", "按表执行。")] + [TABLE] * again
    first, second = ([piece.article for piece in divided(lines)] for _ in range(2))
    assert first == second
    assert len(set(with_unique_articles(filter(None, first)))) == len(list(filter(None, first)))
