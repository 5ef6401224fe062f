"""Conflicts (说法不一): two clauses that state different numbers for the same thing. Found few and sure rather than many.

Two sentences of different documents speak of the same thing when, numbers aside, they are nearly the same words and each is the
other's nearest; or when two values of one parameter rest on them.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from knowledge.clauses import Clause
from knowledge.parameters import DatedValue, Parameter
from knowledge.policy_documents import RANK_ORDER
from knowledge.quantities import Quantity, Unit, quantities_in

if TYPE_CHECKING:
    from knowledge.knowledge_base import KnowledgeBase

LEAST_LIKENESS = 0.6
"""Cosine of the two sentences' pairs of characters, rare pairs counting more. Read off the laws of the real corpus: true
conflicts lie at 0.67 and above; below 0.6 come different fines of different acts."""
LEAST_SHARED_PAIRS = 24
"""So many pairs of characters at least: 对直接负责的主管人员…处…罚款 stands in many laws and is no common subject."""

NEAR = 4
"""Characters between two numbers that are still one phrase: 一倍以上三倍以下, 满一年不足五年."""
LONGEST_SUBJECT = 40

_SENTENCE = re.compile(r"[^。；\n]+")
_BOUND = re.compile(r"\s*(?:以上|以下|以内|之内|内|以后|后)")
_SAME_KIND = {Unit.WORKING_DAYS: Unit.DAYS}
"""Seven days and ten working days are two answers to one question."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """higher: the clause to follow (higher rank; of equal rank the newer). …_words: the numbers as printed, 一倍以上三倍以下.

    subject: what both speak of, in words they share. parameter: its name, where a parameter of the handbook is concerned."""

    subject: str
    higher: Clause
    lower: Clause
    higher_words: str
    lower_words: str
    unit: Unit | None = None
    parameter: str | None = None

    @property
    def is_decided_by_rank(self) -> bool:
        return self.higher.document.rank is not self.lower.document.rank

    def concerns(self, clause: Clause) -> bool:
        return clause.clause_id in (self.higher.clause_id, self.lower.clause_id)

    def holds(self, on: date) -> bool:
        """Do both clauses bind on that day, so that a reader meets two answers?"""
        return all(clause.in_force(on) and not clause.displaced(on) for clause in (self.higher, self.lower))


def conflicts_of(knowledge_base: KnowledgeBase, on: date) -> tuple[Conflict, ...]:
    """The conflicts of a release on a day, in the order of the higher clause's id; two clauses are named once."""
    by_parameter = _between_values(knowledge_base, on)
    found = {frozenset((c.higher.clause_id, c.lower.clause_id)): c for c in by_parameter}
    for conflict in knowledge_base.conflicts:
        if conflict.holds(on):
            key = frozenset((conflict.higher.clause_id, conflict.lower.clause_id))
            parameter = found[key].parameter if key in found else None
            found[key] = replace(conflict, parameter=parameter)
    return tuple(sorted(found.values(), key=lambda c: (c.higher.clause_id, c.lower.clause_id)))


# -- sentences ------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Statement:
    """One sentence and the quantities of one unit in it. pairs: neighbouring characters of it without its numbers."""

    clause: Clause
    unit: Unit
    quantities: tuple[Quantity, ...]
    sentence: str
    pairs: frozenset[str]

    @property
    def values(self) -> frozenset[tuple[Unit, object]]:
        return frozenset((quantity.unit, quantity.value) for quantity in self.quantities)

    @property
    def words(self) -> str:
        """The numbers as printed, each with the 以下 or 内 behind it: 一倍以上三倍以下; those far apart with a 、 between."""
        said, last = "", self.quantities[0].start
        for quantity in self.quantities:
            bound = _BOUND.match(self.sentence, quantity.end)
            end = bound.end() if bound else quantity.end
            is_near = quantity.start - last <= NEAR
            said += self.sentence[last:end] if is_near else f"、{self.sentence[quantity.start:end]}"
            last = end
        return said


