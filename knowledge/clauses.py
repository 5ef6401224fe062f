"""Clauses (条款): the smallest citable passages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from knowledge.policy_documents import PolicyDocument


@dataclass(frozen=True, slots=True)
class Clause:
    """One citable passage of a policy document (条/款/项), its words unchanged.

    clause_id: document_id + "#" + article, e.g. "上海市社会救助条例(2024-12-31)#第十八条"; stable under re-import.
    article is the numbering as printed, from the top: 第十八条, 五、3., 二、（一）, 一、全面深化 (see architecture §7).
    heading_path: headings from the top down to, but without, the clause itself.
    ordinal: position in the document, from 0. A clause may end earlier than its document (in_force_until).
    """

    clause_id: str
    document: PolicyDocument
    article: str
    text: str
    heading_path: tuple[str, ...] = ()
    ordinal: int = 0
    in_force_until: date | None = None

    def in_force(self, on: date) -> bool:
        return self.document.in_force(on) and (self.in_force_until is None or on < self.in_force_until)

    def with_text(self, text: str) -> Clause:
        return replace(self, text=text)
