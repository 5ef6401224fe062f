"""Policy numbers as the oracle read them, apart from the product's parameters: two entries of one book.

Where no number could be read (`Open`), the law is written once for every end of what is plausible: a verdict is certain
only if it comes out the same in all of these laws.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product

FIRST_DAY = date(2019, 5, 1)        # the Shanghai regulation (上海市社会救助条例) comes into force
ACT_IN_FORCE = date(2026, 7, 1)     # the national act (社会救助法) comes into force
MORE_MEDICAL_RECIPIENTS = date(2025, 3, 1)      # 上海市医疗保障条例
NEW_ASSET_LIMITS = date(2024, 1, 1)
NEW_DISABILITY_AMOUNTS = date(2025, 7, 1)

DIBAO_STANDARD = {                  # yuan a person and month, from that day
    date(2019, 4, 1): 1160,
    date(2020, 7, 1): 1240,
    date(2021, 7, 1): 1330,
    date(2022, 7, 1): 1420,
    date(2023, 7, 1): 1510,
    date(2024, 7, 1): 1595,
    date(2025, 7, 1): 1650,
    date(2026, 7, 1): 1690,
}
RESIDENT_INCOME = {                 # disposable income of a Shanghai resident in that calendar year, yuan; later years not read
    2018: 64183, 2019: 69442, 2020: 72232, 2021: 78027, 2022: 79610, 2023: 84834, 2024: 88366,
}
LIFE_AMOUNTS = (450, 320)           # 困难残疾人生活补贴, yuan a month: 低保 and 重残无业, 低保边缘
CARE_AMOUNTS = (350, 180)           # 重度残疾人护理补贴, yuan a month: first level, the others
BIANYUAN_MULTIPLE = 2               # times the dibao standard
ELDER_AGE = 60
WORKING_AGE = 16


@dataclass(frozen=True, slots=True)
class Open:
    """Numbers nobody could read, each set to one end. Yuan a person, yuan a person and year, percent, years.

    several_kinds_count: 1 if 多重残疾 of the level at hand holds one of the kinds that a clause lists, else 0; the paper says
    which kinds it holds, the facts do not."""

    dibao_assets: int = 0
    bianyuan_assets: int = 0
    resident_income: int = 0
    medical_share: int = 0
    retirement_age: int = 0
    several_kinds_count: int = 0


@dataclass(frozen=True, slots=True)
class Law:
    """What the clauses say on one day, with every number decided."""

    day: date
    open: Open

    @property
    def standard(self) -> int:
        """The dibao standard (最低生活保障标准), yuan a person and month."""
        return DIBAO_STANDARD[max(since for since in DIBAO_STANDARD if since <= self.day)]

    @property
    def bianyuan_standard(self) -> int:
        return BIANYUAN_MULTIPLE * self.standard

    @property
    def resident_income(self) -> int:
        """What a resident had in the year before, yuan."""
        return RESIDENT_INCOME.get(self.day.year - 1, self.open.resident_income)

    @property
    def several_kinds_count(self) -> bool:
        return self.open.several_kinds_count == 1

    @property
    def minor_age(self) -> int:
        return 18 if self.day >= ACT_IN_FORCE else 16


def _ends(day: date, name: str) -> Sequence[int]:
    raised = day >= NEW_ASSET_LIMITS
    known_income = day.year - 1 in RESIDENT_INCOME
    return {
        "dibao_assets": (30_000, 100_000 if raised else 33_000),
        "bianyuan_assets": (50_000, 150_000) if raised else (33_000, 100_000),
        "resident_income": (0,) if known_income else (88_366, 93_000),
        "medical_share": (20, 80),
        "retirement_age": (50, 63),
        "several_kinds_count": (0, 1),
    }[name]


def laws(day: date, unread: Sequence[str]) -> Iterator[Law]:
    """The law of that day once for every way in which the unread numbers may turn out. day: from FIRST_DAY on."""
    if day < FIRST_DAY:
        raise ValueError(f"{day} lies before {FIRST_DAY}, the first day whose clauses the oracle has read; take a later day")
    for ends in product(*(_ends(day, name) for name in unread)):
        yield Law(day, Open(**dict(zip(unread, ends, strict=True))))
