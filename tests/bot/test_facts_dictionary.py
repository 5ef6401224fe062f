"""The dictionary of facts: whatever a rule uses can be asked for or computed, in plain words, with what is plausible."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.eligibility.derived import SOURCES
from knowledge.catalogue import Catalogue
from knowledge.catalogue_entries import CatalogueError
from knowledge.catalogue_subjects import read_facts
from knowledge.facts import FactDefinition, FactType
from knowledge.programmes import conditions_of

CATALOGUE = Catalogue.bundled()
FACTS = CATALOGUE.facts


def used() -> Iterator[str]:
    """Every fact of a condition, an amount or a material, with all it is derived from."""
    for programme in CATALOGUE.programmes.values():
        own = conditions_of(programme.conditions) if programme.conditions is not None else ()
        for condition in (*own, *programme.benefit.conditions()):
            yield from with_sources(condition.fact)
        if programme.benefit.minus is not None:
            yield from with_sources(programme.benefit.minus)
        for material in programme.materials:
            yield from () if material.fact is None else with_sources(material.fact)


def with_sources(name: str) -> Iterator[str]:
    if name.startswith("programme."):
        return
    yield name
    for source in {*SOURCES.get(name, ()), *(FACTS[name].derived_from if name in FACTS else ())}:
        yield from with_sources(source)


USED = sorted(set(used()))


@pytest.mark.parametrize("name", USED)
def test_every_fact_that_a_rule_uses_is_complete(name: str):
    fact = FACTS[name]
    assert fact.label
    assert fact.question or fact.derived_from
    assert fact.belongs_to in ("household", "member", "event")
    if fact.is_number:
        assert fact.unit
    if fact.question:
        asked_facts_are_answerable(fact)


def asked_facts_are_answerable(fact: FactDefinition) -> None:
    assert fact.question.endswith(("？", "。"))
    assert 1 <= fact.effort <= 5
    if fact.is_number:
        assert fact.low is not None
        assert fact.high is not None
        assert fact.low < fact.high
    elif fact.type is FactType.YES_NO:
        assert {option.value for option in fact.options} == {"true", "false"}
    elif fact.type is FactType.CHOICE:
        assert len({option.value for option in fact.options}) == len(fact.options) >= 2
    assert not fact.shares or sum(share for _, share in fact.shares) == 100


def test_every_constant_of_a_condition_is_an_answer_one_can_give():
    wrong = []
    for programme in CATALOGUE.programmes.values():
        for condition in conditions_of(programme.conditions) if programme.conditions is not None else ():
            constant = condition.threshold.constant
            options = {option.value for name in with_sources(condition.fact) for option in FACTS[name].options}
            for value in constant if isinstance(constant, tuple) else (constant,) if isinstance(constant, str) else ():
                if value not in options:
                    wrong.append(f"{programme.id}.{condition.id}: {value}")
    assert wrong == []


def test_what_is_asked_together_is_never_kept_apart():
    for fact in FACTS.values():
        assert not set(fact.together) & set(fact.apart)
        assert not any(fact.name in FACTS[other].apart for other in fact.together)


def fact(**changes: object) -> dict[str, object]:
    return {"label": "急难", "type": "yes_no", "question": "急吗？", "options": {"true": "急", "false": "不急"}, **changes}


@pytest.mark.parametrize(("changes", "message"), [
    ({"question": None}, "at least one"),
    ({"effort": 9}, "from 1"),
    ({"shares": {"true": 50, "false": 40}}, "100 together"),
    ({"shares": {"true": 100}}, "for each option"),
    ({"low": 9, "high": 1}, "smaller number as low"),
])
def test_an_entry_that_makes_no_sense_is_named(changes: dict[str, object], message: str):
    given = {name: value for name, value in fact(**changes).items() if value is not None}
    with pytest.raises(CatalogueError, match=message):
        read_facts({"household.urgent_need": given})
