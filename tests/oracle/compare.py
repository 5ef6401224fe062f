"""Holds the product against the oracle over many households, and shows each kind of difference by its smallest example.

`python -m tests.oracle.compare --households 20000` assesses complete households; `--partial` drops facts from them and asks
whether the product's word still holds however they turn out. Exit code 0: no difference beyond the unsettled points, 1: new
differences, 2: wrong usage.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from random import Random
from typing import Any

import yaml

from bot.eligibility.assessments import Assessment, Likelihood, assess_all
from bot.situation_files import read_situation
from knowledge.catalogue import Catalogue
from tests.oracle.answers import PROGRAMMES, amounts, verdicts
from tests.oracle.household import Facts
from tests.oracle.households import household_and_day
from tests.oracle.partial import Partial, partial_of
from tests.oracle.shrink import smallest, told
from tests.oracle.unsettled import point_of

LIKELIHOOD = {
    frozenset({True}): Likelihood.LIKELY,
    frozenset({False}): Likelihood.UNLIKELY,
    frozenset({True, False}): Likelihood.CANNOT_TELL,
}
A_FEN = 0.01


@cache
def catalogue() -> Catalogue:
    return Catalogue.bundled()


@dataclass(frozen=True, slots=True)
class Difference:
    """Product and oracle say different things of one household. because: the conditions on which the product rests its
    word."""

    programme: str
    product: str
    oracle: str
    because: tuple[str, ...]
    seed: int
    day: date
    partial: Partial | None = None
    whole: dict[str, Any] | None = None

    @property
    def point(self) -> str | None:
        """The unsettled point it belongs to; None: nobody has looked at it yet."""
        facts = household_and_day(self.seed)[0] if self.whole is None else self.whole
        return point_of(self.programme, self.product, facts, self.day)

    @property
    def kind(self) -> tuple[str, str, str, tuple[str, ...]]:
        return self.programme, self.product, self.oracle, self.because


def assessed(facts: Facts, day: date) -> dict[str, Assessment]:
    situation = read_situation(facts, catalogue().facts).situation
    return {assessment.programme: assessment for assessment in assess_all(situation, catalogue(), day)}


def differences(facts: Facts, day: date, seed: int = 0, programmes: Iterable[str] = PROGRAMMES) -> Iterator[Difference]:
    found = assessed(facts, day)
    for programme in programmes:
        assessment = found.get(programme)
        expected = LIKELIHOOD[verdicts(programme, facts, day)]
        if assessment is None:
            yield Difference(programme, "not assessed", expected.value, (), seed, day)
        elif assessment.likelihood is not expected:
            because = tuple(reason.condition for reason in assessment.because)
            yield Difference(programme, assessment.likelihood.value, expected.value, because, seed, day)
        elif expected is Likelihood.LIKELY and (wrong := _wrong_amount(assessment, facts, day)):
            yield Difference(programme, *wrong, ("amount",), seed, day)


def _wrong_amount(assessment: Assessment, facts: Facts, day: date) -> tuple[str, str] | None:
    """The amounts, where the product names one and the oracle does not know it as possible."""
    if assessment.benefit is None:
        return None
    possible = amounts(assessment.programme, facts, day) - {None}
    low, high = assessment.benefit.amount.low, assessment.benefit.amount.high
    if low is None or high is None or not possible:
        return ("an amount", "no amount")
    fits = all(float(low) - A_FEN <= float(amount) <= float(high) + A_FEN for amount in possible if amount is not None)
    return None if fits else ("another amount", "an amount")


def compare(households: int, first_seed: int = 0) -> list[Difference]:
    """Every difference over that many households."""
    found: list[Difference] = []
    for seed in range(first_seed, first_seed + households):
        facts, day = household_and_day(seed)
        found.extend(differences(facts, day, seed))
    return found


def broken_promises(partial: Partial, seed: int, random: Random, completions: int) -> Iterator[Difference]:
    """Where the product is sure of a partial household, and one way in which it may turn out says otherwise."""
    sure = {name: found for name, found in assessed(partial.facts, partial.day).items()
            if name in PROGRAMMES and found.likelihood is not Likelihood.CANNOT_TELL}
    for whole in partial.completions(random, completions):
        for name in list(sure):
            expected = LIKELIHOOD[verdicts(name, whole, partial.day)]
            if expected is not sure[name].likelihood:
                found = sure.pop(name)
                because = tuple(reason.condition for reason in found.because)
                yield Difference(name, found.likelihood.value, expected.value, because, seed, partial.day, partial, whole)


def compare_partial(households: int, first_seed: int = 0, completions: int = 12) -> list[Difference]:
    """Every broken promise over that many partial households, each completed in several ways."""
    found: list[Difference] = []
    for seed in range(first_seed, first_seed + households):
        random = Random(seed)
        partial = partial_of(*household_and_day(seed), random)
        found.extend(broken_promises(partial, seed, random, completions))
    return found


def example(difference: Difference) -> tuple[dict[str, Any], date]:
    """The smallest household found that still shows this kind of difference."""
    facts, day = household_and_day(difference.seed)

    def still(smaller: dict[str, Any]) -> bool:
        return any(other.kind == difference.kind for other in differences(smaller, day, 0, (difference.programme,)))

    if difference.partial is not None:
        return {"not told": sorted(difference.partial.gone), "may be": told(difference.whole or {})}, difference.day
    return smallest(facts, still), day


def report(found: list[Difference], households: int, shown: int | None = None) -> Iterator[str]:
    """Counts, then each kind of new difference, most frequent first, with an example. shown: how many kinds; None: all."""
    points = Counter(difference.point for difference in found)
    new = [difference for difference in found if difference.point is None]
    counts = Counter(difference.kind for difference in new)
    yield f"{households} households, {households * len(PROGRAMMES)} verdicts, {len(new)} new differences of {len(counts)} kinds"
    for programme, number in sorted(Counter(difference.programme for difference in new).items()):
        yield f"  {programme}: {number}"
    for point, number in points.most_common():
        if point is not None:
            yield f"unsettled, {point}: {number}"
    for kind, number in counts.most_common(shown):
        first = next(difference for difference in new if difference.kind == kind)
        facts, day = example(first)
        programme, product, oracle, because = kind
        yield f"\n{programme}: product {product}, oracle {oracle}, {number} times; product rests on {', '.join(because)}"
        yield f"  seed {first.seed}, {day}: {_on_one_line(facts)}"


def _on_one_line(facts: dict[str, Any]) -> str:
    return str(yaml.safe_dump(facts, allow_unicode=True, default_flow_style=True, width=100_000)).strip()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.oracle.compare", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--households", type=_positive, default=20_000, metavar="N", help="how many, e.g. 20000")
    parser.add_argument("--first-seed", type=int, default=0, metavar="N", help="where to begin, e.g. 100000 for other households")
    parser.add_argument("--partial", action="store_true", help="drop facts, and hold what is sure against every completion tried")
    arguments = parser.parse_args()
    found = (compare_partial if arguments.partial else compare)(arguments.households, arguments.first_seed)
    for line in report(found, arguments.households):
        print(line)
    return 1 if any(difference.point is None for difference in found) else 0


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of households; wanted a whole number from 1, e.g. 20000")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
