"""Metrics of a ranking against judged answers, and how sure a mean of them is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

Judgements = Mapping[str, int]
"""Grade by id of the texts that answer one question; 0 or absent: does not answer."""


@dataclass(frozen=True, slots=True)
class Figure:
    """The mean of one metric over questions, 0..1, with the 95 % interval of that mean."""

    name: str
    value: float
    low: float
    high: float
    questions: int


def recall_at(k: int, ranking: Sequence[str], judged: Judgements) -> float:
    """Share of the answering texts that stand among the first k."""
    relevant = _relevant(judged)
    return len(relevant.intersection(ranking[:k])) / len(relevant)


def hit_at(k: int, ranking: Sequence[str], judged: Judgements) -> float:
    """1 when an answering text stands among the first k, else 0."""
    return float(not _relevant(judged).isdisjoint(ranking[:k]))


def reciprocal_rank(k: int, ranking: Sequence[str], judged: Judgements) -> float:
    """1 divided by the place of the first answering text; 0 when there is none among the first k."""
    relevant = _relevant(judged)
    return next((1 / place for place, text in enumerate(ranking[:k], start=1) if text in relevant), 0.0)


def ndcg_at(k: int, ranking: Sequence[str], judged: Judgements) -> float:
    """Discounted gain of the first k, as a share of the best possible; the gain of a text is its grade."""
    _relevant(judged)
    best = _discounted(sorted(judged.values(), reverse=True)[:k])
    return _discounted([judged.get(text, 0) for text in ranking[:k]]) / best


def _discounted(grades: Sequence[int]) -> float:
    return sum(grade / math.log2(place + 1) for place, grade in enumerate(grades, start=1))


def _relevant(judged: Judgements) -> frozenset[str]:
    relevant = frozenset(text for text, grade in judged.items() if grade > 0)
    if not relevant:
        raise ValueError("a question without any answering text cannot be scored: leave it out of the run")
    return relevant


def mean_with_interval(name: str, values: Sequence[float], *, samples: int = 2000, seed: int = 20261121) -> Figure:
    """The mean and its 95 % bootstrap interval: questions drawn again with replacement. The seed makes runs repeat.

    Raises ValueError for no values: a figure that cannot be computed is an error, not 0.
    """
    if not values:
        raise ValueError(f"'{name}' has no values: the run scored no question")
    scores = np.asarray(values, np.float64)
    random = np.random.default_rng(seed)
    means = scores[random.integers(0, len(scores), (samples, len(scores)))].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Figure(name, float(scores.mean()), float(low), float(high), len(scores))
