"""Estimates of what a programme would give, where its rule gives an amount, with the working shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.eligibility import intervals
from bot.eligibility.derived import HouseholdFacts
from bot.eligibility.evaluator import evaluate
from bot.eligibility.rulebook import Rulebook
from bot.eligibility.sentences import range_in_yuan, sentence, written
from bot.eligibility.thresholds import ThresholdOnDay, least_sure, threshold_on
from bot.situation import Range
from knowledge.parameters import Confidence
from knowledge.places import as_people_write
from knowledge.programmes import Benefit, Threshold, Tier

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Estimate:
    """amount: yuan, with two different ends where facts are ranges or the rule only has a cap. per: "month" or "once".
    per_person: the amount is for each person, else for the household. working: the sum as people write it."""

    amount: Range
    per: str
    per_person: bool
    working: str
    note: str
    confidence: Confidence


def estimate(benefit: Benefit, facts: HouseholdFacts, rulebook: Rulebook, on: date) -> Estimate | None:
    """None where the rule gives no amount, a fact is missing for it, or its standard is not known for sure."""
    if benefit.kind == "tiers":
        return _by_tier(benefit, facts, rulebook, on)
    if benefit.kind == "none" or benefit.standard is None:
        return None
    standard = threshold_on(Threshold(parameter=benefit.standard), rulebook, on)
    if standard.shown is None or standard.confidence is None or not standard.is_money:
        return None
    if benefit.kind == "up_to":
        return _up_to(benefit, standard, standard.shown, standard.confidence)
    return _difference(benefit, standard, standard.confidence, facts)


def _up_to(benefit: Benefit, standard: ThresholdOnDay, cap: Decimal, confidence: Confidence) -> Estimate:
    return Estimate(
        amount=Range(NOTHING, cap),
        per=benefit.per,
        per_person=True,
        working=sentence("up_to", amount=as_people_write(cap)),
        note=benefit.note,
        confidence=confidence,
    )


def _by_tier(benefit: Benefit, facts: HouseholdFacts, rulebook: Rulebook, on: date) -> Estimate | None:
    """The amount of the first tier that fits, for each person; while tiers before it are open, from the least to the most."""
    tiers = _open_tiers(benefit, facts, rulebook, on)
    standards = [threshold_on(Threshold(parameter=tier.standard), rulebook, on) for tier in tiers]
    amounts = [standard.shown for standard in standards if standard.shown is not None]
    sure = [standard.confidence for standard in standards if standard.confidence is not None]
    if not amounts or len(amounts) != len(standards) or not all(standard.is_money for standard in standards):
        return None
    amount = Range(min(amounts), max(amounts))
    working = sentence("tier" if amount.exact is not None else "tiers", amount=written(amount))
    return Estimate(amount, benefit.per, per_person=True, working=working, note=benefit.note, confidence=least_sure(sure))


def _open_tiers(benefit: Benefit, facts: HouseholdFacts, rulebook: Rulebook, on: date) -> Iterator[Tier]:
    """The tiers that may be this household's: up to the first that surely is."""
    for tier in benefit.tiers:
        result = True if tier.when is None else evaluate(tier.when, facts, rulebook, on).result
        if result is not False:
            yield tier
        if result is True:
            return


def _difference(benefit: Benefit, standard: ThresholdOnDay, confidence: Confidence, facts: HouseholdFacts) -> Estimate | None:
    """(standard − what each person has) × persons; nobody is given more than the standard, even where spending exceeds income,
    and nothing below zero. Source: 上海市社会救助条例 第十六条, 第十八条."""
    people = facts.value("household.size")
    has = facts.value(benefit.minus) if benefit.minus else Range.exactly(0)
    if not isinstance(people, Range) or not isinstance(has, Range) or standard.range is None:
        return None
    minus = intervals.not_below(has, NOTHING)
    each = intervals.not_below(intervals.subtracted(standard.range, minus), NOTHING)
    amount = range_in_yuan(intervals.multiplied(each, people))
    if amount.low is None or amount.high is None or minus.high is None or people.high is None or not amount.high:
        return None
    working = sentence(
        "difference",
        standard=written(range_in_yuan(standard.range)),
        minus=written(range_in_yuan(minus)),
        people=written(people),
        amount=written(amount),
    )
    return Estimate(amount, benefit.per, per_person=False, working=working, note=benefit.note, confidence=confidence)
