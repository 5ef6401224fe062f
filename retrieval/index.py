"""The searcher of a release: what is found under the rules of day, region, rank and kind."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from knowledge.clauses import Clause
from knowledge.knowledge_base import KnowledgeBase
from knowledge.policy_documents import RANK_ORDER, Kind, Rank
from retrieval.answer_signs import asks_for_reports
from retrieval.entries import Entry
from retrieval.found import Found
from retrieval.hybrid import HybridIndex
from retrieval.lexical import Floats
from retrieval.ranking import Ordering
from retrieval.reranking import RERANKED, Reranker, RerankingError, reordered
from retrieval.searcher import Passage
from retrieval.words import normalise

log = logging.getLogger(__name__)

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
eight places and hide the law it explains; at this weight it has about half of them."""

NO_ENTITLEMENT_WEIGHT = 0.4     # the same for a document whose kind, not whose rank, says that it is a plan or a report
ASKED_REPORT_WEIGHT = 1.0       # … unless the question is about just these
DISPLACED_WEIGHT = 0.7          # another text governs the matter by now; still found, for it may be asked about
REMEMBERED_VIEWS = 16
LEAST_DEPTH, SPARE = 60, 3      # texts measured: enough that `limit` remain when doubles are left out
TOGETHER = 0.8                  # a neighbour with at least this share of a clause's score is given right behind it
LETTERS = re.compile(r"[0-9a-z\u3400-\u9fff]+")


@dataclass(frozen=True, slots=True)
class _View:
    """What a day and a region leave of a release. Arrays by clause position."""

    allowed: NDArray[np.bool_]
    weights: Floats
    about_reports: Floats       # the weights for a question about plans and reports


@dataclass(frozen=True, slots=True)
class _Placed:
    """A clause in a ranking: its position in the release, its row in what was found, its weighted score."""

    position: int
    row: int
    score: float


class ClauseSearcher:
    """Searches one release. Immutable and safe to share between threads; a new release gets a new searcher."""

    def __init__(
        self, knowledge_base: KnowledgeBase, index: HybridIndex, dense_weight: float, *, ranker: Ordering | None = None,
        reranker: Reranker | None = None,
    ) -> None:
        """ranker None: the fused score decides. reranker: looks again at the first RERANKED."""
        if len(index.entries) != len(knowledge_base.clauses):
            raise ValueError(f"the index holds {len(index.entries)} entries, the release {len(knowledge_base.clauses)} clauses: "
                             "build it with entries_of(knowledge_base)")
        self.knowledge_base, self.dense_weight = knowledge_base, dense_weight
        self._index, self._ranker, self._reranker, self._clauses = index, ranker, reranker, knowledge_base.clauses
        self._texts = [_same_text(clause.text) or clause.clause_id for clause in self._clauses]
        self._standing = [_standing(clause) for clause in self._clauses]
        self._informing = [not clause.document.states_entitlement for clause in self._clauses]
        self._view = lru_cache(maxsize=REMEMBERED_VIEWS)(self._make_view)

    def search(self, question: str, *, on: date, region: str, limit: int) -> Sequence[Passage]:
        """As retrieval.searcher.Searcher says.

        A text that stands in several documents is given once, in the highest of them. Plans, reports and news come after
        everything else, unless the question is about such papers. Neighbours in a document that fit about alike stand together.
        """
        if limit < 1:
            raise ValueError(f"limit is {limit}: ask for at least one passage, e.g. limit=5")
        view = self._view(on, region)
        plain = normalise(question)
        if not view.allowed.any() or not LETTERS.search(plain):
            return []
        about_reports = asks_for_reports(plain)
        weights = view.about_reports if about_reports else view.weights
        depth = max(LEAST_DEPTH, SPARE * limit)
        found = self._index.find(question, view.allowed, self.dense_weight, weights=weights, depth=depth)
        scores = found.fused if self._ranker is None else self._ranker.scores(found)
        placed = self._together(self._once_each(found, scores, weights, about_reports))
        return [self._passage(entry, found, scores, weights, on) for entry in self._looked_at_again(question, placed)[:limit]]

    def _passage(self, entry: _Placed, found: Found, scores: Floats, weights: Floats, on: date) -> Passage:
        why = {**found.why(entry.row), "ranked": float(scores[entry.row]), "weight": float(weights[entry.position])}
        clause = self._clauses[entry.position]
        return Passage(self.knowledge_base.clause(clause.clause_id, on) or clause, entry.score, why)

    def _once_each(self, found: Found, scores: Floats, weights: Floats, about_reports: bool) -> list[_Placed]:
        """Best first, equal scores in clause_id order.

        Of clauses that say the same, the one of highest standing is kept, with the best score of them all.
        """
        kept: dict[str, _Placed] = {}
        for row, (position, score) in enumerate(zip(found.positions.tolist(), scores.tolist(), strict=True)):
            entry = _Placed(position, row, score * float(weights[position]))
            text = self._texts[position]
            if (other := kept.get(text)) is not None:
                higher = min(entry, other, key=lambda e: self._standing[e.position])
                entry = _Placed(higher.position, higher.row, max(entry.score, other.score))
            kept[text] = entry
        return sorted(kept.values(), key=lambda e: (self._informing[e.position] and not about_reports, -e.score,
                                                    self._clauses[e.position].clause_id))

    def _together(self, placed: Sequence[_Placed]) -> list[_Placed]:
        """Right behind each clause the one before and the one after it in its section, where they fit nearly as well."""
        by_position = {entry.position: entry for entry in placed}
        ordered: dict[int, _Placed] = {}
        for entry in placed:
            ordered.setdefault(entry.position, entry)
            for beside in (entry.position - 1, entry.position + 1):
                other = by_position.get(beside)
                if other is not None and other.score >= TOGETHER * entry.score and self._one_section(entry.position, beside):
                    ordered.setdefault(beside, other)
        return list(ordered.values())

    def _one_section(self, position: int, other: int) -> bool:
        """Are both paragraphs or items of one article or section, as 五、1. and 五、2. are? Whole articles are not."""
        one, two = self._clauses[position], self._clauses[other]
        if one.document.document_id != two.document.document_id:
            return False
        return section_of(one.article) is not None and section_of(one.article) == section_of(two.article)

    def _looked_at_again(self, question: str, placed: Sequence[_Placed]) -> list[_Placed]:
        if self._reranker is None or len(placed) < 2:
            return list(placed)
        texts = [self._clauses[entry.position].text for entry in placed[:RERANKED]]
        try:
            fresh = self._reranker.scores(question, texts)
        except RerankingError as error:
            log.warning("passages stay in the order they were found in: %s", error)
            return list(placed)
        order = reordered([entry.score for entry in placed], fresh)
        return [_Placed(placed[place].position, placed[place].row, score) for place, score in order]

    def _make_view(self, on: date, region: str) -> _View:
        allowed = np.array([c.in_force(on) and reaches(c.document.region, region) for c in self._clauses], np.bool_)
        weights = np.array([weight(clause, on) for clause in self._clauses], np.float32)
        return _View(allowed, weights, np.where(self._informing, ASKED_REPORT_WEIGHT, weights).astype(np.float32))


SECTION = re.compile(r"([一二三四五六七八九十]+、|第[一二三四五六七八九十百千零〇]+条(?:之[一二三四五六七八九十]+)?)(?=.)")


def section_of(article: str) -> str | None:
    """The article or section that a paragraph or item lies in: 五、 of 五、3., 第十八条 of 第十八条第二款; else None."""
    match = SECTION.match(article)
    return match.group(1) if match else None


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
