"""The hybrid index: words and meaning of a fixed list of texts, searched together. Knows nothing of days, regions or ranks."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.embedding import Embedder, EmbeddingError, Vectors
from retrieval.entries import Entry
from retrieval.found import Found, MeaningFigures
from retrieval.fusion import either, scaled, stretched, weighted
from retrieval.lexical import Floats, Positions
from retrieval.lexical_fields import LexicalFields, owners_of
from retrieval.query_tokens import QueryTokens
from retrieval.vectors import NearestVectors, VectorIndex
from retrieval.words import Words

log = logging.getLogger(__name__)

CANDIDATES = 100        # texts taken from each list; the union of the lists holds 98 % of the answers on policy text

Embed = Callable[[Sequence[str]], Vectors]


class HybridIndex:
    """Words and vectors of the same entries, wherever they lie. passages: vectors by entry; asked: of the entries' questions."""

    def __init__(
        self, entries: Sequence[Entry], words: Words, embedder: Embedder, fields: LexicalFields,
        passages: NearestVectors, asked: NearestVectors,
    ) -> None:
        self.entries, self.words, self.fields = tuple(entries), words, fields
        self._embedder, self._passages, self._asked = embedder, passages, asked

    @classmethod
    def of(
        cls, entries: Sequence[Entry], words: Words, embedder: Embedder, fields: LexicalFields, vectors: Vectors
    ) -> HybridIndex:
        """In memory. vectors: one row for each of embedded_texts(entries), in that order."""
        count = len(entries)
        return cls(entries, words, embedder, fields, VectorIndex(vectors[:count], np.arange(count, dtype=np.int32)),
                   VectorIndex(vectors[count:], owners_of(entries)))

    @classmethod
    def build(cls, entries: Sequence[Entry], words: Words, embedder: Embedder, embed: Embed | None = None) -> HybridIndex:
        """In memory. embed: how to embed passages, e.g. through a store that knows most of them already."""
        vectors = (embed or embedder.embed_passages)(embedded_texts(entries))
        return cls.of(entries, words, embedder, LexicalFields.build(entries, words), vectors)

    def find(
        self, question: str, allowed: NDArray[np.bool_], dense_weight: float, *, weights: Floats | None = None,
        depth: int = CANDIDATES,
    ) -> Found:
        """The allowed entries that words or meaning bring up, the `depth` best of them by fused and plain score in turn.

        weights: by entry, what its score counts (default 1): they decide who is among the first; the scores stay as they are.
        """
        asked = self.words.question(question)
        tokens = QueryTokens(asked, self.fields)
        vector = self._embedded(asked.meant)
        positions = self._candidates(tokens, vector, allowed)
        meaning = self._meaning(vector, positions)
        share = weighted(dense_weight) if vector is not None else 0.0
        text, nearest = tokens.text_scores[positions], np.fmax(meaning.passage_spreads, meaning.asked_spreads)
        lexical, dense = scaled(text + tokens.asked_scores[positions]), stretched(nearest)
        fused: Floats = ((1 - share) * lexical + share * dense).astype(np.float32)
        # A text nobody wrote questions for is judged by itself as well, else those with questions take all places.
        plain: Floats = ((1 - share) * scaled(text) + share * stretched(meaning.passage_spreads)).astype(np.float32)
        counting = np.ones(len(positions), np.float32) if weights is None else weights[positions]
        rows = either(fused * counting, plain * counting, depth)
        return Found(asked, positions[rows], fused[rows], plain[rows], lexical[rows], dense[rows],
                     tokens.figures(positions[rows]), meaning.taken(rows))

    def _embedded(self, meant: str) -> NDArray[np.float32] | None:
        if self._embedder.dimension == 0:
            return None
        try:
            vector: NDArray[np.float32] = self._embedder.embed_queries([meant])[0]
        except EmbeddingError as error:     # an endpoint that is away costs meaning, never the answer
            log.warning("searched by words alone: %s", error)
            return None
        return vector

    def _candidates(self, tokens: QueryTokens, vector: NDArray[np.float32] | None, allowed: NDArray[np.bool_]) -> Positions:
        """The best of every list, ascending."""
        lists = [_best(tokens.text_scores, allowed), _best(tokens.asked_scores, allowed)]
        if vector is not None:
            for index in (self._passages, self._asked):
                near = index.nearest(vector, allowed, CANDIDATES)
                lists.append(np.fromiter(near, np.int32, len(near)))
        return np.unique(np.concatenate(lists)).astype(np.int32)

    def _meaning(self, vector: NDArray[np.float32] | None, positions: Positions) -> MeaningFigures:
        """A question is always closer to other questions than to paragraphs of law. So each cosine is measured against its own
        kind, in spreads above the mean; raw cosines would let any handbook section with questions push out every law."""
        if vector is None:
            nothing = np.full(len(positions), np.nan, np.float32)
            return MeaningFigures(nothing, nothing, nothing, nothing)
        cosines, spreads = [], []
        for index in (self._passages, self._asked):
            mean, spread = index.usual(vector)
            cosines.append(index.cosines(vector, positions.tolist()))
            spreads.append(((cosines[-1] - mean) / spread).astype(np.float32))
        return MeaningFigures(*cosines, *spreads)


def embedded_texts(entries: Sequence[Entry]) -> list[str]:
    """What is embedded: every entry's passage, then all their questions."""
    return [*(entry.passage for entry in entries), *(question for entry in entries for question in entry.asked_as)]


def _best(scores: Floats, allowed: NDArray[np.bool_]) -> Positions:
    """Allowed positions with a score above 0, the best CANDIDATES; of equal scores the smaller positions."""
    positions = np.flatnonzero((scores > 0) & allowed)
    if len(positions) > CANDIDATES:
        least = np.partition(scores[positions], -CANDIDATES)[-CANDIDATES]
        positions = positions[scores[positions] >= least]
    return positions[np.lexsort((positions, -scores[positions]))][:CANDIDATES].astype(np.int32)
