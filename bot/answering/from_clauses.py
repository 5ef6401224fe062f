"""Answers from clauses alone: the passage that answers, quoted, with its neighbours named."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.answering.drafts import Draft, Statement, quote_for
from bot.messages import Status
from knowledge.catalogue import Catalogue
from knowledge.policy_documents import Kind
from retrieval.searcher import Passage

HANDBOOK_ANSWERS, ANSWERS, NEAREST = 0.25, 0.4, 0.05
"""From which nearness on a section of the handbook answers, a clause of a document answers, and a clause is shown as the
nearest. Read off development questions, see docs/decisions/0005: with laws the distance says too little for more."""

MOST_QUOTES = 3
COSINE_FLOOR, COSINE_SHARE, COVERAGE_SHARE = 0.9, 8.0, 0.5
"""Cosines of the built-in embedder lie between 0.85 and 0.95 for almost everything; the distance from the floor says more."""


def nearness(passage: Passage) -> float:
    """How near a clause is to the question, comparable between questions: the share of its informative words that the clause
    holds, and the distance in meaning to the clause or to a question it is known to answer. Without an embedder words count."""
    why = passage.why
    cosine = max(why.get("cosine", 0.0), why.get("asked_cosine", 0.0))
    meaning = COSINE_SHARE * (cosine - COSINE_FLOOR) if cosine else 0.0
    return COVERAGE_SHARE * why.get("coverage", 0.0) + meaning


def sections_that_answer(passages: Sequence[Passage]) -> list[Passage]:
    """Sections of the handbook near enough to answer, nearest first as found."""
    return [p for p in passages if p.clause.document.kind is Kind.HANDBOOK and nearness(p) >= HANDBOOK_ANSWERS]


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


def clause_draft(
    passages: Sequence[Passage], question: str, catalogue: Catalogue, on: date, *, about_reports: bool
) -> Draft | None:
    """The clause that answers, quoted, with at most two others; else the nearest ones, said to be only that; None without any."""
    answering = clauses_from(passages, on, ANSWERS, about_reports=about_reports)
    nearest = clauses_from(passages, on, NEAREST, about_reports=about_reports)
    quoted = [_quoted(passage, question, catalogue) for passage in nearest[:MOST_QUOTES]]
    if not quoted:
        return None
    if answering and nearest[0] is answering[0]:
        headline, points, status = quoted[0], quoted[1:], Status.ANSWERED_PARTIAL
    else:
        headline, points, status = (
            Statement(catalogue.wording("unanswered_nearest"), fixed=True),
            quoted,
            Status.UNANSWERED_NEAREST,
        )
    note = Statement(catalogue.wording("answer.quote_note"), fixed=True)
    return Draft(status=status, headline=headline, points=tuple(points), next_steps=(note,))


def _quoted(passage: Passage, question: str, catalogue: Catalogue) -> Statement:
    clause = passage.clause
    words = quote_for(clause.text, question)
    text = catalogue.wording("answer.quote", document=clause.document.title, article=clause.article, quote=words)
    return Statement(text, (clause,), quote=words)
