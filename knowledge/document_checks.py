"""Checks of single documents and their clauses: what is missing, doubtful, over, too long, badly read. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from knowledge.clauses import Clause
from knowledge.documents.numbering import PREAMBLE, SIGNATURE
from knowledge.documents.succession import bare_title
from knowledge.findings import Finding, Severity, finding
from knowledge.policy_documents import Kind, PolicyDocument
from knowledge.releases import ListedDocument
from knowledge.wording import say

SOON = timedelta(days=60)
LONGEST_CLAUSE = 1500
SHORTEST_CLAUSE = 6
BADLY_READ, UNREADABLE = 0.8, 0.5
"""Confidence of recognition below which somebody must compare with the picture, and below which the words are worth nothing."""
USUAL_SHARE = 0.8
LEAST_CLAUSES = 5


def document_findings(documents: Sequence[ListedDocument], on: date) -> Iterator[Finding]:
    current = {bare_title(item.document.title) for item in documents if item.document.in_force(on)}
    for item in documents:
        document = item.document
        yield from _days(document, on, has_successor=bare_title(document.title) in current)
        yield from _fields(item)


def _place(document: PolicyDocument) -> str:
    return f"《{document.title}》"


def _days(document: PolicyDocument, on: date, *, has_successor: bool) -> Iterator[Finding]:
    place, key = _place(document), document.document_id
    until = document.in_force_until
    if document.issued_on is None and document.in_force_from is None:
        severity = Severity.WARNING if document.states_entitlement else Severity.NOTICE
        yield finding(severity, "no_day", place, document_id=key)
    elif document.in_force_from is None and document.states_entitlement:
        yield finding(Severity.NOTICE, "no_start", place, document_id=key, day=document.issued_on)
    if until is not None and until <= document.first_day:
        yield finding(Severity.SEVERE, "impossible_period", place, document_id=key, start=document.first_day, until=until)
    elif until is not None and until <= on and not has_successor:
        yield finding(Severity.WARNING, "expired", place, document_id=key, until=until)
    elif until is not None and on < until <= on + SOON:
        yield finding(Severity.WARNING, "expiring", place, document_id=key, until=until, days=(until - on).days)
    if document.first_day > on:
        yield finding(Severity.NOTICE, "not_yet", place, document_id=key, start=document.first_day)


def _fields(item: ListedDocument) -> Iterator[Finding]:
    document = item.document
    place, key = _place(document), document.document_id
    missing = {proposal.field for proposal in item.proposals if proposal.value is None}
    if document.kind is Kind.NORMATIVE and document.number is None:
        yield finding(Severity.NOTICE, "no_number", place, document_id=key)
    if "region" in missing and not document.region:
        severity = Severity.WARNING if document.states_entitlement else Severity.NOTICE
        yield finding(severity, "no_region", place, document_id=key)
    for proposal in item.proposals:
        # What is derived from a doubtful field is doubtful with it: one finding is enough.
        if proposal.value is not None and proposal.is_doubtful and proposal.field != "rank":
            field = say(f"fields.{proposal.field}")
            yield finding(
                Severity.WARNING, "doubtful", place, document_id=key,
                field=field, name=proposal.field, value=proposal.value, where=proposal.where,
            )


def clause_findings(clauses: Sequence[Clause]) -> Iterator[Finding]:
    by_document: dict[str, list[Clause]] = {}
    for clause in clauses:
        by_document.setdefault(clause.document.document_id, []).append(clause)
    for some in by_document.values():
        usually_headed = len(some) >= LEAST_CLAUSES and sum(bool(c.heading_path) for c in some) >= USUAL_SHARE * len(some)
        for clause in some:
            yield from _clause(clause, usually_headed)


def _clause(clause: Clause, usually_headed: bool) -> Iterator[Finding]:
    length = len(clause.text.strip())
    apart = clause.article.startswith((PREAMBLE, SIGNATURE))
    if length == 0:
        yield _at(clause, Severity.SEVERE, "empty_clause")
    elif length < SHORTEST_CLAUSE and not apart:
        yield _at(clause, Severity.NOTICE, "short_clause", text=clause.text)
    elif length > LONGEST_CLAUSE:
        yield _at(clause, Severity.NOTICE, "long_clause", length=length, limit=LONGEST_CLAUSE)
    if usually_headed and not clause.heading_path and not apart:
        yield _at(clause, Severity.NOTICE, "no_heading")
    if clause.confidence is not None and clause.confidence < BADLY_READ:
        severity = Severity.SEVERE if clause.confidence < UNREADABLE else Severity.WARNING
        yield _at(clause, severity, "badly_read", percent=round(clause.confidence * 100), where=clause.place or clause.article)


def _at(clause: Clause, severity: Severity, code: str, **values: object) -> Finding:
    place = f"{_place(clause.document)}{clause.article}"
    return finding(severity, code, place, document_id=clause.document.document_id, clause_id=clause.clause_id, **values)
