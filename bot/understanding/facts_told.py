"""Facts told (家庭情况): what a resident's own words say of a household, each with the words it came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from bot.eligibility.answers import answered
from bot.situation import Situation, Told, Value
from bot.understanding.answers_said import is_refused, read_answer
from bot.understanding.households_said import read_household
from bot.understanding.money_said import HOUSEHOLD_INCOME, read_money
from bot.understanding.numbers_said import numbers_in
from bot.understanding.people_said import RELATION_FACT, people_in
from bot.understanding.persons_said import Places, read_persons
from bot.understanding.readings import Found, Reading
from bot.understanding.spoken_text import SpokenText
from knowledge.directory import Subdistrict
from knowledge.facts import FactDefinition


@dataclass(frozen=True, slots=True)
class FactTold:
    """One fact as read. value: as a Situation holds it, money in fen; None only where refused: the resident would not say.

    words: the exact stretch original[start:end] it was read from. certain False: ask whether it is meant so before relying on it.
    """

    name: str
    value: Value | None
    words: str
    start: int
    end: int
    certain: bool
    refused: bool = False


def read_facts(
    text: str,
    *,
    asked: str | None,
    situation: Situation,
    today: date,
    facts: Mapping[str, FactDefinition],
    subdistricts: Iterable[Subdistrict],
) -> tuple[FactTold, ...]:
    """The facts a message tells, in the order of its words. asked: the fact it may answer, by name; today: the calendar day in
    Shanghai, for birth years. Questions and suppositions tell nothing. Never raises, whatever the text."""
    spoken = SpokenText(text)
    if not spoken.plain:
        return ()
    reading = Reading(spoken, people_in(spoken, situation), numbers_in(spoken.plain), situation, today, asked)
    definition = facts.get(asked or "")
    if definition is not None and is_refused(reading):
        return (FactTold(definition.name, None, text, 0, len(text), certain=True, refused=True),)
    _read_everything(reading, Places.of(subdistricts))
    _read_asked(reading, definition)
    return tuple(_told(found, spoken) for found in _settled(reading))


def _read_everything(reading: Reading, places: Places) -> None:
    # The head count first: whose income it is depends on it.
    read_household(reading)
    read_persons(reading, places)
    read_money(reading)
    _read_relations(reading)


def _read_asked(reading: Reading, asked: FactDefinition | None) -> None:
    if asked is None or any(found.name == asked.name and found.certain for found in reading.found):
        return
    answer = read_answer(reading, asked)
    if answer is None or (asked.name == HOUSEHOLD_INCOME and _names_whose_income(reading)):
        return
    # The same words are not two things: an answer outweighs what they might have meant without the question.
    reading.found = [f for f in reading.found if f.end <= answer.start or answer.end <= f.start or _goes_with(f, asked)]
    reading.found.append(answer)


def _names_whose_income(reading: Reading) -> bool:
    """ "我退休金900" answers for one person, even when it was the income of all that was asked."""
    told = [found for found in reading.found if found.name.endswith(".income_yuan")]
    return bool(told) and bool(reading.people.mentions)


def _goes_with(found: Found, asked: FactDefinition) -> bool:
    """Whether what these words tell besides stands beside the answer: "打零工" to another question, but no second income."""
    second_income = asked.name == HOUSEHOLD_INCOME and found.name.endswith("income_yuan")
    return found.certain and found.name != asked.name and not second_income


def _read_relations(reading: Reading) -> None:
    """Who the members are to the asker, for every member of whom something was told."""
    told = {found.name.partition(".")[0] for found in reading.found} - {"household", "event"}
    for mention in reading.people.mentions:
        key = reading.people.key_of(mention)
        about = mention.word == reading.people.about
        if mention.relation != mention.word and ((about and reading.found) or (key in told and key != "self")):
            name = f"{key}.{RELATION_FACT}"
            if reading.of(name) is None:
                reading.found.append(Found(name, mention.word, mention.start, mention.end, True))


def _settled(reading: Reading) -> Iterator[Found]:
    """One reading for each fact: a certain one before others, the last of several ("不对，是三千"). What a household receives and
    what happened to it may be several things."""
    several = {"household.receives", "event.kind"}
    kept: dict[object, Found] = {}
    for found in sorted(reading.found, key=lambda f: (f.certain, f.start)):
        kept[(found.name, found.value) if found.name in several else found.name] = found
    yield from sorted(kept.values(), key=lambda f: (f.start, f.end, f.name))


def _told(found: Found, spoken: SpokenText) -> FactTold:
    start, end = spoken.span(found.start, max(found.end, found.start + 1))
    return FactTold(found.name, found.value, spoken.original[start:end], start, end, found.certain)


def with_facts_told(
    situation: Situation, told: Iterable[FactTold], *, at: datetime | None = None, source: str = "chat"
) -> Situation:
    """The situation with these facts, each with the words it came from. at: when they were said (UTC)."""
    for fact in told:
        if fact.refused or fact.value is None:
            situation = situation.with_refused(fact.name)
        else:
            situation = answered(situation, fact.name, fact.value, Told(words=fact.words, at=at, source=source))
    return situation
