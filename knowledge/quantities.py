"""Quantities (数量) in a text: how many of which unit, wherever they are written, 十五日 or 15 日 alike."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

import cn2an


class Unit(StrEnum):
    WORKING_DAYS = "working_days"
    DAYS = "days"
    MONTHS = "months"
    YEARS = "years"
    AGE = "age"
    TIMES = "times"
    PERCENT = "percent"
    YUAN = "yuan"
    M2 = "m2"


@dataclass(frozen=True, slots=True)
class Quantity:
    """start, end: where it stands in the text. Yuan whatever the text counts in (3 万元 is 30000)."""

    value: Decimal
    unit: Unit
    start: int
    end: int


_N = r"(?P<n>\d+(?:,\d{3})*(?:\.\d+)?|[零〇一二两三四五六七八九十百千万]+)"
_CALENDAR = r"级|度|以?来|底|初|内?前|\s*\d+\s*月"
_FORMS: tuple[tuple[Unit, re.Pattern[str]], ...] = (
    (Unit.PERCENT, re.compile(rf"百分之{_N}")),
    (Unit.PERCENT, re.compile(r"(?P<n>\d+(?:\.\d+)?)\s*[%％]")),
    (Unit.WORKING_DAYS, re.compile(rf"{_N}\s*个?工作日")),
    (Unit.AGE, re.compile(rf"{_N}\s*周?岁")),
    (Unit.MONTHS, re.compile(rf"{_N}\s*个月")),
    # Behind 月 it is a day of the calendar: 7月1日.
    (Unit.DAYS, re.compile(rf"(?<![月\d]){_N}\s*(?:个?自然日|日|天)(?!常)")),
    # Four digits are a year of the calendar; 一年 counts, 每年 and 当年 do not match.
    (Unit.YEARS, re.compile(rf"(?<![\d〔])(?P<n>\d{{1,2}}|[一二两三四五六七八九十]{{1,3}})\s*年(?!{_CALENDAR})")),
    (Unit.TIMES, re.compile(rf"{_N}\s*倍")),
    (Unit.YUAN, re.compile(rf"{_N}\s*(?P<ten_thousand>万)?\s*元")),
    (Unit.M2, re.compile(rf"{_N}\s*(?:平方米|㎡)")),
)


def quantities_in(text: str) -> tuple[Quantity, ...]:
    """Every quantity, in the order of the text. A figure that is no number (百一日) is passed over."""
    found = []
    for unit, form in _FORMS:
        for match in form.finditer(text):
            value = _value(match["n"])
            if value is None:
                continue
            if unit is Unit.YUAN and match["ten_thousand"]:
                value *= 10_000
            found.append(Quantity(value.normalize(), unit, match.start(), match.end()))
    return tuple(sorted(found, key=lambda quantity: quantity.start))


def _value(numeral: str) -> Decimal | None:
    try:
        return Decimal(numeral.replace(",", ""))
    except InvalidOperation:
        pass
    try:
        return Decimal(str(cn2an.cn2an(numeral.replace("〇", "零"), "smart")))
    except ValueError:
        return None
