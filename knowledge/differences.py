"""Differences (差异) between two states of the knowledge base: documents, clauses, numbers, programmes. Records and steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from knowledge.catalogue import Catalogue
from knowledge.parameters import DatedValue, Parameter, Reference
from knowledge.programmes import Condition, Line, Programme, Threshold, conditions_of
from knowledge.text_changes import change_in_words, list_changes_in_words, opening
from knowledge.wording import say

NOT_CONTENT = frozenset({"source"})
"""Fields of a document that say where it came from, not what it is: the same text under another file name is the same."""


class ChangeKind(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    CATALOGUE = "catalogue"


@dataclass(frozen=True, slots=True)
class ClauseChange:
    """One clause that differs. words: Chinese, 第十二条 改：20日 → 15日. before, after: its words; None: not there."""

    kind: ChangeKind
    clause_id: str
    article: str
    words: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class DraftChange:
    """One document (or the handbook) that differs. words: a Chinese sentence for editors. clauses_…: counts of clauses; clauses:
    each of them in the order of the text."""

    kind: ChangeKind
    document_id: str | None
    title: str
    words: str
    clauses_added: int = 0
    clauses_changed: int = 0
    clauses_removed: int = 0
    changed_by: str = ""
    changed_at: datetime | None = None
    clauses: tuple[ClauseChange, ...] = ()


@dataclass(frozen=True, slots=True)
class EntryChange:
    """One parameter, programme or other file of the handbook that differs. key: its name; words: a Chinese sentence each."""

    kind: ChangeKind
    key: str
    title: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed from one state to another. before, after: release numbers; 0: the draft."""

    before: int
    after: int
    documents: tuple[DraftChange, ...] = ()
    parameters: tuple[EntryChange, ...] = ()
    programmes: tuple[EntryChange, ...] = ()
    others: tuple[EntryChange, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.documents or self.parameters or self.programmes or self.others)

    def as_dict(self) -> dict[str, Any]:
        """As `yibentong diff --json` prints it."""
        return {
            "before": self.before,
            "after": self.after,
            "documents": [document_change_dict(change) for change in self.documents],
            "parameters": [_entry_dict(change) for change in self.parameters],
            "programmes": [_entry_dict(change) for change in self.programmes],
            "others": [_entry_dict(change) for change in self.others],
        }


def document_change_dict(change: DraftChange) -> dict[str, Any]:
    return {
        "kind": change.kind.value,
        "document_id": change.document_id,
        "title": change.title,
        "words": change.words,
        "added": change.clauses_added,
        "changed": change.clauses_changed,
        "removed": change.clauses_removed,
        "clauses": [{**asdict(clause), "kind": clause.kind.value} for clause in change.clauses],
    }


def _entry_dict(change: EntryChange) -> dict[str, Any]:
    return {"kind": change.kind.value, "key": change.key, "title": change.title, "words": list(change.words)}


# -- documents and clauses -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ClauseContent:
    """What comparison needs of a clause. digest: of article, heading path and text."""

    clause_id: str
    article: str
    text: str
    digest: str


@dataclass(frozen=True, slots=True)
class VersionContent:
    """A document version reduced to what comparison needs: its record, and its clauses in their order."""

    record: Mapping[str, Any]
    clauses: Sequence[ClauseContent]


def compared(before: VersionContent | None, after: VersionContent | None, document_id: str) -> DraftChange:
    """The difference between two versions of a document, in words and counts. None: the document is not there."""
    clauses = tuple(_clause_changes(before.clauses if before else (), after.clauses if after else ()))
    counts = {kind: sum(change.kind is kind for change in clauses) for kind in ChangeKind}
    added, changed, removed = (counts[kind] for kind in (ChangeKind.ADDED, ChangeKind.CHANGED, ChangeKind.REMOVED))
    shown = after or before
    title = str(shown.record["title"]) if shown else document_id
    if before is None:
        kind, words = ChangeKind.ADDED, say("change.added", title=title, clauses=added)
    elif after is None:
        kind, words = ChangeKind.REMOVED, say("change.removed", title=title, clauses=removed)
    else:
        kind, words = ChangeKind.CHANGED, _changed_words(before, after, title, (added, changed, removed))
    return DraftChange(kind, document_id, title, words, added, changed, removed, clauses=clauses)


