"""What is read from one message: the candidates for facts, each with its place and how sure the reading is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from bot.situation import Range, Situation, Value
from bot.understanding.numbers_said import SaidNumber
from bot.understanding.people_said import ASKER, STRANGER, People
from bot.understanding.spoken_text import SpokenText

_MAY_BE_MEANT = ("age", "hukou", "serious_illness", "disability_level", "residence_permit", "working")
"""Facts worth asking back about when a general question names them: "外地户口可以申请吗"."""

_HOUSEHOLD_WORDS = re.compile(r"家里|我们|阿拉|全家|我家|咱|屋里|一家|[两二三四五六]口(?!之家)|夫妻|老两口")


_ALL_OF_THEM = re.compile(r"(?:[两俩三]个?人?|他们)?(?:全|也)?都(?!不知|怪)")


@dataclass(frozen=True, slots=True)
class Found:
    """A fact by its full name; start and end are places in the plain text."""

    name: str
    value: Value
    start: int
    end: int
    certain: bool


@dataclass(slots=True)
class Reading:
    """One message while it is read; the readers of single subjects add what they find. asked: the fact it may answer, by name."""

    text: SpokenText
    people: People
    numbers: tuple[SaidNumber, ...]
    situation: Situation
    today: date
    asked: str | None = None
    found: list[Found] = field(default_factory=list)

    @property
    def plain(self) -> str:
        return self.text.plain

    def tell(self, name: str, value: Value, start: int, end: int, *, certain: bool = True) -> None:
        """Keeps a fact about the household, unless the words only ask or suppose it."""
        sure = self._sure_at(start)
        if sure is False and name.partition(".")[2] not in _MAY_BE_MEANT:
            return
        if sure is not None and not self._is_taken(name, start, end):
            self.found.append(Found(name, value, start, end, certain and sure))

    def tell_of_person(self, short: str, value: Value, start: int, end: int, *, certain: bool = True) -> None:
        """Keeps a fact about whoever these words are about; nothing about somebody outside the household."""
        for key in self._everybody_at(start) or [self.person_at(start)]:
            if key is not None:
                self.tell(f"{key}.{short}", value, start, end, certain=certain)

    def _everybody_at(self, place: int) -> list[str | None]:
        """The members of the clause before, where this one says a thing of all of them: "我爸72我妈70，都是上海户口"."""
        clause = self.text.clause_at(place)
        if not _ALL_OF_THEM.match(clause.text) or any(clause.start <= m.start < place for m in self.people.mentions):
            return []
        before = [one for one in self.text.clauses if one.end < clause.start][-1:]
        named = [m for m in self.people.subjects if before and before[0].start <= m.start < before[0].end]
        return list(dict.fromkeys(self.people.key_of(m) for m in named)) if len(named) > 1 else []

    def person_at(self, place: int) -> str | None:
        return self.people.key_of(self.people.subject_at(place, self.text))

    def is_about_stranger(self, place: int) -> bool:
        mention = self.people.subject_at(place, self.text)
        return mention is not None and mention.word == STRANGER

    def of(self, name: str) -> Value | None:
        """A fact as this message says it for sure, else as it is known already."""
        told = next((found.value for found in reversed(self.found) if found.name == name and found.certain), None)
        return told if told is not None else self.situation.value(name)

    def size(self) -> int | None:
        """How many people the household has, when that is known exactly."""
        size = self.of("household.size")
        return int(size.exact) if isinstance(size, Range) and size.exact is not None else None

    def _is_taken(self, name: str, start: int, end: int) -> bool:
        return any(other.name == name and other.start < end and start < other.end for other in self.found)

    def _sure_at(self, place: int) -> bool | None:
        """None: not told at all. False: told in passing, in a question that may be about anybody."""
        clause = self.text.clause_at(place)
        if clause.hypothetical or clause.asks_at(place) or self.is_about_stranger(place):
            return None
        if clause.question_from is None:
            return True
        named = any(
            clause.start <= m.start < clause.question_from and not m.is_anybody and (m.word != ASKER or m.end <= place + 1)
            for m in self.people.mentions
        )
        return named or _HOUSEHOLD_WORDS.search(clause.text) is not None
