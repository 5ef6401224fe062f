"""The vector index: which texts lie nearest to a question in meaning."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.embedding import Vectors

# Its type stubs describe the generated wrappers and not the calls its documentation gives.
faiss: Any = importlib.import_module("faiss")

LEAST_SPREAD = 1e-3     # of cosines; keeps an index of one or of equal vectors from dividing by nothing


class VectorIndex:
    """Unit vectors of one kind of text, each pointing to its owner; an owner may have several and counts by its best.

    Exact search: at the sizes of a city's policies a complete comparison takes less than the question's embedding.
    """

    def __init__(self, vectors: Vectors, owners: NDArray[np.int32]) -> None:
        if len(vectors) != len(owners):
            raise ValueError(f"{len(vectors)} vectors but {len(owners)} owners: give one owner for each vector")
        self._vectors = np.ascontiguousarray(vectors, np.float32)
        self._owners = owners
        self._most_per_owner = int(np.bincount(owners).max()) if len(owners) else 1
        self._index: Any = None
        if vectors.size:
            self._index = faiss.IndexFlatIP(vectors.shape[1])
            self._index.add(self._vectors)
            self._mean = self._vectors.mean(axis=0)
            centred = self._vectors - self._mean
            self._covariance = centred.T @ centred / np.float32(len(vectors))

    def nearest(self, question: NDArray[np.float32], allowed: NDArray[np.bool_], limit: int) -> dict[int, float]:
        """Cosine by owner for the best owners among those allowed, best first; owners of equal cosine in ascending order."""
        if self._index is None:
            return {}
        # One owner's vectors may fill many places, so ask for enough that `limit` owners remain in all but odd cases.
        count = min(len(self._owners), limit * min(self._most_per_owner, 4))
        selected = np.packbits(allowed[self._owners], bitorder="little")
        parameters = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(selected))
        cosines, rows = self._index.search(question.reshape(1, -1), count, params=parameters)
        best: dict[int, float] = {}
        for row, cosine in zip(rows[0].tolist(), cosines[0].tolist(), strict=True):
            if row >= 0:                    # −1 fills the places that the selection leaves empty
                best.setdefault(int(self._owners[row]), cosine)
        return dict(sorted(best.items(), key=lambda item: (-item[1], item[0]))[:limit])

    def usual(self, question: NDArray[np.float32]) -> tuple[float, float]:
        """Mean and spread of the question's cosines with all vectors of this index: what "near" is to be measured against."""
        if self._index is None:
            return 0.0, 1.0
        spread = float(np.sqrt(max(0.0, float(question @ self._covariance @ question))))
        return float(self._mean @ question), max(spread, LEAST_SPREAD)

    def cosine(self, question: NDArray[np.float32], owner: int) -> float | None:
        """The best cosine of one owner, for explaining a result; None when it has no vector."""
        rows = np.flatnonzero(self._owners == owner)
        return float((self._vectors[rows] @ question).max()) if len(rows) and self._index is not None else None
