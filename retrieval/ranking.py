"""The learned ranking stage: what was found, ordered by a linear model over the features of retrieval.ranking_features.

The model is data of ours (retrieval/ranking_model.yaml): a weight a feature, which anybody can read, and how it was trained.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, Protocol

import numpy as np
import yaml

from retrieval.entries import Entry
from retrieval.found import Found
from retrieval.lexical import Floats
from retrieval.ranking_features import FEATURES, FeatureTable

RANKED = 100            # texts that the model orders; the rest keep their order behind them
BELOW = 0.05            # scores of the texts that the model does not see lie below this
FUSED_SHARE = 0.3
FUSED, PLAIN = FEATURES.index("fused"), FEATURES.index("plain")
MODEL_FILE = "ranking_model.yaml"


class Ordering(Protocol):
    """Says which of the texts found are better."""

    def scores(self, found: Found) -> Floats:
        """One number a text, 0..1, larger is better, comparable within one search only."""
        ...


class RankingModelError(Exception):
    """A ranking model does not fit this program. Read by developers; says how to train it again."""


@dataclass(frozen=True, slots=True)
class RankingModel:
    """weights: by feature, on the feature's own scale; a larger sum is a better text."""

    weights: Floats

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> RankingModel:
        """From the file's content. Raises RankingModelError unless it names exactly the features of this program."""
        named = data.get("weights")
        if not isinstance(named, Mapping) or set(named) != set(FEATURES):
            odd = set(FEATURES).symmetric_difference(named if isinstance(named, Mapping) else ())
            raise RankingModelError(f"{MODEL_FILE} and the program differ in the features {', '.join(sorted(odd)[:5])}: train it "
                                    "again with python -m eval.ranking_training")
        return cls(np.array([float(named[name]) for name in FEATURES], np.float32))

    def scores(self, features: Floats) -> Floats:
        """0..1: the model's sums with a share of the better of the fused and the plain score, which keeps odd sums in check."""
        plain = np.maximum(features[:, FUSED], features[:, PLAIN])
        sums: Floats = (features @ self.weights).astype(np.float32)
        return spread_out((spread_out(sums) + FUSED_SHARE * plain).astype(np.float32))


@lru_cache(maxsize=1)
def bundled_model() -> RankingModel:
    """The model that comes with the program."""
    return RankingModel.of(yaml.safe_load(resources.files("retrieval").joinpath(MODEL_FILE).read_text(encoding="utf-8")))


class Ranker:
    """A model, and what it needs to know of the entries of one index. Safe to share between threads.

    Where no entry has questions of its own the fused scores stand: what the model adds is to weigh texts with and without such
    questions against each other; on four sets without any it won one to three points on two, and lost one on another. They
    stand as well where nothing was measured by meaning: the model learned with it.
    """

    def __init__(self, model: RankingModel, entries: Sequence[Entry]) -> None:
        self._model, self._table = model, FeatureTable(entries)
        self._learned = any(entry.asked_as for entry in entries)

    def scores(self, found: Found) -> Floats:
        """0..1, one a text; beyond RANKED the fused scores go on below the last."""
        if not self._learned or np.isnan(found.meaning.cosine).all():
            return found.fused
        ranked = self._model.scores(self._table.of(found)[:RANKED])
        return np.concatenate([BELOW + (1 - BELOW) * ranked, BELOW * found.fused[RANKED:]]).astype(np.float32)


def spread_out(sums: Floats) -> Floats:
    """0 for the worst to 1 for the best, so that the weights of rank and kind mean the same in every search."""
    if not len(sums):
        return sums
    least, most = sums.min(), sums.max()
    return (sums - least) / (most - least) if most > least else np.ones(len(sums), np.float32)
