"""An intake record on the case page: whatever it holds is shown, whatever it lacks is simply not there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.casework.cases import Case
from bot.consultations import Line
from channels.desk.record import case_view
from tests.channels.fakes import MONDAY, RECORD, Clock, FakeBot, FakeQueue


def _case(record: dict[str, Any], *lines: Line) -> Case:
    clock = Clock()
    queue = FakeQueue(FakeBot(clock), clock)
    return replace(queue.cases[queue.open("c1", "P2", "asked_for", record)], transcript=lines)


def test_the_words_that_became_facts_are_marked_with_the_facts_label() -> None:
    view = case_view(_case(RECORD, Line(1, "resident", "我妈72岁，退休金900块", MONDAY)))
    marks = [(segment.text, segment.mark) for segment in view.transcript[0].segments if segment.mark]
    assert marks == [("72岁", "年龄"), ("退休金900块", "本人月收入")]


def test_only_what_the_resident_said_is_marked() -> None:
    view = case_view(_case(RECORD, Line(1, "bot", "您说72岁", MONDAY), Line(2, "李顾问", "72岁", MONDAY)))
    assert not any(segment.mark for shown in view.transcript for segment in shown.segments)


def test_one_character_is_too_little_to_mark() -> None:
    record = {"facts": [{"fact": "household.size", "label": "人口", "value_text": "1人", "words": "一"}]}
    view = case_view(_case(record, Line(1, "resident", "一个人，一直这样", MONDAY)))
    assert not any(segment.mark for segment in view.transcript[0].segments)


def test_a_paper_wanted_twice_is_listed_once_in_its_first_place() -> None:
    assert [material["name"] for material in case_view(_case(RECORD)).materials] == ["户口簿", "出院小结"]


def test_places_are_told_as_far_as_they_are_known() -> None:
    assert case_view(_case(RECORD)).places == (("户籍", "上海 江苏路街道"), ("居住", "长宁 新泾镇"))
    partly = {"area": {"hukou": None, "hukou_subdistrict": None, "lives_in": "elsewhere", "lives_in_subdistrict": None}}
    assert case_view(_case(partly)).places == (("居住", "外地"),)


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"facts": None, "assessments": "?", "missing": 5, "materials": {}, "circle": None, "consent": [], "area": []},
        {"facts": ["no mapping"], "assessments": [None], "refused": None, "wishes": None, "circle": "第三圈层"},
    ],
)
def test_a_record_with_holes_or_strange_parts_still_makes_a_page(record: dict[str, Any]) -> None:
    view = case_view(_case(record))
    assert (view.facts, view.assessments, view.missing, view.materials, view.consent) == ((), (), (), (), ())


def test_consent_is_told_with_its_moment() -> None:
    assert case_view(_case(RECORD)).consent == (("同意转给顾问", "11月23日 09:30"),)


def test_an_older_record_keeps_its_facts_under_household() -> None:
    view = case_view(_case({"household": RECORD["facts"]}))
    assert [fact["label"] for fact in view.facts] == ["年龄", "本人月收入"]
