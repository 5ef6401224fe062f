"""Facts told: what the residents' own words say, and what they do not say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.situation import Range, Situation, Value
from bot.understanding.facts_told import FactTold, read_facts, with_facts_told
from knowledge.catalogue import Catalogue

TODAY = date(2026, 11, 21)
UTTERANCES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parents[1] / "data" / "facts_told.yaml").read_text(encoding="utf-8"))
CATALOGUE = Catalogue.bundled()
FOLLOWS = "household.necessary_spending_yuan_12m"

Label = tuple[str, str, bool]


def read(text: str, asked: str | None = None, situation: Situation | None = None) -> tuple[FactTold, ...]:
    return read_facts(
        text, asked=asked, situation=situation or Situation(), today=TODAY, facts=CATALOGUE.facts, subdistricts=CATALOGUE.subdistricts)


def told(text: str, asked: str | None = None, situation: Situation | None = None) -> dict[str, Value | None]:
    return {fact.name: fact.value for fact in read(text, asked, situation)}


def written(name: str, value: object) -> str:
    """One comparable text for a value of a label or of a reading."""
    if isinstance(value, Range):
        unit = 100 if "_yuan" in name else 1
        low, high = (None if end is None else f"{end / unit:.2f}" for end in (value.low, value.high))
        return f"{low}..{high}"
    if isinstance(value, list):
        low, high = (None if end is None else f"{Decimal(str(end)):.2f}" for end in value)
        return f"{low}..{high}"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{Decimal(str(value)):.2f}..{Decimal(str(value)):.2f}"
    return str(value)


def wanted_labels(utterance: Mapping[str, Any]) -> set[Label]:
    return {(name, written(name, value), sure) for field, sure in (("facts", True), ("maybe", False))
            for name, value in utterance.get(field, {}).items()}


def read_labels(facts: Iterable[FactTold]) -> set[Label]:
    follow = {f.name for f in facts if f.name.endswith("relation_to_asker") and not f.name.startswith("self.")} | {FOLLOWS}
    return {(f.name, written(f.name, f.value), f.certain) for f in facts if f.name not in follow}


def scores() -> dict[str, tuple[int, int, int]]:
    """By fact: right, wrongly read, not read."""
    right, wrong, lost = Counter[str](), Counter[str](), Counter[str]()
    for utterance in UTTERANCES:
        wanted, found = wanted_labels(utterance), read_labels(read(utterance["say"], utterance.get("asked")))
        right.update(name for name, *_ in wanted & found)
        wrong.update(name for name, *_ in found - wanted)
        lost.update(name for name, *_ in wanted - found)
    return {name: (right[name], wrong[name], lost[name]) for name in sorted({*right, *wrong, *lost})}


def f1(right: int, wrong: int, lost: int) -> float:
    return 2 * right / (2 * right + wrong + lost)


def test_facts_are_read_from_what_residents_write():
    by_fact = scores()
    total = [sum(column) for column in zip(*by_fact.values(), strict=True)]
    assert f1(*total) >= 0.93, {name: counts for name, counts in by_fact.items() if counts[1] or counts[2]}
