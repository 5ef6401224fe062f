"""The searcher of a release: the hybrid index under the rules of day, region, rank and kind."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from knowledge.clauses import Clause
from knowledge.knowledge_base import KnowledgeBase
from knowledge.policy_documents import RANK_ORDER, Kind, Rank
from retrieval.fusion import Fused
from retrieval.hybrid import Entry, HybridIndex
from retrieval.searcher import Passage
from retrieval.words import normalise

RANK_WEIGHT = {
    Rank.LAW: 1.0,
    Rank.ADMINISTRATIVE: 0.98,
    Rank.SHANGHAI_REGULATION: 0.98,
    Rank.CITY: 0.96,
    Rank.DISTRICT: 0.96,
    Rank.HANDBOOK: 0.45,
    Rank.INFORMATION: 0.4,
}
"""国 > 市 > 区, but so close that rank decides only between texts that fit the question alike: a district's measure often says
exactly what a law leaves open. The handbook speaks residents' language and would, at equal weight, fill seven of the first
eight places and hide the law it explains; at this weight it has about half of them. Plans, reports and news state no
entitlement and stand behind whatever does."""

NO_ENTITLEMENT_WEIGHT = 0.4     # the same for a document whose kind, not whose rank, says that it is a plan or a report
DISPLACED_WEIGHT = 0.7          # another text governs the matter by now; still found, for it may be asked about
REMEMBERED_VIEWS = 16
LETTERS = re.compile(r"[0-9a-z\u3400-\u9fff]+")


@dataclass(frozen=True, slots=True)
class _View:
    """What a day and a region leave of a release. Arrays by clause position."""

    allowed: NDArray[np.bool_]
    weights: NDArray[np.float32]


class ClauseSearcher:
    """Searches one release. Immutable and safe to share between threads; a new release gets a new searcher."""

    def __init__(self, knowledge_base: KnowledgeBase, index: HybridIndex, dense_weight: float) -> None:
        if len(index.entries) != len(knowledge_base.clauses):
            raise ValueError(f"the index holds {len(index.entries)} entries, the release {len(knowledge_base.clauses)} clauses: "
                             "build it with entries_of(knowledge_base)")
        self.knowledge_base, self.dense_weight = knowledge_base, dense_weight
        self._index, self._clauses = index, knowledge_base.clauses
        self._texts = [_same_text(clause.text) or clause.clause_id for clause in self._clauses]
        self._standing = [_standing(clause) for clause in self._clauses]
        self._view = lru_cache(maxsize=REMEMBERED_VIEWS)(self._make_view)

    def search(self, question: str, *, on: date, region: str, limit: int) -> Sequence[Passage]:
        """As retrieval.searcher.Searcher says. A text that stands in several documents is given once, in the highest of them."""
        if limit < 1:
            raise ValueError(f"limit is {limit}: ask for at least one passage, e.g. limit=5")
        view = self._view(on, region)
        if not view.allowed.any() or not LETTERS.search(normalise(question)):
            return []
        ranking = self._index.rank(question, view.allowed, self.dense_weight)
        best = self._once_each(ranking.fused, view)[:limit]
        coverage = self._index.coverage(ranking.question)
        passages = []
        for position, score, found in best:
            why = {"lexical": found.lexical, "dense": found.dense, "coverage": float(coverage[position]),
                   "weight": float(view.weights[position])}
            # Left out, not 0, where nothing was measured: a reader may want a least cosine.
            if (cosine := self._index.cosine(ranking, position)) is not None:
                why["cosine"] = cosine
            if (asked_cosine := self._index.asked_cosine(ranking, position)) is not None:
                why["asked_cosine"] = asked_cosine
            if (asked_as := self._index.asked_as(ranking.question, position)) is not None:
                why["asked_as"] = asked_as
            clause = self._clauses[position]
            passages.append(Passage(self.knowledge_base.clause(clause.clause_id, on) or clause, score, why))
        return passages

    def _once_each(self, fused: Iterable[Fused], view: _View) -> list[tuple[int, float, Fused]]:
        """(position, weighted score, how it was found), best first, equal scores in clause_id order.

        Of clauses that say the same, the one of highest standing is kept, with the best score of them all.
        """
        kept: dict[str, tuple[int, float, Fused]] = {}
        for found in fused:
            entry = found.position, found.score * float(view.weights[found.position]), found
            text = self._texts[found.position]
            if (other := kept.get(text)) is not None:
                higher = min(entry, other, key=lambda e: self._standing[e[0]])
                entry = higher[0], max(entry[1], other[1]), higher[2]
            kept[text] = entry
        return sorted(kept.values(), key=lambda entry: (-entry[1], self._clauses[entry[0]].clause_id))

    def _make_view(self, on: date, region: str) -> _View:
        allowed = np.array([c.in_force(on) and reaches(c.document.region, region) for c in self._clauses], np.bool_)
        weights = np.array([weight(clause, on) for clause in self._clauses], np.float32)
        return _View(allowed, weights)


def reaches(document_region: str, region: str) -> bool:
    """Whether a document of that region binds in this one: national texts everywhere, 上海市's in 上海市长宁区, 浙江省's not."""
    return region.startswith(document_region)


def weight(clause: Clause, on: date) -> float:
    """What the clause's standing makes of its score, 0..1."""
    document = clause.document
    value = RANK_WEIGHT[document.rank]
    if not document.states_entitlement:
        value = min(value, NO_ENTITLEMENT_WEIGHT)
    return value * DISPLACED_WEIGHT if clause.displaced(on) else value


def _standing(clause: Clause) -> tuple[int, int, str]:
    """Orders documents that say the same: highest rank, then newest."""
    return RANK_ORDER.index(clause.document.rank), -clause.document.first_day.toordinal(), clause.clause_id


def entries_of(knowledge_base: KnowledgeBase) -> list[Entry]:
    """What is indexed of a release, in the order of its clauses."""
    return [Entry(clause.document.title, clause.text, clause.heading_path, clause.article, _asked_as(knowledge_base, clause))
            for clause in knowledge_base.clauses]


def _asked_as(knowledge_base: KnowledgeBase, clause: Clause) -> tuple[str, ...]:
    """Questions the clause is known to answer: a section's own, or those kept for an article of that document."""
    catalogue = knowledge_base.catalogue
    if clause.document.kind is Kind.HANDBOOK:
        return catalogue.asked_as(clause.clause_id)
    return catalogue.asked_as_article(clause.document.title, clause.article)


def _same_text(text: str) -> str:
    """Texts that differ only in spacing, punctuation or script count as the same."""
    return "".join(LETTERS.findall(normalise(text)))
