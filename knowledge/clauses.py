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
    ordinal: position in the document, from 0. A clause may end earlier than its document (in_force_until), and may be displaced
    alone (displaced_from, displaced_by: as for documents). stands: its document is displaced, but only this clause says what it
    says, so it still answers.
    place: where it stands in the original, as an editor finds it (第3–4页, 表1第2–5行); "" when nothing is known.
    confidence: 0 to 1, of the least certain line where the words were read from a picture; None: they were not.
    """

    clause_id: str
    document: PolicyDocument
    article: str
    text: str
    heading_path: tuple[str, ...] = ()
    ordinal: int = 0
    in_force_until: date | None = None
    displaced_from: date | None = None
    displaced_by: str | None = None
    stands: bool = False
    place: str = ""
    confidence: float | None = None

    def in_force(self, on: date) -> bool:
        return self.document.in_force(on) and (self.in_force_until is None or on < self.in_force_until)

    def displaced(self, on: date) -> bool:
        """Does another text govern on that day what this clause says? It is then found, but carries no answer alone."""
        alone = self.displaced_from is not None and self.displaced_from <= on
        return alone or (not self.stands and self.document.displaced(on))

    def belongs_to(self, article: str) -> bool:
        """Is this that article, or a part of it? 第十八条第二款 belongs to 第十八条, 五、3. to 五、, 第十八条之一 to neither."""
        rest = self.article.removeprefix(article)
        return self.article == article or (len(rest) < len(self.article) and rest[:1] != "之")

    def with_text(self, text: str) -> Clause:
        return replace(self, text=text)
