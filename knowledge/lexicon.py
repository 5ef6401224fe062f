"""The lexicon (词表): what people say, and the official word it stands for; finding names in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum


class TermKind(StrEnum):
    OFFICIAL = "official"        # 规范用语
    SHORT = "short"              # 简称
    FOLK = "folk"                # 口语
    DIALECT = "dialect"          # 沪语
    FORMER = "former"            # 旧称
    TYPO = "typo"                # 错别字
    VOICE = "voice"              # 语音误识
    ELSEWHERE = "elsewhere"      # 外地说法


@dataclass(frozen=True, slots=True)
class Term:
    """One word or phrase. programme: the only programme it can mean, or None when it may mean several or none.

    note: for advisors and content staff; unkind words say there how to answer instead."""

    term: str
    official: str
    kind: TermKind
    programme: str | None = None
    note: str = ""


class NameFinder:
    """Finds which of many names stand in a text: from left to right, the longest name at each place, no overlaps."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._meaning = {_folded(name): meaning for name, meaning in names.items()}
        ordered = sorted(self._meaning, key=lambda name: (-len(name), name))
        self._pattern = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    def meanings(self, text: str) -> tuple[str, ...]:
        """What the names found mean, each once, in the order of the text."""
        return tuple(dict.fromkeys(self._found(text)))

    def _found(self, text: str) -> Iterator[str]:
        if self._pattern is not None:
            for match in self._pattern.finditer(_folded(text)):
                yield self._meaning[match.group()]


def _folded(text: str) -> str:
    return re.sub(r"\s+", "", text).casefold()
