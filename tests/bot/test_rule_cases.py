"""Rule cases (规则用例): households written by policy staff, and what the bundled rules must say of them.

A case is a sentence, a day, a situation file and what must come out. expect: likelihood by programme, or not_assessed: no verdict
at all, because only people judge it or it is not in force that day. because: ids of conditions that must be among the reasons.
near_miss: the distance in yuan, or none. benefit: yuan, or none. missing: facts that must be, not_missing: facts that must not be
asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.eligibility.assessments import Assessment, assess_all
from bot.situation_files import read_situation
from knowledge.catalogue import Catalogue
from knowledge.programmes import conditions_of

CATALOGUE = Catalogue.bundled()
FOLDER = Path(__file__).parents[1] / "cases" / "programmes"
FIELDS = {"case", "asked_on", "situation", "expect", "because", "near_miss", "benefit", "missing", "not_missing"}
LEAST_CASES = 6
NOT_ASSESSED = "not_assessed"


def cases_of(path: Path) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


FILES = sorted(FOLDER.glob("*.yaml"))
CASES = [pytest.param(case, id=f"{path.stem}: {case['case']}") for path in FILES for case in cases_of(path)]


def assessed(case: dict[str, Any]) -> dict[str, Assessment]:
    situation = read_situation(case["situation"], CATALOGUE.facts).situation
    return {a.programme: a for a in assess_all(situation, CATALOGUE, case["asked_on"])}


def differences(case: dict[str, Any], found: dict[str, Assessment]) -> Iterator[str]:
    """What a colleague would say about a case that does not come out as expected."""
    for programme, wanted in case["expect"].items():
        assert programme in CATALOGUE.programmes, programme
        assessment = found.get(programme)
        if assessment is None or wanted == NOT_ASSESSED:
            if (assessment is None) != (wanted == NOT_ASSESSED):
                said = NOT_ASSESSED if assessment is None else assessment.likelihood.value
                yield f"{programme} 应当是 {wanted}，算出来是 {said}"
            continue
        if assessment.likelihood.value != wanted:
            yield f"{programme} 应当是 {wanted}，算出来是 {assessment.likelihood.value}，因为：{explained(assessment)}"
    for programme, conditions in case.get("because", {}).items():
        reasons = {reason.condition for reason in found[programme].because}
        if not set(conditions) <= reasons:
            yield f"{programme} 的理由应当有 {conditions}，算出来是 {sorted(reasons)}"
    for programme, distance in case.get("near_miss", {}).items():
        miss = found[programme].as_dict()["near_miss"]
        if (miss and miss.get("distance_yuan")) != distance:
            yield f"{programme} 应当差 {distance} 元，算出来是 {miss}"
    for programme, amount in case.get("benefit", {}).items():
        benefit = found[programme].as_dict()["benefit"]
        if (benefit and benefit["amount_yuan"]) != amount:
            yield f"{programme} 应当约 {amount} 元，算出来是 {benefit}"
    for programme, names in case.get("missing", {}).items():
        if not set(names) <= set(found[programme].missing):
            yield f"{programme} 还应当问 {names}，算出来要问 {list(found[programme].missing)}"
    for programme, names in case.get("not_missing", {}).items():
        if set(names) & set(found[programme].missing):
            yield f"{programme} 不用再问 {names}，算出来要问 {list(found[programme].missing)}"


def explained(assessment: Assessment) -> str:
    return "；".join(f"{reason.condition} → {reason.result}（{reason.said}）" for reason in assessment.trace)


@pytest.mark.parametrize("case", CASES)
def test_the_bundled_rules_say_what_policy_staff_expect(case: dict[str, Any]) -> None:
    assert "\n".join(differences(case, assessed(case))) == ""


@pytest.mark.parametrize("case", CASES)
def test_a_case_is_written_in_the_known_form(case: dict[str, Any]) -> None:
    assert set(case) <= FIELDS
    assert isinstance(case["asked_on"], date)
    assert case["expect"]


ASSESSED = tuple(programme.id for programme in CATALOGUE.programmes.values() if programme.conditions is not None)
JUDGED_ONLY = tuple(programme.id for programme in CATALOGUE.programmes.values() if programme.conditions is None)


@pytest.mark.parametrize("programme", ASSESSED)
def test_each_programme_has_six_cases_of_every_outcome(programme: str) -> None:
    cases = cases_of(FOLDER / f"{programme}.yaml")
    assert len(cases) >= LEAST_CASES
    assert {case["expect"].get(programme) for case in cases} >= {"likely", "unlikely", "cannot_tell"}


@pytest.mark.parametrize("programme", ASSESSED)
def test_each_condition_is_met_in_one_case_and_fails_in_another(programme: str) -> None:
    rule = CATALOGUE.programmes[programme].conditions
    seen: dict[str, set[bool | None]] = {condition.id: set() for condition in conditions_of(rule)} if rule else {}
    for case in cases_of(FOLDER / f"{programme}.yaml"):
        assessment = assessed(case).get(programme)
        for reason in assessment.trace if assessment else ():
            seen.setdefault(reason.condition, set()).add(reason.result)
    assert {name for name, results in seen.items() if not name.startswith("excludes.") and not results >= {True, False}} == set()


@pytest.mark.parametrize("programme", ASSESSED)
def test_a_near_miss_is_shown_where_the_rule_has_a_sentence_for_it(programme: str) -> None:
    rule = CATALOGUE.programmes[programme].conditions
    if rule is None or not any(condition.near_miss for condition in conditions_of(rule)):
        pytest.skip("no condition of this programme has a near miss")
    found = [assessed(case).get(programme) for case in cases_of(FOLDER / f"{programme}.yaml")]
    assert any(assessment is not None and assessment.near_miss is not None for assessment in found)


@pytest.mark.parametrize("programme", [
    "dibao", "tekun", "dibao_bianyuan", "gangxing", "yiliao", "jiuye", "canji_shenghuo", "jiage_butie", "falv", "jiuye_kunnan",
])
def test_the_day_a_standard_changes_has_a_case_before_and_after(programme: str) -> None:
    days = {case["asked_on"] for case in cases_of(FOLDER / f"{programme}.yaml")}
    assert any(day + timedelta(days=1) in days for day in days)


@pytest.mark.parametrize("programme", JUDGED_ONLY)
def test_what_only_people_judge_has_cases_and_never_a_verdict(programme: str) -> None:
    cases = [case for case in cases_of(FOLDER / "judged_only.yaml") if programme in case["expect"]]
    assert len(cases) >= 2
    assert all(case["expect"][programme] == NOT_ASSESSED for case in cases)


def test_a_case_that_fails_is_explained_with_its_reasons() -> None:
    case = dict(cases_of(FOLDER / "dibao.yaml")[0])
    case["expect"] = {"dibao": "unlikely"}
    [sentence] = differences(case, assessed(case))
    assert "应当是 unlikely，算出来是 likely" in sentence
    assert "income → True" in sentence
