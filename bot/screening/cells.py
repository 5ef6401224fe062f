"""Cells: one text of a table read as a fact; the same text is read once, however many rows hold it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from bot.eligibility.thresholds import FEN
from bot.screening.wording import cell_words, say
from knowledge.facts import FactDefinition, FactType

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_ONE = re.compile(rf"({_NUMBER})(万)?元?")
_TWO = re.compile(rf"({_NUMBER})(万)?元?\s*(?:-|~|～|—|至|到)\s*({_NUMBER})(万)?元?")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]00:00(?::00)?)?")
TEN_THOUSAND = Decimal(10_000)


@dataclass(frozen=True, slots=True)
class WrongCell:
    """A text that cannot be meant. wanted: in Chinese, what should stand there."""

    wanted: str


@dataclass(frozen=True, slots=True)
class Ends:
    """A number between two ends in our own unit (money in fen); infinite: open."""

    low: float
    high: float


UNKNOWN_NUMBER = Ends(-float("inf"), float("inf"))


class Cells(dict[str, int]):
    """Each text that was met, as its place in `meanings`; read when first met."""

    def __init__(self, read: Callable[[str], object]) -> None:
        super().__init__()
        self._read = read
        self.meanings: list[object] = []

    def __missing__(self, text: str) -> int:
        self.meanings.append(self._read(text))
        self[text] = place = len(self.meanings) - 1
        return place


@dataclass(frozen=True, slots=True)
class Reading:
    """How a column is written. factor: what its numbers are multiplied by to be in our unit; per: divided by months. values: own
    words for our values. unknown: further texts that mean "not known"."""

    definition: FactDefinition
    factor: Decimal = Decimal(1)
    months: int = 1
    values: Mapping[str, str] = field(default_factory=dict)
    unknown: Collection[str] = ()

    def cells(self) -> Cells:
        """Ends for numbers, the word for choices and yes/no, yyyymmdd for days; None: not known; WrongCell."""
        unknown = cell_words("unknown") | set(self.unknown)
        read = self._reader()
        # A word that this very fact has for "none" means that, and not that nobody knows.
        own = set(self.values)

        def meant(text: str) -> object:
            stripped = text.strip()
            return None if stripped in unknown and stripped not in own else read(stripped)

        return Cells(meant)

    def _reader(self) -> Callable[[str], object]:
        match self.definition.type:
            case FactType.YES_NO:
                return self._yes_no
            case FactType.CHOICE:
                return self._choice
            case FactType.DATE:
                return _day
            case FactType.TEXT:
                return str
            case _:
                return self._number

    def _yes_no(self, text: str) -> object:
        text = self.values.get(text, text)
        for word in ("true", "false"):
            if text in cell_words(word):
                return word
        labels = {option.label: option.value for option in self.definition.options}
        return labels.get(text) or WrongCell(say("wanted_yes_no"))

    def _choice(self, text: str) -> object:
        text = self.values.get(text, text)
        found = next((o.value for o in self.definition.options if text in (o.value, o.label)), None)
        if found is None and text in cell_words("nothing"):
            found = next((o.value for o in self.definition.options if o.value == "none"), None)
        # A sheet writes a level 2 as 2.0.
        found = found or next((o.value for o in self.definition.options if text.removesuffix(".0") == o.value), None)
        return found or WrongCell(say("wanted_choice", options="、".join(o.label for o in self.definition.options)))

    def _number(self, text: str) -> object:
        two, one = _TWO.fullmatch(text), _ONE.fullmatch(text)
        if two is None and one is None:
            return WrongCell(self._wanted())
        pairs = [(one[1], one[2])] if one else [(two[1], two[2]), (two[3], two[4])] if two else []
        numbers = [Decimal(digits.replace(",", "")) * (TEN_THOUSAND if ten else 1) for digits, ten in pairs]
        numbers = [number * self.factor / self.months for number in numbers]
        return self._ends(numbers[0], numbers[-1])

    def _ends(self, low: Decimal, high: Decimal) -> Ends | WrongCell:
        definition = self.definition
        too_low = definition.low is not None and low < definition.low
        too_high = definition.high is not None and high > definition.high
        if low > high or too_low or too_high:
            return WrongCell(self._wanted())
        if definition.type is FactType.AREA:
            return Ends(float(low), float(high))
        inside = FEN if definition.type is FactType.MONEY else Decimal(1)
        if self.months == 1 and any(end * inside % 1 for end in (low, high)):
            return WrongCell(self._wanted())
        # A year's amount need not divide by twelve: it then lies between two whole fen.
        return Ends(
            float((low * inside).to_integral_value(ROUND_FLOOR)), float((high * inside).to_integral_value(ROUND_CEILING))
        )

    def _wanted(self) -> str:
        definition = self.definition
        key = {FactType.MONEY: "wanted_money", FactType.AREA: "wanted_number"}.get(definition.type, "wanted_whole_number")
        wanted = say(key, example=str(definition.low or 3))
        if definition.high is not None:
            return say("wanted_bounds", wanted=wanted, low=str(definition.low or 0), high=str(definition.high))
        return wanted if definition.low is None else say("wanted_least", wanted=wanted, low=str(definition.low))


def _day(text: str) -> object:
    found = _DAY.fullmatch(text)
    try:
        day = date(*map(int, found.groups())) if found else None
    except ValueError:
        day = None
    return WrongCell(say("wanted_day")) if day is None else day.year * 10_000 + day.month * 100 + day.day


@dataclass(frozen=True, slots=True)
class ReceivesReading:
    """How the programmes that a household receives are written. programmes: ids by everything they may be called."""

    programmes: Mapping[str, str]

    def cells(self) -> Cells:
        """A frozenset of programme ids; None: not known; WrongCell."""
        unknown, nothing = cell_words("unknown"), cell_words("nothing")

        def meant(text: str) -> object:
            stripped = text.strip()
            if stripped in nothing:
                return frozenset[str]()
            if stripped in unknown:
                return None
            parts = [part for part in re.split(r"[;；、,，\s]+", stripped) if part]
            if not parts or any(part not in self.programmes for part in parts):
                return WrongCell(say("wanted_receives"))
            return frozenset(self.programmes[part] for part in parts)

        return Cells(meant)
