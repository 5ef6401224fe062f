"""Findings (检查结果): what a check saw at one place, how bad it is, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from knowledge.wording import say


class Severity(StrEnum):
    """SEVERE would lead to wrong answers and stops publishing; WARNING somebody should look at soon; NOTICE is good to know."""

    SEVERE = "severe"
    WARNING = "warning"
    NOTICE = "notice"


ORDER = tuple(Severity)


@dataclass(frozen=True, slots=True)
class Finding:
    """place, what, mend: Chinese, for editors. code: which check, as in knowledge/handbook/release_wording.yaml."""

    severity: Severity
    code: str
    place: str
    what: str
    mend: str
    document_id: str | None = None
    clause_id: str | None = None

    def as_dict(self) -> dict[str, Any]:
        return {
            "severity": self.severity.value, "code": self.code, "place": self.place, "what": self.what, "mend": self.mend,
            "document_id": self.document_id, "clause_id": self.clause_id,
        }


def finding(
    severity: Severity, code: str, place: str, *, document_id: str | None = None, clause_id: str | None = None, **values: object
) -> Finding:
    """A finding with its sentences from the data: check.<code> says what, check.<code>_mend how to mend it."""
    # Both sentences may use every value; format() passes over those it has no place for.
    what, mend = say(f"check.{code}", **values), say(f"check.{code}_mend", **values)
    return Finding(severity, code, place, what, mend, document_id, clause_id)


def worst_first(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda f: (ORDER.index(f.severity), f.code, f.place)))
