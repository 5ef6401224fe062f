"""What is said beside an answer when two documents in force give different numbers for the same thing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bot.answering.drafts import Draft, Statement, quote_of
from bot.messages import Status
from knowledge.catalogue import Catalogue
from knowledge.conflicts import Conflict, conflicts_of
from knowledge.knowledge_base import KnowledgeBase
from knowledge.quantities import quantities_in

WORDINGS = {True: "answer.conflict", False: "answer.conflict_same_rank"}
"""By whether rank decides between the two clauses."""


def with_conflict(draft: Draft, knowledge: KnowledgeBase, on: date) -> Draft:
    """The draft; where it states a number on which two clauses differ, with one more point: both, and which one holds."""
    catalogue = knowledge.catalogue
    # A verdict cites whole lists of conditions; a number that stands there unsaid may have nothing to do with this household.
    quoting = draft.status is not Status.ANSWERED_ASSESSMENT
    for conflict in conflicts_of(knowledge, on):
        key = WORDINGS[conflict.is_decided_by_rank]
        # A release of an older handbook has no words for this.
        if key in catalogue.wordings and any(_states(statement, conflict, quoting=quoting) for statement in draft.statements):
            return replace(draft, points=(*draft.points, _statement(key, conflict, catalogue)))
    return draft


def _states(statement: Statement, conflict: Conflict, *, quoting: bool) -> bool:
    """Does the statement rest on one of the clauses and say one of the numbers in question? quoting: also by its quote."""
    cited = [clause for clause in statement.clauses if conflict.concerns(clause)]
    if not cited:
        return False
    said = " ".join((statement.text, *(quote_of(clause, statement) for clause in cited if quoting)))
    in_question = {q.value for words in (conflict.higher_words, conflict.lower_words) for q in quantities_in(words)}
    return any(quantity.value in in_question for quantity in quantities_in(said))


def _statement(key: str, conflict: Conflict, catalogue: Catalogue) -> Statement:
    text = catalogue.wording(
        key,
        higher=conflict.higher.document.title,
        higher_article=conflict.higher.article,
        higher_words=conflict.higher_words,
        lower=conflict.lower.document.title,
        lower_article=conflict.lower.article,
        lower_words=conflict.lower_words,
    )
    return Statement(text, (conflict.higher, conflict.lower))
