"""A small release and a small embedder for the tests of retrieval: real records, no model."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np

from knowledge.clauses import Clause
from knowledge.knowledge_base import KnowledgeBase
from knowledge.lexicon import Term, TermKind
from knowledge.policy_documents import Kind, PolicyDocument, Rank
from retrieval.cache import open_searcher
from retrieval.embedding import Embedder
from retrieval.index import ClauseSearcher

DAY = date(2026, 11, 21)
REGION = "上海市长宁区"

LEXICON = (
    Term("吃低保", "最低生活保障", TermKind.FOLK, "dibao"),
    Term("低宝", "低保", TermKind.TYPO, "dibao"),
    Term("低保", "最低生活保障", TermKind.SHORT, "dibao"),
    Term("铜钿", "钱", TermKind.DIALECT),
    Term("救命钱", "医疗救助/临时救助", TermKind.FOLK),
)


class SmallCatalogue:
    """The part of a catalogue that searching reads: a lexicon, questions by clause, handbook sections that change on a day."""

    def __init__(
        self,
        lexicon: Sequence[Term] = LEXICON,
        sections: Sequence[Clause] = (),
        asked_as: Mapping[str, tuple[str, ...]] | None = None,
        later_texts: Mapping[str, tuple[date, str]] | None = None,
    ) -> None:
        self.lexicon = tuple(lexicon)
        self._sections, self._asked_as, self._later = tuple(sections), asked_as or {}, later_texts or {}

    def clauses(self, on: date) -> tuple[Clause, ...]:
        return tuple(self.clause(section.clause_id, on) or section for section in self._sections)

    def clause(self, clause_id: str, on: date) -> Clause | None:
        section = next((s for s in self._sections if s.clause_id == clause_id), None)
        since, text = self._later.get(clause_id, (date.max, ""))
        return section.with_text(text) if section is not None and on >= since else section

    def asked_as(self, clause_id: str) -> tuple[str, ...]:
        return self._asked_as.get(clause_id, ())

    def asked_as_article(self, title: str, article: str) -> tuple[str, ...]:
        return self._asked_as.get(f"{title}#{article}", ())


class LetterEmbedder:
    """Texts as counts of their characters, folded into a few numbers: alike texts lie near, and every vector can be foretold."""

    def __init__(self, dimension: int = 64, name: str = "letters") -> None:
        self.dimension, self.name, self.digest = dimension, name, f"{name}-{dimension}"
        self.passages_embedded = 0

    def embed_queries(self, texts: Sequence[str]) -> np.ndarray:
        return np.stack([self._vector(text) for text in texts]) if texts else np.zeros((0, self.dimension), np.float32)

    def embed_passages(self, texts: Sequence[str]) -> np.ndarray:
        self.passages_embedded += len(texts)
        return self.embed_queries(texts)

    def _vector(self, text: str) -> np.ndarray:
        vector = np.full(self.dimension, 1e-3, np.float32)
        for letter in text:
            vector[_number(letter) % self.dimension] += 1
        return vector / np.linalg.norm(vector)


@cache
def _number(letter: str) -> int:
    return int(hashlib.md5(letter.encode()).hexdigest(), 16)


def document(title: str, *, kind: Kind = Kind.LAW, rank: Rank = Rank.LAW, region: str = "", since: date | None = date(2020, 1, 1),
             until: date | None = None, displaced_from: date | None = None) -> PolicyDocument:
    return PolicyDocument(title, title, kind, rank, region, in_force_from=since, in_force_until=until,
                          displaced_from=displaced_from, source=f"{title}.md")


def clause(of: PolicyDocument, article: str, text: str, *, until: date | None = None) -> Clause:
    return Clause(f"{of.document_id}#{article}", of, article, text, in_force_until=until)


def release(*clauses: Clause, digest: str = "d1", **catalogue: object) -> KnowledgeBase:
    return KnowledgeBase(1, digest, SmallCatalogue(**catalogue), clauses, DAY)


def searcher(
    tmp_path: Path, *clauses: Clause, dense_weight: float = 0.45, embedder: Embedder | None = None, **catalogue: object
) -> ClauseSearcher:
    return open_searcher(release(*clauses, **catalogue), embedder or LetterEmbedder(), tmp_path, dense_weight=dense_weight)


def found(of: ClauseSearcher, question: str, *, on: date = DAY, region: str = REGION, limit: int = 10) -> list[str]:
    return [passage.clause.clause_id for passage in of.search(question, on=on, region=region, limit=limit)]
