"""The vector index: which texts lie nearest to a question in meaning."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.embedding import Vectors

# Its type stubs describe the generated wrappers and not the calls its documentation gives.
faiss: Any = importlib.import_module("faiss")

LEAST_SPREAD = 1e-3     # of cosines; keeps an index of one or of equal vectors from dividing by nothing

EXACT_UP_TO = 100_000
"""Vectors compared one by one up to here: about 6 ms. Above, a graph finds 97 of 100 nearest in half a millisecond."""

NEIGHBOURS, BUILD_BREADTH, SEARCH_BREADTH = 32, 80, 256
"""HNSW: links of a vector, candidates kept while linking, and while searching (at least as many as are asked for)."""

FEW_ALLOWED = 0.05      # below this share a graph mostly walks over vectors that may not be given: compare the few one by one


Found = tuple[NDArray[np.float32], NDArray[np.int64]]
"""Cosines and rows, best first."""


class NearestVectors(Protocol):
    """Unit vectors of one kind of text by owner. What the hybrid index asks of a vector index, wherever the vectors lie."""

    def nearest(self, question: NDArray[np.float32], allowed: NDArray[np.bool_], limit: int) -> dict[int, float]:
        """Cosine by owner for the best owners among those allowed, best first; owners of equal cosine in ascending order."""
        ...

    def usual(self, question: NDArray[np.float32]) -> tuple[float, float]:
        """Mean and spread of the question's cosines with all vectors of this index: what "near" is to be measured against."""
        ...

    def cosines(self, question: NDArray[np.float32], owners: Sequence[int]) -> NDArray[np.float32]:
        """The best cosine of each of these owners, in their order; NaN for one that has no vector."""
        ...

    def cosine(self, question: NDArray[np.float32], owner: int) -> float | None:
        """The best cosine of one owner; None when it has no vector."""
        ...


