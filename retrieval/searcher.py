"""The one way to search: a question, a day and a region in, clauses out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from knowledge.clauses import Clause


@dataclass(frozen=True, slots=True)
class Passage:
    """A clause found for a question. score: larger is better, 0..1 before weights, comparable within one search only.

    why: what made it, by name: "lexical", "dense" (both 0..1 within this search), "coverage" (share 0..1 of the question's
    informative words, synonyms counted, that occur in the clause; comparable between searches), "cosine" (raw),
    "weight" (rank and kind), "asked_as" …
    """

    clause: Clause
    score: float
    why: dict[str, float] = field(default_factory=dict)


class SearchError(Exception):
    """The index cannot be reached or used. Read by operators; says what to mend. Residents get a fixed reply."""


class Searcher(Protocol):
    def search(self, question: str, *, on: date, region: str, limit: int) -> Sequence[Passage]:
        """Best first; only clauses in force on that day and valid for the region (national, the region itself, those it lies
        in); equal scores in clause_id order, so runs repeat. An empty question finds nothing. Raises SearchError."""
        ...