def _clause_changes(before: Sequence[ClauseContent], after: Sequence[ClauseContent]) -> Iterator[ClauseChange]:
    """In the order of the new text; what is gone comes last."""
    old, new = ({clause.clause_id: clause for clause in clauses} for clauses in (before, after))
    for clause_id, clause in new.items():
        former = old.get(clause_id)
        if former is None:
            words = say("change.clause_added", article=clause.article, words=opening(clause.text))
            yield ClauseChange(ChangeKind.ADDED, clause_id, clause.article, words, None, clause.text)
        elif former.digest != clause.digest:
            # Only its headings are other ones where the words are the same.
            said = change_in_words(former.text, clause.text) or say("change.headings")
            words = say("change.clause_changed", article=clause.article, change=said)
            yield ClauseChange(ChangeKind.CHANGED, clause_id, clause.article, words, former.text, clause.text)
    for clause_id, clause in old.items():
        if clause_id not in new:
            words = say("change.clause_removed", article=clause.article, words=opening(clause.text))
            yield ClauseChange(ChangeKind.REMOVED, clause_id, clause.article, words, clause.text, None)


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
    if isinstance(value, list | tuple):
        return "、".join(map(str, value)) or say("change.nothing")
    return str(value) if value else say("change.nothing")


# -- the handbook ----------------------------------------------------------------------------------------------------------------


def parameter_changes(before: Catalogue, after: Catalogue) -> tuple[EntryChange, ...]:
    changes = []
    for name in sorted(before.parameters.keys() | after.parameters.keys()):
        old, new = before.parameters.get(name), after.parameters.get(name)
        shown = new or old
        words = tuple(_parameter_words(old, new))
        if words and shown is not None:
            changes.append(EntryChange(_kind(old, new), name, shown.description, words))
    return tuple(changes)


def _parameter_words(old: Parameter | None, new: Parameter | None) -> Iterator[str]:
    former = {entry.since: entry for entry in old.history} if old else {}
    latter = {entry.since: entry for entry in new.history} if new else {}
    unit = next((parameter.unit for parameter in (new, old) if parameter), "")
    for since in sorted(former.keys() | latter.keys(), reverse=True):
        one, other = former.get(since), latter.get(since)
        if one == other:
            continue
        if one is None and other is not None:
            yield say("change.value_added", since=since, value=_value(other), unit=unit, source=_source(other.reference))
        elif other is None and one is not None:
            yield say("change.value_removed", since=since, value=_value(one), unit=unit)
        elif one is not None and other is not None:
            yield say("change.value_changed", since=since, before=_entry(one), after=_entry(other), unit=unit)
    if old and new:
        for field in ("description", "unit", "last_checked_on"):
            was, now = getattr(old, field), getattr(new, field)
            if was != now:
                yield say("change.fact", field=say(f"fields.{field}"), before=was, after=now)


def _value(entry: DatedValue) -> str:
    if entry.value is not None:
        return f"{entry.value:f}"
    return say("change.no_value", low=_end(entry.low), high=_end(entry.high))


def _end(value: object) -> str:
    return "?" if value is None else str(value)


def _entry(entry: DatedValue) -> str:
    return f"{_value(entry)}（{entry.confidence.value}，{_source(entry.reference)}）"


def _source(reference: Reference) -> str:
    return f"《{reference.document}》{reference.article or ''}"