class VectorIndex:
    """Unit vectors in memory, each pointing to its owner; an owner may have several and counts by its best.

    Exact up to exact_up_to vectors, an HNSW graph above. Equal vectors, owners and order give equal answers on one machine.
    """

    def __init__(self, vectors: Vectors, owners: NDArray[np.int32], *, exact_up_to: int = EXACT_UP_TO) -> None:
        if len(vectors) != len(owners):
            raise ValueError(f"{len(vectors)} vectors but {len(owners)} owners: give one owner for each vector")
        # By owner, so that ties and graph do not depend on the order of arrival, and an owner's rows lie side by side.
        order = np.argsort(owners, kind="stable")
        if np.array_equal(order, np.arange(len(order))):
            self._vectors, self._owners = np.ascontiguousarray(vectors, np.float32), np.asarray(owners, np.int32)
        else:
            self._vectors, self._owners = np.ascontiguousarray(vectors[order], np.float32), owners[order].astype(np.int32)
        self._most_per_owner = int(np.bincount(owners).max()) if len(owners) else 1
        self._graph: Any = None
        self._index: Any = None
        if vectors.size:
            self.moments = Moments.of(self._vectors)
            if len(owners) > exact_up_to:
                self._graph = _linked(self._vectors)
                self._index = faiss.downcast_index(self._graph.storage)
            else:
                self._index = faiss.IndexFlatIP(vectors.shape[1])
                self._index.add(self._vectors)
            # faiss copies; keeping its copy and giving ours up holds every vector once.
            self._vectors = faiss.rev_swig_ptr(self._index.get_xb(), self._vectors.size).reshape(self._vectors.shape)

    def nearest(self, question: NDArray[np.float32], allowed: NDArray[np.bool_], limit: int) -> dict[int, float]:
        """As NearestVectors says; above exact_up_to vectors a few of a hundred may be missed."""
        if self._index is None:
            return {}
        rows_allowed = allowed[self._owners]
        # One owner's vectors may fill many places, so ask for enough that `limit` owners remain in all but odd cases. One more
        # shows whether the cut falls among equals; which of those the library gives would be its own affair.
        count = min(len(self._owners), limit * min(self._most_per_owner, 4) + 1)
        cosines, rows = self._search(question.reshape(1, -1), rows_allowed, count)
        best = self._by_owner(cosines, rows)
        if len(rows) == count < len(self._owners) and (len(best) < limit or best[limit - 1][1] == cosines[-1]):
            best = self._by_owner(*self._all(question, rows_allowed))
        return dict(best[:limit])

    def _by_owner(self, cosines: NDArray[np.float32], rows: NDArray[np.int64]) -> list[tuple[int, float]]:
        """Each owner with its best cosine, best first, from rows that come best first."""
        best: dict[int, float] = {}
        for owner, cosine in zip(self._owners[rows].tolist(), cosines.tolist(), strict=True):
            best.setdefault(owner, cosine)
        return sorted(best.items(), key=lambda item: (-item[1], item[0]))

    def _search(self, question: Vectors, rows_allowed: NDArray[np.bool_], count: int) -> Found:
        """As many as there are, up to count."""
        everything = bool(rows_allowed.all())
        selector = None if everything else faiss.IDSelectorBitmap(np.packbits(rows_allowed, bitorder="little"))
        if self._graph is not None and (everything or rows_allowed.mean() >= FEW_ALLOWED):
            parameters = faiss.SearchParametersHNSW(efSearch=max(SEARCH_BREADTH, count))
            parameters.sel = selector
            cosines, rows = self._graph.search(question, count, params=parameters)
        else:
            cosines, rows = self._index.search(question, count, params=faiss.SearchParameters(sel=selector))
        there = rows[0] >= 0                # −1 fills the places that the selection leaves empty
        return cosines[0][there], rows[0][there]

    def _all(self, question: NDArray[np.float32], rows_allowed: NDArray[np.bool_]) -> Found:
        rows = np.flatnonzero(rows_allowed)
        cosines = self._vectors[rows] @ question
        order = np.lexsort((rows, -cosines))
        return cosines[order], rows[order]

    def usual(self, question: NDArray[np.float32]) -> tuple[float, float]:
        """As NearestVectors says; (0, 1) for an index of no vectors."""
        return self.moments.of_cosines(question) if self._index is not None else (0.0, 1.0)

    def cosines(self, question: NDArray[np.float32], owners: Sequence[int]) -> NDArray[np.float32]:
        """As NearestVectors says."""
        wanted = np.asarray(owners, np.int32)
        best = np.full(len(wanted), np.nan, np.float32)
        if self._index is None or not len(wanted):
            return best
        first = np.searchsorted(self._owners, wanted, "left")
        counts = np.searchsorted(self._owners, wanted, "right") - first
        having = np.flatnonzero(counts)
        if not len(having):
            return best
        starts = np.concatenate([[0], np.cumsum(counts[having])[:-1]])
        rows = np.repeat(first[having] - starts, counts[having]) + np.arange(counts[having].sum())
        # Gathering rows costs more than multiplying them: from a quarter of all on, all are multiplied.
        many = len(rows) * 4 > len(self._owners)
        cosines = (self._vectors @ question)[rows] if many else self._vectors[rows] @ question
        best[having] = np.maximum.reduceat(cosines, starts)
        return best

    def cosine(self, question: NDArray[np.float32], owner: int) -> float | None:
        """As NearestVectors says."""
        best = float(self.cosines(question, [owner])[0])
        return None if np.isnan(best) else best


def _linked(vectors: Vectors) -> Any:
    graph = faiss.IndexHNSWFlat(vectors.shape[1], NEIGHBOURS, faiss.METRIC_INNER_PRODUCT)
    graph.hnsw.efConstruction = BUILD_BREADTH
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)            # of this thread only; several would link in another order at every start
    try:
        graph.add(vectors)
    finally:
        faiss.omp_set_num_threads(threads)
    return graph


class Moments:
    """Mean and covariance of many vectors: enough to foretell how any question's cosines with them spread."""

    def __init__(self, mean: NDArray[np.float32], covariance: NDArray[np.float32]) -> None:
        self.mean, self.covariance = mean, covariance

    @classmethod
    def of(cls, vectors: Vectors) -> Moments:
        mean = vectors.mean(axis=0)
        # By parts: a centred copy of everything would double the memory of a large index for a moment.
        covariance = sum((part.T @ part for part in (vectors[at:at + 8192] - mean for at in range(0, len(vectors), 8192))),
                         np.zeros((vectors.shape[1], vectors.shape[1]), np.float32))
        return cls(mean, covariance / np.float32(len(vectors)))

    def of_cosines(self, question: NDArray[np.float32]) -> tuple[float, float]:
        """Mean and spread of the question's cosines, the spread never below a least one."""
        spread = float(np.sqrt(max(0.0, float(question @ self.covariance @ question))))
        return float(self.mean @ question), max(spread, LEAST_SPREAD)
