"""Situations (家庭情况): what residents told us about one household; each fact known, unknown or refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Range:
    """A number that is known only between two ends, inclusive; an open end is None. A known number has equal ends.

    Money is whole fen inside a situation."""

    low: Decimal | None
    high: Decimal | None

    def __post_init__(self) -> None:
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"range from {self.low} to {self.high} runs backwards: give the smaller number first")

    @classmethod
    def exactly(cls, number: Decimal | int) -> Range:
        return cls(Decimal(number), Decimal(number))

    @property
    def exact(self) -> Decimal | None:
        return self.low if self.low == self.high else None


Value = bool | str | date | Range


@dataclass(frozen=True, slots=True)
class Told:
    """Where a fact came from: the resident's own words, when (UTC), and whether the resident confirmed our reading."""

    words: str = ""
    at: datetime | None = None
    confirmed: bool = False
    source: str = "chat"             # chat, form, advisor, document, file


@dataclass(frozen=True, slots=True)
class Member:
    """One person. key: "self" for whom it is about, else "spouse", "child1", "parent1" … facts by short name: "age", "hukou"."""

    key: str
    relation: str
    facts: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Situation:
    """facts by full name ("household.size"); members first = the person it is about; events as plain records. A name in
    `refused` was asked and not answered, and counts as unknown. told: provenance by "household.size" or "<member>.age"."""

    facts: Mapping[str, Value] = field(default_factory=dict)
    members: tuple[Member, ...] = ()
    events: tuple[Mapping[str, Value], ...] = ()
    refused: frozenset[str] = frozenset()
    receives: frozenset[str] | None = None      # programme ids already received; None: not known
    told: Mapping[str, Told] = field(default_factory=dict)

    def value(self, name: str) -> Value | None:
        """A fact by full name; None: not known. "self.age" reads the first member, "spouse.age" the member with that key."""
        key, _, short = name.partition(".")
        if key in ("household", "event"):
            return self.facts.get(name)
        member = self.member(key)
        return None if member is None else member.facts.get(short)

    def member(self, key: str) -> Member | None:
        if key == "self":
            return self.members[0] if self.members else None
        return next((m for m in self.members if m.key == key), None)

    def known(self) -> Iterator[tuple[str, Value]]:
        """Every known fact with its full name; the first member's facts are called self.…"""
        yield from self.facts.items()
        for index, member in enumerate(self.members):
            key = "self" if index == 0 else member.key
            for short, value in member.facts.items():
                yield f"{key}.{short}", value

    def with_fact(self, name: str, value: Value, told: Told | None = None) -> Situation:
        """The situation with this fact added or replaced; a member that is not there yet is added by its key."""
        key, _, short = name.partition(".")
        provenance = {**self.told, name: told} if told else self.told
        refused = self.refused - {name}
        if key in ("household", "event"):
            # Not replace(): the next question tries hundreds of answers, and copying field by field took most of its time.
            return Situation({**self.facts, name: value}, self.members, self.events, refused, self.receives, provenance)
        members = list(self.members)
        if not members:
            # Whoever is told of first, the first member stays the person it is about.
            members.append(Member("self", "self"))
        index = 0 if key == "self" else next((i for i, m in enumerate(members) if m.key == key), None)
        if index is None:
            members.append(Member(key, key.rstrip("0123456789")))
            index = len(members) - 1
        one = members[index]
        members[index] = Member(one.key, one.relation, {**one.facts, short: value})
        return Situation(self.facts, tuple(members), self.events, refused, self.receives, provenance)

    def with_refused(self, name: str) -> Situation:
        return replace(self, refused=self.refused | {name})
