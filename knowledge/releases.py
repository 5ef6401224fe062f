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
from knowledge.differences import NOT_CONTENT, ChangeKind, DraftChange
from knowledge.documents.proposals import Proposal
from knowledge.policy_documents import Kind, PolicyDocument, Rank
from knowledge.wording import say

DAYS = ("issued_on", "in_force_from", "in_force_until", "displaced_from")


@dataclass(frozen=True, slots=True)
class ReleaseInfo:
    """One published release. content_hash: equal hashes hold equal content. restores: the release whose content it repeats;
    withdraws: the document it left out at once. approved_by: who looked at the draft beside its last changer; override: why it
    was published without such a person, or against a severe finding."""

    number: int
    content_hash: str
    note: str
    published_by: str
    published_at: datetime
    documents: int
    restores: int | None = None
    withdraws: str | None = None
    approved_by: str | None = None
    override: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {
            "number": self.number, "content_hash": self.content_hash, "note": self.note, "published_by": self.published_by,
            "published_at": self.published_at.isoformat(), "documents": self.documents, "restores": self.restores,
            "withdraws": self.withdraws, "approved_by": self.approved_by, "override": self.override,
        }


@dataclass(frozen=True, slots=True)
class Draft:
    """What the next release will change. based_on: the current release, 0: none yet. last_changed_by: somebody else must approve;
    approved_by: who did, for exactly this content."""

    based_on: int
    changes: tuple[DraftChange, ...] = ()
    last_changed_by: str | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None

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
    proposals: tuple[Proposal, ...] = ()


# -- records as plain values ---------------------------------------------------------------------------------------------------


def document_record(document: PolicyDocument) -> dict[str, Any]:
    """The document as plain values that JSON can hold; document_from turns them back."""
    record: dict[str, Any] = {}
    for field in fields(PolicyDocument):
        value = getattr(document, field.name)
        record[field.name] = list(value) if isinstance(value, tuple) else value.isoformat() if isinstance(value, date) else value
    return record


def document_from(record: Mapping[str, Any], source: str) -> PolicyDocument:
    days = {name: date.fromisoformat(record[name]) if record[name] else None for name in DAYS}
    choices = {"kind": Kind(record["kind"]), "rank": Rank(record["rank"])}
    return PolicyDocument(**{**record, **days, **choices, "source": source, "replaces": tuple(record.get("replaces") or ())})


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


# -- the draft -----------------------------------------------------------------------------------------------------------------


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
