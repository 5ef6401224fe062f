"""Programmes (救助项目): one kind of assistance each, with its conditions as data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from knowledge.parameters import Reference


class Operator(StrEnum):
    IS = "is"                # equal (yes/no, choice)
    IN = "in"                # one of a list
    BELOW = "below"          # <
    AT_MOST = "at_most"      # <=
    ABOVE = "above"          # >
    AT_LEAST = "at_least"    # >=


@dataclass(frozen=True, slots=True)
class Threshold:
    """What a fact is compared with: a constant of kind (True, "shanghai", ("one", "none")) or a parameter of the handbook,
    optionally multiplied by a second parameter. Amounts, ages and rates are always parameters."""

    constant: bool | str | tuple[str, ...] | None = None
    parameter: str | None = None
    times: str | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """One statutory condition over one fact. yes/no/unknown: the plain sentence for each result, "您" addressed;
    near_miss: sentence with {distance} for the amount or count by which it is missed, within near_miss_percent of the threshold.
    since, until: where a law changed, the first day it is part of the rule and the first day it no longer is; None: always.
    """

    id: str
    fact: str
    operator: Operator
    threshold: Threshold
    basis: Reference
    yes: str
    no: str
    near_miss: str | None = None
    near_miss_percent: Decimal | None = None
    since: date | None = None
    until: date | None = None

    def __hash__(self) -> int:
        # Rules are looked up by the thousand: two fields tell conditions apart as well as all of them would.
        return hash((self.id, self.fact))

    def in_force(self, on: date) -> bool:
        return (self.since is None or self.since <= on) and (self.until is None or on < self.until)


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Rule


Rule = Condition | All | AnyOf | Not


def conditions_of(rule: Rule) -> Iterator[Condition]:
    """Every condition of a rule, in file order."""
    match rule:
        case Condition():
            yield rule
        case Not(part):
            yield from conditions_of(part)
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from conditions_of(part)


@lru_cache(maxsize=1024)
def rule_on(rule: Rule, on: date) -> Rule | None:
    """The rule as it stands on that day: without the conditions that are not in force then, and without what they leave empty.
    None:
    nothing is left of it."""
    match rule:
        case Condition():
            return rule if rule.in_force(on) else None
        case Not(part):
            left = rule_on(part, on)
            return None if left is None else rule if left is part else Not(left)
        case All(parts) | AnyOf(parts):
            kept = tuple(part for part in (rule_on(part, on) for part in parts) if part is not None)
            return None if not kept else rule if kept == parts else type(rule)(kept)


@dataclass(frozen=True, slots=True)
class Tier:
    """One step of a benefit paid by tiers. standard: the parameter of its amount; when None: whoever is in no tier before it."""

    standard: str
    when: Rule | None = None


@dataclass(frozen=True, slots=True)
class Benefit:
    """How much a programme gives. kind: "difference" (standard − per-head fact, times members), "up_to" (cap per person),
    "tiers" (the amount of the first tier that fits, per person), "none" (no amount can be given). per: "month", "once".
    note: what to say beside it."""

    kind: str
    standard: str | None = None      # parameter
    minus: str | None = None         # fact, per head and month
    per: str = "month"
    note: str = ""
    tiers: tuple[Tier, ...] = ()

    def parameters(self) -> tuple[str, ...]:
        """Every parameter an amount is taken from."""
        return (*filter(None, (self.standard,)), *(tier.standard for tier in self.tiers))

    def conditions(self) -> Iterator[Condition]:
        """The conditions that tell one tier from another."""
        for tier in self.tiers:
            yield from () if tier.when is None else conditions_of(tier.when)


@dataclass(frozen=True, slots=True)
class Material:
    name: str
    only_if: str | None = None       # plain words: 有人住院时
    fact: str | None = None          # fact that decides whether this household needs it; None: nobody can tell


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way. decides: here the application is granted or refused; at most one step of a programme does."""

    who: str
    what: str
    within: str | None = None        # may hold {parameter} places
    decides: bool = False


class Need(StrEnum):
    """What people ask of a programme: the sections of its handbook text."""

    OVERVIEW = "overview"            # 是什么
    WHO = "who"                      # 谁能申请
    HOW_MUCH = "how_much"            # 能拿多少
    MATERIALS = "materials"          # 带什么
    WHERE = "where"                  # 去哪儿办
    STEPS = "steps"                  # 怎么办
    HOW_LONG = "how_long"            # 多久
    REFUSED = "refused"              # 没批怎么办
    ENDS = "ends"                    # 什么情况会停
    MISUNDERSTANDINGS = "misunderstandings"


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence of our own. Places like {dibao.standard}, {dibao.standard|since} and |until are filled on the day of the
    answer.
    otherwise: said instead while a parameter in it is unverified or has no value."""

    text: str
    otherwise: str | None = None
    basis: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    need: Need
    title: str
    lines: tuple[Line, ...]
    basis: tuple[Reference, ...] = ()
    asked_as: tuple[str, ...] = ()

    @property
    def all_basis(self) -> tuple[Reference, ...]:
        return tuple(dict.fromkeys((*self.basis, *(r for line in self.lines for r in line.basis))))


@dataclass(frozen=True, slots=True)
class Programme:
    """One kind of assistance. limits: the thresholds and exclusions that belong to every answer about entitlement to it.
    conditions None: no statutory condition a machine may check (only judged ones)."""

    id: str
    name: str
    aliases: tuple[str, ...]
    summary: str
    authority: str
    region: str
    in_force_from: date
    in_force_until: date | None
    legal_basis: tuple[Reference, ...]
    conditions: Rule | None
    judged: tuple[str, ...]
    benefit: Benefit
    limits: tuple[Line, ...]
    excludes: tuple[str, ...]
    includes: tuple[str, ...]
    related: tuple[str, ...]
    materials: tuple[Material, ...]
    steps: tuple[Step, ...]
    sections: tuple[Section, ...]

    def section(self, need: Need) -> Section | None:
        return next((s for s in self.sections if s.need is need), None)
