"""Reading entries of handbook files: typed access that names file, entry and what is wanted when something is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar

Read = TypeVar("Read")
Kind = TypeVar("Kind", bound=StrEnum)


class CatalogueError(ValueError):
    """A handbook file says something we cannot use. Read by content staff and developers: it names the file and the entry,
    quotes what stands there, says what is wanted and gives an example."""


class Entry:
    """One mapping of a handbook file. Fields are taken one by one; `finish` refuses those that nobody took."""

    def __init__(self, where: str, data: object) -> None:
        if not isinstance(data, Mapping):
            raise CatalogueError(f"{where}: {data!r} is not an entry; wanted fields with values, e.g. 'name: 临时救助'")
        self.where = where
        self._data: Mapping[str, Any] = data
        self._taken: set[str] = set()

    def __contains__(self, field: str) -> bool:
        return self._data.get(field) is not None

    def names(self) -> tuple[str, ...]:
        return tuple(self._data)

    def wrong(self, field: str, wanted: str, example: str) -> CatalogueError:
        return CatalogueError(f"{self.where}, field '{field}': {self._data.get(field)!r} — wanted {wanted}, e.g. {example}")

    def raw(self, field: str) -> Any:
        self._taken.add(field)
        return self._data.get(field)

    def text(self, field: str, example: str = "'最低生活保障'") -> str:
        value = self.raw(field)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(field, "a text that is not empty", f"{field}: {example}")
        return value.strip()

    def optional_text(self, field: str) -> str | None:
        return self.text(field) if field in self else self.raw(field)

    def texts(self, field: str) -> tuple[str, ...]:
        """A list of texts; absent means none."""
        value = self.raw(field)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            raise self.wrong(field, "a list of texts", f"{field}: [低保, 吃低保]")
        return tuple(item.strip() for item in value)

    def integer(self, field: str, default: int | None = None) -> int | None:
        value = self.raw(field)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.wrong(field, "a whole number", f"{field}: 3")
        return value

    def flag(self, field: str) -> bool:
        value = self.raw(field)
        if value not in (None, True, False):
            raise self.wrong(field, "true or false", f"{field}: true")
        return bool(value)

    def decimal(self, field: str) -> Decimal | None:
        value = self.raw(field)
        if value is None:
            return None
        try:
            if isinstance(value, bool):
                raise InvalidOperation
            return Decimal(str(value))
        except InvalidOperation:
            raise self.wrong(field, "a number", f"{field}: 1690") from None

    def day(self, field: str) -> date:
        found = self.optional_day(field)
        if found is None:
            raise self.wrong(field, "a calendar day", f"{field}: 2026-07-01")
        return found

    def optional_day(self, field: str) -> date | None:
        value = self.raw(field)
        if value is None:
            return None
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            raise self.wrong(field, "a calendar day", f"{field}: 2026-07-01") from None

    def choice(self, field: str, kind: type[Kind]) -> Kind:
        value = self.raw(field)
        try:
            return kind(value)
        except ValueError:
            raise self.wrong(field, f"one of {', '.join(kind)}", f"{field}: {next(iter(kind))}") from None

    def entry(self, field: str) -> Entry:
        return Entry(f"{self.where}, {field}", self.raw(field))

    def list_of(self, field: str, read: Callable[[str, Any], Read], *, required: bool = False) -> tuple[Read, ...]:
        """Each item of a list read by `read(where, item)`; where counts from 1."""
        value = self.raw(field)
        if value is None and not required:
            return ()
        if not isinstance(value, list) or (required and not value):
            raise self.wrong(field, "a list with at least one item" if required else "a list", f"a line '  - …' under '{field}:'")
        return tuple(read(f"{self.where}, {field} {number}", item) for number, item in enumerate(value, 1))

    def named(self, field: str) -> Iterator[tuple[str, Any]]:
        """The items of a mapping of names to something."""
        value = self.raw(field)
        if not isinstance(value, Mapping):
            raise self.wrong(field, "names with values", f"{field}: {{name: value}}")
        yield from ((str(key), item) for key, item in value.items())

    def finish(self) -> None:
        unknown = [key for key in self._data if key not in self._taken]
        if unknown:
            known = ", ".join(sorted(self._taken))
            raise CatalogueError(f"{self.where}: unknown field '{unknown[0]}'; wanted one of: {known}. "
                                 f"Correct its name or remove it")
