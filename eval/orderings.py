"""Orderings to compare the learned stage with: one part alone, the fused score, and plain reciprocal rank fusion."""

from __future__ import annotations

import numpy as np

from retrieval.found import Found
from retrieval.lexical import Floats

RRF_K = 60


class LexicalOrdering:
    """By words alone."""

    def scores(self, found: Found) -> Floats:
        return found.lexical


class DenseOrdering:
    """By meaning alone."""

    def scores(self, found: Found) -> Floats:
        return found.dense


class FusedOrdering:
    """By the weighted sum of both."""

    def scores(self, found: Found) -> Floats:
        return found.fused


class RankFusion:
    """By places alone. Source: G. V. Cormack, C. L. A. Clarke, S. Büttcher, Reciprocal Rank Fusion, SIGIR 2009 (k = 60)."""

    def scores(self, found: Found) -> Floats:
        return sum((_reciprocal(part) for part in (found.lexical, found.dense)), np.zeros(len(found.positions), np.float32))


def _reciprocal(scores: Floats) -> Floats:
    """1 / (k + place), the best having place 1; 0 for what the list does not hold."""
    places = np.argsort(np.argsort(-scores, kind="stable"), kind="stable") + 1
    return np.where(scores > 0, 1 / (RRF_K + places), 0).astype(np.float32)
