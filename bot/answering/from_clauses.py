"""Answers from clauses alone: the passage that answers, quoted, with its neighbours named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from bot.answering.drafts import Draft, Statement, quote_for
from bot.messages import Status
from knowledge.catalogue import Catalogue
from knowledge.policy_documents import Kind
from retrieval.searcher import Passage

HANDBOOK_ANSWERS, ANSWERS, NEAREST = 0.25, 0.36, 0.2
"""From which nearness on a section of the handbook answers, a clause of a document answers, and a clause is shown as the
nearest. Read off development questions, see docs/decisions/0005 and 0009."""

ANSWERING_COSINE, SECTION_COSINE = 0.84, 0.83
"""A clause or section that shares only words with the question does not answer it."""

MOST_QUOTES = 3
CLEARLY = 0.15
"""By so much a clause must be nearer than a section of the handbook to be quoted in its place."""
COSINE_FLOOR, COSINE_SHARE, COVERAGE_SHARE = 0.81, 4.5, 0.5
"""Best cosines of the built-in, adapted embedder lie between 0.75 and 0.9 for almost everything; the distance from the floor says
more."""


def nearness(passage: Passage) -> float:
    """How near a clause is to the question, comparable between questions: the share of its informative words that the clause
    holds, and the distance in meaning to the clause or to a question it is known to answer. Without an embedder words count."""
    moved = COSINE_SHARE * (meaning(passage) - COSINE_FLOOR) if "cosine" in passage.why else 0.0
    return COVERAGE_SHARE * passage.why.get("coverage", 0.0) + moved


def meaning(passage: Passage) -> float:
    """The raw cosine to the clause, or to a question it is known to answer, whichever is nearer; 1 without an embedder."""
    why = passage.why
    return max(why["cosine"], why.get("asked_cosine", 0.0)) if "cosine" in why else 1.0


def sections_that_answer(passages: Sequence[Passage], on: date) -> list[Passage]:
    """Sections of the handbook near enough to answer, and not clearly farther than a clause that answers."""
    clause = next((nearness(p) for p in clauses_that_answer(passages, on)), 0.0)
    least = max(HANDBOOK_ANSWERS, clause - CLEARLY)
    sections = (p for p in passages if p.clause.document.kind is Kind.HANDBOOK)
    return [p for p in sections if nearness(p) >= least and meaning(p) >= SECTION_COSINE]


def clauses_from(passages: Sequence[Passage], on: date, least: float, *, about_reports: bool = False) -> list[Passage]:
    """Clauses of documents at least so near, that may carry a statement: of entitlement documents (or of plans and reports, when
    the question is about those), not displaced."""
    return [
        passage
        for passage in passages
        if passage.clause.document.kind is not Kind.HANDBOOK
        and (passage.clause.document.states_entitlement or about_reports)
        and not passage.clause.displaced(on)
        and nearness(passage) >= least
    ]


def clauses_that_answer(passages: Sequence[Passage], on: date, *, about_reports: bool = False) -> list[Passage]:
    return [p for p in clauses_from(passages, on, ANSWERS, about_reports=about_reports) if meaning(p) >= ANSWERING_COSINE]


def clause_draft(
    passages: Sequence[Passage], question: str, catalogue: Catalogue, on: date, *, about_reports: bool
) -> Draft | None:
    """The clause that answers, quoted, with at most two others; else the nearest ones, said to be only that; None without any."""
    nearest = clauses_from(passages, on, NEAREST, about_reports=about_reports)[:MOST_QUOTES]
    answering = clauses_that_answer(passages, on, about_reports=about_reports)[:1]
    note = Statement(catalogue.wording("answer.quote_note"), fixed=True)
    if answering:
        others = [p for p in nearest if p is not answering[0]]
        headline, *points = (quoted(p, question, catalogue) for p in (*answering, *others))
        return Draft(Status.ANSWERED_PARTIAL, headline, tuple(points), (note,))
    if nearest:
        headline = Statement(catalogue.wording("unanswered_nearest"), fixed=True)
        points = [quoted(p, question, catalogue) for p in nearest]
        return Draft(Status.UNANSWERED_NEAREST, headline, tuple(points), (note,))
    return None


def with_clause_quoted(draft: Draft, passages: Sequence[Passage], question: str, catalogue: Catalogue, on: date) -> Draft:
    """The draft with the words of the law or notice that answers the same question, unless it cites that clause already."""
    answering = clauses_that_answer(passages, on)[:1]
    cited = {clause.clause_id for statement in draft.statements for clause in statement.clauses}
    more = tuple(quoted(p, question, catalogue) for p in answering if p.clause.clause_id not in cited)
    return replace(draft, points=(*draft.points, *more))


def quoted(passage: Passage, question: str, catalogue: Catalogue) -> Statement:
    clause = passage.clause
    words = quote_for(clause.text, question)
    text = catalogue.wording("answer.quote", document=clause.document.title, article=clause.article, quote=words)
    return Statement(text, (clause,), quote=words)
