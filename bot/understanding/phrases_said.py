"""Phrases that tell one fact each, kept in bot/phrases/facts_told.yaml."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from bot.situation import Value
from bot.understanding.phrase_files import PhraseFileError, entries, one_of
from bot.understanding.readings import Reading

FILE = "facts_told"


@dataclass(frozen=True, slots=True)
class Phrase:
    """fact: short for a person's ("working"), full for others ("event.kind")."""

    fact: str
    value: Value
    sure: bool
    pattern: re.Pattern[str]
    unless_in_clause: re.Pattern[str] | None

    def matches(self, reading: Reading) -> Iterator[re.Match[str]]:
        """Where the message says it, clauses with words that speak against it left out."""
        for match in self.pattern.finditer(reading.plain):
            against = self.unless_in_clause
            if against is None or not against.search(reading.text.clause_at(match.start()).text):
                yield match


def phrases(*facts: str) -> tuple[Phrase, ...]:
    """The phrases of these facts, in file order."""
    return tuple(phrase for phrase in _all_phrases() if phrase.fact in facts)


def read_phrases(reading: Reading, *facts: str) -> None:
    """Adds each of these facts where one of its phrases stands: a person's to whom the words are about."""
    for phrase in phrases(*facts):
        for match in phrase.matches(reading):
            if "." in phrase.fact:
                reading.tell(phrase.fact, phrase.value, match.start(), match.end(), certain=phrase.sure)
            else:
                reading.tell_of_person(phrase.fact, phrase.value, match.start(), match.end(), certain=phrase.sure)


@lru_cache(maxsize=1)
def _all_phrases() -> tuple[Phrase, ...]:
    return tuple(_phrase(number, dict(entry)) for number, entry in enumerate(entries(FILE), 1))


def _phrase(number: int, entry: dict[str, object]) -> Phrase:
    where = f"bot/phrases/{FILE}.yaml, entry {number}"
    fact, value, patterns, against = (entry.get(field) for field in ("fact", "value", "patterns", "unless_in_clause"))
    if not isinstance(fact, str) or not isinstance(value, (bool, str)) or not isinstance(patterns, list):
        raise PhraseFileError(
            f"{where}: {entry!r} — wanted fact, value and patterns, e.g. {{fact: working, value: none, patterns: [失业]}}")
    pattern = one_of([str(one) for one in patterns], where)
    if pattern is None:
        raise PhraseFileError(f"{where}: no patterns; wanted at least one, e.g. patterns: [失业]")
    sure = entry.get("sure", True) is not False
    return Phrase(fact, value, sure, pattern, one_of([str(against)] if against else [], where))
