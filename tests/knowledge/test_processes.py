"""Processes (办理流程): what all programmes share on the way to a decision, as clauses of the handbook."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

import pytest

from knowledge.catalogue import Catalogue, CatalogueError
from knowledge.places import PLACE
from knowledge.policy_documents import Kind, Rank

TODAY = date(2026, 11, 21)
WANTED = {
    "shenqing", "shouli", "hedui", "ruhu", "pingyi", "gongshi", "queren", "shixian", "fuyi", "dongtai", "chengnuo", "daiban",
    "renhu", "yidi", "waidi",
}
LONGEST_SENTENCE, MEDIAN_SENTENCE = 40, 25


@cache
def bundled() -> Catalogue:
    return Catalogue.bundled()


def changed(change: Callable[[dict[str, Any]], object]) -> Catalogue:
    content = copy.deepcopy(json.loads(bundled().content()))
    change(content)
    return Catalogue.from_content(json.dumps(content))


def complaint(change: Callable[[dict[str, Any]], object]) -> str:
    with pytest.raises(CatalogueError) as error:
        changed(change)
    return str(error.value)


def first(content: dict[str, Any]) -> dict[str, Any]:
    process: dict[str, Any] = content["processes.yaml"]["processes"][0]
    return process


def said(process_id: str, on: date = TODAY) -> str:
    clause = bundled().clause(f"一本通:liucheng#{process_id}", on)
    assert clause is not None
    return clause.text


def test_every_stretch_of_the_way_is_there() -> None:
    assert set(bundled().processes.by_id) >= WANTED


def test_a_process_is_a_clause_of_the_handbook() -> None:
    clause = bundled().clause("一本通:liucheng#gongshi", TODAY)
    assert clause is not None
    assert (clause.article, clause.heading_path) == ("公示", ("办理流程",))
    document = clause.document
    assert (document.document_id, document.title) == ("一本通:liucheng", "社会救助一本通·办理流程")
    assert (document.kind, document.rank, document.region) == (Kind.HANDBOOK, Rank.HANDBOOK, "上海市长宁区")


def test_a_process_is_found_by_its_clause_and_a_section_is_none() -> None:
    assert bundled().process("一本通:liucheng#renhu") is bundled().processes.by_id["renhu"]
    assert bundled().process("一本通:dibao#who") is None
    assert bundled().process("一本通:liucheng#nothing") is None


def test_each_process_has_sources_and_eight_ways_of_asking() -> None:
    for process in bundled().processes.by_id.values():
        clause_id = f"一本通:liucheng#{process.id}"
        assert bundled().basis(clause_id), process.id
        assert len(set(bundled().asked_as(clause_id))) >= 8, process.id


def test_twenty_and_forty_five_working_days_and_when_the_longer_one_holds() -> None:
    text = said("shixian")
    assert "20个工作日" in text
    assert "45个工作日" in text
    assert "户口和住处分开" in text
    assert "45个工作日" in said("renhu")
    assert "45个工作日" in said("yidi")


def test_before_the_district_measure_no_day_count_is_said() -> None:
    assert "20个工作日" not in said("shixian", date(2024, 7, 22))
    assert "街镇核实" in said("shixian", date(2024, 7, 22))


def test_who_decides_is_the_subdistrict_of_the_hukou() -> None:
    assert "户籍所在街镇审核确认" in said("queren")
    assert "不是窗口" in said("queren")


def test_people_from_elsewhere_hear_what_they_cannot_and_what_they_can_get() -> None:
    text = said("waidi")
    assert "不能办上海的低保" in text
    assert "临时救助" in text
    assert "居住证" in text


def test_the_days_of_publicity_are_only_remembered_and_said_so() -> None:
    [line] = [line for line in said("gongshi").split("\n") if "7天" in line]
    assert "可能" in line
    assert "核实" in line


def test_sentences_are_short() -> None:
    texts = [PLACE.sub("00", line.text) for p in bundled().processes.by_id.values() for line in p.lines]
    lengths = sorted(len(s) for text in texts for s in re.split(r"[。；！？]", text) if s)
    assert lengths[len(lengths) // 2] <= MEDIAN_SENTENCE


def test_a_process_without_source_is_refused_by_name() -> None:
    text = complaint(lambda c: first(c)["lines"].append("随便说说。"))
    assert "'shenqing'" in text
    assert "随便说说" in text
    assert "has no source" in text


def test_a_process_given_twice_is_refused() -> None:
    text = complaint(lambda c: c["processes.yaml"]["processes"].append(copy.deepcopy(first(c))))
    assert "'shenqing' stands there twice" in text


def test_an_unknown_field_or_number_in_a_process_is_refused() -> None:
    assert "'asked'" in complaint(lambda c: first(c).update(asked=["怎么办"]))
    wrong = {"text": "{procedure.dayz}天。", "basis": ["措施 五、1."]}
    assert "no parameter 'procedure.dayz'" in complaint(lambda c: first(c)["lines"].append(wrong))


def test_a_release_from_before_there_were_processes_is_still_read() -> None:
    old = changed(lambda c: (c.pop("processes.yaml"), c.pop("resources.yaml")))
    assert old.processes.by_id == {}
    assert old.resources.projects == ()
    assert not any("liucheng" in clause.clause_id for clause in old.clauses(TODAY))
