"""Near misses: a programme missed by one number, and by how little."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from bot.eligibility import intervals
from bot.eligibility.evaluator import Evaluation, Finding
from bot.eligibility.sentences import range_in_yuan, written
from bot.eligibility.truth import Truth, all_of, any_of, not_
from bot.situation import Range
from knowledge.programmes import Operator

Distance = Callable[[Range, Range], Range]

_TOO_MUCH: Distance = intervals.subtracted


def _too_little(value: Range, limit: Range) -> Range:
    return intervals.subtracted(limit, value)


_DISTANCE: dict[Operator, Distance] = {
    Operator.BELOW: _TOO_MUCH,
    Operator.AT_MOST: _TOO_MUCH,
    Operator.ABOVE: _too_little,
    Operator.AT_LEAST: _too_little,
}


@dataclass(frozen=True, slots=True)
class NearMiss:
    """The one condition that is missed. distance: by how much, in yuan for money, else in the fact's own unit; said: the plain
    sentence with that distance."""

    condition: str
    distance: Range
    is_money: bool
    said: str


def near_miss(evaluation: Evaluation) -> NearMiss | None:
    """The near miss of a failed rule; None when more than one condition stands in the way, when it is not a number of known
    distance, or when the distance is beyond what the condition calls near."""
    if evaluation.result is not False:
        return None
    for finding in evaluation.reasons():
        found = _narrow(finding)
        if found is not None and _without(evaluation, finding) is not False:
            return found
    return None


def _narrow(finding: Finding) -> NearMiss | None:
    condition, limit, value = finding.condition, finding.threshold, finding.value
    if condition.near_miss is None or condition.near_miss_percent is None or condition.operator not in _DISTANCE:
        return None
    if not isinstance(value, Range) or limit.range is None or limit.shown is None or limit.range.exact is None:
        return None
    distance = _DISTANCE[condition.operator](value, limit.range)
    if distance.low is None or distance.high is None or distance.low < 0:
        return None
    if distance.low > limit.range.exact * condition.near_miss_percent / Decimal(100):
        return None
    shown = range_in_yuan(distance) if limit.is_money else distance
    # Missed by nothing at all (exactly on a line that must stay above): "0 yuan too much" would read like a mistake.
    said = condition.no if shown.high == 0 else condition.near_miss.format(distance=written(shown))
    return NearMiss(condition.id, shown, limit.is_money, said)


def _without(evaluation: Evaluation, fulfilled: Finding) -> Truth:
    """The result if this one condition were fulfilled."""
    if evaluation.finding is not None:
        return True if evaluation.finding is fulfilled else evaluation.result
    parts = [_without(part, fulfilled) for part in evaluation.parts]
    if evaluation.negated:
        return not_(parts[0])
    return any_of(parts) if evaluation.is_any else all_of(parts)
