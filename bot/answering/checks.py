"""The last gate before a reply: numbers locked, citations bound, no promise. What fails is left out, never sent."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from bot.answering.drafts import Draft, Statement, quote_of, without
from bot.answering.numbers import Measure, unlocked
from knowledge.catalogue import Catalogue
from knowledge.parameters import Confidence, UnknownValueError

_PROMISE = re.compile(r"(?<!不)(一定|肯定|保证|必定|百分之百|包您?)(能|会|可以)?(批|通过|拿到|领到|申请到)")
_UNIT_MEASURES = (
    ("yuan", (Measure.MONEY,)),
    ("working_days", (Measure.WORKING_DAYS,)),
    ("days", (Measure.DAYS,)),
    ("months", (Measure.MONTHS,)),
    ("years", (Measure.YEARS, Measure.AGE)),
    ("percent", (Measure.PERCENT,)),
    ("times", (Measure.TIMES,)),
    ("m2", (Measure.AREA,)),
)

Known = frozenset[tuple[Measure, str]]


def parameter_numbers(catalogue: Catalogue, on: date) -> Known:
    """Every number of the parameter table that may be spoken on that day, with the day it holds from."""
    known: set[tuple[Measure, str]] = set()
    for parameter in catalogue.parameters.values():
        try:
            entry = parameter.value_on(on)
        except UnknownValueError:
            continue
        if entry.value is None or entry.confidence is Confidence.UNVERIFIED:
            continue
        number = f"{entry.value.normalize():f}"
        for unit, measures in _UNIT_MEASURES:
            if parameter.unit.startswith(unit):
                known.update((measure, number) for measure in measures)
                break
        else:
            known.add((Measure.PLAIN, number))
        known.add((Measure.DATE, entry.since.isoformat()))
    known.update((Measure.PHONE, number) for number in spoken_hotlines(catalogue))
    return frozenset(known)


def spoken_hotlines(catalogue: Catalogue) -> Iterable[str]:
    return (key for key, hotline in catalogue.hotlines.items() if hotline.confidence is not Confidence.UNVERIFIED)


@dataclass(frozen=True, slots=True)
class Checked:
    """draft None: nothing of it may be sent. refused: why statements were left out, for the evidence (no resident's words)."""

    draft: Draft | None
    refused: tuple[str, ...] = ()


def check(draft: Draft, *, table: Known, own: Known, cited_text: Iterable[str] = ()) -> Checked:
    """Number lock and citation binding. table: parameter_numbers. own: numbers the resident told or we worked out from them.

    A statement with an unlocked number, or one that states policy and rests on no clause, is dropped; a dropped headline is
    replaced by the first point that stands; with nothing left, nothing is sent.
    """
    allowed = table | own
    shared = list(cited_text)
    refused: dict[Statement, str] = {}
    for statement in draft.statements:
        reason = _refusal(statement, allowed, shared)
        if reason:
            refused[statement] = reason
    kept = without(draft, frozenset(refused))
    if draft.headline in refused:
        if not kept.points:
            return Checked(None, tuple(refused.values()))
        kept = _promoted(kept)
    return Checked(kept, tuple(refused.values()))


def _promoted(draft: Draft) -> Draft:
    return replace(draft, headline=draft.points[0], points=draft.points[1:])


def _refusal(statement: Statement, allowed: Known, shared: list[str]) -> str | None:
    if _PROMISE.search(statement.text):
        return "promise"
    sources = [*(clause_text(statement)), *shared]
    loose = unlocked(statement.text, sources, allowed)
    if loose:
        return "number:" + ",".join(f"{n.measure.value}={n.value}" for n in loose)
    if not statement.fixed and not statement.clauses:
        return "no citation"
    for clause in statement.clauses:
        if quote_of(clause, statement) not in clause.text:
            return f"quote:{clause.clause_id}"
    return None


def clause_text(statement: Statement) -> Iterable[str]:
    """What the clauses of a statement say, with their names: document, number, article and dates count as said by them."""
    for clause in statement.clauses:
        document = clause.document
        days = " ".join(day.isoformat() for day in (document.in_force_from, document.issued_on) if day)
        yield f"{document.title} {document.number or ''} {clause.article} {days}\n{clause.text}"
