"""All checks of a release or draft, put together: what `yibentong check` and the studio show, and what stops publishing. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from knowledge.conflicts import Conflict, conflicts_of
from knowledge.content_checks import content_findings
from knowledge.corrections import ClauseCorrection
from knowledge.document_checks import clause_findings, document_findings
from knowledge.duplicates import duplicates_among
from knowledge.findings import Finding, Severity, finding, worst_first
from knowledge.knowledge_base import KnowledgeBase
from knowledge.reference_checks import dead_references, handbook_findings, parameter_findings
from knowledge.releases import ListedDocument

MOSTLY_THE_SAME = 0.5


@dataclass(frozen=True, slots=True)
class CheckedContent:
    """What is checked. former: the release in use, to tell what a draft would lose; corrections: with what stands there now."""

    knowledge: KnowledgeBase
    documents: Sequence[ListedDocument]
    corrections: Sequence[ClauseCorrection]
    former: KnowledgeBase


def findings_of(content: CheckedContent, on: date) -> tuple[Finding, ...]:
    """Worst first. on: the Shanghai day that decides what is in force, over, or long unchecked."""
    found = (
        *document_findings(content.documents, on),
        *clause_findings(content.knowledge.imported),
        *dead_references(content.knowledge, on),
        *handbook_findings(content.knowledge, content.former, on),
        *parameter_findings(content.knowledge, on),
        *content_findings(content.knowledge.catalogue, on),
        *_duplicates(content.knowledge, on),
        *map(_conflict, conflicts_of(content.knowledge, on)),
        *_open_corrections(content.corrections),
    )
    return worst_first(found)


def _conflict(conflict: Conflict) -> Finding:
    higher, lower = conflict.higher, conflict.lower
    return finding(
        Severity.WARNING, "conflict" if conflict.is_decided_by_rank else "conflict_same_rank",
        f"《{lower.document.title}》{lower.article}", document_id=lower.document.document_id, clause_id=lower.clause_id,
        subject=conflict.subject, higher=f"《{higher.document.title}》{higher.article}", higher_words=conflict.higher_words,
        lower_words=conflict.lower_words,
    )


def _duplicates(knowledge: KnowledgeBase, on: date) -> Iterator[Finding]:
    for duplicate in duplicates_among(knowledge.imported, on):
        one, other = duplicate.one, duplicate.other
        mostly = duplicate.share >= MOSTLY_THE_SAME
        yield finding(
            Severity.WARNING if mostly else Severity.NOTICE, "duplicate_document" if mostly else "duplicate_clauses",
            f"《{one.document.title}》{one.article}", document_id=one.document.document_id, clause_id=one.clause_id,
            other=f"《{other.document.title}》{other.article}", count=duplicate.count, percent=round(duplicate.share * 100),
        )


def _open_corrections(corrections: Sequence[ClauseCorrection]) -> Iterator[Finding]:
    for correction in corrections:
        if correction.is_open:
            code = "open_correction" if correction.present is not None else "lost_correction"
            yield finding(
                Severity.WARNING, code, correction.clause_id, document_id=correction.document_id, clause_id=correction.clause_id,
                by=correction.by, corrected=correction.text, present=correction.present or "",
            )
