"""Duplicates (重复): the same words in two documents, so that editors keep one of them right. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from knowledge.clauses import Clause
from knowledge.documents.succession import bare_title

SHORTEST = 40
"""Characters: shorter sentences are formulas that every law has (本法自某日起施行)."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two documents in force that share clauses. clauses: of the first document, with the same words in the second.
    share: of the smaller document's clauses."""

    one: Clause
    other: Clause
    count: int
    share: float


def duplicates_among(clauses: Sequence[Clause], on: date) -> Iterator[Duplicate]:
    """Every two documents of different titles, both in force, with at least one clause of the same words."""
    sizes: dict[str, int] = {}
    by_words: dict[str, dict[str, Clause]] = {}
    for clause in clauses:
        if not clause.in_force(on):
            continue
        key = clause.document.document_id
        sizes[key] = sizes.get(key, 0) + 1
        words = re.sub(r"\W", "", clause.text)
        if len(words) >= SHORTEST:
            by_words.setdefault(words, {}).setdefault(key, clause)
    shared: dict[tuple[str, str], list[tuple[Clause, Clause]]] = {}
    for same in by_words.values():
        for one, other in _each_two(sorted(same.values(), key=lambda c: c.clause_id)):
            if bare_title(one.document.title) != bare_title(other.document.title):
                shared.setdefault((one.document.document_id, other.document.document_id), []).append((one, other))
    for (first, second), pairs in sorted(shared.items()):
        one, other = pairs[0]
        yield Duplicate(one, other, len(pairs), len(pairs) / min(sizes[first], sizes[second]))


def _each_two(clauses: Sequence[Clause]) -> Iterator[tuple[Clause, Clause]]:
    for index, one in enumerate(clauses):
        for other in clauses[index + 1 :]:
            yield one, other
