"""Fusion: one ranking from two, by scores and not by ranks.

Scores keep how far apart two texts are; rank fusion forgets it and was worse than words alone on policy text.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retrieval.lexical import Floats


def weighted(dense_weight: float) -> float:
    """The share of the dense score in the sum, 0 to 1; ValueError for anything else."""
    if not 0 <= dense_weight <= 1:
        raise ValueError(f"dense_weight is {dense_weight}: give a share from 0 (words only) to 1 (meaning only), e.g. 0.45")
    return dense_weight


def scaled(scores: Floats) -> Floats:
    """Lexical scores divided by the best, since 0 means "no word in common"."""
    best = scores.max(initial=0.0)
    return scores / best if best > 0 else np.zeros(len(scores), np.float32)


def stretched(scores: Floats) -> Floats:
    """Cosines of one model all lie close together, so they are stretched from the worst to the best; NaN becomes 0."""
    known = ~np.isnan(scores)
    stretched_scores = np.zeros(len(scores), np.float32)
    if known.any():
        worst, best = scores[known].min(), scores[known].max()
        # One text, or all the same: nothing to tell them apart.
        stretched_scores[known] = (scores[known] - worst) / (best - worst) if best > worst else 1.0
    return stretched_scores


def either(one: Floats, other: Floats, limit: int) -> NDArray[np.intp]:
    """Rows of the best by either score, in turn, up to limit; the first score before the second, smaller rows before larger."""
    places = np.minimum(2 * _places(one), 2 * _places(other) + 1)
    return np.lexsort((np.arange(len(one)), places))[:limit]


def _places(scores: Floats) -> NDArray[np.int64]:
    """0 for the best."""
    places = np.empty(len(scores), np.int64)
    places[np.argsort(-scores, kind="stable")] = np.arange(len(scores))
    return places
