"""What the checks say of the handbook's words: numbers written by hand are found wherever they stand, long sentences and terms of
law are named, and every number that nobody has confirmed is listed."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

import pytest

from knowledge.catalogue import Catalogue
from knowledge.content_checks import content_findings
from knowledge.findings import Finding, Severity
from knowledge.parameters import Confidence
from knowledge.plain_speech import long_sentences, sentences_of_text, unexplained_terms
from knowledge.spoken_numbers import numbers_in
from knowledge.spoken_sentences import sections, spoken_sentences

ON = date(2026, 11, 21)
LISTED = {
    "recalled_parameter", "unverified_parameter", "recalled_hotline", "unverified_hotline", "sources_differ", "value_ends",
}
MEDIAN_SENTENCE = 40

Content = dict[str, Any]


@cache
def bundled() -> Catalogue:
    return Catalogue.bundled()


def changed(change: Callable[[Content], object]) -> Catalogue:
    content = copy.deepcopy(json.loads(bundled().content()))
    change(content)
    return Catalogue.from_content(json.dumps(content))


def findings(catalogue: Catalogue, *codes: str, on: date = ON) -> list[Finding]:
    return [f for f in content_findings(catalogue, on) if f.code in codes]


def set_in(content: Content, path: tuple[str | int, ...], value: object) -> None:
    place: Any = content
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value


# ---- the bundled handbook ------------------------------------------------------------------------------------------------


def test_the_bundled_handbook_has_no_finding_but_the_list_of_what_is_unconfirmed() -> None:
    assert [f for f in content_findings(bundled(), ON) if f.code not in LISTED] == []
    assert {f.severity for f in content_findings(bundled(), ON)} == {Severity.NOTICE}


def test_every_unconfirmed_number_is_listed() -> None:
    unconfirmed = {
        name for name, parameter in bundled().parameters.items()
        if parameter.value_on(ON).confidence in (Confidence.RECALLED, Confidence.UNVERIFIED)
    }
    listed = {f.mend for f in findings(bundled(), "recalled_parameter", "unverified_parameter")}
    assert all(any(name in mend for mend in listed) for name in unconfirmed)
    assert len(listed) == len(unconfirmed) > 40


def test_telephone_numbers_nobody_confirmed_are_listed() -> None:
    said = " ".join(f.what for f in findings(bundled(), "recalled_hotline", "unverified_hotline"))
    assert "962200" in said
    assert "12345" not in said


@pytest.mark.parametrize(("name", "words"), [
    ("tekun.minor_age", "十六周岁"), ("procedure.fraud_fine_times", "一倍以上三倍以下"), ("procedure.days", "30个工作日"),
    ("dibao_bianyuan.income_multiple", "1.5倍"), ("laonian_jintie.first_age", "60岁"),
])
def test_a_value_that_differs_between_sources_is_a_finding(name: str, words: str) -> None:
    assert any(name in f.mend and words in f.what for f in findings(bundled(), "sources_differ"))


def test_the_median_sentence_is_short_and_every_section_is_measured() -> None:
    measured = [sentence for said in spoken_sentences(bundled()) for sentence in sentences_of_text(said.text)]
    lengths = sorted(map(len, measured))
    assert lengths[len(lengths) // 2] <= MEDIAN_SENTENCE
    places = {said.place for said in spoken_sentences(bundled())}
    assert {section.place for section in sections(bundled())} <= places


# ---- numbers written by hand --------------------------------------------------------------------------------------------


WRITTEN = [
    "三千五百元", "20个工作日", "十八周岁", "六成", "1.43万", "百分之七十", "１８岁", "一个月", "两个月", "这两个月", "一年",
    "头一年", "半年", "一半", "七折", "一次", "双倍", "翻倍", "五百块", "一块钱", "一点五倍", "两周", "仨月", "一个半月",
    "①万元", "Ⅲ档", "壹仟元", "二级以上", "一学期", "上亿", "一个工作日", "每周三次", "二十一份", "12345", "3,500元",
    "每人1690", "一户", "廿天", "一周岁",
]
COUNTING_NOTHING = [
    "去一趟窗口", "看一看", "一级、二级残疾", "第四十五条第二款", "社会救助一本通", "一网通办", "五保和三无", "这一天",
    "一般", "一起问", "两项补贴", "给{dibao.standard}元（{dibao.standard|since}起）", "打{hotline.12345}", "一家一家看",
    "统一办", "千万别信", "收拾屋子",
]


@pytest.mark.parametrize("words", WRITTEN)
def test_a_number_is_found_however_it_is_written(words: str) -> None:
    assert numbers_in(f"最多给{words}，请核实。")


@pytest.mark.parametrize("words", COUNTING_NOTHING)
def test_words_with_a_numeral_that_count_nothing_are_left_alone(words: str) -> None:
    assert numbers_in(words) == ()


SENTENCES: tuple[tuple[str | int, ...], ...] = (
    ("programmes/dibao.yaml", "sections", 2, "lines", 1, "text"),
    ("programmes/dibao.yaml", "sections", 2, "lines", 0, "otherwise"),
    ("programmes/dibao.yaml", "limits", 0, "text"),
    ("programmes/dibao.yaml", "conditions", "all", 1, "no"),
    ("programmes/dibao.yaml", "conditions", "all", 0, "yes"),
    ("programmes/dibao.yaml", "summary"),
    ("programmes/dibao.yaml", "judged", 0),
    ("programmes/dibao.yaml", "benefit", "note"),
    ("programmes/xiao_e.yaml", "materials", 0, "only_if"),
    ("programmes/xiao_e.yaml", "steps", 0, "what"),
    ("common.yaml", "steps", "decide", "within"),
    ("common.yaml", "lines", "appeal", "text"),
    ("processes.yaml", "processes", 0, "lines", 0, "text"),
    ("resources.yaml", "projects", 0, "offers"),
    ("departments.yaml", 0, "responsible_for"),
    ("wordings.yaml", "handoff_offered"),
)


@pytest.mark.parametrize("path", SENTENCES, ids=lambda path: "/".join(map(str, path)))
@pytest.mark.parametrize("words", ["三千五百元", "20个工作日", "六成"])
def test_a_number_put_into_any_sentence_is_named_with_its_place(path: tuple[str | int, ...], words: str) -> None:
    catalogue = changed(lambda content: set_in(content, path, f"最多是{words}，请问人工。"))
    found = findings(catalogue, "number_in_text")
    assert found
    for finding in found:
        assert words in finding.what
        assert finding.place
        assert "parameters" in finding.mend


def test_a_condition_that_compares_with_a_number_by_hand_is_found() -> None:
    def compare(content: Content) -> None:
        condition = content["programmes/laonian_jintie.yaml"]["conditions"]["all"][1]
        condition.pop("at_least")
        condition["in"] = ["65", "66"]

    [finding] = findings(changed(compare), "number_in_condition")
    assert "65、66" in finding.what
    assert "age" in finding.place


# ---- plain speech -------------------------------------------------------------------------------------------------------


def test_a_sentence_longer_than_sixty_characters_is_named() -> None:
    assert long_sentences("字" * 60 + "。") == ()
    [said] = long_sentences("字" * 61 + "。短的。")
    assert len(said) == 61
    path = ("programmes/dibao.yaml", "limits", 1, "otherwise")
    [finding] = findings(changed(lambda content: set_in(content, path, "字" * 61 + "。")), "long_sentence")
    assert "61" in finding.what


def test_a_term_of_law_must_be_explained_in_its_section() -> None:
    assert unexplained_terms("按可支配收入算。") == ("可支配收入",)
    assert unexplained_terms("要轮候。") == ("轮候",)
    assert unexplained_terms("要轮候，就是排队等。") == ()
    path = ("processes.yaml", "processes", 0, "lines", 0, "text")
    [finding] = findings(changed(lambda content: set_in(content, path, "由法定义务人申请。")), "unexplained_term")[:1]
    assert "义务人" in finding.what


# ---- numbers that end ----------------------------------------------------------------------------------------------------


def test_a_number_that_soon_ends_without_a_next_one_is_announced() -> None:
    said = [f.what for f in findings(bundled(), "value_ends")]
    assert any("jiuye.unemployed_months" in what and "2026-12-31" in what for what in said)
    assert findings(bundled(), "value_ends", on=date(2026, 10, 1)) == []


def test_the_last_day_of_a_number_is_said_and_after_it_the_number_no_more() -> None:
    text = bundled().section_text("jiuye_kunnan", bundled().programmes["jiuye_kunnan"].sections[1].need, date(2026, 12, 31))
    assert "连续没工作满6个月" in text
    assert "有效到2026年12月31日" in text
    later = bundled().section_text("jiuye_kunnan", bundled().programmes["jiuye_kunnan"].sections[1].need, date(2027, 1, 1))
    assert "6个月" not in later
    assert "已经到期" in later
