"""Ranking features: what the learned stage knows of each text that a question found."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.answer_signs import asked_for, shown_by
from retrieval.entries import Entry
from retrieval.found import Found
from retrieval.lexical import Floats
from retrieval.words import normalise

FEATURES = (
    "fused", "plain", "lexical", "dense",
    "text_share", "long_share", "pair_share", "letter_share", "added_share", "context_share", "asked_share",
    "text_of_best", "long_of_best", "pair_of_best", "letter_of_best", "context_of_best", "asked_of_best",
    "pair_coverage", "coverage", "context_coverage", "asked_as", "has_asked",
    "passage_spreads", "asked_spreads", "passage_behind", "asked_behind",
    "place_fused", "place_plain", "place_lexical", "place_passage", "place_asked",
    "document", "document_share", "length", "signs_shown", "signs_missed",
)
"""Figures of retrieval.found, and made from them: "_of_best" as a share of the best text found; "_behind" spreads behind the
nearest; "place_" 1 for the first, falling with the place. has_asked: does anybody's question stand by it? document: mean fused
score of the other texts of its document; document_share: part of what was found that is of its document; length: logarithm of its
characters; signs_shown, signs_missed: does it look like an answer to what is asked for (how long, how much …), or not?"""

NEAR_PLACES = 4.0


class FeatureTable:
    """What the features need to know of every entry beforehand."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        numbers: dict[str, int] = {}
        self._texts = [entry.text for entry in entries]
        # A text without a title is a document of its own.
        self._documents = np.array([numbers.setdefault(entry.title or f"\n{i}", len(numbers)) for i, entry in enumerate(entries)])
        self._lengths = np.log(np.maximum(np.array([len(text) for text in self._texts], np.float32), 1))
        self._signs: dict[int, NDArray[np.bool_]] = {}

    def of(self, found: Found) -> Floats:
        """One row for each text found, one column for each of FEATURES."""
        if not len(found.positions):
            return np.zeros((0, len(FEATURES)), np.float32)
        words, meaning = found.words, found.meaning
        has_asked = (~np.isnan(words.asked_as)).astype(np.float32)
        passage, asked = np.nan_to_num(meaning.passage_spreads), np.nan_to_num(meaning.asked_spreads)
        others, share = self._document(found)
        shown, missed = self._answer_signs(found)
        columns = (
            found.fused, found.plain, found.lexical, found.dense,
            words.text_share, words.long_share, words.pair_share, words.letter_share, words.added_share, words.context_share,
            words.asked_share,
            *map(_of_best, (words.text_share, words.long_share, words.pair_share, words.letter_share, words.context_share,
                            words.asked_share)),
            words.pair_coverage, words.coverage, words.context_coverage, np.nan_to_num(words.asked_as), has_asked,
            passage, asked, passage - passage.max(), (asked - asked.max()) * has_asked,
            *map(_by_place, (found.fused, found.plain, words.text_share, passage, asked)),
            others, share, self._lengths[found.positions], shown, missed,
        )
        return np.stack(columns, axis=1).astype(np.float32)

    def _document(self, found: Found) -> tuple[Floats, Floats]:
        _, documents = np.unique(self._documents[found.positions], return_inverse=True)
        counts = np.bincount(documents)
        sums = np.bincount(documents, found.fused)
        others = (sums[documents] - found.fused) / np.maximum(counts[documents] - 1, 1)
        return others.astype(np.float32), (counts[documents] / len(documents)).astype(np.float32)

    def _answer_signs(self, found: Found) -> tuple[Floats, Floats]:
        wanted = asked_for(found.question.text)
        if not wanted.any():
            nothing = np.zeros(len(found.positions), np.float32)
            return nothing, nothing
        shown = np.stack([self._shown(position) for position in found.positions.tolist()])
        return _any(shown & wanted), _any(wanted & ~shown)

    def _shown(self, position: int) -> NDArray[np.bool_]:
        if position not in self._signs:
            self._signs[position] = shown_by([normalise(self._texts[position])])[0]
        return self._signs[position]


def _any(flags: NDArray[np.bool_]) -> Floats:
    held: Floats = np.any(flags, axis=1).astype(np.float32)
    return held


def _of_best(values: Floats) -> Floats:
    best = values.max()
    return values / best if best > 0 else np.zeros(len(values), np.float32)


def _by_place(values: Floats) -> Floats:
    places = np.empty(len(values), np.float32)
    places[np.argsort(-values, kind="stable")] = np.arange(len(values), dtype=np.float32)
    return (NEAR_PLACES / (NEAR_PLACES + places)).astype(np.float32)
