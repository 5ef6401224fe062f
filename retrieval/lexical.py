"""The lexical index: BM25 over words, character pairs and characters."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import bm25s
import numpy as np
from numpy.typing import NDArray

logging.getLogger("bm25s").setLevel(logging.WARNING)     # it sets itself to report every building of an index

K1, B = 1.2, 0.75
FOLDER = "lexical"

Floats = NDArray[np.float32]
Positions = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Postings:
    """Where some tokens stand: for each occurrence which token (its place in the list asked for), which text, which impact.

    Token by token, texts ascending. The impact is what the token adds to the text's BM25. One gathering serves every score.
    """

    tokens: Positions
    positions: Positions
    impacts: Floats
    counts: Positions           # texts that hold each token, by its place in the list
    size: int                   # texts in the index

    def scores(self, weights: Floats) -> Floats:
        """For every text the sum of its impacts, each times the weight of its token."""
        return np.bincount(self.positions, self.impacts * weights[self.tokens], self.size).astype(np.float32)

    def without(self, left_out: NDArray[np.bool_]) -> Postings:
        """The same, as if these texts were empty."""
        kept = ~left_out[self.positions]
        return replace(self, tokens=self.tokens[kept], positions=self.positions[kept], impacts=self.impacts[kept])

    def by_owner(self, owners: Positions, size: int) -> Postings:
        """Texts of one owner taken together: each token once an owner, with its largest impact. owners: ascending, by text."""
        if not len(self.tokens):
            return replace(self, size=size)
        of = owners[self.positions]
        # Postings come token by token, texts ascending, so those of one owner lie side by side.
        starts = np.flatnonzero(np.concatenate(([True], (np.diff(self.tokens) != 0) | (np.diff(of) != 0))))
        tokens = self.tokens[starts]
        counts = np.bincount(tokens, minlength=len(self.counts)).astype(np.int32)
        return Postings(tokens, of[starts], np.maximum.reduceat(self.impacts, starts), counts, size)

    def highest(self) -> Floats:
        """For every token the largest impact it has in any text: their sum is what a perfect text would score."""
        best = np.zeros(len(self.counts), np.float32)
        if len(self.tokens):
            starts = np.flatnonzero(np.diff(self.tokens, prepend=-1))
            best[self.tokens[starts]] = np.maximum.reduceat(self.impacts, starts)
        return best

    def table(self, chosen: Positions) -> Floats:
        """Impacts of the chosen texts: one row a text, one column a token."""
        rows = np.full(self.size, -1, np.int32)
        rows[chosen] = np.arange(len(chosen), dtype=np.int32)
        of = rows[self.positions]
        kept = of >= 0
        table = np.zeros((len(chosen), len(self.counts)), np.float32)
        table[of[kept], self.tokens[kept]] = self.impacts[kept]
        return table


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

    def save(self, folder: Path, name: str = FOLDER) -> None:
        if self._index is not None:
            self._index.save(str(folder / name), show_progress=False)

    @classmethod
    def load(cls, folder: Path, size: int, name: str = FOLDER) -> LexicalIndex:
        if not (folder / name).is_dir():
            return cls(None, size)
        return cls(bm25s.BM25.load(str(folder / name), show_progress=False), size)

    @property
    def vocabulary(self) -> list[str]:
        """Every token of the texts."""
        return [] if self._index is None else [str(token) for token in self._index.vocab_dict if token]

    def postings(self, tokens: Sequence[str]) -> Postings:
        """All occurrences of these tokens; one that no text holds has none."""
        empty = np.zeros(0, np.int32)
        if self._index is None or not tokens:
            return Postings(empty, empty, np.zeros(0, np.float32), np.zeros(len(tokens), np.int32), self.size)
        vocabulary, matrix = self._index.vocab_dict, self._index.scores
        ids = np.array([vocabulary.get(token, -1) for token in tokens], np.int64)
        known = ids >= 0
        starts = np.where(known, matrix["indptr"][ids], 0).astype(np.int64)
        counts = np.where(known, matrix["indptr"][ids + 1] - starts, 0).astype(np.int64)
        places = np.repeat(starts - np.concatenate(([0], counts.cumsum()[:-1])), counts) + np.arange(counts.sum())
        return Postings(np.repeat(np.arange(len(tokens), dtype=np.int32), counts), matrix["indices"][places].astype(np.int32),
                        matrix["data"][places].astype(np.float32), counts.astype(np.int32), self.size)

    def scores(self, tokens: Iterable[str], added: Iterable[tuple[str, float]] = ()) -> Floats:
        """BM25 of every text. Tokens given twice count twice; added tokens count by their weight."""
        weighted = [*((token, 1.0) for token in tokens), *added]
        return self.postings([token for token, _ in weighted]).scores(np.array([weight for _, weight in weighted], np.float32))

    def _rarity(self, token: str) -> float:
        """Inverse document frequency, at least 0; the highest for a token that no text holds."""
        holders = int(self.postings([token]).counts[0])
        return math.log(1 + (self.size - holders + 0.5) / (holders + 0.5))

    def rarities(self, tokens: Iterable[str]) -> Floats:
        return np.array([self.rarity(token) for token in tokens], np.float32)

    def holders(self, token: str) -> Positions:
        """Positions of the texts that hold the token, each once."""
        return self.postings([token]).positions
