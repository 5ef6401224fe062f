"""Days as policy documents write them: 2024年7月23日, 2024-07-23, 二〇二四年七月二十三日."""

from __future__ import annotations

import re
from datetime import date

from knowledge.documents.numbering import to_integer

DAY = (
    r"\d{4}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日"
    r"|\d{4}-\d{1,2}-\d{1,2}|\d{4}/\d{1,2}/\d{1,2}|\d{4}\.\d{1,2}\.\d{1,2}"
    r"|[〇○零一二三四五六七八九]{4}年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}日"
)
_DAY = re.compile(DAY)
_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")


def days_in(text: str) -> list[date]:
    """Every day a text names, in its order; 2024年2月30日 and the like are no days."""
    days = (_as_date(match[0]) for match in _DAY.finditer(text))
    return [day for day in days if day is not None]


def day_in(text: str) -> date | None:
    return next(iter(days_in(text)), None)


def _as_date(written: str) -> date | None:
    year, month, day = (part for part in re.split(r"[年月日\-/.\s]+", written) if part)
    try:
        return date(int(year.translate(_DIGITS)), to_integer(month), to_integer(day))
    except ValueError:
        return None
