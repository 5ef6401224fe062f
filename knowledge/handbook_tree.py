"""The handbook's files as one tree of named parts, so that two handbooks can be compared part by part and put together again.

A list whose items have a name (a section its need, a hotline its number, a dated value its first day) becomes a branch by that
name. A parameter is found by its name, whichever file it stands in. What is not set out as expected stays one leaf.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from knowledge.catalogue_files import Content

Path = tuple[str, ...]
"""Names from the root, e.g. ("programmes", "dibao", "sections", "who", "lines")."""

ANY = "*"
GROUPS = ("programmes", "asked_as")
PARAMETERS = "parameters"
HANDBOOK, ORDER = "handbook", "programme_order"

OPENED: Mapping[Path, str | None] = {
    ("programmes", ANY): None,
    ("programmes", ANY, "sections"): "need",
    ("programmes", ANY, "sections", ANY): None,
    ("parameters", ANY): None,
    ("parameters", ANY, "values"): "since",
    ("asked_as", ANY): None,
    ("asked_as", ANY, "articles"): None,
    ("handbook",): None,
    ("handbook", "section_titles"): None,
    ("common",): None,
    ("common", ANY): None,
    ("documents",): None,
    ("facts",): None,
    ("wordings",): None,
    ("lexicon",): "term",
    ("hotlines",): "number",
    ("subdistricts",): "name",
    ("regions",): "name",
    ("departments",): "id",
    ("processes",): None,
    ("processes", "processes"): "id",
    ("processes", "processes", ANY): None,
    ("resources",): None,
    ("resources", "lists"): "kind",
    ("resources", "categories"): "kind",
    ("resources", "projects"): "id",
}
"""Where a part is taken apart further: by the names of a mapping (None), or of a list by this field of its items."""


class Branch(dict[str, Any]):
    """Parts by name, in their order. Equal branches hold equal parts, whatever their order. Everything else is a leaf."""


@dataclass(frozen=True, slots=True)
class HandbookTree:
    """root: the parts. order: of programmes, as people meet them. parameter_files: parameter name to the file it stands in."""

    root: Branch
    order: tuple[str, ...] = ()
    parameter_files: Mapping[str, str] | None = None


def tree_of(content: Content) -> HandbookTree:
    """What stands in the files, taken apart. Nothing is checked: the catalogue does that."""
    root, order = Branch(), tuple[str, ...]()
    files: dict[str, str] = {}
    for file, data in content.items():
        stem = file.removesuffix(".yaml")
        group, _, name = stem.partition("/")
        if group == PARAMETERS and name and isinstance(data, Mapping):
            parameters = root.setdefault(PARAMETERS, Branch())
            for parameter, value in data.items():
                parameters[parameter] = _opened((PARAMETERS, parameter), value)
                files[parameter] = file
        elif group in GROUPS and name:
            root.setdefault(group, Branch())[name] = _opened((group, name), data)
        else:
            root[stem] = _opened((stem,), data)
    handbook = root.get(HANDBOOK)
    if isinstance(handbook, Branch) and isinstance(handbook.get(ORDER), list):
        order = tuple(map(str, handbook.pop(ORDER)))
    return HandbookTree(root, order, files)


def content_of(tree: HandbookTree) -> Content:
    """The files that the tree was made of."""
    content: Content = {}
    for stem, node in tree.root.items():
        if stem == PARAMETERS:
            for parameter, value in node.items():
                file = (tree.parameter_files or {})[parameter]
                content.setdefault(file, {})[parameter] = _closed((PARAMETERS, parameter), value)
        elif stem in GROUPS:
            content.update({f"{stem}/{name}.yaml": _closed((stem, name), value) for name, value in node.items()})
        else:
            content[f"{stem}.yaml"] = _closed((stem,), node)
    if tree.order:
        content[f"{HANDBOOK}.yaml"][ORDER] = list(tree.order)
    return content


def merged_order(main: Iterable[str], other: Iterable[str], present: Iterable[str]) -> tuple[str, ...]:
    """The present names as `main` orders them; those it does not know stand behind the one they follow in `other`."""
    wanted = set(present)
    found = [name for name in main if name in wanted]
    position = 0
    for name in other:
        if name in found:
            position = found.index(name) + 1
        elif name in wanted:
            found.insert(position, name)
            position += 1
    return (*found, *sorted(wanted - set(found)))


def _opened(path: Path, value: Any) -> Any:
    found = _layout(path)
    if found is None or not value:
        # An empty list or mapping is a leaf: it has no parts to name, and must come back as it was.
        return value
    named = _named(value, found[0])
    if named is None:
        return value
    return Branch((name, _opened((*path, name), item)) for name, item in named)


def _closed(path: Path, node: Any) -> Any:
    if not isinstance(node, Branch):
        return node
    found = _layout(path)
    closed = {name: _closed((*path, name), part) for name, part in node.items()}
    return closed if found is None or found[0] is None else list(closed.values())


def _layout(path: Path) -> tuple[str | None] | None:
    """How the part at this path is taken apart; None: not at all."""
    for pattern, key in OPENED.items():
        if len(pattern) == len(path) and all(wanted in (ANY, name) for wanted, name in zip(pattern, path, strict=True)):
            return (key,)
    return None


def _named(value: Any, key: str | None) -> list[tuple[str, Any]] | None:
    """Its parts with their names; None when it is not set out so, or a name stands twice."""
    if key is None:
        return list(value.items()) if isinstance(value, Mapping) else None
    if not isinstance(value, list) or not all(isinstance(item, Mapping) and isinstance(item.get(key), str) for item in value):
        return None
    names = [item[key] for item in value]
    return list(zip(names, value, strict=True)) if len(set(names)) == len(names) else None
