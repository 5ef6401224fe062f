"""Succession (更替): which document or clause ended or was displaced by which, and when. Pure: clauses in, clauses with days out.

Applied when a release is put together, because only there all documents are seen side by side.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from importlib import resources
from itertools import pairwise
from typing import Any

import yaml

from knowledge.clauses import Clause
from knowledge.errors import KnowledgeError
from knowledge.policy_documents import ENTITLEMENT_KINDS, PolicyDocument

REPEALED = "同时废止"
QUOTED_TITLE = re.compile(r"《([^《》]+)》")


@dataclass(frozen=True, slots=True)
class Standing:
    """One article of a displaced document that alone says what it says, and so still answers. note: why, for editors."""

    article: str
    note: str


@dataclass(frozen=True, slots=True)
class Replacement:
    """One entry of the table: title gives way on day `since` to the text called by. note and source are for editors.

    articles: only these give way; none: the whole document, but for those that still stand."""

    title: str
    since: date
    by: str
    source: str
    note: str = ""
    articles: tuple[str, ...] = ()
    still_standing: tuple[Standing, ...] = ()

    def concerns(self, document: PolicyDocument) -> bool:
        # A version that came on the day of the newer text or after it was made in its knowledge: it stands.
        return bare_title(document.title) == bare_title(self.title) and document.first_day < self.since


@dataclass(frozen=True, slots=True)
class SuccessionTable:
    """What no text says in so many words. Source of each entry: knowledge/handbook/succession.yaml."""

    displaced: tuple[Replacement, ...] = ()
    ended: tuple[Replacement, ...] = ()


def bundled_table_text() -> str:
    return resources.files("knowledge").joinpath("handbook", "succession.yaml").read_text(encoding="utf-8")


def parse_table(text: str) -> SuccessionTable:
    """Raises KnowledgeError for a table that is not as wanted; read by developers and content staff."""
    try:
        loaded: Mapping[str, Any] = yaml.safe_load(text) or {}
        return SuccessionTable(
            displaced=tuple(map(_replacement, loaded.get("displaced") or ())),
            ended=tuple(map(_replacement, loaded.get("ended") or ())),
        )
    except (yaml.YAMLError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise KnowledgeError("succession.wrong", reason=f"{type(error).__name__}: {error}") from error


def _replacement(entry: Mapping[str, Any]) -> Replacement:
    if type(entry["from"]) is not date:
        raise ValueError(f"from: {entry['from']!r} is no day; write it like 2026-07-01")
    articles, standing = entry.get("articles") or (), entry.get("still_standing") or ()
    if not isinstance(articles, list | tuple) or not all(isinstance(article, str) for article in articles):
        raise ValueError(f"articles: {articles!r} is no list of articles; write it like [第十六条, 第二十八条]")
    return Replacement(
        entry["title"], entry["from"], entry["by"], entry["source"], entry.get("note", ""), tuple(articles),
        tuple(Standing(item["article"], item["note"]) for item in standing),
    )


def with_succession(clauses: Sequence[Clause], table: SuccessionTable) -> tuple[Clause, ...]:
    """The same clauses, they and their documents with the days on which they ended or were displaced. Order is kept."""
    documents = {clause.document.document_id: clause.document for clause in clauses}
    ends = [*_version_ends(documents.values()), *_repeals(clauses, documents), *_table_ends(documents, table)]
    for document_id, day in ends:
        document = documents[document_id]
        until = min(day, document.in_force_until or date.max)
        documents[document_id] = replace(document, in_force_until=until)
    for document_id, document in documents.items():
        documents[document_id] = _displaced(document, table)
    return tuple(_with_own_days(replace(c, document=documents[c.document.document_id]), table) for c in clauses)


def _version_ends(documents: Iterable[PolicyDocument]) -> list[tuple[str, date]]:
    """A version ends on the first day of the next one of the same title and region. Plans, reports and news have no versions."""
    versions: dict[tuple[str, str], list[PolicyDocument]] = {}
    for document in documents:
        if document.kind in ENTITLEMENT_KINDS:
            versions.setdefault((bare_title(document.title), document.region), []).append(document)
    ends = []
    for family in versions.values():
        family.sort(key=lambda d: (d.first_day, d.document_id))
        for older, newer in pairwise(family):
            if older.first_day < newer.first_day:
                ends.append((older.document_id, newer.first_day))
    return ends


def _repeals(clauses: Sequence[Clause], documents: Mapping[str, PolicyDocument]) -> list[tuple[str, date]]:
    """《X》同时废止: X ends on the day the text that says so first applied; of its own title it ends only the forerunners."""
    said = [(clause.document, title) for clause in clauses for title in repealed_titles(clause.text)]
    listed = [(document, bare_title(title)) for document in documents.values() for title in document.replaces]
    return [
        (document.document_id, newer.first_day)
        for newer, title in (*said, *listed) for document in documents.values()
        if bare_title(document.title) == title and document.first_day < newer.first_day
    ]


def repealed_titles(text: str) -> list[str]:
    """Titles that a passage repeals, as bare_title writes them."""
    titles: list[str] = []
    for sentence in re.split(r"[。；\n]", text) if REPEALED in text else ():
        # 《甲》自某日起施行，《乙》同时废止: only what stands behind the day of effect is repealed.
        repealed = re.split("施行|实施|执行", sentence.partition(REPEALED)[0])[-1]
        titles += map(bare_title, QUOTED_TITLE.findall(repealed) if REPEALED in sentence else ())
    return titles


def _table_ends(documents: Mapping[str, PolicyDocument], table: SuccessionTable) -> list[tuple[str, date]]:
    return [
        (document.document_id, entry.since)
        for entry in table.ended if not entry.articles
        for document in documents.values() if entry.concerns(document)
    ]


def _displaced(document: PolicyDocument, table: SuccessionTable) -> PolicyDocument:
    entries = [entry for entry in table.displaced if not entry.articles and entry.concerns(document)]
    if not entries:
        return document
    entry = min(entries, key=lambda e: e.since)
    return replace(document, displaced_from=entry.since, displaced_by=entry.by)


def _with_own_days(clause: Clause, table: SuccessionTable) -> Clause:
    """The clause with the days on which it alone ended or was displaced, or marked as standing in a displaced document."""
    for entry in table.ended:
        if entry.concerns(clause.document) and any(map(clause.belongs_to, entry.articles)):
            clause = replace(clause, in_force_until=min(entry.since, clause.in_force_until or date.max))
    for entry in table.displaced:
        if not entry.concerns(clause.document):
            continue
        if any(map(clause.belongs_to, entry.articles)) and entry.since < (clause.displaced_from or date.max):
            clause = replace(clause, displaced_from=entry.since, displaced_by=entry.by)
        if any(clause.belongs_to(standing.article) for standing in entry.still_standing):
            clause = replace(clause, stands=True)
    return clause


def bare_title(title: str) -> str:
    """A title as people quote it: without 中华人民共和国 in front, brackets and spaces."""
    return re.sub(r"[\s《》]", "", title).removeprefix("中华人民共和国")
