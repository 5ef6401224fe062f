"""Mappings (列名对照): how somebody else's column names, units and words stand for our facts."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import yaml

from bot.screening.fields import Field, Fields
from bot.screening.wording import ScreeningError, periods, say, units


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """One column of theirs. factor: their unit in yuan; months: their period. values: their words for ours."""

    field: Field
    factor: Decimal = Decimal(1)
    months: int = 1
    values: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """columns by their name; unknown: further texts that mean "not known"; ignore: columns to leave out without a word."""

    columns: Mapping[str, MappedColumn] = dataclasses.field(default_factory=dict)
    unknown: Collection[str] = ()
    ignore: Collection[str] = ()


def read_mapping(name: str, text: str, fields: Fields) -> ColumnMapping:
    """The mapping of a YAML file; name: of the file, for messages. Raises ScreeningError."""
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError:
        data = None
        raise _wrong(name, "mapping_not_yaml") from None
    if not isinstance(data, dict) or not isinstance(data.get("columns"), dict) or not data["columns"]:
        raise _wrong(name, "mapping_no_columns")
    for key in data:
        if key not in ("columns", "unknown", "ignore"):
            raise _wrong(name, "mapping_key", key=str(key))
    columns = {str(column).strip(): _column(name, str(column), given, fields) for column, given in data["columns"].items()}
    return ColumnMapping(columns, _texts(data.get("unknown")), _texts(data.get("ignore")))


def _column(file: str, column: str, given: Any, fields: Fields) -> MappedColumn:
    entry = given if isinstance(given, dict) else {"fact": given}
    fact = str(entry.get("fact") or "")
    found = fields.named(fact)
    if found is None:
        close = difflib.get_close_matches(fact, fields.suggestions(), n=1)
        nearest = say("mapping_nearest", name=close[0]) if close else ""
        raise _wrong(file, "mapping_fact", column=column, fact=fact, nearest=nearest)
    factor, months = _unit(file, column, str(entry["unit"])) if entry.get("unit") else (Decimal(1), 1)
    # An amount of a year by its own name stays one; a monthly fact given by the year is divided.
    months = 1 if "12m" in found.name or "year" in found.name else months
    values = entry.get("values") or {}
    if not isinstance(values, dict):
        raise _wrong(file, "mapping_values", column=column)
    return MappedColumn(found, factor, months, {str(theirs): _word(ours) for theirs, ours in values.items()})


def _unit(file: str, column: str, unit: str) -> tuple[Decimal, int]:
    money, slash, period = unit.partition("/")
    if money not in units() or (slash and period not in periods()):
        raise _wrong(file, "mapping_unit", column=column, unit=unit)
    return units()[money], periods()[period] if slash else 1


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _texts(given: object) -> tuple[str, ...]:
    return tuple(str(one) for one in given) if isinstance(given, list) else ()


def _wrong(file: str, problem: str, **places: str) -> ScreeningError:
    return ScreeningError("mapping_form", file=file, problem=say(problem, **places))
