"""One kept index in PostgreSQL: what a worker knows of it, and that somebody still uses it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from threading import Lock

import numpy as np

from retrieval.lexical import Floats, Positions
from retrieval.postgres_tables import Connection, SearchDatabase
from retrieval.vectors import Moments

NOTED_EVERY_SECONDS = 600.0


@dataclass(frozen=True)
class VectorRows:
    """Which rows of a vector table belong to an index: row rows[i] to owner owners[i]. moments None: there are no vectors.

    A text that stands in several entries has one row and several owners.
    """

    table: str
    rows: Positions
    owners: Positions
    moments: Moments | None

    @cached_property
    def most_per_owner(self) -> int:
        return int(np.bincount(self.owners).max()) if len(self.owners) else 1

    @cached_property
    def span(self) -> int:
        """One more than the largest row."""
        return int(self.rows.max()) + 1 if len(self.rows) else 0

    def best_by_owner(self, rows: Positions, cosines: Floats) -> Floats:
        """For each owner, by position, the best of these rows' cosines; −∞ for one that has none of them."""
        best = np.full(int(self.owners.max(initial=-1)) + 1, -np.inf, np.float32)
        order, sorted_rows = self._by_row
        first = np.searchsorted(sorted_rows, rows, "left")
        counts = np.searchsorted(sorted_rows, rows, "right") - first
        places = np.repeat(first - np.concatenate(([0], counts.cumsum()[:-1])), counts) + np.arange(counts.sum())
        np.maximum.at(best, self.owners[order[places.astype(np.intp)]], np.repeat(cosines, counts))
        return best

    @cached_property
    def _by_row(self) -> tuple[np.ndarray[tuple[int], np.dtype[np.intp]], Positions]:
        order = np.argsort(self.rows, kind="stable")
        return order, self.rows[order]


@dataclass(frozen=True, slots=True)
class StoredIndex:
    """One row of search_index. question_weights: how much the words of each question say."""

    index_id: int
    passages: VectorRows
    questions: VectorRows
    question_weights: Floats


class KeptIndex:
    """An index in use. make_again: the same index, built anew when it is gone.

    An index may be dropped under a worker that answered nobody for a day while others were built (postgres.KEPT_UNUSED_HOURS).
    The next search finds that out here, before it reads anything else.
    """

    def __init__(
        self, database: SearchDatabase, stored: StoredIndex, make_again: Callable[[], StoredIndex],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.stored = stored
        self._database, self._make_again, self._clock = database, make_again, clock
        self._noted = clock()
        self._lock = Lock()

    @contextmanager
    def searching(self) -> Iterator[tuple[Connection, StoredIndex]]:
        """A connection to read from, and the index as it stands. Raises SearchError."""
        if self._clock() - self._noted > NOTED_EVERY_SECONDS:
            with self._lock:
                self._note()
        stored = self.stored
        with self._database.searching() as connection:
            yield connection, stored

    def _note(self) -> None:
        if self._clock() - self._noted <= NOTED_EVERY_SECONDS:
            return                              # another thread was first
        with self._database.searching() as connection:
            noted = connection.execute("UPDATE search_index SET used_at = now() WHERE id = %s", (self.stored.index_id,)).rowcount
        if not noted:
            self.stored = self._make_again()
        self._noted = self._clock()
