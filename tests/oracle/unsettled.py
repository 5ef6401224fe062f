"""What product and oracle still say differently, and why it stands for now. Whoever settles a point takes it out of here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from tests.oracle.household import Facts, Household
from tests.oracle.numbers import MORE_MEDICAL_RECIPIENTS


@dataclass(frozen=True, slots=True)
class Unsettled:
    """One point. product: what it says where the oracle says otherwise. holds: the households that it may touch."""

    name: str
    programmes: tuple[str, ...]
    product: str
    holds: Callable[[Household], bool]


def _residents_insurance(household: Household) -> bool:
    return any(person.medical_insurance == "resident" for person in household.together)


def _several_kinds(household: Household) -> bool:
    paper = household.person.disability
    return paper is not None and paper[0] == "多重" and paper[1] <= 3


def _several_kinds_without_work(household: Household) -> bool:
    return _several_kinds(household) and household.person.working in ("none", "unable")


POINTS = (
    # 上海市社会救助条例 第十九条, 第二十一条. The product helps with contributions from the medical regulation of 2025 on;
    # what was before matters only to questions about the past.
    Unsettled("contributions before 2025", ("yiliao",), "unlikely",
              lambda household: household.day < MORE_MEDICAL_RECIPIENTS and _residents_insurance(household)),
    # 重残无业: the product's own rule for the grant reads third-level 多重 as not of mind, where it may be.
    Unsettled("several kinds without work", ("yiliao",), "unlikely",
              _several_kinds_without_work),
)


def point_of(programme: str, product: str, facts: Facts, day: date) -> str | None:
    """The name of the unsettled point that this difference belongs to; None: it is a new one."""
    household = Household(facts, day)
    touched = (point for point in POINTS if programme in point.programmes and product == point.product)
    return next((point.name for point in touched if point.holds(household)), None)
