"""A question's words in the fields of an index: every lexical figure of every text, from one gathering of postings."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from retrieval.found import WordFigures
from retrieval.lexical import Floats, Positions, Postings
from retrieval.lexical_fields import LexicalFields
from retrieval.words import Question

LEAST = 1e-6            # keeps a question without any known word from dividing by nothing


class QueryTokens:
    """A question's tokens and where they stand in the fields."""

    def __init__(self, question: Question, fields: LexicalFields) -> None:
        added = dict(question.added)
        ways = dict.fromkeys(token for concept in question.concepts for way in concept.ways for token in way)
        tokens = list(dict.fromkeys((*question.tokens, *added, *ways)))
        self._question, self._fields = question, fields
        self._column = {token: column for column, token in enumerate(tokens)}
        asked = frozenset(question.tokens)
        self._asked = np.array([token in asked for token in tokens], np.bool_)
        self._weights = np.array([1.0 if token in asked else added.get(token, 0.0) for token in tokens], np.float32)
        self._rarity = fields.rarities(tokens)
        lengths = np.array([0 if token[0].isascii() else len(token) for token in tokens], np.int32)
        self._letters, self._pairs = self._asked & (lengths == 1), self._asked & (lengths == 2)
        self._long = self._asked & ~self._letters & ~self._pairs
        self._text, self._context = fields.text.postings(tokens), fields.context.postings(tokens)
        self._own = fields.asked.postings(tokens)
        self._owned = self._own.by_owner(fields.asked_owners, fields.text.size)

    @cached_property
    def text_scores(self) -> Floats:
        """BM25 of every entry's text and context."""
        return self._text.scores(self._weights)

    @cached_property
    def asked_scores(self) -> Floats:
        """BM25 of each entry's own questions, taken together: each token once, where it counts most. 0 without any."""
        return self._owned.scores(self._weights)

    def figures(self, positions: Positions) -> WordFigures:
        """Of these entries, in their order."""
        table, context = self._text.table(positions), self._context.table(positions)
        whole = _best_possible(self._text, self._weights)
        pairs = self._rarity * self._pairs
        said = (table > 0) | (self._owned.table(positions) > 0)

        def share(kind: NDArray[np.bool_]) -> Floats:
            return table @ (self._weights * kind) / whole

        return WordFigures(
            text_share=self.text_scores[positions] / whole, long_share=share(self._long), pair_share=share(self._pairs),
            letter_share=share(self._letters), added_share=share(~self._asked),
            context_share=context @ self._weights / _best_possible(self._context, self._weights),
            asked_share=self.asked_scores[positions] / _best_possible(self._owned, self._weights),
            pair_coverage=(table > 0) @ pairs / np.float32(max(float(pairs.sum()), LEAST)),
            coverage=self._coverage(said), context_coverage=self._coverage(context > 0), asked_as=self._likeness(positions))

    def _rows_of(self, positions: Positions) -> tuple[Positions, Positions]:
        """The rows of asked questions of these entries, and for each the place of its entry among them."""
        place = np.full(self._fields.text.size, -1, np.int32)
        place[positions] = np.arange(len(positions), dtype=np.int32)
        of = place[self._fields.asked_owners]
        rows = np.flatnonzero(of >= 0).astype(np.int32)
        return rows, of[rows]

    @cached_property
    def _concept_weights(self) -> list[float]:
        """The commonest way to say it decides: 吃低保 is written in no law, but what it means is in many."""
        return [min(max(float(self._rarity[self._column[t]]) for t in way) for way in c.ways) for c in self._question.concepts]

    def _coverage(self, held: NDArray[np.bool_]) -> Floats:
        """The share 0..1 of the question's informative words that each row holds, rarer words counting more.

        A word counts as said when one of its ways is; a way of several words counts by the share of them that is there.
        A word that no entry holds counts as the rarest: a question about something else must not look answered.
        """
        total = sum(self._concept_weights)
        return self._common(held) / np.float32(total) if total > 0 else np.zeros(len(held), np.float32)

    def _common(self, held: NDArray[np.bool_], by_rarity: bool = True) -> Floats:
        """Weight of the question's concepts that each row holds. by_rarity: a way's rarer words count more for it."""
        if not self._concept_weights:
            return np.zeros(len(held), np.float32)
        shares, starts = self._ways[by_rarity]
        best = np.maximum.reduceat(held.astype(np.float32) @ shares, starts, axis=1)
        return np.minimum(best, 1) @ np.array(self._concept_weights, np.float32)

    @cached_property
    def _ways(self) -> tuple[tuple[Floats, NDArray[np.intp]], tuple[Floats, NDArray[np.intp]]]:
        """For equal tokens and for tokens by rarity: each token's part of each way (a column), and where concepts start."""
        ways = [way for concept in self._question.concepts for way in concept.ways]
        starts = np.cumsum([0, *(len(concept.ways) for concept in self._question.concepts)])[:-1]
        equal = np.zeros((len(self._column), len(ways)), np.float32)
        for place, way in enumerate(ways):
            equal[[self._column[token] for token in way], place] = 1
        rare = equal * self._rarity[:, None]
        return (equal / equal.sum(axis=0), starts), (rare / rare.sum(axis=0), starts)

    def _likeness(self, positions: Positions) -> Floats:
        """Of the best of its own questions: twice the weight in common, divided by the weight of both (Dice). NaN without any."""
        best = np.full(len(positions), np.nan, np.float32)
        rows, of = self._rows_of(positions)
        if len(rows):
            whole = np.float32(sum(self._concept_weights)) + self._fields.asked_weights[rows]
            alike = np.minimum(1.0, 2 * self._common(self._own.table(rows) > 0, False) / np.maximum(whole, 1e-6))
            order = np.argsort(of, kind="stable")
            starts = np.flatnonzero(np.diff(of[order], prepend=-1))
            best[of[order][starts]] = np.fmax.reduceat(alike[order], starts)
        return best


def _best_possible(postings: Postings, weights: Floats) -> np.float32:
    """The BM25 of a text that would hold every token as well as the best text for it does."""
    return np.float32(max(float(postings.highest() @ weights), LEAST))
