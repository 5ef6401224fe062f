"""The bundled handbook itself: complete, sourced, hedged, and without a number that is not a parameter's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from knowledge.catalogue import Catalogue
from knowledge.parameters import Confidence, Reference
from knowledge.places import PLACE, places_in
from knowledge.processes import PROCESSES_ID, Process
from knowledge.programmes import Line, Need, Section, conditions_of

TODAY = date(2026, 11, 21)
PROGRAMMES = (
    "dibao", "tekun", "dibao_bianyuan", "gangxing", "linshi", "xiao_e", "yiliao", "liulang", "jiaoyu", "zhufang", "jiuye",
    "jiuye_kunnan", "shiye", "canji_shenghuo", "canji_huli", "zhongcan_wuye", "laonian_jintie", "yanglao_butie", "changhuxian",
    "zhinei", "guer", "shishi_wuren", "kunjing_ertong", "ertong_kangfu", "jibing_yingji", "falv", "shouzai", "zonghe_bangfu",
    "cishan", "jiage_butie", "sangzang",
)
BY_PEOPLE_ALONE = {"zonghe_bangfu", "cishan", "zhinei", "sangzang"}
"""No source states a condition that a machine could check."""
ASSESSED = tuple(programme for programme in PROGRAMMES if programme not in BY_PEOPLE_ALONE)
SHARED_LAWS = Path(__file__).resolve().parents[2].parent / "shared" / "corpus" / "laws"

NEWEST_COUNTS = re.compile(r"以[^，。]{0,8}公布为准|最新公布")
HEDGE = re.compile(r"可能|大约|大概|一般是|核实|问准|问清")
DUTY = re.compile(r"告诉|主动|要报|要早点讲|登记|要换|要退|申报|照实")
"""What somebody who gets assistance has to do: tell, register, renew, give back."""
PROMISE = re.compile(r"一定能|肯定能|保证(给|能|批)|包过|包您|必批|可以放心")


@cache
def bundled() -> Catalogue:
    return Catalogue.bundled()


def sections() -> Iterator[tuple[str, Section | Process]]:
    for programme in bundled().programmes.values():
        for section in programme.sections:
            yield f"{programme.id}#{section.need.value}", section
    for process in bundled().processes.by_id.values():
        yield f"{PROCESSES_ID}#{process.id}", process


def lines() -> Iterator[tuple[str, Line, str]]:
    """Where a line stands, the line, and the words around it that may carry its hedge."""
    for where, section in sections():
        around = "\n".join(line.text for line in section.lines)
        for line in section.lines:
            yield where, line, around
    for programme in bundled().programmes.values():
        for line in programme.limits:
            yield f"{programme.id} limits", line, line.text


def texts() -> Iterator[tuple[str, str]]:
    """Every sentence a resident may read."""
    for where, line, _ in lines():
        yield where, line.text
        yield where, line.otherwise or ""
    for programme in bundled().programmes.values():
        for text in (programme.summary, programme.authority, programme.benefit.note, *programme.judged):
            yield programme.id, text
        for material in programme.materials:
            yield programme.id, material.name + (material.only_if or "")
        for step in programme.steps:
            yield programme.id, step.who + step.what + (step.within or "")
        for condition in conditions_of(programme.conditions) if programme.conditions else ():
            yield f"{programme.id} {condition.id}", condition.yes + condition.no + (condition.near_miss or "")
    yield from bundled().wordings.items()


# ---- numbers ------------------------------------------------------------------------------------------------------------

def test_a_number_that_may_be_unverified_has_something_else_to_say() -> None:
    for where, line, _ in lines():
        for place in places_in(line.text):
            if place.parameter is None:
                continue
            history = bundled().parameters[place.parameter].history
            in_force = [value for value in history if value.since <= TODAY][:1]
            if any(value.confidence is Confidence.UNVERIFIED or value.value is None for value in in_force):
                assert line.otherwise, f"{where}: {line.text}"


def test_a_reported_number_is_said_with_its_day_and_that_the_newest_counts() -> None:
    for where, line, around in lines():
        for place in places_in(line.text):
            if place.part != "until" and confidence_today(place.parameter) is Confidence.REPORTED:
                assert "|since}" in line.text, f"{where}: {line.text}"
                assert NEWEST_COUNTS.search(around), f"{where}: {line.text}"


def test_a_recalled_number_is_said_with_a_hedge() -> None:
    for where, line, _ in lines():
        for place in places_in(line.text):
            if confidence_today(place.parameter) is Confidence.RECALLED:
                assert HEDGE.search(line.text), f"{where}: {line.text}"


def test_a_standard_that_was_recalled_in_earlier_years_is_hedged_in_those_years_too() -> None:
    for where, line, _ in lines():
        if "{dibao.standard}" in line.text:
            assert HEDGE.search(line.text), f"{where}: {line.text}"


def confidence_today(parameter: str | None) -> Confidence | None:
    return None if parameter is None else bundled().parameter_on(parameter, TODAY).confidence


def test_nothing_unverified_is_spoken_on_any_day_a_number_changed() -> None:
    parameters = bundled().parameters.values()
    for day in sorted({value.since for parameter in parameters for value in parameter.history} | {TODAY}):
        values = [value for parameter in parameters for value in parameter.history if value.since <= day]
        known = {str(value.value) for value in values if value.value is not None}
        bounds = {str(bound) for value in values for bound in (value.low, value.high) if bound and bound >= 1000} - known
        for clause in bundled().clauses(day):
            assert "{" not in clause.text
            assert not any(re.search(rf"(?<!\d){bound}(?!\d)", clause.text) for bound in bounds), clause.clause_id


def test_every_number_has_a_day_a_source_and_a_last_check() -> None:
    for parameter in bundled().parameters.values():
        assert parameter.description
        assert parameter.last_checked_on <= TODAY
        assert all(value.reference.document for value in parameter.history)
        # A day ahead may only be the end of what is known.
        assert all(value.since <= TODAY or value.confidence is Confidence.UNVERIFIED for value in parameter.history)


def test_only_texts_at_hand_make_a_number_official() -> None:
    at_hand = {
        "中华人民共和国社会救助法",
        "上海市未成年人保护条例",
        "上海市社会救助条例",
        "中华人民共和国法律援助法",
        "中华人民共和国社会保险法",
        "关于推进低收入人口动态监测完善分层分类社会救助体系的若干措施",
    }
    for parameter in bundled().parameters.values():
        for value in parameter.history:
            if value.confidence is Confidence.OFFICIAL:
                assert value.reference.document in at_hand, parameter.name
                assert value.reference.article, parameter.name


@pytest.mark.parametrize(("day", "standard"), [
    (date(2026, 7, 1), "1690"), (date(2026, 6, 30), "1650"), (date(2025, 6, 30), "1595"),
    (date(2024, 6, 30), "1510"), (date(2015, 4, 1), "790"),
])
def test_the_dibao_standard_has_its_history(day: date, standard: str) -> None:
    assert str(bundled().parameter_on("dibao.standard", day).value) == standard


# ---- programmes ------------------------------------------------------------------------------------------------------------


def test_the_handbook_holds_these_programmes() -> None:
    assert set(bundled().programmes) == set(PROGRAMMES)


@pytest.mark.parametrize("programme_id", PROGRAMMES)
def test_a_programme_has_all_ten_sections_in_order_and_every_part(programme_id: str) -> None:
    programme = bundled().programmes[programme_id]
    assert [section.need for section in programme.sections] == list(Need)
    assert any(material.only_if for material in programme.materials)
    assert len(programme.steps) >= 3
    assert programme.limits
    assert len(programme.judged) >= 2
    assert programme.related
    assert programme.authority
    assert (programme.conditions is None) == (programme_id in BY_PEOPLE_ALONE)


@pytest.mark.parametrize("programme_id", PROGRAMMES)
def test_a_programme_says_what_one_owes_afterwards(programme_id: str) -> None:
    ends = bundled().programmes[programme_id].section(Need.ENDS)
    assert ends is not None
    assert any(DUTY.search(line.text) for line in ends.lines)


@pytest.mark.parametrize("programme_id", ASSESSED)
def test_an_assessed_programme_has_conditions_with_plain_sentences(programme_id: str) -> None:
    rule = bundled().programmes[programme_id].conditions
    assert rule is not None
    conditions = list(conditions_of(rule))
    assert len({condition.id for condition in conditions}) == len(conditions)
    assert all(condition.yes.endswith("。") and condition.no.endswith("。") for condition in conditions)


def test_every_section_says_something_today_and_begins_with_a_whole_sentence() -> None:
    for clause in bundled().clauses(TODAY):
        first = clause.text.split("\n")[0]
        assert first.endswith("。"), clause.clause_id
        assert len(first) <= 90, clause.clause_id


def test_every_section_knows_eight_ways_of_asking() -> None:
    assert [where for where, section in sections() if len(set(section.asked_as)) < 8] == []


def test_no_question_belongs_to_two_sections() -> None:
    seen: dict[str, str] = {}
    for where, section in sections():
        for question in section.asked_as:
            assert seen.setdefault(question, where) == where, f"{question}: {where}"


def test_no_two_sections_read_alike() -> None:
    texts_today = [clause.text for clause in bundled().clauses(TODAY)]
    assert len(texts_today) == len(set(texts_today))


def test_the_time_limit_is_twenty_working_days_and_forty_five_in_special_cases() -> None:
    for programme_id in ("dibao", "tekun", "dibao_bianyuan", "gangxing"):
        text = bundled().section_text(programme_id, Need.HOW_LONG, TODAY)
        assert "20个工作日" in text
        assert "45个工作日" in text
        assert "户口和住处分开" in text
        measure = Reference("关于推进低收入人口动态监测完善分层分类社会救助体系的若干措施", "五、1.")
        assert measure in bundled().basis(f"一本通:{programme_id}#how_long")


def test_the_small_grant_says_how_much_at_most_and_who_gives_it() -> None:
    text = bundled().section_text("xiao_e", Need.HOW_MUCH, TODAY)
    assert "每人不超过500元" in text
    assert "街镇" in text
    basis = bundled().basis("一本通:xiao_e#how_long")
    assert Reference("中华人民共和国社会救助法", "第五十条") in basis


def test_who_decides_is_said_and_nothing_is_promised() -> None:
    assert "由户籍所在街镇审核确认" in bundled().section_text("dibao", Need.OVERVIEW, TODAY)
    assert [f"{where}: {text}" for where, text in texts() if PROMISE.search(text)] == []


def test_a_cited_article_of_a_law_at_hand_exists() -> None:
    if not SHARED_LAWS.is_dir():
        pytest.skip("the sibling folder ../shared with the laws is absent")
    articles: dict[str, set[str]] = {}
    for path in SHARED_LAWS.glob("*.md"):
        text = path.read_text(encoding="utf-8")
        title = next(line.removeprefix("# ").strip() for line in text.splitlines() if line.startswith("# "))
        articles.setdefault(title, set()).update(re.findall(r"^(第[一二三四五六七八九十百零]+条)", text, re.MULTILINE))
    cited = {reference for reference in references() if reference.document in articles and reference.article}
    assert len(cited) > 40
    assert {reference for reference in cited if reference.article not in articles[reference.document]} == set()


def references() -> Iterator[Reference]:
    for _, section in sections():
        yield from section.all_basis
    for programme in bundled().programmes.values():
        yield from programme.legal_basis
        for line in programme.limits:
            yield from line.basis
        for condition in conditions_of(programme.conditions) if programme.conditions else ():
            yield condition.basis
    for parameter in bundled().parameters.values():
        yield from (value.reference for value in parameter.history)


# ---- facts, words, people to call --------------------------------------------------------------------------------------------


def test_an_asked_choice_has_options_and_every_question_is_short() -> None:
    for fact in bundled().facts.values():
        if fact.question:
            assert len(fact.question) <= 45, fact.name
            assert fact.question.endswith("？") or "？" in fact.question, fact.name
            assert (fact.type.value in ("choice", "yes_no")) == bool(fact.options), fact.name


def test_facts_that_hold_money_are_named_yuan_and_only_those() -> None:
    for fact in bundled().facts.values():
        assert ("_yuan" in fact.name) == (fact.type.value == "money"), fact.name


def test_the_lexicon_is_large_and_agrees_with_the_programmes_own_names() -> None:
    assert len(bundled().lexicon) >= 250
    own = {name: p.id for p in bundled().programmes.values() for name in (p.name, *p.aliases)}
    assert {t.term: t.programme for t in bundled().lexicon if t.term in own and t.programme != own[t.term]} == {}


def test_a_name_belongs_to_one_programme() -> None:
    names = [name for p in bundled().programmes.values() for name in {p.name, *p.aliases}]
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_ten_subdistricts_with_a_reception_centre_and_no_invented_contact() -> None:
    assert len(bundled().subdistricts) == 10
    for subdistrict in bundled().subdistricts:
        assert subdistrict.reception_centre == f"{subdistrict.name}社区事务受理服务中心"
        assert not re.search(r"\d{7,}|\d+号", subdistrict.contact_note)


def test_numbers_to_call_in_wordings_come_from_the_hotlines() -> None:
    for key, text in bundled().wordings.items():
        assert not re.search(r"\d{3,}", PLACE.sub("", text)), key


def test_every_wording_that_is_no_answer_offers_a_person() -> None:
    offers = re.compile(r"人工|顾问")
    for key, text in bundled().wordings.items():
        if key.split("_")[0].split(".")[0] in ("clarify", "unanswered", "refused", "crisis", "error", "handoff"):
            assert offers.search(text), key


@pytest.mark.parametrize(("kind", "numbers"), [
    ("suicide", ("12356", "110", "120")), ("violence", ("110", "120", "12338")), ("child_harm", ("110", "12345")),
    ("elder_harm", ("110", "120")), ("medical", ("120",)), ("no_food", ("12345",)), ("no_shelter", ("110",)),
    ("utilities", ("119", "12345")),
])
def test_every_danger_has_its_own_words_and_numbers(kind: str, numbers: tuple[str, ...]) -> None:
    text = bundled().wording(f"crisis.{kind}")
    assert all(number in text for number in numbers)


def test_the_pledge_is_marked_as_a_draft() -> None:
    assert "草案" in bundled().wording("pledge_draft")
