"""An index that can look away from some of the questions people ask, as if nobody had written them down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from retrieval.embedding import Embedder, Vectors
from retrieval.entries import Entry
from retrieval.hybrid import HybridIndex
from retrieval.lexical import Floats, LexicalIndex, Positions, Postings
from retrieval.lexical_fields import LexicalFields, owners_of
from retrieval.vectors import Moments, VectorIndex
from retrieval.words import Words


class LeftOut:
    """Which rows of the asked questions are looked away from now."""

    def __init__(self, rows: int) -> None:
        self.rows = np.zeros(rows, np.bool_)


class _Tokens:
    """The field of asked questions, without the words of those left out."""

    def __init__(self, index: LexicalIndex, left_out: LeftOut) -> None:
        self._index, self._left_out, self.size = index, left_out, index.size

    def postings(self, tokens: Sequence[str]) -> Postings:
        return self._index.postings(tokens).without(self._left_out.rows)


class _Vectors:
    """The vectors of asked questions, without those left out; as retrieval.vectors.NearestVectors says."""

    def __init__(self, vectors: Vectors, owners: Positions, left_out: LeftOut) -> None:
        self._vectors, self._owners, self._left_out = vectors, owners, left_out
        self._moments = Moments.of(vectors) if vectors.size else None

    def _best(self, question: Floats, size: int) -> Floats:
        best = np.full(size, -np.inf, np.float32)
        kept = ~self._left_out.rows
        np.maximum.at(best, self._owners[kept], (self._vectors @ question)[kept])
        return best

    def nearest(self, question: Floats, allowed: NDArray[np.bool_], limit: int) -> dict[int, float]:
        best = np.where(allowed, self._best(question, len(allowed)), -np.inf)
        owners = np.lexsort((np.arange(len(best)), -best))[:limit]
        return {int(owner): float(best[owner]) for owner in owners if best[owner] > -np.inf}

    def usual(self, question: Floats) -> tuple[float, float]:
        return self._moments.of_cosines(question) if self._moments is not None else (0.0, 1.0)

    def cosines(self, question: Floats, owners: Sequence[int]) -> Floats:
        wanted = np.asarray(owners, np.int32)
        best = self._best(question, max(int(self._owners.max(initial=-1)), int(wanted.max(initial=-1))) + 1)[wanted]
        return np.where(np.isneginf(best), np.nan, best).astype(np.float32)

    def cosine(self, question: Floats, owner: int) -> float | None:
        best = float(self.cosines(question, [owner])[0])
        return None if np.isnan(best) else best


class ForgetfulIndex:
    """A hybrid index of entries, and their asked questions by row: texts[row] belongs to entry owners[row]."""

    def __init__(self, entries: Sequence[Entry], words: Words, embedder: Embedder, vectors: Vectors) -> None:
        """vectors: one row for each of retrieval.hybrid.embedded_texts(entries)."""
        count = len(entries)
        self.texts = [question for entry in entries for question in entry.asked_as]
        self.owners = owners_of(entries)
        fields = LexicalFields.build(entries, words)
        if not isinstance(fields.asked, LexicalIndex):
            raise TypeError("fields are built in memory")
        self._left_out, self._weights = LeftOut(len(self.owners)), fields.asked_weights
        asked = _Tokens(fields.asked, self._left_out)
        self._fields = LexicalFields(fields.text, fields.context, asked, self.owners, self._weights)
        self.index = HybridIndex(entries, words, embedder, self._fields,
                                 VectorIndex(vectors[:count], np.arange(count, dtype=np.int32)),
                                 _Vectors(vectors[count:], self.owners, self._left_out))

    @contextmanager
    def without(self, rows: NDArray[np.bool_]) -> Iterator[HybridIndex]:
        """The index as it would be had nobody asked these questions; how rare words are stays as it is."""
        self._left_out.rows = rows
        # A question that weighs nothing known counts as none at all.
        self._fields.asked_weights = np.where(rows, np.nan, self._weights).astype(np.float32)
        try:
            yield self.index
        finally:
            self._left_out.rows = np.zeros(len(rows), np.bool_)
            self._fields.asked_weights = self._weights
