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
    about), "any_member.serious_illness" (true when it holds of one of them), "others.serious_illness" (of one of those not told
    of
    one by one), "event.kind". derived_from: computed from those, or, with a question of its own, asked only once those are known
    and leave it open. question: how to ask in plain words. effort: 1 easy to answer … 5 hard or painful. sensitive: asked with a
    word of why, never first. low, high: what is plausible, in the unit of files. together: asked in the same breath where it is
    wanted too. apart: never in the same breath. shares: how often each answer comes, in percent, by our own guess; it only orders
    the questions. Without them the first option is as common as all others together.
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
    together: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    shares: tuple[tuple[str, int], ...] = ()

    @property
    def is_number(self) -> bool:
        return self.type in (FactType.INTEGER, FactType.MONEY, FactType.AREA)

    @property
    def belongs_to(self) -> str:
        """"household", "member" or "event"."""
        key = self.name.partition(".")[0]
        return key if key in ("household", "event") else "member"
