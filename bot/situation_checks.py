"""Checks of a situation that somebody wrote down: facts that cannot all be true of one household."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from bot.eligibility import intervals
from bot.eligibility.household_members import OTHERS, counted_members
from bot.eligibility.person_facts import NO_DISABILITY, age_on
from bot.eligibility.sentences import plain, range_in_yuan
from bot.situation import Member, Range, Situation

MEDICAL, NECESSARY = "household.medical_spending_yuan_12m", "household.necessary_spending_yuan_12m"


def contradictions_in(situation: Situation, as_of: date | None) -> Iterator[str]:
    """Each in one sentence for whoever wrote the file: quotes both facts, says what is wanted, with an example. as_of: the day
    ages are
    counted on; None: birth dates are not compared with ages."""
    yield from _head_count(situation)
    yield from _spending(situation)
    for number, member in enumerate(situation.members):
        yield from _disability(f"members[{number}]", member)
        if as_of is not None:
            yield from _birth_date(f"members[{number}]", member, as_of)


def _head_count(situation: Situation) -> Iterator[str]:
    size = situation.facts.get("household.size")
    at_home = [m for m in counted_members(situation.members) if m.relation != OTHERS]
    if isinstance(size, Range) and size.high is not None and len(at_home) > size.high:
        yield (
            f"household.size: {size.high} is less than the {len(at_home)} members who live together; correct the size, or mark "
            f"who lives elsewhere, e.g. {{relation: child, lives_together: false}}"
        )


def _spending(situation: Situation) -> Iterator[str]:
    medical, necessary = situation.facts.get(MEDICAL), situation.facts.get(NECESSARY)
    if isinstance(medical, Range) and isinstance(necessary, Range) and intervals.less(necessary, medical) is True:
        part, whole = plain(range_in_yuan(medical)), plain(range_in_yuan(necessary))
        yield (
            f"{MEDICAL}: {part} is more than {NECESSARY}: {whole}, of which it is a part; wanted the part no larger than "
            f"the whole, e.g. necessary_spending_yuan_12m: {part}"
        )


def _disability(where: str, member: Member) -> Iterator[str]:
    if member.facts.get("disability_level") == NO_DISABILITY and "disability_kind" in member.facts:
        yield (
            f"{where}.disability: a kind {member.facts['disability_kind']!r} without a level; wanted both or neither, "
            f"e.g. disability: {{kind: 肢体, level: 2}}"
        )


def _birth_date(where: str, member: Member, as_of: date) -> Iterator[str]:
    born, told = member.facts.get("birth_date"), member.facts.get("age")
    if not isinstance(born, date):
        return
    if born > as_of:
        yield f"{where}.birth_date: {born} lies after as_of {as_of}; wanted a day not after it, e.g. birth_date: 1954-11-22"
        return
    years = age_on(born, as_of)
    if isinstance(told, Range) and intervals.equal(told, Range.exactly(years)) is False:
        yield (
            f"{where}.age: {plain(told)} does not go with birth_date {born}, which makes {years} on {as_of}; wanted "
            f"one of the two, or both in agreement, e.g. {{birth_date: {born}}}"
        )
