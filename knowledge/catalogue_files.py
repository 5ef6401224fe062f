"""The handbook's files as one plain structure, and that structure as canonical JSON."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from datetime import date
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import yaml

from knowledge.catalogue_entries import CatalogueError

SINGLE_FILES = (
    "handbook", "common", "documents", "facts", "lexicon", "hotlines", "subdistricts", "regions", "departments", "wordings",
)
"""Files of the handbook folder, without .yaml, that hold one subject each; programmes/ and parameters/ hold many files."""

LATER_FILES = ("processes", "resources")
"""Subjects that came later: releases published before have no such files, and are read without."""

Content = dict[str, Any]
"""File name, as in "programmes/dibao.yaml", to what stands in it: only texts, whole numbers, flags, lists and mappings."""


class _Loader(yaml.CSafeLoader):
    """Safe YAML that refuses a key given twice (the second would silently win) and reads only true and false as flags:
    conditions have fields called yes and no."""


_FLAG = "tag:yaml.org,2002:bool"
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _FLAG]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_FLAG, re.compile(r"^(?:true|false)$"), list("tf"))


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[str] = set()
    for key, _ in node.value:
        if key.value in seen:
            raise CatalogueError(f"line {key.start_mark.line + 1}: '{key.value}' stands here twice; keep one of them")
        seen.add(key.value)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read_yaml(name: str, text: str) -> Any:
    """One handbook file; dates and decimal fractions become texts, so that JSON holds them unchanged."""
    try:
        return _plain(yaml.load(text, Loader=_Loader))  # noqa: S506 - a safe loader, made stricter
    except yaml.YAMLError as error:
        raise CatalogueError(f"{name} is not readable YAML: {error}. Check indentation and quotes near that line") from error
    except CatalogueError as error:
        raise CatalogueError(f"{name}, {error}") from None


def bundled_content() -> Content:
    """All files of knowledge/handbook that the catalogue is made of, for the caller to keep or change."""
    return deepcopy(_bundled_files())


@lru_cache(maxsize=1)
def _bundled_files() -> Content:
    """Read once: whoever founds a release and whoever asks for something newer mean the same files."""
    folder = files("knowledge.handbook")
    content = {f"{name}.yaml": _read(folder / f"{name}.yaml", f"{name}.yaml") for name in (*SINGLE_FILES, *LATER_FILES)}
    for group in ("programmes", "parameters", "asked_as"):
        for file in sorted((folder / group).iterdir(), key=lambda f: f.name):
            if file.name.endswith(".yaml"):
                content[f"{group}/{file.name}"] = _read(file, f"{group}/{file.name}")
    return content


@lru_cache(maxsize=1)
def bundled_text() -> str:
    """The handbook that comes with the program, as a release would keep it."""
    return to_json(bundled_content())


def to_json(content: Content) -> str:
    """Canonical: sorted keys, no spaces; equal content gives equal text."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def from_json(text: str) -> Content:
    try:
        content = json.loads(text)
    except ValueError as error:
        raise CatalogueError(f"catalogue content is not JSON ({error}); wanted what Catalogue.content() gave") from error
    if not isinstance(content, dict):
        raise CatalogueError(f"catalogue content is a {type(content).__name__}; "
                             f"wanted an object of files, e.g. {{\"facts.yaml\": …}}")
    return content


def _read(file: Traversable, name: str) -> Any:
    return read_yaml(name, file.read_text(encoding="utf-8"))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return str(value)
    return value
