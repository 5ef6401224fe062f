"""What a question found: texts with every figure that speaks for them, column by column."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from retrieval.lexical import Floats, Positions
from retrieval.words import Question


@dataclass(frozen=True, slots=True)
class WordFigures:
    """What words say of each text. Every share lies between 0 and 1 and is comparable between questions.

    A share of BM25 is one of the best score that the question could have anywhere in the index.
    """

    text_share: Floats          # BM25 of text and context by all tokens …
    long_share: Floats          # … by words of three characters and more …
    pair_share: Floats          # … by pairs and words of two …
    letter_share: Floats        # … by single characters …
    added_share: Floats         # … and by the official words meant
    context_share: Floats       # BM25 of title, headings and numbering
    asked_share: Floats         # BM25 of its own questions, taken together
    pair_coverage: Floats       # the question's pairs, by rarity, that the text holds
    coverage: Floats            # the question's informative words, synonyms counted, that text or own questions hold
    context_coverage: Floats    # the same for title, headings and numbering
    asked_as: Floats            # likeness of the nearest of its own questions by words; NaN without any


@dataclass(frozen=True, slots=True)
class MeaningFigures:
    """What vectors say of each text; NaN where nothing was measured.

    cosine, asked_cosine: raw, with the text and with the nearest of its own questions. The spreads say how many standard
    deviations they lie above the mean of all texts, and of all questions.
    """

    cosine: Floats
    asked_cosine: Floats
    passage_spreads: Floats
    asked_spreads: Floats

    def taken(self, rows: NDArray[np.intp]) -> MeaningFigures:
        return MeaningFigures(self.cosine[rows], self.asked_cosine[rows], self.passage_spreads[rows], self.asked_spreads[rows])


@dataclass(frozen=True)
class Found:
    """The most promising texts for a question, most promising first. Arrays hold one value a text.

    lexical and dense lie between 0 and 1 within this search; fused is their weighted sum; plain is the same sum without the
    texts' own questions.
    """

    question: Question
    positions: Positions
    fused: Floats
    plain: Floats
    lexical: Floats
    dense: Floats
    words: WordFigures
    meaning: MeaningFigures

    def why(self, row: int) -> dict[str, float]:
        """The figures of one text by name, each part with its place in the ranking by that part alone (1: first).

        Left out, not 0, where nothing was measured: a reader may want a least cosine.
        """
        figures = {"lexical": self.lexical, "dense": self.dense, "fused": self.fused, "coverage": self.words.coverage,
                   "cosine": self.meaning.cosine, "asked_cosine": self.meaning.asked_cosine, "asked_as": self.words.asked_as}
        values = {name: float(column[row]) for name, column in figures.items()}
        values |= {f"{name}_place": float(places[row]) for name, places in self._places.items()}
        return {name: value for name, value in values.items() if not np.isnan(value)}

    @cached_property
    def _places(self) -> dict[str, NDArray[np.int64]]:
        parts = {"lexical": self.lexical, "dense": self.dense, "fused": self.fused}
        return {name: 1 + np.argsort(np.argsort(-column, kind="stable"), kind="stable") for name, column in parts.items()}