def conflicts_among(clauses: Sequence[Clause]) -> tuple[Conflict, ...]:
    """Every two clauses of entitlement documents that say different numbers of the same thing, whatever the day."""
    statements = [s for clause in clauses if clause.document.states_entitlement for s in _statements(clause)]
    likeness = _Likeness(statements)
    found: dict[frozenset[str], Conflict] = {}
    for one, other in likeness.candidates():
        if _may_conflict(one, other) and likeness.is_mutual(one, other):
            found.setdefault(frozenset((one.clause.clause_id, other.clause.clause_id)), _conflict(one, other))
    return tuple(found.values())


def _statements(clause: Clause) -> Iterator[_Statement]:
    for match in _SENTENCE.finditer(clause.text):
        sentence = match[0].strip()
        quantities = quantities_in(sentence)
        by_unit: dict[Unit, list[Quantity]] = {}
        for quantity in quantities:
            by_unit.setdefault(_SAME_KIND.get(quantity.unit, quantity.unit), []).append(quantity)
        pairs = _pairs(_without(sentence, quantities)) if quantities else frozenset()
        for unit, some in by_unit.items():
            yield _Statement(clause, unit, tuple(some), sentence, pairs)


def _without(sentence: str, quantities: Iterable[Quantity]) -> str:
    for quantity in sorted(quantities, key=lambda q: -q.start):
        sentence = f"{sentence[:quantity.start]} {sentence[quantity.end:]}"
    return sentence


def _pairs(text: str) -> frozenset[str]:
    plain = re.sub(r"[\W\d_]+", "", text)
    return frozenset(plain[i : i + 2] for i in range(len(plain) - 1))


def _may_conflict(one: _Statement, other: _Statement) -> bool:
    a, b = one.clause.document, other.clause.document
    return (
        one.unit is other.unit
        # Versions of one text follow one another. Some of the same numbers are more or less detail, no contradiction.
        and a.title != b.title
        and (a.region.startswith(b.region) or b.region.startswith(a.region))
        and not _agree(one, other)
    )


def _agree(one: _Statement, other: _Statement) -> bool:
    return one.values <= other.values or other.values <= one.values


class _Likeness:
    """How alike sentences are, rare pairs of characters counting more."""

    def __init__(self, statements: Sequence[_Statement]) -> None:
        self._statements = statements
        counts = Counter(pair for statement in statements for pair in statement.pairs)
        self._weight = {pair: math.log(1 + len(statements) / count) for pair, count in counts.items()}
        self._mass = {statement.pairs: self._of(statement.pairs) for statement in statements}
        self._of_document: dict[tuple[Unit, str], list[_Statement]] = {}
        for statement in statements:
            self._of_document.setdefault((statement.unit, statement.clause.document.document_id), []).append(statement)

    def candidates(self) -> Iterator[tuple[_Statement, _Statement]]:
        """Every two that may be alike enough, each once, in their order; all others share too little to be looked at.

        Sentences with cosine t share at least t² of the mass of either. So of the heaviest pairs that make up the rest of the
        mass of one, the other must hold at least one (prefix filter)."""
        holding: dict[tuple[Unit, str], list[int]] = {}
        for position, statement in enumerate(self._statements):
            for pair in statement.pairs:
                holding.setdefault((statement.unit, pair), []).append(position)
        for position, one in enumerate(self._statements):
            near = {other for pair in self._heaviest(one) for other in holding[one.unit, pair] if other > position}
            for other in sorted(near):
                yield one, self._statements[other]

    def _heaviest(self, statement: _Statement) -> Iterator[str]:
        rest = self._mass[statement.pairs]
        least = LEAST_LIKENESS**2 * rest
        for pair in sorted(statement.pairs, key=lambda pair: (-self._weight[pair], pair)):
            if rest < least:
                return
            yield pair
            rest -= self._weight[pair]

    def is_mutual(self, one: _Statement, other: _Statement) -> bool:
        """Are the two alike, and has neither a better match in the other's document?"""
        if len(one.pairs & other.pairs) < LEAST_SHARED_PAIRS:
            return False
        likeness = self._between(one, other)
        return likeness >= LEAST_LIKENESS and not (self._is_beaten(one, other, likeness) or self._is_beaten(other, one, likeness))

    def _is_beaten(self, one: _Statement, other: _Statement, likeness: float) -> bool:
        """Does the other's document hold a sentence more like this one, or one as like that says the same numbers?

        一年以上十二个月 and 五年以上十八个月 are the same words; each belongs to its own number."""
        rivals = (s for s in self._of_document[other.unit, other.clause.document.document_id] if s is not other)
        return any(
            (found := self._between(one, rival)) > likeness or (found == likeness and _agree(one, rival)) for rival in rivals
        )

    def _between(self, one: _Statement, other: _Statement) -> float:
        mass = self._mass[one.pairs] * self._mass[other.pairs]
        return self._of(one.pairs & other.pairs) / math.sqrt(mass) if mass else 0.0

    def _of(self, pairs: Iterable[str]) -> float:
        return sum(self._weight[pair] for pair in sorted(pairs))


