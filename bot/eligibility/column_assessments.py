"""Assessments of many households at once: for each programme likely, unlikely or cannot tell, what is missing, near misses and
amounts; the same as bot.eligibility.assessments says of each household alone, which a test holds them to."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from bot.eligibility.column_amounts import ColumnNearMiss, estimates, near_misses
from bot.eligibility.column_missing import ColumnMissing, MissingOf
from bot.eligibility.column_verdicts import ColumnVerdicts, Node
from bot.eligibility.columns import NO, UNKNOWN, Mask, Numbers, Truths
from bot.eligibility.households import Households
from bot.eligibility.rulebook import Rulebook
from bot.eligibility.thresholds import threshold_on
from bot.eligibility.verdicts import is_assessed
from knowledge.programmes import Programme


@dataclass(frozen=True, slots=True)
class ColumnAssessment:
    """One programme over all households. truths: YES likely, NO unlikely, UNKNOWN cannot tell. missing: facts by name with the
    households where each still could change it; to_confirm: parameters by name with those it keeps open although the fact is
    known. benefit: yuan, (-inf, inf) where there is no amount; None: the rule gives none."""

    programme: Programme
    truths: Truths
    missing: MissingOf
    to_confirm: MissingOf
    near_miss: ColumnNearMiss
    benefit: Numbers | None


def assess_columns(
    households: Households,
    rulebook: Rulebook,
    on: date,
    programmes: Collection[str] | None = None,
    *,
    with_missing: bool = True,
    near_percent: Decimal | None = None,
) -> Mapping[str, ColumnAssessment]:
    """Every programme in force on that day that has conditions, or only those of the ids given, in the order of the handbook.

    with_missing False leaves `missing` empty. near_percent: what counts as near, in percent of the threshold, instead of what
    each condition says. Raises RuleError when a rule makes no sense; never because of what is known of a household.
    """
    chosen = [p for p in rulebook.programmes.values() if is_assessed(p, on) and (programmes is None or p.id in programmes)]
    verdicts = ColumnVerdicts(households, rulebook, on)
    missing = ColumnMissing(households, rulebook, on, verdicts, chosen) if with_missing else None
    assessed = {}
    for programme in chosen:
        verdict = verdicts.of(programme)
        own = verdict.own if near_percent is None else _with_near(verdict.own, near_percent)
        assessed[programme.id] = ColumnAssessment(
            programme=programme,
            truths=verdict.truths,
            missing={} if missing is None else missing.of(programme),
            to_confirm=_to_confirm(verdict.own, verdicts, rulebook, on, verdict.truths == UNKNOWN),
            near_miss=near_misses(own, verdicts, rulebook, on),
            benefit=estimates(programme.benefit, verdicts, rulebook, on, verdict.truths != NO),
        )
    return assessed


def _with_near(node: Node, percent: Decimal) -> Node:
    condition = node.condition
    if condition is not None and condition.near_miss is not None:
        condition = replace(condition, near_miss_percent=percent)
    return replace(node, condition=condition, parts=tuple(_with_near(part, percent) for part in node.parts))


def _to_confirm(own: Node, verdicts: ColumnVerdicts, rulebook: Rulebook, on: date, where: Mask) -> MissingOf:
    """Parameters whose number is in doubt, with the households that only wait for it."""
    found: MissingOf = {}
    for leaf in own.leaves():
        condition = leaf.condition
        threshold = None if condition is None else threshold_on(condition.threshold, rulebook, on)
        if condition is None or threshold is None or threshold.parameter is None:
            continue
        column = verdicts.facts.column(condition.fact)
        if column is None:
            continue
        rows = where & (leaf.truths == UNKNOWN) & column.exact
        if rows.any():
            name = threshold.parameter
            found[name] = found[name] | rows if name in found else rows
    return found
