"""Thresholds on a day: what a condition compares with, from when, by which source and how sure we are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from bot.eligibility.rulebook import Rulebook, RuleError
from bot.situation import Range
from knowledge.parameters import Confidence, DatedValue, Parameter, Reference, UnknownValueError
from knowledge.programmes import Threshold

FEN = Decimal(100)

_LEAST_SURE_FIRST = (Confidence.UNVERIFIED, Confidence.RECALLED, Confidence.REPORTED, Confidence.OFFICIAL)


@dataclass(frozen=True, slots=True)
class ThresholdOnDay:
    """range: to compare numbers with, money in whole fen; None for a constant and for a parameter that has no value on the day
    (problem then says so). shown: the value as it may be spoken, in the parameter's own unit; None for an unverified one.
    since and reference: of the newest part; confidence: of the least sure part, None for a constant."""

    parameter: str | None = None
    unit: str = ""
    range: Range | None = None
    shown: Decimal | None = None
    since: date | None = None
    reference: Reference | None = None
    confidence: Confidence | None = None
    problem: str | None = None

    @property
    def is_money(self) -> bool:
        return self.unit.startswith("yuan")


CONSTANT = ThresholdOnDay()


@lru_cache(maxsize=1024)
def threshold_on(threshold: Threshold, rulebook: Rulebook, on: date) -> ThresholdOnDay:
    """The threshold as it stands on that day.

    A parameter nobody knows by name is a RuleError; one whose history starts later gives a threshold without a range, so that
    the condition stays unknown instead of failing the whole consultation. Kept between calls: a catalogue never changes.
    """
    if threshold.parameter is None:
        return CONSTANT
    names = (threshold.parameter,) if threshold.times is None else (threshold.parameter, threshold.times)
    parameters = tuple(_parameter(name, rulebook) for name in names)
    label = " × ".join(names)
    try:
        values = tuple(parameter.value_on(on) for parameter in parameters)
    except UnknownValueError as error:
        return ThresholdOnDay(parameter=label, unit=parameters[0].unit, problem=str(error))
    return _combined(label, parameters, values)


def _parameter(name: str, rulebook: Rulebook) -> Parameter:
    try:
        return rulebook.parameters[name]
    except KeyError:
        raise RuleError(
            f"a condition compares with the parameter '{name}', which the handbook does not hold; "
            f"add knowledge/handbook/parameters/{name}.yaml or correct the name, e.g. 'dibao.standard'"
        ) from None


def _combined(label: str, parameters: tuple[Parameter, ...], values: tuple[DatedValue, ...]) -> ThresholdOnDay:
    low: Decimal | None = Decimal(1)
    high: Decimal | None = Decimal(1)
    for position, (parameter, value) in enumerate(zip(parameters, values, strict=True)):
        factor = _to_inside_unit(parameter.unit, is_multiplier=position > 0)
        value_low, value_high = value.range
        low = None if low is None or value_low is None else low * value_low * factor
        high = None if high is None or value_high is None else high * value_high * factor
    confidence = least_sure([value.confidence for value in values])
    newest = max(values, key=lambda value: value.since)
    money = parameters[0].unit.startswith("yuan")
    certain = low is not None and low == high and confidence is not Confidence.UNVERIFIED
    return ThresholdOnDay(
        parameter=label,
        unit=parameters[0].unit,
        range=Range(low, high),
        shown=None if low is None or not certain else low / FEN if money else low,
        since=newest.since,
        reference=values[0].reference,
        confidence=confidence,
    )


def least_sure(confidences: Sequence[Confidence]) -> Confidence:
    """What several numbers together are worth: as much as the least sure of them. Wants at least one."""
    return min(confidences, key=_LEAST_SURE_FIRST.index)


def _to_inside_unit(unit: str, *, is_multiplier: bool) -> Decimal:
    if is_multiplier:
        return 1 / FEN if unit.startswith("percent") else Decimal(1)
    return FEN if unit.startswith("yuan") else Decimal(1)
