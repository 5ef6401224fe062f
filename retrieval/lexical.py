"""The lexical index: BM25 over words and character pairs."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import bm25s
import numpy as np
from numpy.typing import NDArray

logging.getLogger("bm25s").setLevel(logging.WARNING)     # it sets itself to report every building of an index

K1, B = 1.2, 0.75
FOLDER = "lexical"


class LexicalIndex:
    """Scores every text for a question's tokens, and knows how rare a token is and where it stands.

    Positions are those of the texts given to build. An index of no texts is allowed and scores nothing.
    """

    def __init__(self, index: Any | None, size: int) -> None:
        self._index, self.size = index, size
        self.rarity = lru_cache(maxsize=65_536)(self._rarity)

    @classmethod
    def build(cls, texts: Sequence[Sequence[str]]) -> LexicalIndex:
        if not any(texts):
            return cls(None, len(texts))
        index = bm25s.BM25(k1=K1, b=B, method="lucene")
        index.index([list(tokens) for tokens in texts], show_progress=False)
        return cls(index, len(texts))

    def save(self, folder: Path) -> None:
        if self._index is not None:
            self._index.save(str(folder / FOLDER), show_progress=False)

    @classmethod
    def load(cls, folder: Path, size: int) -> LexicalIndex:
        if not (folder / FOLDER).is_dir():
            return cls(None, size)
        return cls(bm25s.BM25.load(str(folder / FOLDER), show_progress=False), size)

    def scores(self, tokens: Iterable[str], added: Iterable[tuple[str, float]] = ()) -> NDArray[np.float32]:
        """BM25 of every text. Tokens given twice count twice; added tokens count by their weight."""
        total = self._scores(list(tokens))
        by_weight: dict[float, list[str]] = {}
        for token, weight in added:
            by_weight.setdefault(weight, []).append(token)
        for weight, weighted in by_weight.items():
            total += np.float32(weight) * self._scores(weighted)
        return total

    def _scores(self, tokens: list[str]) -> NDArray[np.float32]:
        ids = self._index.get_tokens_ids(tokens) if self._index is not None else []
        if self._index is None or not ids:
            return np.zeros(self.size, np.float32)
        scores: NDArray[np.float32] = self._index.get_scores_from_ids(ids)
        return scores

    def _rarity(self, token: str) -> float:
        """Inverse document frequency, at least 0; the highest for a token that no text holds."""
        holders = len(self.holders(token))
        return math.log(1 + (self.size - holders + 0.5) / (holders + 0.5))

    def holders(self, token: str) -> NDArray[np.int32]:
        """Positions of the texts that hold the token, each once."""
        ids = self._index.get_tokens_ids([token]) if self._index is not None else []
        if self._index is None or not ids:
            return np.zeros(0, np.int32)
        matrix = self._index.scores
        positions: NDArray[np.int32] = matrix["indices"][matrix["indptr"][ids[0]]:matrix["indptr"][ids[0] + 1]]
        return positions
