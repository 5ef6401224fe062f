"""The hybrid index: words and meaning of a fixed list of texts, searched together. Knows nothing of days, regions or ranks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from retrieval.embedding import Embedder, Vectors
from retrieval.fusion import Fused, fuse
from retrieval.lexical import LexicalIndex
from retrieval.vectors import VectorIndex
from retrieval.words import Concept, Question, Words

CANDIDATES = 200        # texts taken from each list; the union holds 98 % of the answers on policy text

Embed = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True, slots=True)
class Entry:
    """What is indexed of one text. asked_as: questions that people ask and this text answers."""

    title: str
    text: str
    headings: tuple[str, ...] = ()
    article: str = ""
    asked_as: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        """All the words one may find it by, the context before the text."""
        return "\n".join(filter(None, (self.title, *self.headings, self.article, self.text, *self.asked_as)))

    @property
    def passage(self) -> str:
        """What is embedded: the text with just enough context to know what it is about. Headings such as 总则 blur it."""
        return "\n".join(filter(None, (f"{self.title} {self.article}".strip(), self.text)))


@dataclass(frozen=True, slots=True)
class Ranking:
    """What one question found, before any policy weights."""

    question: Question
    vector: NDArray[np.float32]
    fused: tuple[Fused, ...]


class HybridIndex:
    """Words and vectors of the same entries. vectors: one row for each of embedded_texts(entries), in that order."""

    def __init__(
        self, entries: Sequence[Entry], words: Words, embedder: Embedder, lexical: LexicalIndex, vectors: Vectors
    ) -> None:
        self.entries, self.words, self._embedder, self._lexical = tuple(entries), words, embedder, lexical
        owners = np.array([i for i, entry in enumerate(entries) for _ in entry.asked_as], np.int32)
        self._passages = VectorIndex(vectors[:len(entries)], np.arange(len(entries), dtype=np.int32))
        self._asked = VectorIndex(vectors[len(entries):], owners)
        # Questions of entries are few and short: cut when first looked at, then remembered.
        self._informative = lru_cache(maxsize=4096)(words.informative)

    @classmethod
    def build(cls, entries: Sequence[Entry], words: Words, embedder: Embedder, embed: Embed | None = None) -> HybridIndex:
        """embed: how to embed passages, e.g. through a store that knows most of them already."""
        vectors = (embed or embedder.embed_passages)(embedded_texts(entries))
        return cls(entries, words, embedder, cut_entries(entries, words), vectors)

    def rank(self, question: str, allowed: NDArray[np.bool_], dense_weight: float, candidates: int = CANDIDATES) -> Ranking:
        """The allowed entries that words or meaning bring up, best first."""
        asked = self.words.question(question)
        lexical = _best(self._lexical.scores(asked.tokens, asked.added), allowed, candidates)
        if self._embedder.dimension == 0:
            return Ranking(asked, np.zeros(0, np.float32), tuple(fuse(lexical, {}, 0.0)))
        vector: NDArray[np.float32] = self._embedder.embed_queries([asked.meant])[0]
        return Ranking(asked, vector, tuple(fuse(lexical, self._meant(vector, allowed, candidates), dense_weight)))

    def _meant(self, vector: NDArray[np.float32], allowed: NDArray[np.bool_], candidates: int) -> dict[int, float]:
        """How far an entry's cosine stands out, by its text or by the best of its own questions.

        A question is always closer to other questions than to paragraphs of law. So each is measured against its own kind,
        in spreads above the mean; raw cosines would let any handbook section with questions push out every law.
        """
        found: dict[int, float] = {}
        for index in (self._passages, self._asked):
            mean, spread = index.usual(vector)
            for position, cosine in index.nearest(vector, allowed, candidates).items():
                found[position] = max(found.get(position, -np.inf), (cosine - mean) / spread)
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0]))[:candidates])

    def cosine(self, ranking: Ranking, position: int) -> float | None:
        """Cosine of the question and the entry's text, also when words alone found it; None without embeddings."""
        return self._passages.cosine(ranking.vector, position) if ranking.vector.size else None

    def asked_cosine(self, ranking: Ranking, position: int) -> float | None:
        """Cosine of the question and the nearest of the entry's own questions; None when it has none."""
        return self._asked.cosine(ranking.vector, position) if ranking.vector.size else None

    def coverage(self, question: Question) -> NDArray[np.float32]:
        """For every entry, the share 0..1 of the question's informative words that occur in it, rarer words counting more.

        A word counts as said when one of its ways is; a way of several words counts by the share of them that is there.
        A word that no entry holds counts as the rarest: a question about something else must not look answered.
        """
        covered = np.zeros(self._lexical.size, np.float32)
        total = 0.0
        for concept in question.concepts:
            weight = self._weight(concept)
            total += weight
            covered += np.float32(weight) * self._shares(concept)
        return covered / np.float32(total) if total > 0 else covered

    def _weight(self, concept: Concept) -> float:
        """The commonest way to say it decides: 吃低保 is written in no law, but what it means is in many."""
        return min(max(map(self._lexical.rarity, way)) for way in concept.ways)

    def _shares(self, concept: Concept) -> NDArray[np.float32]:
        """For every entry, how much of the concept it holds by the way that suits it best."""
        best = np.zeros(self._lexical.size, np.float32)
        for way in concept.ways:
            share = np.zeros(self._lexical.size, np.float32)
            whole = sum(map(self._lexical.rarity, way))
            for token in way:
                share[self._lexical.holders(token)] += np.float32(self._lexical.rarity(token) / whole)
            np.maximum(best, share, out=best)
        return best

    def asked_as(self, question: Question, position: int) -> float | None:
        """How well the best of the entry's own questions matches, 0..1 (1: the same informative words); None when it has none."""
        questions = self.entries[position].asked_as
        weighted = [(self._weight(concept), concept) for concept in question.concepts]
        return max((self._likeness(weighted, self._informative(other)) for other in questions), default=None)

    def _likeness(self, asked: Sequence[tuple[float, Concept]], other: frozenset[str]) -> float:
        """Twice the weight in common, divided by the weight of both questions (Dice)."""
        common = sum(weight * max(len(other.intersection(way)) / len(way) for way in concept.ways) for weight, concept in asked)
        whole = sum(weight for weight, _ in asked) + sum(map(self._lexical.rarity, other))
        return min(1.0, 2 * common / whole) if whole > 0 else 0.0


def cut_entries(entries: Sequence[Entry], words: Words) -> LexicalIndex:
    return LexicalIndex.build([words.tokens(entry.said) for entry in entries])


def embedded_texts(entries: Sequence[Entry]) -> list[str]:
    """What is embedded: every entry's passage, then all their questions."""
    return [*(entry.passage for entry in entries), *(question for entry in entries for question in entry.asked_as)]


def _best(scores: NDArray[np.float32], allowed: NDArray[np.bool_], limit: int) -> dict[int, float]:
    """Allowed positions with a score above 0, the best ones up to limit; equal scores in ascending order of position."""
    positions = np.flatnonzero((scores > 0) & allowed)
    order = positions[np.lexsort((positions, -scores[positions]))][:limit]
    return {int(position): float(scores[position]) for position in order}
