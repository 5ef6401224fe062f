"""Drafts: what is about to be said, each statement with the clauses it rests on."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date

from bot.messages import Ask, Citation, Reply, Status
from knowledge.clauses import Clause
from knowledge.policy_documents import Kind

_SENTENCE = re.compile(r"[^。！？；\n]+[。！？；]?")
LONGEST_QUOTE = 160


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence or two. clauses: what it rests on, best first. fixed: a fixed wording that states no policy and needs none.
    quote: the words quoted from the first clause; None: found by quote_for."""

    text: str
    clauses: tuple[Clause, ...] = ()
    fixed: bool = False
    quote: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    status: Status
    headline: Statement
    points: tuple[Statement, ...] = ()
    next_steps: tuple[Statement, ...] = ()
    programmes: tuple[str, ...] = ()
    assessments: tuple[dict[str, object], ...] = ()
    asks: Ask | None = None
    options: tuple[str, ...] = ()

    @property
    def statements(self) -> tuple[Statement, ...]:
        return (self.headline, *self.points, *self.next_steps)


@dataclass(frozen=True, slots=True)
class Citations:
    """Collects citations in the order of first use; one clause is cited once."""

    on: date
    made: list[Citation] = field(default_factory=list)

    def positions(self, statement: Statement) -> tuple[int, ...]:
        return tuple(self._position(clause, statement) for clause in statement.clauses)

    def _position(self, clause: Clause, statement: Statement) -> int:
        for index, citation in enumerate(self.made):
            if citation.clause_id == clause.clause_id:
                return index
        self.made.append(cite(clause, statement))
        return len(self.made) - 1


def cite(clause: Clause, statement: Statement) -> Citation:
    """The clause as a citation, quoting the sentence of it that shares most with the statement."""
    document = clause.document
    return Citation(
        clause_id=clause.clause_id,
        document=document.title,
        number=document.number,
        article=clause.article,
        quote=quote_of(clause, statement),
        # Our own words are not law: they are not "in force" from a day.
        in_force_from=None if document.kind is Kind.HANDBOOK else document.in_force_from or document.issued_on,
        rank=document.rank.value,
        region=document.region,
    )


def quote_of(clause: Clause, statement: Statement) -> str:
    if statement.quote is not None and clause == statement.clauses[0]:
        return statement.quote
    return quote_for(clause.text, statement.text)


def quote_for(text: str, statement: str) -> str:
    """The words of a clause nearest to a statement, unchanged and at most LONGEST_QUOTE characters; a cut sentence stays a part
    of the clause, so that it can be found there."""
    sentences = [match.group().strip() for match in _SENTENCE.finditer(text)]
    sentences = [sentence for sentence in sentences if sentence]
    if not sentences:
        return text[:LONGEST_QUOTE]
    wanted = _pairs(statement)
    # Shared pairs per root of length: a long sentence needs more of them; of equal ones the first, which max keeps.
    best = max(sentences, key=lambda sentence: len(_pairs(sentence) & wanted) / (8 + len(sentence)) ** 0.5)
    return best if len(best) <= LONGEST_QUOTE else _window(best, wanted)


def _pairs(text: str) -> set[str]:
    plain = re.sub(r"[\W_]+", "", text)
    return {plain[i : i + 2] for i in range(len(plain) - 1)}


def _window(sentence: str, wanted: set[str]) -> str:
    """The run of LONGEST_QUOTE characters of a long sentence, begun after a comma, that shares most with what is wanted."""
    starts = [0, *(match.end() for match in re.finditer(r"[，,：:、]", sentence))]
    runs = [sentence[start : start + LONGEST_QUOTE] for start in starts]
    return max(runs, key=lambda run: len(_pairs(run) & wanted))


def without(draft: Draft, refused: frozenset[Statement]) -> Draft:
    """The draft with those points and steps left out; the headline stays (checks decide about it)."""
    return replace(
        draft,
        points=tuple(s for s in draft.points if s not in refused),
        next_steps=tuple(s for s in draft.next_steps if s not in refused),
    )


def to_reply(draft: Draft, on: date) -> Reply:
    """The reply of a checked draft; release, model and timing are filled in by the consultation."""
    citations = Citations(on)
    marks = tuple(citations.positions(statement) for statement in (draft.headline, *draft.points))
    for statement in draft.next_steps:
        citations.positions(statement)
    lines = [statement.text for statement in draft.statements]
    if draft.asks is not None:
        lines.append(draft.asks.text)
    return Reply(
        status=draft.status,
        text="\n".join(lines),
        citations=tuple(citations.made),
        programmes=draft.programmes,
        assessments=draft.assessments,
        asks=draft.asks,
        options=draft.options,
        headline=draft.headline.text,
        points=tuple(statement.text for statement in draft.points),
        next_steps=tuple(statement.text for statement in draft.next_steps),
        marks=marks,
        as_of=on,
    )
