"""Answers from the handbook's sections: the section a question asks for, with the law it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.answering.drafts import Draft, Statement
from bot.messages import Status
from knowledge.catalogue import Catalogue
from knowledge.clauses import Clause
from knowledge.knowledge_base import KnowledgeBase
from knowledge.processes import PROCESSES_ID, Process
from knowledge.programmes import Line, Need, Programme, Section

MOST_POINTS = 6
_WITH_LIMITS = frozenset({Need.OVERVIEW, Need.WHO, Need.HOW_MUCH})
"""Needs about entitlement: the programme's limits belong to every such answer."""


def handbook_draft(knowledge: KnowledgeBase, programmes: Sequence[str], needs: Sequence[Need], on: date) -> Draft | None:
    """The sections for the first two programmes and needs; None when the handbook has none of them for that day."""
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
    room = max(1, MOST_POINTS - len(limits))
    return Draft(
        status=Status.ANSWERED,
        headline=statements[0],
        points=(*statements[1 : 1 + room], *limits[: MOST_POINTS - 1]),
        next_steps=next_steps(knowledge, sections[0][0], {section.need for _, section in sections}, on),
        programmes=tuple(dict.fromkeys(programme.id for programme, _ in sections)),
    )


def process_draft(knowledge: KnowledgeBase, process: Process, programmes: Sequence[str], on: date) -> Draft | None:
    """One process (受理, 公示, 人户分离 …), the same whatever the programme. programmes: those the question named, kept as the
    topic. None when nothing of it may be said on that day."""
    own = knowledge.clause(f"一本通:{PROCESSES_ID}#{process.id}", on)
    statements = _line_statements(knowledge, process, own, on)
    if not statements:
        return None
    points = tuple(statements[1 : 1 + MOST_POINTS])
    return Draft(status=Status.ANSWERED, headline=statements[0], points=points, programmes=tuple(programmes))


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
    return _line_statements(knowledge, section, own, on)


def _line_statements(knowledge: KnowledgeBase, section: Section | Process, own: Clause | None, on: date) -> list[Statement]:
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


def _law(knowledge: KnowledgeBase, line: Line, section: Section | Process, on: date) -> tuple[Clause, ...]:
    return knowledge.resolve_all(line.basis or section.basis, on)[:2]


def next_steps(knowledge: KnowledgeBase, programme: Programme, answered: set[Need], on: date) -> tuple[Statement, ...]:
    """What to do next: where to go (unless that was the question), and who decides."""
    section = programme.section(Need.WHERE)
    if section is None or Need.WHERE in answered:
        return ()
    return tuple(section_statements(knowledge, programme, section, on)[:1])
