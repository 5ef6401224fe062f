"""A newer bundled handbook beside what staff made of the older one: what it would change, and the two put together. Pure.

Three handbooks are compared: the old bundle (what the release was founded on or last merged with), the staff's handbook (of the
draft, else of the release), and the new bundle. What only the new bundle changed is proposed; what both changed is a conflict;
what only staff changed is theirs and is not mentioned.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from knowledge.handbook_tree import Branch, HandbookTree, Path, merged_order

_ABSENT = object()
"""Stands for a part that a handbook does not name at all; one that it names without a value (null) says as little."""


class Take(StrEnum):
    """Which side a part is taken from."""

    NEW = "new"
    STAFF = "staff"


class UpgradeKind(StrEnum):
    """What the new bundle does to a part; a conflict: staff changed it too."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody decided about one part of a bundle. value: digest of what was looked at (UpgradeItem.rests_on); of anything
    else the choice says nothing."""

    entry: str
    value: str
    take: Take
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class UpgradeItem:
    """One part that the new bundle has otherwise. entry: its names joined by "/". before: the old bundle's, staff: the staff's,
    new: the new bundle's part; None: not there. choice: what was decided about exactly this new part."""

    kind: UpgradeKind
    path: Path
    before: Any
    staff: Any
    new: Any
    choice: Choice | None = None

    @property
    def entry(self) -> str:
        return "/".join(self.path)

    def rests_on(self, take: Take) -> str:
        """Digest of what a choice rests on. Keeping the staff's part holds as long as the bundle says the same, whatever staff
        make of theirs later; taking the new one would overwrite what they wrote since, so it rests on both."""
        return _digest(self.new if take is Take.STAFF else [self.staff, self.new])

    @property
    def take(self) -> Take | None:
        """Which side goes into the merged handbook; None: a conflict that nobody has decided."""
        if self.choice is not None:
            return self.choice.take
        return None if self.kind is UpgradeKind.CONFLICT else Take.NEW

    @property
    def is_kept(self) -> bool:
        """Did somebody decide that the staff's part stays?"""
        return self.take is Take.STAFF


@dataclass(frozen=True)
class HandbookUpgrade:
    """A newer bundle against the staff's handbook. items: in the order of the handbook. in_draft: the draft holds the merged
    handbook; a choice may still be changed."""

    base: HandbookTree
    staff: HandbookTree
    new: HandbookTree
    items: tuple[UpgradeItem, ...]
    in_draft: bool = False

    @cached_property
    def seen(self) -> str:
        """Digest of everything a page shows, to tell whether choices were made about what is there now."""
        return _digest([[item.entry, item.rests_on(Take.NEW)] for item in self.items])

    @cached_property
    def undecided(self) -> tuple[UpgradeItem, ...]:
        return tuple(item for item in self.items if item.take is None)

    @property
    def is_offered(self) -> bool:
        """Is there something that a person should look at? Not what is in the draft, nor what staff decided to keep as it is."""
        return not self.in_draft and not all(item.is_kept for item in self.items)

    def count(self, kind: UpgradeKind) -> int:
        return sum(item.kind is kind for item in self.items)

    def matching(self, entry: str) -> tuple[UpgradeItem, ...]:
        """The items at this entry or below it; all items for "all"."""
        wanted = entry.strip().strip("/")
        return tuple(i for i in self.items if wanted == "all" or i.entry == wanted or i.entry.startswith(f"{wanted}/"))

    def merged(self) -> HandbookTree:
        """The staff's handbook with what is taken from the new bundle. An undecided conflict leaves the staff's part."""
        taken = {item.path for item in self.items if item.take is Take.NEW}
        root = _merged((), self.base.root, self.staff.root, self.new.root, taken)
        files = {**(self.new.parameter_files or {}), **(self.staff.parameter_files or {})}
        reordered = self.staff.order != self.base.order
        orders = (self.staff.order, self.new.order) if reordered else (self.new.order, self.staff.order)
        order = merged_order(*orders, root.get("programmes", ())) if self.staff.order or self.new.order else ()
        return HandbookTree(root, order, files)


def upgrade_of(
    base: HandbookTree, staff: HandbookTree, new: HandbookTree, choices: Mapping[str, Choice], *, in_draft: bool = False
) -> HandbookUpgrade:
    """choices: by entry; one about another value than the bundle has now does not count."""
    items = tuple(_with_choice(item, choices) for item in _items((), base.root, staff.root, new.root))
    return HandbookUpgrade(base, staff, new, items, in_draft)


def _with_choice(item: UpgradeItem, choices: Mapping[str, Choice]) -> UpgradeItem:
    choice = choices.get(item.entry)
    if choice is None or choice.value != item.rests_on(choice.take):
        return item
    return UpgradeItem(item.kind, item.path, item.before, item.staff, item.new, choice)


def _items(path: Path, base: Any, staff: Any, new: Any) -> Iterator[UpgradeItem]:
    if _is_settled(base, staff, new):
        return
    if isinstance(staff, Branch) and isinstance(new, Branch):
        former = base if isinstance(base, Branch) else {}
        for name in dict.fromkeys((*new, *staff)):
            yield from _items((*path, name), former.get(name), staff.get(name), new.get(name))
    else:
        yield UpgradeItem(_kind(base, staff, new), path, base, staff, new)


def _is_settled(base: Any, staff: Any, new: Any) -> bool:
    """Both say the same, or the new bundle says what the old one did: what staff have stays."""
    return _same(staff, new) or _same(new, base)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, Branch) and isinstance(other, Branch):
        return all(_same(one.get(name), other.get(name)) for name in one.keys() | other.keys())
    return bool(_value(one) == _value(other))


def _value(part: Any) -> Any:
    return None if part is _ABSENT else part


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _kind(base: Any, staff: Any, new: Any) -> UpgradeKind:
    if not _same(staff, base):
        return UpgradeKind.CONFLICT
    if base is None:
        return UpgradeKind.ADDED
    return UpgradeKind.REMOVED if new is None else UpgradeKind.CHANGED


def _merged(path: Path, base: Any, staff: Any, new: Any, taken: set[Path]) -> Any:
    if not (isinstance(staff, Branch) and isinstance(new, Branch)) or _is_settled(base, staff, new):
        return new if path in taken else staff
    former = base if isinstance(base, Branch) else Branch()
    parts = {
        name: _merged((*path, name), former.get(name), staff.get(name, _ABSENT), new.get(name, _ABSENT), taken)
        for name in dict.fromkeys((*staff, *new))
    }
    present = [name for name, part in parts.items() if part is not _ABSENT]
    reordered = [name for name in staff if name in former] != [name for name in former if name in staff]
    names = merged_order(staff, new, present) if reordered else merged_order(new, staff, present)
    return Branch((name, parts[name]) for name in names)
