"""One release of everything the policies say, in memory: what a consultation reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from knowledge.asked_as import bare_title
from knowledge.catalogue import Catalogue
from knowledge.clauses import Clause
from knowledge.conflicts import Conflict, conflicts_among
from knowledge.parameters import Reference
from knowledge.policy_documents import Kind, PolicyDocument


@dataclass(frozen=True)
class KnowledgeBase:
    """release: its number (0: unpublished). digest: content hash; equal digests hold equal content.

    clauses holds imported clauses and the handbook's sections alike; a handbook clause's text is what it says on `built_on`,
    and `clause(id, on)` says it for another day.
    """

    release: int
    digest: str
    catalogue: Catalogue
    imported: tuple[Clause, ...] = ()
    built_on: date = field(default=date(2026, 11, 21))

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        return (*self.catalogue.clauses(self.built_on), *self.imported)

    @cached_property
    def _by_id(self) -> dict[str, Clause]:
        return {clause.clause_id: clause for clause in self.clauses}

    @cached_property
    def documents(self) -> tuple[PolicyDocument, ...]:
        return tuple({clause.document.document_id: clause.document for clause in self.clauses}.values())

    def clause(self, clause_id: str, on: date) -> Clause | None:
        """The clause as it reads on that day; None when this release has no such clause."""
        clause = self._by_id.get(clause_id)
        if clause is None or clause.document.kind is not Kind.HANDBOOK:
            return clause
        return self.catalogue.clause(clause_id, on) or clause

    def clauses_of(self, document_id: str) -> tuple[Clause, ...]:
        return tuple(c for c in self.clauses if c.document.document_id == document_id)

    @cached_property
    def _by_title(self) -> dict[str, tuple[Clause, ...]]:
        found: dict[str, list[Clause]] = {}
        for clause in self.imported:
            found.setdefault(bare_title(clause.document.title), []).append(clause)
        return {title: tuple(clauses) for title, clauses in found.items()}

    @cached_property
    def conflicts(self) -> tuple[Conflict, ...]:
        """Every two clauses that say different numbers of the same thing, whatever the day. Read through conflicts_of."""
        return conflicts_among(self.imported)

    def resolve(self, reference: Reference, on: date) -> Clause | None:
        """The imported clause in force on that day that a reference of the handbook means; None when nobody imported it.

        A reference to a whole article that was divided finds its first part (款).
        """
        candidates = self.meant_by(reference)
        in_force = [c for c in candidates if c.in_force(on) and not c.displaced(on)]
        # The newest version; of one version the undivided article, else its first part.
        return max(in_force, key=lambda c: (c.document.first_day, c.article == reference.article, -c.ordinal), default=None)

    def meant_by(self, reference: Reference) -> tuple[Clause, ...]:
        """Every clause of every version that a reference may mean, in force or not; none for a reference without an article."""
        article = reference.article
        if article is None:
            return ()
        return tuple(clause for clause in self._by_title.get(bare_title(reference.document), ()) if clause.belongs_to(article))

    def has_document(self, reference: Reference, on: date) -> bool:
        """Has somebody imported a version of the document a reference names that is in force on that day?"""
        return any(clause.document.in_force(on) for clause in self._by_title.get(bare_title(reference.document), ()))

    def resolve_all(self, references: Iterable[Reference], on: date) -> tuple[Clause, ...]:
        found = (self.resolve(reference, on) for reference in references)
        return tuple(dict.fromkeys(clause for clause in found if clause is not None))
