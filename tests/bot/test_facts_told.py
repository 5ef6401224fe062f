"""Facts told: what the residents' own words say, and what they do not say."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.situation import Range, Situation, Value
from bot.understanding.facts_told import FactTold, read_facts, with_facts_told
from eval import facts_read
from eval.data_files import cases
from knowledge.catalogue import Catalogue

TODAY = facts_read.TODAY
UTTERANCES = facts_read.utterances()
CATALOGUE = Catalogue.bundled()


def read(text: str, asked: str | None = None, situation: Situation | None = None) -> tuple[FactTold, ...]:
    return read_facts(
        text, asked=asked, situation=situation or Situation(), today=TODAY, facts=CATALOGUE.facts,
        subdistricts=CATALOGUE.subdistricts,
    )


def told(text: str, asked: str | None = None, situation: Situation | None = None) -> dict[str, Value | None]:
    return {fact.name: fact.value for fact in read(text, asked, situation)}


def test_facts_are_read_from_what_residents_write():
    outcome = facts_read.run()
    assert outcome.shares["tuned"].value >= 0.97, outcome.wrong


def test_every_fact_with_several_utterances_is_read_well():
    by_fact = facts_read.run().notes["by_fact"]
    assert {name: figure for name, figure in by_fact.items() if figure["total"] >= 10 and figure["value"] < 0.85} == {}


def test_the_manifest_gives_the_figure_of_each_batch_at_first_sight():
    for batch in facts_read.manifest():
        counts = facts_read.Counts(batch["right"], batch["wrong"], batch["lost"])
        assert (batch["f1"], batch["utterances"]) == (
            round(counts.f1.value, 3), len(cases(f"facts/batch-{batch['batch']}")))


def test_the_labels_name_facts_that_situations_know():
    known = {name.partition(".")[2] for name in CATALOGUE.facts} | {"receives", "disability_certificate", "relation_to_asker"}
    labelled = {name.partition(".")[2] for u in UTTERANCES for field in ("facts", "maybe") for name in u.get(field, {})}
    assert labelled <= known


@pytest.mark.parametrize("utterance", UTTERANCES, ids=lambda u: u["say"])
def test_the_words_of_a_fact_are_an_exact_stretch_of_the_message(utterance: dict[str, Any]):
    for fact in read(utterance["say"], utterance.get("asked")):
        assert fact.words
        assert fact.words == utterance["say"][fact.start:fact.end]


def test_words_are_found_in_the_original_through_blanks_full_width_and_traditional_characters():
    words = {fact.name: fact.words for fact in read("我媽媽 獨居，退休金 ９００ 塊")}
    assert (words["household.size"], words["self.income_yuan"]) == ("獨居", "９００ 塊")


def test_a_blank_parts_clauses_but_not_a_number_from_its_unit():
    facts = told("一个人住 退休金 900 块 上海户口")
    assert (facts["household.size"], facts["self.income_yuan"], facts["self.hukou"]) == (
        Range.exactly(1), Range.exactly(90_000), "shanghai")


def test_own_medical_costs_are_the_least_of_the_necessary_spending():
    assert told("自费了八万多")[facts_read.FOLLOWS] == Range(Decimal(8_000_000), None)


@pytest.mark.parametrize("text", ["不想说", "这个不方便讲", "保密"])
def test_a_refusal_is_kept_as_refused_and_not_as_an_answer(text: str):
    [fact] = read(text, "household.financial_assets_yuan")
    assert (fact.name, fact.value, fact.refused) == ("household.financial_assets_yuan", None, True)
    assert with_facts_told(Situation(), [fact]).refused == {"household.financial_assets_yuan"}


@pytest.mark.parametrize("text", [
    "如果我有五万存款", "要是我老公失业了", "万一我得了癌症", "听说退休金有3000块",
    "低保要多少收入？", "我能不能拿低保", "一个月能拿900块吗",
    "邻居吃低保", "我朋友72岁，得了癌症"])
def test_suppositions_questions_and_other_people_tell_nothing_of_the_household(text: str):
    assert told(text) == {}


def test_what_stands_before_the_question_is_told():
    assert told("我残疾四级能不能领补贴") == {"self.disability_level": "4"}


def test_whom_it_is_about_stays_the_same_in_later_messages():
    situation = with_facts_told(Situation(), read("我妈72岁，一个人住"))
    assert told("她有残疾证，肢体二级", situation=situation)["self.disability_level"] == "2"
    assert told("我妈退休金900", situation=situation)["self.income_yuan"] == Range.exactly(90_000)
    assert told("我自己失业了", situation=situation) == {"child1.working": "none"}      # the asker is her child


def test_a_relative_named_later_is_another_member_once_the_asker_has_told_of_herself():
    situation = with_facts_told(Situation(), read("我今年50岁，失业了"))
    facts = told("我妈72岁", situation=situation)
    assert (facts["parent1.age"], facts.get("self.age")) == (Range.exactly(72), None)


def test_sons_and_daughters_stay_apart_over_several_messages():
    situation = with_facts_told(Situation(), read("我今年50岁，儿子20岁，女儿12岁"))
    assert set(told("女儿得了白血病", situation=situation)) == {"child2.serious_illness"}


def test_the_income_of_somebody_living_alone_is_the_household_income():
    situation = with_facts_told(Situation(), read("我一个人住"))
    assert told("每个月退休金2300", situation=situation)["household.monthly_income_yuan"] == Range.exactly(230_000)


def test_a_correction_replaces_what_was_said_before_it():
    assert told("退休金两千，不对，退休金是三千")["self.income_yuan"] == Range.exactly(300_000)


def test_a_birth_year_is_an_age_by_the_day_of_asking():
    ages = [read_facts("我1954年出生", asked=None, situation=Situation(), today=day, facts=CATALOGUE.facts,
                       subdistricts=CATALOGUE.subdistricts)[0].value for day in (date(2026, 11, 21), date(2026, 12, 31))]
    assert ages == [Range(Decimal(71), Decimal(72)), Range.exactly(72)]


@pytest.mark.parametrize("text", [
    "", " ", "？？？", "。", "\u200b", "\ud800", "😀😀", "a" * 5000, "一" * 3000, "两千" * 1500, "9" * 5000])
def test_messages_without_facts_tell_none(text: str):
    assert read(text) == ()


FRAGMENTS = st.sampled_from([
    "我妈", "老公", "儿子", "72", "岁", "两千", "来", "块", "退休金", "一个月", "没有", "存款", "上海",
    "户口", "，", "？", "吗", "能不能", "癌症", "二级", "残疾", "一个人", "住", "带", "个", "小孩", "如果",
    "不到", "到", "几", "万", "年", "生", "的", "他", "死了", "十", "ａ", "1954", " ", "\n",
])


@given(st.one_of(st.text(max_size=200), st.lists(FRAGMENTS, max_size=30).map("".join)),
       st.sampled_from([None, *CATALOGUE.facts, "no.such.fact"]))
@settings(max_examples=400, deadline=None)
def test_no_message_breaks_the_reading_or_gives_words_that_are_not_there(text: str, asked: str | None):
    for fact in read(text, asked):
        assert fact.words == text[fact.start:fact.end]
        assert fact.refused or fact.value is not None
        if isinstance(fact.value, Range):
            assert fact.value.low is None or fact.value.low >= 0
    with_facts_told(Situation(), read(text, asked))


def test_a_follow_up_about_the_other_parent_is_told_of_him_and_not_of_her():
    situation = with_facts_told(Situation(), read("我妈78岁，退休金2600"))
    assert told("那我爸呢？他82了，退休金4100", situation=situation) == {
        "spouse.age": Range.exactly(82), "spouse.working": "retired", "spouse.income_yuan": Range.exactly(410_000),
        "spouse.relation_to_asker": "爸爸"}


@pytest.mark.parametrize(("text", "heads"), [
    ("我们老两口带个孙子", 3), ("夫妻俩带两个小孩", 4), ("老公死了五年了，我一个人过", 1), ("留下我跟两个孩子", 3),
    ("离异，带个15岁女儿", 2)])
def test_grandchildren_and_children_brought_along_are_counted(text: str, heads: int):
    assert told(text)["household.size"] == Range.exactly(heads)


@pytest.mark.parametrize("text", ["以前有一套房子，现在卖了", "有一套房子，去年卖掉了", "房子判给前妻了"])
def test_a_home_that_is_sold_is_not_owned(text: str):
    assert "household.homes_owned" not in told(text)


@pytest.mark.parametrize(("text", "months"), [
    ("失业三个月了", Range.exactly(3)), ("下岗两年", Range.exactly(24)), ("失业一年半", Range.exactly(18)),
    ("没上班两年多了", Range(Decimal(24), Decimal(36))), ("失业半年", Range.exactly(6))])
def test_time_without_work_is_told_in_months(text: str, months: Range):
    assert told(text)["self.unemployed_months"] == months


def test_savings_in_two_places_are_added_up():
    assert told("存款八万，股票里还有五万")["household.financial_assets_yuan"] == Range.exactly(13_000_000)


@pytest.mark.parametrize(("text", "yuan"), [("三千六一个月", 3600), ("一个月五千", 5000), ("三千五百块一个月", 3500)])
def test_the_one_of_a_month_is_no_part_of_the_amount(text: str, yuan: int):
    assert told(f"我工资{text}")["self.income_yuan"] == Range.exactly(yuan * 100)


def test_an_amount_by_the_month_does_not_answer_a_question_about_the_year():
    asked = "household.medical_spending_yuan_12m"
    assert told("每月三百多", asked)[asked] == Range(Decimal(360_000), Decimal(480_000))
