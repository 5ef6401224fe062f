"""Damage of extraction is repaired, counted and told; what was never damaged stays as it is."""

from __future__ import annotations

import pytest

from knowledge.documents.blocks import Block, Source
from knowledge.documents.repair import PUBLISHED_ON_PAGE, repaired


def texts(*lines: str) -> list[str]:
    return [block.text for block in repaired(Source(tuple(map(Block, lines)))).blocks]


def remarks(*lines: str) -> tuple[str, ...]:
    return repaired(Source(tuple(map(Block, lines)))).remarks


LONG = "开展百户调查，用各街镇互相检查的办法，对随机抽取的对象开展个案调查，了解基层情况，对随"


def test_a_sentence_broken_over_two_lines_is_joined_and_told() -> None:
    lines = (LONG, "机抽取的救助对象开展调查。")
    assert texts(*lines) == ["".join(lines)]
    assert remarks(*lines) == ("接上了 1 处被换行断开的句子",)


def test_a_line_that_ends_with_a_comma_goes_on() -> None:
    assert texts("（一）做好下半篇文章。持续加强台账登记，", "强化源头减负。") == [
        "（一）做好下半篇文章。持续加强台账登记，强化源头减负。"
    ]


@pytest.mark.parametrize(
    "pair",
    [
        ("一、建好分层分类的救助体系", "（一）推进建设。"),
        ("深化上门服务,建成救助改革的示范区", "记住每户人家,扩大救助范围。"),
        ("上海市长宁区民政局", "2024年2月28日"),
        ("各有关单位:", "为贯彻文件精神，现印发给你们。"),
        (LONG + "。", "落实各项措施。"),
        (LONG, "（二）促进监管。"),
        (LONG, "第二条 本法适用于境内。"),
        (
            "上海市长宁区人民政府办公室关于印发长宁区推进低收入人口监测、完善救助体系若干措施的通知",
            "各街道办事处、新泾镇人民政府：",
        ),
    ],
)
def test_headings_signatures_and_finished_sentences_are_not_joined(pair: tuple[str, str]) -> None:
    assert texts(*pair) == list(pair)


def test_lines_cut_at_a_fixed_width_are_joined() -> None:
    whole = "各街镇要看辖区里住了哪些人和困难对象有多少来配备顾问人员的名额" * 8 + "。"
    cut = [whole[i : i + 20] for i in range(0, len(whole), 20)]
    assert texts(*cut) == [whole]


@pytest.mark.parametrize(
    ("damaged", "whole"),
    [
        ("登记救助服务记录 1. 43 万条。", "登记救助服务记录1.43万条。"),
        ("2024 年 7 月 1 日起，发放 99 元。", "2024年7月1日起，发放99元。"),
        ("在全 市率先探索，印发《长宁区 关于实施制度的意见》。", "在全市率先探索，印发《长宁区关于实施制度的意见》。"),
        ("持证率达到 90%，提升水平。", "持证率达到90%，提升水平。"),
        ("2024 年长宁民政工作要点", "2024年长宁民政工作要点"),
    ],
)
def test_spaces_inside_numbers_and_words_go(damaged: str, whole: str) -> None:
    assert texts(damaged) == [whole]


@pytest.mark.parametrize(
    "row", ["最低生活保障 20 45", "第一条 为了保障生活，制定本法。", "1. 43户家庭已走访。", "AI 关爱 services"]
)
def test_spaces_that_mean_something_stay(row: str) -> None:
    assert texts(row) == [row]


def test_an_item_number_before_a_count_is_not_made_a_decimal() -> None:
    assert texts("1. 43 户家庭已走访。") == ["1. 43户家庭已走访。"]


def test_the_furniture_of_a_saved_page_goes_and_its_day_is_kept() -> None:
    lines = (
        "当前位置: 首页 > 工作动态",
        "发布日期:2020-11-11 字体",
        "坚持改革创新。",
        "— 3 —",
        "上一篇：无",
        "[[Category:法律]]",
    )
    source = repaired(Source(tuple(map(Block, lines))))
    assert [block.text for block in source.blocks] == ["坚持改革创新。"]
    assert source.properties[PUBLISHED_ON_PAGE] == "2020-11-11"
    assert any("5 行" in remark for remark in source.remarks)


def test_a_sentence_about_publication_is_no_furniture() -> None:
    assert texts("发布日期：以公告所载日期为准，逾期不候。") == ["发布日期：以公告所载日期为准，逾期不候。"]


def test_invisible_characters_go_and_a_line_of_nothing_else_disappears() -> None:
    assert texts("\u200b", "救\u200b助") == ["救助"]


def test_headings_lose_the_spaces_that_are_only_looks_and_nothing_is_told() -> None:
    source = repaired(Source((Block("第一章 总 则", 2),)))
    assert ([b.text for b in source.blocks], source.remarks) == (["第一章 总则"], ())


def test_the_head_stays_as_printed() -> None:
    head = Block("2024年12月31日 上海市人民代表大会常务委员会通过。")
    source = repaired(Source((head, Block("第一条 甲。")), head_ends_at=1))
    assert (source.blocks[0], source.head_ends_at) == (head, 1)


def test_a_text_without_damage_gets_no_remark() -> None:
    assert remarks("第一条 为了保障公民基本生活，制定本法。", "第二条 国家建立社会救助制度。") == ()
