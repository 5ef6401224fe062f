"""Numbers in text: what amount, date, day count, age, share, phone or document number a sentence states."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

import cn2an


class Measure(StrEnum):
    """What a number counts. PLAIN: no unit that matters beside it."""

    MONEY = "money"  # yuan
    DATE = "date"
    WORKING_DAYS = "working_days"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"
    AGE = "age"
    PERCENT = "percent"
    TIMES = "times"  # 倍, 次
    AREA = "area"
    LEVEL = "level"  # 二级
    PHONE = "phone"
    DOCUMENT = "document"  # 〔2024〕12号
    ARTICLE = "article"  # 第十八条
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class NumberSaid:
    """One number as a text states it. value: Decimal text in base units (1.6万元 → "16000"), a date as 2026-07-01, a phone as
    digits; start, end: where it stands."""

    measure: Measure
    value: str
    start: int
    end: int


_DIGITS = r"\d+(?:,\d{3})*(?:\.\d+)?"
_HAN = r"[零〇一二两三四五六七八九十百千万亿半]+"
_NUMBER = rf"(?:{_DIGITS}\s?[万亿千百]?|{_HAN})"
_DATE = re.compile(
    r"(\d{4})\s?年\s?(\d{1,2})\s?月(?:\s?(\d{1,2})\s?[日号])?"
    r"|(\d{4})-(\d{2})-(\d{2})"
    r"|(\d{4})\s?年(?!度|内|以上|以下)"
)
_PHONE = re.compile(
    r"(?<![\d.,])(1[0-2]\d|12\d{3}|96\d{4}|400-?\d{3}-?\d{4}|1[3-9]\d{9}|0\d{2,3}-?\d{7,8}|[2-8]\d{7})"
    r"(?![\d.,]|\s?(?:元|块|万|千|日|天|年|岁|个|人|平|%|倍|次|月|户|名|条|级|工作))"
)

_SHAPES: tuple[tuple[Measure, re.Pattern[str]], ...] = (
    (Measure.DOCUMENT, re.compile(r"〔(\d{4})〕\s?(\d+)\s?号")),
    (Measure.ARTICLE, re.compile(rf"第\s?({_HAN}|\d+)\s?(条|款|项|章|节)")),
    (Measure.DATE, _DATE),
    (Measure.PHONE, _PHONE),
    (Measure.WORKING_DAYS, re.compile(rf"({_NUMBER})\s?个?工作日")),
    (Measure.PERCENT, re.compile(rf"({_DIGITS})\s?[%％]|百分之({_HAN}|{_DIGITS})")),
    (Measure.AGE, re.compile(rf"({_NUMBER})\s?(?:周岁|岁)")),
    (Measure.MONEY, re.compile(rf"({_NUMBER})\s?(?:多|几|余|来)?\s?(?:元|块|圆)")),
    (Measure.AREA, re.compile(rf"({_NUMBER})\s?(?:平方米|平米|㎡|m2)")),
    (Measure.MONTHS, re.compile(rf"({_NUMBER})\s?个月")),
    (Measure.WEEKS, re.compile(rf"({_NUMBER})\s?(?:周(?!岁|年)|星期|个星期|礼拜)")),
    (Measure.DAYS, re.compile(rf"({_NUMBER})\s?(?:日|天|个自然日)(?!常)")),
    (Measure.YEARS, re.compile(rf"({_NUMBER})\s?(?:周年|年|个年度)(?!度|级|龄|代|轻|老)")),
    (Measure.TIMES, re.compile(rf"({_NUMBER})\s?(?:倍|次)")),
    (Measure.LEVEL, re.compile(rf"({_NUMBER})\s?级")),
    (Measure.PLAIN, re.compile(_DIGITS)),
)

# Han numerals that are words, not numbers: 一般, 一定, 一本通, 万一, 十分 …
_WORDS = re.compile(
    r"一(?=般|定|些|样|起|直|旦|律|切|本通|网通办|户一策|事一议|并|共|时|致|次性|下|点|半(?!年|个月))"
    r"|万一|十分|百姓|千万(?=要|别|不)|统一|唯一|第一时间"
)


def numbers_in(text: str) -> tuple[NumberSaid, ...]:
    """Every number of a text with its measure, in order. Han numerals count only beside a unit; "一般" and the like do not."""
    taken: list[tuple[int, int]] = []
    found = []
    for measure, shape in _SHAPES:
        for match in shape.finditer(text):
            start, end = match.span()
            if any(start < b and a < end for a, b in taken) or _WORDS.match(text, start):
                continue
            value = _value(measure, match)
            if value is not None:
                taken.append((start, end))
                found.append(NumberSaid(measure, value, start, end))
    return tuple(sorted(found, key=lambda number: number.start))


def _value(measure: Measure, match: re.Match[str]) -> str | None:
    groups = [group for group in match.groups() if group]
    if measure is Measure.DOCUMENT:
        return f"{groups[0]}/{int(groups[1])}"
    if measure is Measure.PHONE:
        return groups[0].replace("-", "")
    if measure is Measure.DATE:
        return "-".join(part if len(part) == 4 else f"{int(part):02d}" for part in groups)
    if measure is Measure.ARTICLE:
        number = _decimal(groups[0])
        return None if number is None else f"{number}{groups[1]}"
    number = _decimal(groups[0] if groups else match.group())
    return None if number is None else str(number)


def _decimal(said: str) -> Decimal | None:
    """ "1.6万" → 16000, "二十" → 20, "半" → 0.5; None when it is no number after all ("万" alone)."""
    said = said.replace(",", "").replace(" ", "")
    if said == "半":
        return Decimal("0.5")
    scale = {"万": 10_000, "亿": 100_000_000, "千": 1_000, "百": 100}
    try:
        if said[0].isdigit():
            factor = scale.get(said[-1], 1)
            return _tidy(Decimal(said.rstrip("万亿千百")) * factor)
        return _tidy(Decimal(str(cn2an.cn2an(said.replace("〇", "零"), "smart"))))
    except (ValueError, InvalidOperation):
        return None


def _tidy(number: Decimal) -> Decimal:
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()


def unlocked(statement: str, sources: Iterator[str] | list[str], extra: frozenset[tuple[Measure, str]]) -> tuple[NumberSaid, ...]:
    """The numbers of a statement that occur in none of the sources and not among extra: what the number lock refuses.

    A number must occur with the same measure, so that "20天" is not carried by "20个工作日"; a PLAIN number of the statement
    may match any measure of a source. Small PLAIN counts up to ten need no source: they number our own lists.
    """
    known = {(n.measure, n.value) for source in sources for n in numbers_in(source)} | extra
    values = {value for _, value in known}
    loose = []
    for number in numbers_in(statement):
        if (number.measure, number.value) in known or _same_day(number, known):
            continue
        if number.measure is Measure.PLAIN and (number.value in values or Decimal(number.value) <= 10):
            continue
        loose.append(number)
    return tuple(loose)


def _same_day(number: NumberSaid, known: set[tuple[Measure, str]]) -> bool:
    """A year or month alone is carried by a full date in it."""
    return number.measure is Measure.DATE and any(
        measure is Measure.DATE and value.startswith(number.value) for measure, value in known
    )
