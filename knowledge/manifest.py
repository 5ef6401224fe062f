"""Manifests (文件清单): what somebody knows of the files of a folder that the files themselves do not say."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from knowledge.errors import ManifestError
from knowledge.policy_documents import Kind, Rank
from knowledge.wording import say

DATES = ("issued_on", "in_force_from", "in_force_until")
CHOICES: Mapping[str, type[Kind] | type[Rank]] = {"kind": Kind, "rank": Rank}


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """What is known of one file; None: let the file itself say it. region "" is the whole country.

    path is relative to the manifest's folder; uploads leave it empty. replaces: titles of the texts that this one ends."""

    path: str = ""
    title: str | None = None
    issuer: str | None = None
    number: str | None = None
    issued_on: date | None = None
    region: str | None = None
    kind: Kind | None = None
    rank: Rank | None = None
    in_force_from: date | None = None
    in_force_until: date | None = None
    replaces: tuple[str, ...] | None = None


FIELDS = tuple(field.name for field in fields(ManifestEntry))


@dataclass(frozen=True, slots=True)
class Manifest:
    """Entries by file. folder: what their paths are relative to; path: the manifest's own file."""

    path: Path
    entries: tuple[ManifestEntry, ...]

    @property
    def folder(self) -> Path:
        return self.path.parent

    def entry_for(self, file: Path) -> ManifestEntry | None:
        """The entry of a file, None when the manifest does not list it. Composed and decomposed spellings count as equal."""
        wanted = _same_spelling(file.resolve())
        return next((e for e in self.entries if _same_spelling((self.folder / e.path).resolve()) == wanted), None)


def load_manifest(path: Path) -> Manifest:
    """Reads a YAML list of files with path, title, issuer, number, issued_on, region, kind, rank, in_force_from, in_force_until,
    replaces.

    Raises ManifestError, for the person who imports, naming the entry, what it holds and what is wanted."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise ManifestError("manifest.missing", name=path) from error
    except (OSError, UnicodeDecodeError) as error:
        raise _wrong_yaml(path, error) from error
    return parse_manifest(text, path)


def parse_manifest(text: str, path: Path) -> Manifest:
    try:
        loaded = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise _wrong_yaml(path, error) from error
    if not isinstance(loaded, list):
        raise ManifestError("manifest.not_a_list", name=path.name, found=type(loaded).__name__, example=_example())
    entries: list[ManifestEntry] = []
    for number, item in enumerate(loaded, start=1):
        try:
            entry = _entry(item)
            if entry.path in {e.path for e in entries}:
                raise ValueError(say("manifest.twice", value=entry.path))
        except ValueError as error:
            raise ManifestError("manifest.entry", name=path.name, number=number, reason=error, example=_example()) from error
        entries.append(entry)
    return Manifest(path, tuple(entries))


def _entry(item: Any) -> ManifestEntry:
    if not isinstance(item, dict) or not isinstance(item.get("path"), str) or not item["path"]:
        raise ValueError(say("manifest.no_path"))
    unknown = next((str(key) for key in item if key not in FIELDS), None)
    if unknown is not None:
        raise ValueError(say("manifest.unknown_field", field=unknown, fields="、".join(FIELDS)))
    return ManifestEntry(**{name: _value(name, value) for name, value in item.items() if value is not None})


def _value(name: str, value: Any) -> Any:
    if name in DATES:
        # YAML reads 2024-07-23 as a date already, and 2024-07-23 10:00 as a moment: only whole days mean something here.
        if type(value) is not date:
            raise ValueError(say("manifest.value", field=name, value=value, wanted=say("manifest.date_wanted")))
        return value
    if name in CHOICES:
        try:
            return CHOICES[name](value)
        except ValueError as error:
            choices = "、".join(choice.value for choice in CHOICES[name])
            wanted = say("manifest.choice_wanted", choices=choices)
            raise ValueError(say("manifest.value", field=name, value=value, wanted=wanted)) from error
    if name == "replaces":
        if not isinstance(value, list) or not all(isinstance(title, str) for title in value):
            raise ValueError(say("manifest.value", field=name, value=value, wanted=say("manifest.titles_wanted")))
        return tuple(value)
    if not isinstance(value, str):
        raise ValueError(say("manifest.value", field=name, value=value, wanted=say("manifest.text_wanted")))
    return value


def _same_spelling(path: Path) -> str:
    return unicodedata.normalize("NFC", str(path))


def _wrong_yaml(path: Path, error: Exception) -> ManifestError:
    reason = " ".join(str(error).split())
    return ManifestError("manifest.not_yaml", name=path.name, reason=reason, example=_example())


def _example() -> str:
    return say("manifest.example")
