"""Parts of the handbook as editors read them: what a part is called, and what stands in it. Pure; the words are data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from knowledge.handbook_tree import HandbookTree, Path
from knowledge.handbook_upgrade import HandbookUpgrade, UpgradeItem, UpgradeKind
from knowledge.text_changes import list_changes_in_words
from knowledge.wording import say, sentences

NAMING = ("name", "title", "label", "description")
"""Fields that say what a part is called, the first that is there."""
CODED = ("confidence", "kind")
"""Fields whose values are codes with a Chinese word each."""
MOST_CHANGES = 4
LONGEST_NAME = 24
SILENT = ("sections", "values", "articles")
"""Names of parts that a title does without: what stands below them says it."""


def title_of(item: UpgradeItem, upgrade: HandbookUpgrade) -> str:
    """What the part is called, from the whole to the part: 救助项目 · 最低生活保障 · 谁能申请 · 正文."""
    return say("handbook.between").join(_names(item.path, upgrade))


def part_name(part: str) -> str:
    """What a part of the handbook at the root is called: programmes → 救助项目."""
    return _label(part)


def kind_of(item: UpgradeItem) -> str:
    """What happens to the part, in one word: 新增."""
    return say(f"handbook_kind.{item.kind.value}")


def lines_of(value: Any) -> tuple[str, ...]:
    """What stands in a part, a line each; a part that is not there says so."""
    return (say("handbook.nothing"),) if value is None else tuple(_lines(value))


def change_of(item: UpgradeItem) -> str:
    """What the new bundle changes against the old one, in words; empty for a part that is new or gone."""
    if item.kind is not UpgradeKind.CHANGED:
        return ""
    said = list_changes_in_words(lines_of(item.before), lines_of(item.new))
    shown = say("handbook.change_between").join(said[:MOST_CHANGES])
    return say("change.more_places", said=shown, count=len(said)) if len(said) > MOST_CHANGES else shown


def upgrade_record(upgrade: HandbookUpgrade) -> dict[str, Any]:
    """As `yibentong handbook upgrade --json` prints it."""
    return {
        "offered": upgrade.is_offered,
        "in_draft": upgrade.in_draft,
        "undecided": len(upgrade.undecided),
        "counts": {kind.value: upgrade.count(kind) for kind in UpgradeKind},
        "items": [_item_record(item, upgrade) for item in upgrade.items],
    }


def _item_record(item: UpgradeItem, upgrade: HandbookUpgrade) -> dict[str, Any]:
    choice = item.choice
    return {
        "entry": item.entry, "kind": item.kind.value, "title": title_of(item, upgrade), "change": change_of(item),
        "before": item.before, "staff": item.staff, "new": item.new, "take": item.take.value if item.take else None,
        "decided_by": choice.by if choice else None, "decided_at": choice.at.isoformat() if choice else None,
    }


# -- names -----------------------------------------------------------------------------------------------------------------------


def _names(path: Path, upgrade: HandbookUpgrade) -> Iterator[str]:
    yield _label(path[0])
    for length in range(2, len(path) + 1):
        if length == len(path) or path[length - 1] not in SILENT:
            yield _name(path[:length], upgrade)


def _name(path: Path, upgrade: HandbookUpgrade) -> str:
    trees = (upgrade.new, upgrade.staff, upgrade.base)
    if path[-2] in ("sections", "section_titles"):
        return next(filter(None, (_section_title(tree, path[-1]) for tree in trees)), path[-1])
    known = sentences().get(f"handbook_part.{path[-1]}") or next(filter(None, (_named(_at(tree, path)) for tree in trees)), None)
    if known is not None:
        return known
    return say("handbook.since", day=path[-1]) if path[-2] == "values" else path[-1]


def _named(node: Any) -> str | None:
    if not isinstance(node, Mapping):
        return None
    found = next((node[field] for field in NAMING if isinstance(node.get(field), str)), None)
    if found is None:
        return None
    short = found.split("：")[0].split("（")[0]
    return short if len(short) <= LONGEST_NAME else f"{short[:LONGEST_NAME]}…"


def _section_title(tree: HandbookTree, need: str) -> str | None:
    found = _at(tree, ("handbook", "section_titles", need))
    return found if isinstance(found, str) else None


def _at(tree: HandbookTree, path: Path) -> Any:
    node: Any = tree.root
    for name in path:
        node = node.get(name) if isinstance(node, Mapping) else None
    return node


def _label(name: str) -> str:
    return sentences().get(f"handbook_part.{name}", name)


# -- what stands there -----------------------------------------------------------------------------------------------------------


def _lines(value: Any) -> Iterator[str]:
    match value:
        case Mapping():
            yield from _of_mapping(value)
        case list():
            for item in value:
                yield _inline(item)
        case _:
            yield from str(_plain(value)).splitlines()


def _of_mapping(value: Mapping[str, Any]) -> Iterator[str]:
    if "text" in value:
        yield _inline(value)
        return
    for name, item in _ordered(value):
        if isinstance(item, Mapping) or (isinstance(item, list) and any(isinstance(part, Mapping) for part in item)):
            yield say("handbook.heading", name=_label(name))
            yield from _lines(item)
        elif item is not None:
            yield _field(name, item)


def _inline(value: Any) -> str:
    """One line: a sentence with what it rests on, else every field with its label."""
    if isinstance(value, list):
        return "、".join(map(_inline, value))
    if not isinstance(value, Mapping):
        return str(_plain(value))
    if "text" in value:
        rest = {name: part for name, part in value.items() if name != "text" and part}
        return str(value["text"]) + (say("handbook.aside", rest=_fields(rest)) if rest else "")
    return _fields(value)


def _fields(value: Mapping[str, Any]) -> str:
    return "；".join(_field(name, item) for name, item in _ordered(value) if item is not None)


def _ordered(value: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Kept handbooks have their fields by the alphabet; editors read them in the order of the words' file."""
    return sorted(value.items(), key=lambda field: _places().get(field[0], len(_places())))


@cache
def _places() -> dict[str, int]:
    known = (key.removeprefix("handbook_part.") for key in sentences() if key.startswith("handbook_part."))
    return {name: place for place, name in enumerate(known)}


def _field(name: str, value: Any) -> str:
    said = sentences().get(f"handbook_code.{value}") if name in CODED and isinstance(value, str) else None
    return say("handbook.field", name=_label(name), value=said or _inline(value))


def _plain(value: Any) -> Any:
    return say(f"cell.{'yes' if value else 'no'}") if isinstance(value, bool) else value
