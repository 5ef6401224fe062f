"""A message made comparable without losing where each character stood, cut into clauses."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from bot.understanding.plain import normalise

_FULL_WIDTH = {",": "，", "?": "？", "!": "！", ";": "；", ":": "："}
CLAUSE_ENDS = "，,。.；！？、…"
_QUESTION = re.compile(
    r"能不能|可不可以|可以|是不是|有没有|会不会|好不好|要不要|能否|是否|算不算|够不够|符不符合|怎么|怎样|哪能|"
    r"如何|(?<!没)(?<!没有)(?:什么|啥)(?![^，。]{0,4}(?:都|也)(?:没|不|呒))|(?<!没)(?<!没有)多少|几(?:岁|口|"
    r"级)(?=[才能可要])|哪[些里个]|多久|"
    r"(?<![还很最较])好(?=吃|拿|领|申请|帮)|能(?=[领拿申办享报补进])|想(?=[问申办领吃拿])|会(?=影响|停)|要(?=[多几办])"
)
_ASKING_END = re.compile(r"[吗么嘛伐呢]$|伐$")
_HYPOTHETICAL = re.compile(r"如果|要是|假如|假使|比如|譬如|万一|听(?:说|讲|人)|据说|人家说")


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch between two punctuation marks, by places in the plain text. question_from: where its asking begins, None when it
    asks nothing. hypothetical: supposed or heard, not told."""

    start: int
    end: int
    text: str
    question_from: int | None
    hypothetical: bool

    def asks_at(self, place: int) -> bool:
        """Whether the words at this place of the plain text belong to the asking, not to what is told before it."""
        return self.question_from is not None and place >= self.question_from


class SpokenText:
    """plain: one width, simplified, nothing invisible, blanks beside numbers dropped and other blanks made commas."""

    def __init__(self, original: str) -> None:
        self.original = original
        characters = list(_plain_characters(original))
        self.plain = "".join(character for character, _ in characters)
        self._places = [place for _, place in characters]
        self.clauses = tuple(self._clauses())
        self._clause_ends = [clause.end for clause in self.clauses]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Places in the original of a stretch of the plain text that holds at least one character."""
        return self._places[start], self._places[end - 1] + 1

    def clause_at(self, place: int) -> Clause:
        return self.clauses[bisect_left(self._clause_ends, place)]

    def _clauses(self) -> Iterator[Clause]:
        start = 0
        for end in (*self._ends(), len(self.plain)):
            text = self.plain[start:end]
            asked = self.plain[end:end + 1] == "？" or _ASKING_END.search(text) is not None
            yield Clause(start, end, text, _question_from(text, start, asked), _HYPOTHETICAL.search(text) is not None)
            start = end + 1

    def _ends(self) -> Iterator[int]:
        for place, character in enumerate(self.plain):
            between_digits = self.plain[place - 1:place].isdigit() and self.plain[place + 1:place + 2].isdigit()
            if character in CLAUSE_ENDS and not (character in ".," and between_digits):
                yield place


def _question_from(text: str, start: int, asked: bool) -> int | None:
    """The first asking word. "可以" alone asks only where the clause is a question."""
    for found in _QUESTION.finditer(text):
        weak = found.group() in ("可以", "想", "好", "能", "要", "会")
        if asked or not weak:
            return start + found.start()
    return start + max(0, len(text) - 1) if asked else None


def _plain_characters(original: str) -> Iterator[tuple[str, int]]:
    """Each plain character with the place of the original character that it stands for."""
    kept = [(plain, place) for place, character in enumerate(original) for plain in _plain_character(character)]
    for index, (character, place) in enumerate(kept):
        if character == "," and kept[index - 1:index] and kept[index - 1][0].isdigit() and _is_digit(kept, index + 1):
            yield character, place
        elif character != " ":
            yield _FULL_WIDTH.get(character, character), place
        elif not _touches_number(kept, index):
            yield "，", place


def _is_digit(kept: list[tuple[str, int]], index: int) -> bool:
    return index < len(kept) and kept[index][0].isdigit()


def _touches_number(kept: list[tuple[str, int]], index: int) -> bool:
    before = kept[index - 1][0] if index else " "
    after = kept[index + 1][0] if index + 1 < len(kept) else " "
    return before.isdigit() or after.isdigit() or " " in (before, after)


@lru_cache(maxsize=4096)
def _plain_character(character: str) -> str:
    if character.isspace():
        return " "
    if unicodedata.category(character) in ("Cs", "Co", "Cn"):
        return ""
    return normalise(character).lower()
