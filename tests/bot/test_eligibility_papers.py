"""Papers: what everybody brings, what this household brings, and what depends on facts it has not told."""

from __future__ import annotations

from datetime import date

import pytest

from bot.eligibility.papers import papers_for
from bot.eligibility.truth import Truth
from bot.situation import Situation, Value
from knowledge.catalogue import Catalogue

ON = date(2026, 11, 21)
CATALOGUE = Catalogue.bundled()
ID_CARD, DISABILITY, PROXY = "身份证", "残疾人证", "委托书和双方身份证"


def situation(**facts: Value) -> Situation:
    """Facts of the person it is about, who lives alone."""
    found = Situation()
    for name, value in facts.items():
        found = found.with_fact(f"self.{name}", value)
    return found


def needed(programme: str, told: Situation) -> dict[str, Truth]:
    return {paper.material.name: paper.needed for paper in papers_for(CATALOGUE.programmes[programme], told, CATALOGUE, ON)}


def test_papers_without_a_condition_are_always_needed() -> None:
    assert needed("dibao", situation())[ID_CARD] is True


@pytest.mark.parametrize(("level", "kind", "expected"), [("1", "肢体", True), ("2", "精神", True)])
def test_a_paper_that_the_household_needs_by_its_facts_is_needed(level: str, kind: str, expected: Truth) -> None:
    assert needed("dibao", situation(disability_level=level, disability_kind=kind))[DISABILITY] is expected


def test_a_paper_is_left_open_while_its_fact_is_not_known_or_no_fact_decides() -> None:
    papers = needed("dibao", situation())
    assert papers[DISABILITY] is None
    assert papers[PROXY] is None


def test_a_paper_for_one_of_several_groups_is_not_needed_by_who_is_in_none() -> None:
    [name] = [name for name in needed("jiuye_kunnan", situation()) if "征地" in name]
    assert needed("jiuye_kunnan", situation(jobless_group="none"))[name] is False
    assert needed("jiuye_kunnan", situation(jobless_group="released"))[name] is True


def test_a_refused_fact_leaves_the_paper_open() -> None:
    told = situation().with_refused("self.jobless_group")
    [name] = [name for name in needed("jiuye_kunnan", told) if "征地" in name]
    assert needed("jiuye_kunnan", told)[name] is None
