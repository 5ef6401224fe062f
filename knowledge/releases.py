"""Releases (发布版), the draft of the next one, and what an import did. Records and pure comparisons; storage is elsewhere."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from knowledge.clauses import Clause
from knowledge.policy_documents import Kind, PolicyDocument, Rank
from knowledge.wording import say

NOT_CONTENT = frozenset({"source"})
"""Fields of a document that say where it came from, not what it is: the same text under another file name is the same."""

DAYS = ("issued_on", "in_force_from", "in_force_until", "displaced_from")


@dataclass(frozen=True, slots=True)
class ReleaseInfo:
    """One published release. content_hash: equal hashes hold equal content. restores: the release whose content it repeats."""

    number: int
    content_hash: str
    note: str
    published_by: str
    published_at: datetime
    documents: int
    restores: int | None = None


class ChangeKind(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    CATALOGUE = "catalogue"


@dataclass(frozen=True, slots=True)
class DraftChange:
    """One difference between draft and current release. words: a Chinese sentence for editors. clauses_…: counts of clauses."""

    kind: ChangeKind
    document_id: str | None
    title: str
    words: str
    clauses_added: int = 0
    clauses_changed: int = 0
    clauses_removed: int = 0
    changed_by: str = ""
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What the next release will change. based_on: the current release, 0: none yet."""

    based_on: int
    changes: tuple[DraftChange, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.changes


class Outcome(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ImportEntry:
    """What became of one file. reason: Chinese, only when it failed. clauses: how many the document now has."""

    path: str
    outcome: Outcome
    document_id: str | None = None
    title: str | None = None
    clauses: int = 0
    reason: str | None = None
    remarks: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {
            "path": self.path, "outcome": self.outcome.value, "document_id": self.document_id, "title": self.title,
            "clauses": self.clauses, "reason": self.reason, "remarks": list(self.remarks),
        }


@dataclass(frozen=True, slots=True)
class ImportReport:
    """One entry a file, in the order of import. remarks: Chinese, about the import as a whole."""

    entries: tuple[ImportEntry, ...]
    remarks: tuple[str, ...] = ()

    def count(self, outcome: Outcome) -> int:
        return sum(entry.outcome is outcome for entry in self.entries)

    def as_dict(self) -> dict[str, Any]:
        counts = {outcome.value: self.count(outcome) for outcome in Outcome}
        return {**counts, "entries": [entry.as_dict() for entry in self.entries], "remarks": list(self.remarks)}


@dataclass(frozen=True, slots=True)
class ListedDocument:
    """A document of a release or of the draft, its days as succession leaves them, with how many clauses it has."""

    document: PolicyDocument
    clauses: int
    imported_by: str
    imported_at: datetime
    remarks: tuple[str, ...] = ()


# -- records as plain values ---------------------------------------------------------------------------------------------------


def document_record(document: PolicyDocument) -> dict[str, Any]:
    """The document as plain values that JSON can hold; document_from turns them back."""
    record: dict[str, Any] = {}
    for field in fields(PolicyDocument):
        value = getattr(document, field.name)
        record[field.name] = value.isoformat() if isinstance(value, date) else value
    return record


def document_from(record: Mapping[str, Any], source: str) -> PolicyDocument:
    days = {name: date.fromisoformat(record[name]) if record[name] else None for name in DAYS}
    return PolicyDocument(**{**record, **days, "kind": Kind(record["kind"]), "rank": Rank(record["rank"]), "source": source})


def content_record(document: PolicyDocument) -> dict[str, Any]:
    return {name: value for name, value in document_record(document).items() if name not in NOT_CONTENT}


# -- digests -------------------------------------------------------------------------------------------------------------------


def text_digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _digest(value: Any) -> str:
    return text_digest(json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")))


def clause_digest(clause: Clause) -> str:
    return _digest([clause.article, list(clause.heading_path), clause.text])


def version_digest(document: PolicyDocument, clauses: Sequence[Clause]) -> str:
    return _digest([content_record(document), [clause_digest(clause) for clause in clauses]])


def content_hash(documents: Mapping[str, str], catalogue_digest: str, succession_digest: str) -> str:
    """documents: document_id to version digest."""
    return _digest([dict(documents), catalogue_digest, succession_digest])


# -- comparisons ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class VersionContent:
    """A document version reduced to what comparison needs: its record, and digest by clause id."""

    record: Mapping[str, Any]
    clauses: Mapping[str, str]


def compared(before: VersionContent | None, after: VersionContent | None, document_id: str) -> DraftChange:
    """The difference between two versions of a document, in words and counts. None: the document is not there."""
    old, new = (dict(version.clauses) if version else {} for version in (before, after))
    added, removed = len(new.keys() - old.keys()), len(old.keys() - new.keys())
    changed = sum(old[clause_id] != new[clause_id] for clause_id in old.keys() & new.keys())
    shown = after or before
    title = str(shown.record["title"]) if shown else document_id
    if before is None:
        kind, words = ChangeKind.ADDED, say("change.added", title=title, clauses=added)
    elif after is None:
        kind, words = ChangeKind.REMOVED, say("change.removed", title=title, clauses=removed)
    else:
        kind, words = ChangeKind.CHANGED, _changed_words(before, after, title, (added, changed, removed))
    return DraftChange(kind, document_id, title, words, added, changed, removed)


def _changed_words(before: VersionContent, after: VersionContent, title: str, counts: tuple[int, int, int]) -> str:
    said = []
    added, changed, removed = counts
    if any(counts):
        said.append(say("change.changed", title=title, added=added, changed=changed, removed=removed))
    facts = [
        say("change.fact", field=say(f"fields.{name}"), before=_shown(before.record.get(name)), after=_shown(value))
        for name, value in after.record.items()
        if name not in NOT_CONTENT and name != "document_id" and before.record.get(name) != value
    ]
    if facts:
        said.append(say("change.changed_facts", title=title, fields="、".join(facts)))
    if not said:
        # Only the order of the clauses is another one.
        said.append(say("change.changed", title=title, added=0, changed=0, removed=0))
    return "；".join(said)


def _shown(value: Any) -> str:
    return str(value) if value else say("change.nothing")


def catalogue_change(before: str | None, after: str) -> DraftChange:
    """Which files of the handbook differ between two catalogue contents (canonical JSON objects of files)."""
    old, new = (_files(text) for text in (before, after))
    names = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
    title = say("change.catalogue_new")
    return DraftChange(ChangeKind.CATALOGUE, None, title, say("change.catalogue", files="、".join(names) or title))


def _files(content: str | None) -> dict[str, Any]:
    if content is None:
        return {}
    try:
        loaded = json.loads(content)
    except ValueError:
        return {}
    return loaded if isinstance(loaded, dict) else {}


def overlaid(base: Mapping[str, str], draft: Mapping[str, str | None]) -> dict[str, str]:
    """Document versions by id of the release that would come out of the draft now."""
    merged: dict[str, str | None] = {**base, **draft}
    return {document_id: digest for document_id, digest in sorted(merged.items()) if digest is not None}
