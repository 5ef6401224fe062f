"""The dictionary of facts: every fact about a household that a rule may use, and how to ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FactType(StrEnum):
    YES_NO = "yes_no"
    INTEGER = "integer"
    MONEY = "money"          # yuan in files, fen inside
    AREA = "area"
    CHOICE = "choice"
    DATE = "date"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Option:
    value: str               # as in a situation file: "shanghai", "true", "4"
    label: str               # what the resident taps


@dataclass(frozen=True, slots=True)
class FactDefinition:
    """One fact. name: "household.size", "household.monthly_income_yuan", "self.age", "self.hukou" ("self" is the person it is
    about), "any_member.serious_illness" (true when it holds of one of them), "event.kind". derived_from: not asked itself but
    computed from those. question: how to ask in plain words. effort: 1 easy to answer … 5 hard or painful.
    """

    name: str
    label: str
    type: FactType
    unit: str = ""
    question: str = ""
    options: tuple[Option, ...] = ()
    effort: int = 2
    sensitive: bool = False
    low: int | None = None
    high: int | None = None
    derived_from: tuple[str, ...] = ()
