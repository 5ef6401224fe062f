"""Fields (列): what a column of a households file may hold, what it may be called, and how its facts are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bot.eligibility.answers import RECEIVES
from bot.screening.wording import ScreeningError, relation_names, special_columns
from bot.situation_files import MORE_FACTS, SINGLE
from knowledge.facts import FactDefinition, FactType

HOUSEHOLD_ID, SUBDISTRICT, RELATION = "household_id", "subdistrict", "relation"
_EXAMPLES = {
    FactType.YES_NO: "是", FactType.INTEGER: "3", FactType.MONEY: "4200", FactType.AREA: "38.5", FactType.DATE: "2026-08-31",
    FactType.TEXT: "",
}


@dataclass(frozen=True, slots=True)
class Field:
    """What one column holds. name: a fact ("household.size", "self.age", "spouse1.age"), or HOUSEHOLD_ID, SUBDISTRICT,
    RELATION. definition: None for these three."""

    name: str
    label: str
    definition: FactDefinition | None = None


class Fields:
    """Every field that the dictionary of facts allows. facts: of the release that is screened with."""

    def __init__(self, facts: Mapping[str, FactDefinition]) -> None:
        self._facts = {name: one for name, one in {**MORE_FACTS, **facts}.items() if not name.startswith("any_member.")}
        self._special = special_columns()

    def named(self, header: str) -> Field | None:
        """The field that a column of this name holds: a fact's full or short name, its label, or with a member in front
        (spouse.age, 配偶.年龄, 子女2.age). None: no such field."""
        name = header.strip()
        special = next((one for one in self._special if name in (one["label"], *one["names"])), None)
        if special is not None:
            return Field(special["column"], special["label"])
        return self._of_fact(name) or self._of_member(name)

    def fact(self, name: str) -> Field | None:
        """The field of a fact by its exact name, a member's included."""
        definition = self._facts.get(name)
        if definition is not None:
            return self._usable(name, definition)
        return self._of_member(name)

    def short_names(self) -> Mapping[str, Field]:
        """What a column of the members file may be called: short names and labels of facts about a person."""
        found = {}
        for name, definition in self._facts.items():
            if name.startswith("self."):
                field = Field(name, definition.label, definition)
                found.update({name: field, name.removeprefix("self."): field, definition.label: field})
        return found

    def listed(self) -> Iterator[dict[str, Any]]:
        """Every field, for people: name, label, unit, what to write."""
        for one in self._special:
            yield {"name": one["column"], "label": one["label"], "type": one["type"], "unit": "", "example": one["example"],
                   "values": [], "about": one["about"]}
        for name, definition in self._facts.items():
            if _may_be_told(definition):
                yield {
                    "name": name,
                    "label": definition.label,
                    "type": definition.type.value,
                    "unit": definition.unit,
                    "example": definition.options[0].value if definition.options else _EXAMPLES.get(definition.type, ""),
                    "values": [{"value": option.value, "label": option.label} for option in definition.options],
                    "about": "",
                }

    @cached_property
    def _by_name(self) -> Mapping[str, str]:
        """Short names and labels; a household's fact comes before a person's of the same name."""
        found: dict[str, str] = {}
        for key in ("household.", "self.", "event."):
            for name, definition in self._facts.items():
                if name.startswith(key):
                    for called in (name, name.removeprefix(key), definition.label):
                        found.setdefault(called, name)
        for name, definition in self._facts.items():
            found.setdefault(name, name)
            found.setdefault(definition.label, name)
        return found

    def _of_fact(self, name: str) -> Field | None:
        known = self._by_name.get(name)
        return None if known is None else self._usable(known, self._facts[known])

    def _usable(self, name: str, definition: FactDefinition) -> Field:
        if not _may_be_told(definition):
            raise ScreeningError("computed", column=definition.label, sources="、".join(
                self._facts[source].label for source in definition.derived_from if source in self._facts))
        return Field(name, definition.label, definition)

    def _of_member(self, name: str) -> Field | None:
        who, dot, short = name.partition(".")
        key = _member_key(who)
        field = self.short_names().get(short) if dot and key else None
        if field is None or field.definition is None:
            return None
        if key == "self":
            return field
        return Field(f"{key}.{field.name.removeprefix('self.')}", f"{who}.{field.label}", field.definition)

    def suggestions(self) -> list[str]:
        """All names, for "did you mean"."""
        return [*self._by_name, *(name for one in self._special for name in one["names"])]


def _member_key(who: str) -> str | None:
    """ "配偶" → "spouse", "子女2" → "child2", "child" → "child1"; None: nobody."""
    bare, number = who.rstrip("0123456789"), who[len(who.rstrip("0123456789")):]
    relation = relation_names().get(bare)
    if relation is None or (relation in SINGLE and number not in ("", "1")):
        return None
    return relation if relation in SINGLE else f"{relation}{int(number or 1)}"


def relation_of(key: str) -> str:
    """ "child2" → "child"."""
    return key.rstrip("0123456789")


def _may_be_told(definition: FactDefinition) -> bool:
    """A yes or no about a whole household may be told as such; a number that follows from others may not."""
    return definition.name == RECEIVES or not definition.derived_from or definition.type is FactType.YES_NO
