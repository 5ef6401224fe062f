"""Fitting the ranking model: weights under which texts that answer get the larger sums, question by question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from eval.ranking_training.examples import NOT_JUDGED, Example
from retrieval.ranking import RankingModel
from retrieval.ranking_features import FEATURES

STEPS = 12              # Newton's method is at rest after about eight
FUSED_AT_START = 1.0
ANSWERS = 2             # the grade of a text that answers by itself
LEAST_SPREAD, LEAST_CHANCE, LEAST_LENGTH = 1e-6, 1e-30, 1e-4

Doubles = NDArray[np.float64]


class NothingToLearnError(ValueError):
    """No example has both a text that answers and one that does not."""


def fit(examples: Sequence[Example], shares: Mapping[str, float], ridge: float) -> RankingModel:
    """The weights that make the answering texts likeliest, as a choice among the texts found (multinomial logit).

    shares: what all examples of a source count together. ridge: how strongly the weights are held where they start (the fused
    score alone), on features of unit spread: a hundred questions cannot settle forty weights by themselves. Deterministic.
    Source: D. McFadden, Conditional logit analysis of qualitative choice behavior (1974); Newton's method on its convex loss.
    """
    usable = [_of(example) for example in examples]
    counts = {source: sum(1 for example, one in zip(examples, usable, strict=True) if one and example.source == source)
              for source in shares}
    rows = [_Choice(*one, shares[example.source] / counts[example.source])
            for example, one in zip(examples, usable, strict=True) if one and example.source in shares]
    if not rows:
        raise NothingToLearnError("no question has both a text that answers and one that does not among those found: "
                                  "give questions whose answers lie in the documents")
    spread = np.maximum(np.concatenate([row.features for row in rows]).std(axis=0), LEAST_SPREAD)
    rows = [replace(row, features=row.features / spread) for row in rows]
    start = np.zeros(len(spread))
    start[FEATURES.index("fused")] = FUSED_AT_START
    weights = start
    for _ in range(STEPS):
        slope, curve = _slope_and_curve(rows, weights, start, ridge)
        step = np.linalg.solve(curve, slope)
        length, loss = 1.0, _loss(rows, weights, start, ridge)
        while _loss(rows, weights - length * step, start, ridge) > loss and length > LEAST_LENGTH:
            length /= 2                     # a whole step may overshoot where the choice is nearly certain
        weights = weights - length * step
    return RankingModel((weights / spread).astype(np.float32))


@dataclass(frozen=True, slots=True)
class _Choice:
    """One question: features of the judged texts, the share of the choice each should have, what the question counts."""

    features: Doubles
    targets: Doubles
    counts: float

    def chances(self, weights: Doubles) -> Doubles:
        sums = self.features @ weights
        odds = np.exp(sums - sums.max())
        chances: Doubles = odds / odds.sum()
        return chances


def _loss(rows: Sequence[_Choice], weights: Doubles, start: Doubles, ridge: float) -> float:
    lost = sum(row.counts * float(row.targets @ np.log(np.maximum(row.chances(weights), LEAST_CHANCE))) for row in rows)
    return ridge / 2 * float((weights - start) @ (weights - start)) - lost


def _slope_and_curve(
    rows: Sequence[_Choice], weights: Doubles, start: Doubles, ridge: float
) -> tuple[Doubles, Doubles]:
    slope, curve = ridge * (weights - start), ridge * np.eye(len(weights))
    for row in rows:
        chances = row.chances(weights)
        mean = chances @ row.features
        slope += row.counts * (mean - row.targets @ row.features)
        curve += row.counts * ((row.features * chances[:, None]).T @ row.features - np.outer(mean, mean))
    return slope, curve


def _of(example: Example) -> tuple[Doubles, Doubles] | None:
    """Features and the share of the choice each judged text should have; None where there is nothing to tell apart."""
    judged = example.grades != NOT_JUDGED
    answers = (example.grades[judged] >= ANSWERS).astype(np.float64)
    if not answers.any() or answers.all():
        return None
    return example.features[judged].astype(np.float64), answers / answers.sum()
