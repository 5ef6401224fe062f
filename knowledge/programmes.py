"""Programmes (救助项目): one kind of assistance each, with its conditions as data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

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


@dataclass(frozen=True, slots=True)
class Benefit:
    """How much a programme gives. kind: "difference" (standard − per-head fact, times members), "up_to" (cap per person),
    "none" (no amount can be given). per: "month", "once". note: what to say beside it."""

    kind: str
    standard: str | None = None      # parameter
    minus: str | None = None         # fact, per head and month
    per: str = "month"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Material:
    name: str
    only_if: str | None = None       # plain words: 有人住院时
    fact: str | None = None          # fact that decides whether it is needed; None: always listed


@dataclass(frozen=True, slots=True)
class Step:
    who: str
    what: str
    within: str | None = None        # may hold {parameter} places


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
    """One sentence of our own. Places like {dibao.standard} and {dibao.standard|since} are filled on the day of the answer.
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
