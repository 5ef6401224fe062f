"""Differences and findings as lines of a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

import typer

from knowledge.differences import ChangeKind, Difference, DraftChange, EntryChange
from knowledge.findings import Finding, Severity
from knowledge.wording import say

MARKS = {ChangeKind.ADDED: "+", ChangeKind.REMOVED: "-", ChangeKind.CHANGED: "~", ChangeKind.CATALOGUE: "~"}
COLOURS = {"+": "green", "-": "red", "~": "yellow"}
SEVERITY_COLOURS = {Severity.SEVERE: "red", Severity.WARNING: "yellow", Severity.NOTICE: "blue"}


def difference_lines(difference: Difference) -> Iterator[str]:
    """Documents with their changed clauses, then numbers, programmes and the rest; a document that came or went is one line."""
    before, after = (say("diff.release", number=n) if n else say("diff.draft") for n in (difference.before, difference.after))
    yield typer.style(say("diff.title", before=before, after=after), bold=True)
    if difference.is_empty:
        yield say("diff.same")
    titles = Counter(change.title for change in difference.documents)
    yield from _part("diff.documents", [list(_document(change, titles[change.title] > 1)) for change in difference.documents])
    for part in ("parameters", "programmes", "others"):
        entries: Sequence[EntryChange] = getattr(difference, part)
        yield from _part(f"diff.{part}", [list(_entry(entry)) for entry in entries])


def _part(key: str, blocks: Sequence[Sequence[str]]) -> Iterator[str]:
    if not blocks:
        return
    yield ""
    yield typer.style(say(key, count=len(blocks)), bold=True)
    for block in blocks:
        yield from block


def _document(change: DraftChange, is_one_of_several: bool) -> Iterator[str]:
    version = f"（{change.document_id}）" if is_one_of_several else ""
    yield f"  {_mark(change.kind)} {change.words}{version}"
    if change.kind is not ChangeKind.CHANGED:
        return
    for clause in change.clauses:
        yield f"      {_mark(clause.kind)} {clause.words}"


def _entry(entry: EntryChange) -> Iterator[str]:
    name = entry.title if entry.title == entry.key else f"{entry.title}（{entry.key}）"
    yield f"  {_mark(entry.kind)} {name}"
    for words in entry.words:
        yield f"        {words}"


def _mark(kind: ChangeKind) -> str:
    mark = MARKS[kind]
    return typer.style(mark, fg=COLOURS[mark])


def finding_lines(findings: Sequence[Finding]) -> Iterator[str]:
    """Worst first: place, what is wrong, how to mend it; then how many there are of each weight."""
    for severity, some in groupby(findings, key=lambda finding: finding.severity):
        label = typer.style(say(f"severity.{severity.value}"), fg=SEVERITY_COLOURS[severity], bold=True)
        for finding in some:
            yield f"{label}  {finding.place}：{finding.what}"
            yield f"      → {finding.mend}"
    counts = {severity: sum(finding.severity is severity for finding in findings) for severity in Severity}
    yield "，".join(f"{say(f'severity.{severity.value}')} {count}" for severity, count in counts.items())
