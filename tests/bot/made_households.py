"""Households made up at random for tests: every fact that a rule may use, known, unknown or between two ends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from random import Random

from bot.eligibility.answers import EVENT_KIND, RECEIVES
from bot.eligibility.household_members import OTHERS
from bot.situation import Member, Range, Situation, Value
from knowledge.facts import FactDefinition, FactType

RELATIONS = ("spouse", "child", "parent", "grandparent", "grandchild", "sibling", "other")
INCOMES = (0, 800, 1510, 1595, 1650, 1690, 3190, 3300, 3380, 5000, 9000)
AGES = (0, 5, 15, 16, 17, 18, 35, 44, 45, 54, 59, 60, 64, 65, 69, 70, 79, 90)


class MadeHouseholds:
    """known: how likely each single fact is told."""

    def __init__(self, facts: Mapping[str, FactDefinition], seed: int) -> None:
        self._facts = facts
        self._random = Random(seed)

    def some(self, count: int) -> list[Situation]:
        return [self.one() for _ in range(count)]

    def one(self) -> Situation:
        random = self._random
        known = random.choice((0.15, 0.5, 0.8, 1.0))
        members = self._members(known)
        return Situation(
            facts=self._told("household", known, without=(RECEIVES,)) | self._told("event", known / 6, without=(EVENT_KIND,)),
            members=members,
            events=tuple(self._event(known) for _ in range(random.choice((0, 0, 0, 1, 2)))),
            receives=self._received() if random.random() < known else None,
        )

    def _received(self) -> frozenset[str]:
        options = [option.value for option in self._facts[RECEIVES].options if option.value != "none"]
        return frozenset(one for one in options if self._random.random() < 0.15)

    def _members(self, known: float) -> tuple[Member, ...]:
        if self._random.random() > known + 0.3:
            return ()
        relations = ["self", *self._random.choices(RELATIONS, k=self._random.choice((0, 0, 1, 2, 4)))]
        told = [Member(f"{relation}{place}", relation, self._person(known)) for place, relation in enumerate(relations)]
        if self._random.random() < 0.25:
            told.append(Member(OTHERS, OTHERS, self._all_others(known)))
        return tuple(told)

    def _all_others(self, known: float) -> dict[str, Value]:
        return {name.partition(".")[2]: value for name, value in self._told(OTHERS, known).items()}

    def _person(self, known: float) -> dict[str, Value]:
        told = {name.partition(".")[2]: value for name, value in self._told("self", known).items()}
        if self._random.random() < 0.3:
            told["birth_date"] = date(self._random.randint(1930, 2026), self._random.randint(1, 12), self._random.randint(1, 28))
        if self._random.random() < 0.2:
            told["lives_together"] = self._random.random() < 0.5
        if self._random.random() < 0.2:
            told["disability_certificate"] = self._random.random() < 0.5
        return told

    def _event(self, known: float) -> dict[str, Value]:
        return {name.partition(".")[2]: value for name, value in self._told("event", known).items()}

    def _told(self, key: str, known: float, without: tuple[str, ...] = ()) -> dict[str, Value]:
        named = [d for name, d in self._facts.items() if name.startswith(f"{key}.") and name not in without]
        return {d.name: value for d in named if self._random.random() < known and (value := self._value(d)) is not None}

    def _value(self, definition: FactDefinition) -> Value | None:
        random = self._random
        match definition.type:
            case FactType.YES_NO:
                return random.random() < 0.5
            case FactType.CHOICE:
                return random.choice(definition.options).value if definition.options else None
            case FactType.DATE:
                return date(2026, random.randint(1, 12), 3)
            case FactType.TEXT:
                return None
            case _:
                return None if definition.derived_from else self._number(definition)

    def _number(self, definition: FactDefinition) -> Range:
        first, second = self._plain(definition), self._plain(definition)
        if self._random.random() < 0.75:
            return Range.exactly(first)
        low, high = min(first, second), max(first, second)
        return self._random.choice((Range(low, high), Range(low, None), Range(None, high)))

    def _plain(self, definition: FactDefinition) -> Decimal:
        random = self._random
        if definition.type is FactType.MONEY:
            scale = 12 if "12m" in definition.name or "year" in definition.name else random.choice((1, 1, 30))
            return Decimal((random.choice(INCOMES) + random.choice((0, 0, 1, -1))) * 100 * scale).max(Decimal(0))
        if definition.name.endswith(".age"):
            return Decimal(random.choice(AGES))
        low, high = definition.low or 0, definition.high if definition.high is not None else 400
        return Decimal(random.choice((low, low + 1, low + 2, min(high, 6), min(high, 13), high)))
