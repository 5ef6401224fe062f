"""Files of households as an office would bring them, for tests: made of lines, opened as the product opens them."""

from __future__ import annotations

import io
from datetime import date

from bot.screening.fields import Fields
from bot.screening.household_files import HouseholdFile
from bot.screening.mapping import read_mapping
from bot.screening.member_files import read_members
from bot.screening.report import Reading, ScreeningReport, screen_file
from bot.screening.screening import Screening
from bot.screening.tables import open_table
from knowledge.catalogue import Catalogue

CATALOGUE = Catalogue.bundled()
FIELDS = Fields(CATALOGUE.facts)
ON = date(2026, 7, 1)


def household_file(*lines: str, name: str = "家庭.csv", mapping: str = "", members: tuple[str, ...] = ()) -> HouseholdFile:
    """A CSV of these lines, opened. mapping: the YAML of one; members: the lines of a members table."""
    people = None
    mapped = read_mapping("对照.yaml", mapping, FIELDS) if mapping else None
    if members:
        people = read_members("成员.csv", stream(*members), FIELDS, read_mapping("x", mapping or "columns: {x: 年龄}", FIELDS))
    return HouseholdFile(open_table(name, stream(*lines)), CATALOGUE, mapped, people)


def stream(*lines: str) -> io.BytesIO:
    return io.BytesIO("\n".join(lines).encode("utf-8"))


def screened(file: HouseholdFile, *programmes: str, on: date = ON, limit: int = 100) -> ScreeningReport:
    return screen_file(Reading(file), Screening(CATALOGUE, on, programmes or ("dibao",)), limit=limit)


def counts(file: HouseholdFile, programme: str = "dibao", on: date = ON) -> dict[str, int]:
    """How many households of each standing that has any."""
    tally = screened(file, programme, on=on).screening.tallies[programme]
    return {standing: count for standing, count in tally.standings.items() if count}
