"""Answers from the handbook's sections: the section a question asks for, with the law it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.answering.drafts import Draft, Statement
from bot.messages import Status
from knowledge.catalogue import Catalogue
from knowledge.clauses import Clause
from knowledge.knowledge_base import KnowledgeBase
from knowledge.programmes import Line, Need, Programme, Section

MOST_POINTS = 6
_WITH_LIMITS = frozenset({Need.OVERVIEW, Need.WHO, Need.HOW_MUCH})
"""Needs about entitlement: the programme's limits belong to every such answer."""


def handbook_draft(
    knowledge: KnowledgeBase, programmes: Sequence[str], needs: Sequence[Need], on: date, more: Sequence[Clause] = ()
) -> Draft | None:
    """The sections for the first two programmes and needs; None when the handbook has none of them for that day.

    more: further clauses found for the question that carry the first statement as well (law in force on the same matter).
    """
    catalogue = knowledge.catalogue
    sections = _wanted_sections(catalogue, programmes, needs)
    statements = [s for programme, section in sections for s in section_statements(knowledge, programme, section, on)]
    if not statements:
        return None
    limits = [
        statement
        for programme in dict.fromkeys(programme for programme, section in sections if section.need in _WITH_LIMITS)
        for statement in limit_statements(knowledge, programme, on)
        if statement.text not in {s.text for s in statements}
    ]
    headline = _carried_by(statements[0], more)
    room = max(1, MOST_POINTS - len(limits))
    return Draft(
        status=Status.ANSWERED,
        headline=headline,
        points=(*statements[1 : 1 + room], *limits[: MOST_POINTS - 1]),
        next_steps=next_steps(knowledge, sections[0][0], {section.need for _, section in sections}, on),
        programmes=tuple(dict.fromkeys(programme.id for programme, _ in sections)),
    )


def _wanted_sections(catalogue: Catalogue, programmes: Sequence[str], needs: Sequence[Need]) -> list[tuple[Programme, Section]]:
    """At most three sections: every need of the first programme, then the first need of the second."""
    known = [catalogue.programmes[p] for p in programmes if p in catalogue.programmes][:2]
    wanted = list(needs[:2]) or [Need.OVERVIEW]
    found = []
    for position, programme in enumerate(known):
        for need in wanted if position == 0 else wanted[:1]:
            section = programme.section(need) or programme.section(Need.OVERVIEW)
            if section is not None and (programme, section) not in found:
                found.append((programme, section))
    return found[:3]


def section_statements(knowledge: KnowledgeBase, programme: Programme, section: Section, on: date) -> list[Statement]:
    own = knowledge.clause(f"一本通:{programme.id}#{section.need.value}", on)
    statements = []
    for line in section.lines:
        text = knowledge.catalogue.line(line, on)
        if text:
            statements.append(Statement(text, (*_law(knowledge, line, section, on), *((own,) if own else ()))))
    return statements


def limit_statements(knowledge: KnowledgeBase, programme: Programme, on: date) -> list[Statement]:
    """The thresholds and exclusions that may not be left out."""
    own = knowledge.clause(f"一本通:{programme.id}#{Need.WHO.value}", on)
    statements = []
    for line in programme.limits:
        text = knowledge.catalogue.line(line, on)
        if text:
            law = knowledge.resolve_all(line.basis or programme.legal_basis, on)[:2]
            statements.append(Statement(text, (*law, *((own,) if own else ()))))
    return statements


def _law(knowledge: KnowledgeBase, line: Line, section: Section, on: date) -> tuple[Clause, ...]:
    return knowledge.resolve_all(line.basis or section.basis, on)[:2]


def _carried_by(statement: Statement, more: Sequence[Clause]) -> Statement:
    extra = tuple(clause for clause in more if clause not in statement.clauses)
    return Statement(statement.text, (*statement.clauses, *extra)) if extra else statement


def next_steps(knowledge: KnowledgeBase, programme: Programme, answered: set[Need], on: date) -> tuple[Statement, ...]:
    """What to do next: where to go (unless that was the question), and who decides."""
    section = programme.section(Need.WHERE)
    if section is None or Need.WHERE in answered:
        return ()
    return tuple(section_statements(knowledge, programme, section, on)[:1])