def _conflict(one: _Statement, other: _Statement) -> Conflict:
    higher, lower = sorted((one, other), key=lambda statement: _standing(statement.clause))
    subject = _shared(_without(higher.sentence, higher.quantities), _without(lower.sentence, lower.quantities))
    return Conflict(subject, higher.clause, lower.clause, higher.words, lower.words, higher.unit)


def _standing(clause: Clause) -> tuple[int, int]:
    return RANK_ORDER.index(clause.document.rank), -clause.document.first_day.toordinal()


def _shared(one: str, other: str) -> str:
    """The longest run of characters that both have."""
    block = SequenceMatcher(None, one, other, autojunk=False).find_longest_match()
    shared = one[block.a : block.a + block.size].strip(" ，,、：").replace(" ", "…")
    return shared if len(shared) <= LONGEST_SUBJECT else f"{shared[:LONGEST_SUBJECT]}…"


# -- parameters -----------------------------------------------------------------------------------------------------------------


def _between_values(knowledge_base: KnowledgeBase, on: date) -> Iterator[Conflict]:
    """Two values of one parameter, from clauses of different documents that both bind on that day."""
    for parameter in knowledge_base.catalogue.parameters.values():
        yield from _between_values_of(parameter, knowledge_base, on)


def _between_values_of(parameter: Parameter, knowledge_base: KnowledgeBase, on: date) -> Iterator[Conflict]:
    begun = [entry for entry in parameter.history if entry.since <= on and entry.value is not None]
    known = {entry: clause for entry in begun if (clause := knowledge_base.resolve(entry.reference, on)) is not None}
    for newer, older in _each_two(known):
        one, other = known[newer], known[older]
        if newer.value == older.value or one.document.title == other.document.title:
            continue
        higher, lower = sorted((one, other), key=_standing)
        words = {one.clause_id: _printed(newer, one), other.clause_id: _printed(older, other)}
        yield Conflict(
            parameter.description, higher, lower, words[higher.clause_id], words[lower.clause_id], parameter=parameter.name
        )


def _printed(entry: DatedValue, clause: Clause) -> str:
    """The value as the clause prints it, 十六周岁; as a bare figure where it does not stand there."""
    printed = (clause.text[q.start : q.end] for q in quantities_in(clause.text) if q.value == entry.value)
    return next(printed, f"{entry.value:f}")


def _each_two(known: Mapping[DatedValue, Clause]) -> Iterator[tuple[DatedValue, DatedValue]]:
    entries = list(known)
    for index, one in enumerate(entries):
        for other in entries[index + 1 :]:
            yield one, other