def programme_changes(before: Catalogue, after: Catalogue) -> tuple[EntryChange, ...]:
    changes = []
    for name in sorted(before.programmes.keys() | after.programmes.keys()):
        old, new = before.programmes.get(name), after.programmes.get(name)
        if old == new:
            continue
        shown = new or old
        words = tuple(_programme_words(old, new)) if old and new else ()
        changes.append(EntryChange(_kind(old, new), name, shown.name if shown else name, words))
    return tuple(changes)


def _programme_words(old: Programme, new: Programme) -> Iterator[str]:
    former, latter = _parts(old), _parts(new)
    for label in dict.fromkeys((*former, *latter)):
        for said in list_changes_in_words(former.get(label, ()), latter.get(label, ())):
            yield say("change.part", part=label, change=said)


def _parts(programme: Programme) -> dict[str, tuple[str, ...]]:
    """Everything a programme says, as sentences under the name that editors know the part by."""
    benefit = programme.benefit
    parts: dict[str, tuple[str, ...]] = {
        "name": (programme.name,),
        "aliases": programme.aliases,
        "summary": (programme.summary,),
        "authority": (programme.authority,),
        "region": (programme.region,),
        "in_force_from": (programme.in_force_from.isoformat(),),
        "in_force_until": (str(programme.in_force_until or say("change.nothing")),),
        "legal_basis": tuple(map(_source, programme.legal_basis)),
        "conditions": tuple(map(_condition, conditions_of(programme.conditions))) if programme.conditions else (),
        "judged": programme.judged,
        "benefit": (
            " ".join(filter(None, (benefit.kind, *benefit.parameters(), benefit.minus, benefit.per, benefit.note))),
            *map(_condition, benefit.conditions()),
        ),
        "limits": tuple(map(_line, programme.limits)),
        "excludes": programme.excludes,
        "includes": programme.includes,
        "related": programme.related,
        "materials": tuple(f"{m.name}{f'（{m.only_if}）' if m.only_if else ''}" for m in programme.materials),
        "steps": tuple(f"{step.who}：{step.what}{f'（{step.within}）' if step.within else ''}" for step in programme.steps),
    }
    named = {say(f"parts.{name}"): sentences for name, sentences in parts.items()}
    return named | {section.title: tuple(map(_line, section.lines)) for section in programme.sections}


def _condition(condition: Condition) -> str:
    threshold = _threshold(condition.threshold)
    rule = f"{condition.fact} {condition.operator.value} {threshold}"
    return f"{condition.id}: {rule}（{_source(condition.basis)}） {condition.yes}"


def _threshold(threshold: Threshold) -> str:
    value = threshold.parameter if threshold.parameter is not None else threshold.constant
    return f"{value}×{threshold.times}" if threshold.times else str(value)


def _line(line: Line) -> str:
    return line.text if line.otherwise is None else f"{line.text} / {line.otherwise}"


def _kind(old: object | None, new: object | None) -> ChangeKind:
    if old is None:
        return ChangeKind.ADDED
    return ChangeKind.REMOVED if new is None else ChangeKind.CHANGED


def file_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[EntryChange, ...]:
    """Files of the handbook other than parameters and programmes, by name: facts, wordings, hotlines, subdistricts …"""
    changes = []
    for name in sorted(before.keys() | after.keys()):
        if name.startswith(("parameters/", "programmes/")) or before.get(name) == after.get(name):
            continue
        words = tuple(_file_words(before.get(name), after.get(name)))
        changes.append(EntryChange(_kind(before.get(name), after.get(name)), name, name, words))
    return tuple(changes)


def _file_words(old: Any, new: Any) -> Iterator[str]:
    if not isinstance(old, dict) or not isinstance(new, dict):
        return
    for key in dict.fromkeys((*old, *new)):
        one, other = old.get(key), new.get(key)
        if one == other:
            continue
        said = list_changes_in_words(*([str(value)] if value is not None else [] for value in (one, other)))
        yield say("change.part", part=key, change="；".join(said))
