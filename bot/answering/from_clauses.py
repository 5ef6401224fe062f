"""Answers from clauses alone: the passage that answers, quoted, with its neighbours named."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.answering.drafts import Draft, Statement, quote_for
from bot.messages import Status
from knowledge.catalogue import Catalogue
from knowledge.policy_documents import Kind
from retrieval.searcher import Passage

ANSWERS, NEAREST, HANDBOOK_ANSWERS = 0.3, 0.13, 0.5
"""From which nearness on a clause of a document answers, is shown as the nearest, and a section of the handbook answers. Read
off the residents' questions of the development set: see docs/decisions/0005."""

MOST_QUOTES = 3

COSINE_FLOOR, COSINE_SHARE, ASKED_SHARE = 0.9, 4.0, 0.5
"""Cosines of the built-in embedder lie between 0.85 and 0.95 for almost everything; the distance from the floor says more."""


def nearness(passage: Passage) -> float:
    """How near a clause is to the question, comparable between questions: the share of its informative words that the clause
    holds, moved by meaning and by the questions it is known to be asked as. Without an embedder words alone count."""
    why = passage.why
    meaning = COSINE_SHARE * (why["cosine"] - COSINE_FLOOR) if why.get("cosine") else 0.0
    return why.get("coverage", 0.0) + meaning + ASKED_SHARE * why.get("asked_as", 0.0)


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
        and not passage.clause.document.displaced(on)
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
