"""Noise: questions as they come from hasty fingers and bad microphones, made from clean ones by a seed."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

from knowledge.lexicon import Term, TermKind

SHARE = 0.1             # of the characters or words of a question that come out wrong
MISHEARD = frozenset({TermKind.TYPO, TermKind.VOICE, TermKind.DIALECT, TermKind.FOLK})


class NoiseMaker:
    """Swaps characters of the same sound, leaves out and doubles characters, and says words as the lexicon knows them said.

    The same seed and question give the same noise, in whatever order questions come.
    """

    def __init__(self, lexicon: Iterable[Term] = (), *, seed: int = 20261121, share: float = SHARE) -> None:
        if not 0 <= share <= 1:
            raise ValueError(f"share is {share}: give the part of characters that comes out wrong, 0 to 1, e.g. 0.1")
        self._seed, self._share = seed, share
        self._words = _said_otherwise(lexicon)
        self._longest = max(map(len, self._words), default=0)

    def noisy(self, question: str) -> str:
        chance = random.Random(f"{self._seed} {question}")
        made: list[str] = []
        at = 0
        while at < len(question):
            word = self._word_at(question, at)
            # A word is as likely to come out wrong as its characters together.
            if word is not None and chance.random() < min(1.0, self._share * len(word)):
                made.append(chance.choice(self._words[word]))
                at += len(word)
                continue
            letter = question[at]
            wrong = "\u3400" <= letter <= "\u9fff" and chance.random() < self._share
            made.append(_wrong(letter, chance) if wrong else letter)
            at += 1
        return "".join(made)

    def _word_at(self, question: str, at: int) -> str | None:
        """The longest word that starts here and is also said otherwise."""
        lengths = range(min(self._longest, len(question) - at), 1, -1)
        return next((question[at:at + n] for n in lengths if question[at:at + n] in self._words), None)


def _wrong(letter: str, chance: random.Random) -> str:
    """Usually a character of the same sound; where none is known, and now and then, it is left out or doubled."""
    alike = _confusions().get(letter, "")
    if alike and chance.random() < 0.8:
        return chance.choice(alike)
    return "" if chance.random() < 0.5 else letter + letter


def _said_otherwise(lexicon: Iterable[Term]) -> dict[str, list[str]]:
    found: dict[str, set[str]] = {}
    for term in lexicon:
        if term.kind in MISHEARD:
            found.setdefault(term.official, set()).add(term.term)
    for plain, otherwise in _data()["words"]:
        found.setdefault(plain, set()).add(otherwise)
    return {word: sorted(others) for word, others in found.items() if len(word) > 1}


@lru_cache(maxsize=1)
def _confusions() -> Mapping[str, str]:
    alike: dict[str, str] = {}
    for group in _data()["characters"]:
        for letter in group:
            alike[letter] = alike.get(letter, "") + group.replace(letter, "")
    return alike


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    """eval/data/confusions.yaml: groups of characters of one sound, and pairs of a word and another way to say it."""
    data: dict[str, Any] = yaml.safe_load(resources.files("eval").joinpath("data/confusions.yaml").read_text(encoding="utf-8"))
    return data
