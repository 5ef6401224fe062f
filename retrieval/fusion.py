"""Fusion: one ranking from two, by scores and not by ranks.

Scores keep how far apart two texts are; rank fusion forgets it and was worse than words alone on policy text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fused:
    """lexical and dense are scaled to 0..1 within one search; score is their weighted sum."""

    position: int
    score: float
    lexical: float
    dense: float


def fuse(lexical: Mapping[int, float], dense: Mapping[int, float], dense_weight: float) -> list[Fused]:
    """Every text of either list, best first, equal scores by position; a text missing from a list has 0 there.

    dense_weight: share of the dense score, 0 to 1. Lexical scores are divided by the best, since 0 means "no word in common".
    Cosines of one model all lie close together, so they are stretched from the worst to the best of the list.
    """
    if not 0 <= dense_weight <= 1:
        raise ValueError(f"dense_weight is {dense_weight}: give a share from 0 (words only) to 1 (meaning only), e.g. 0.45")
    words, meaning = _by_best(lexical), _stretched(dense)
    fused = [
        Fused(position, (1 - dense_weight) * words.get(position, 0.0) + dense_weight * meaning.get(position, 0.0),
              words.get(position, 0.0), meaning.get(position, 0.0))
        for position in {**words, **meaning}
    ]
    return sorted(fused, key=lambda entry: (-entry.score, entry.position))


def _by_best(scores: Mapping[int, float]) -> dict[int, float]:
    best = max(scores.values(), default=0.0)
    return {position: score / best for position, score in scores.items()} if best > 0 else {}


def _stretched(scores: Mapping[int, float]) -> dict[int, float]:
    if not scores:
        return {}
    worst, best = min(scores.values()), max(scores.values())
    if best == worst:                       # one text, or all the same: nothing to tell them apart
        return dict.fromkeys(scores, 1.0)
    return {position: (score - worst) / (best - worst) for position, score in scores.items()}
