"""The words of entries by field: what a text says, the context it stands in, and each of the questions people ask about it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np

from retrieval.entries import Entry
from retrieval.lexical import Floats, LexicalIndex, Positions, Postings
from retrieval.words import Words

TEXT, CONTEXT, ASKED = "lexical", "lexical_context", "lexical_asked"
ASKED_WEIGHTS = "asked_weights.npy"


class TokenIndex(Protocol):
    """What searching asks of a field, wherever its postings lie."""

    @property
    def size(self) -> int: ...

    def postings(self, tokens: Sequence[str]) -> Postings: ...


class LexicalFields:
    """Three token indexes of the same entries.

    text: title, headings, numbering and text; one text an entry. context: the same without the text. asked: one text a question,
    in the order of entries; asked_owners: whose question it is; asked_weights: how much its informative words say, by rarity.
    """

    def __init__(
        self, text: TokenIndex, context: TokenIndex, asked: TokenIndex, asked_owners: Positions, asked_weights: Floats
    ) -> None:
        self.text, self.context, self.asked = text, context, asked
        self.asked_owners, self.asked_weights = asked_owners, asked_weights
        self.rarity = lru_cache(maxsize=65_536)(self._rarity)

    @classmethod
    def build(cls, entries: Sequence[Entry], words: Words) -> LexicalFields:
        questions = [question for entry in entries for question in entry.asked_as]
        fields = cls(
            LexicalIndex.build([words.tokens(entry.said) for entry in entries]),
            LexicalIndex.build([words.tokens(entry.context) for entry in entries]),
            LexicalIndex.build([words.tokens(question) for question in questions]),
            owners_of(entries), np.zeros(len(questions), np.float32))
        weights = [sum(map(fields.rarity, sorted(words.informative(question)))) for question in questions]
        fields.asked_weights = np.array(weights, np.float32)
        return fields

    def save(self, folder: Path) -> None:
        for name, index in ((TEXT, self.text), (CONTEXT, self.context), (ASKED, self.asked)):
            if not isinstance(index, LexicalIndex):
                raise TypeError(f"the field {name} lies in a {type(index).__name__}; only indexes in memory are kept in files")
            index.save(folder, name)
        np.save(folder / ASKED_WEIGHTS, self.asked_weights, allow_pickle=False)

    @classmethod
    def load(cls, folder: Path, entries: Sequence[Entry]) -> LexicalFields:
        owners = owners_of(entries)
        return cls(LexicalIndex.load(folder, len(entries), TEXT), LexicalIndex.load(folder, len(entries), CONTEXT),
                   LexicalIndex.load(folder, len(owners), ASKED), owners,
                   np.load(folder / ASKED_WEIGHTS, allow_pickle=False))

    def rarities(self, tokens: Sequence[str]) -> Floats:
        return np.array([self.rarity(token) for token in tokens], np.float32)

    def _rarity(self, token: str) -> float:
        """Inverse document frequency over entries, by their text or a question of theirs; highest for a token nobody holds."""
        texts = self.text.postings([token]).positions
        asking = self.asked_owners[self.asked.postings([token]).positions]
        holders = len(np.union1d(texts, asking)) if len(asking) else len(texts)
        return math.log(1 + (self.text.size - holders + 0.5) / (holders + 0.5))


def owners_of(entries: Sequence[Entry]) -> Positions:
    """For each question of the entries, in order, the position of its entry."""
    return np.array([i for i, entry in enumerate(entries) for _ in entry.asked_as], np.int32)
