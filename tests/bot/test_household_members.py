"""Who counts as a member of the household: by what is told of each, the clause's exceptions, and what is told of all others."""

from __future__ import annotations

import pytest

from bot.eligibility.household_members import at_the_table, counted_members, spelled_out
from bot.situation import Member, Situation, Value
from tests.bot.small_rules import situation

LOCAL = Member("self", "self", {"hukou": "shanghai"})


def other(relation: str, **facts: Value) -> Member:
    return Member(relation, relation, facts)


@pytest.mark.parametrize(("member", "counted"), [
    (other("spouse"), True),
    (other("spouse", hukou="elsewhere"), True),
    (other("child", hukou="elsewhere"), True),
    (other("parent", hukou="elsewhere"), False),
    (other("sibling", hukou="shanghai"), True),
    (other("spouse", away="prison"), False),
    (other("child", away="drug_rehab"), False),
    (other("parent", away="missing"), False),
    (other("sibling", away="religious"), False),
    (other("spouse", away="none"), True),
    (other("child", lives_together=False), False),
    (other("child", lives_together=False, student_stage="university"), True),
    (other("sibling", lives_together=False, student_stage="university"), False),
])
def test_a_person_counts_unless_something_told_speaks_against_it(member: Member, counted: bool):
    assert (member in counted_members((LOCAL, member))) is counted


def test_without_anybody_of_local_hukou_the_hukou_of_others_does_not_matter():
    parent = other("parent", hukou="elsewhere")
    assert parent in counted_members((Member("self", "self", {"hukou": "elsewhere"}), parent))


def test_whoever_asks_counts_even_when_they_live_apart():
    alone = Member("self", "self", {"lives_together": False})
    assert counted_members((alone,)) == (alone,)


def test_at_the_table_sits_also_who_does_not_count():
    parent = other("parent", hukou="elsewhere")
    assert parent in at_the_table((LOCAL, parent))


def test_what_holds_of_all_others_is_put_down_where_their_own_is_not_told():
    told = situation(self__hukou="elsewhere", spouse__age=True, child__hukou="shanghai", others__hukou="elsewhere")
    read = spelled_out(told)
    assert [read.value(f"{who}.hukou") for who in ("self", "spouse", "child")] == ["elsewhere", "elsewhere", "shanghai"]


def test_a_disability_without_a_valid_certificate_is_none():
    told = situation(self__disability_level="2", self__disability_certificate=False)
    assert spelled_out(told).value("self.disability_level") == "none"


def test_nothing_happened_is_no_event():
    told = Situation(events=({"kind": "none"},))
    assert (spelled_out(told).events, spelled_out(told).value("household.has_event")) == ((), False)
    assert spelled_out(Situation(events=({"kind": "none"}, {"kind": "fire"}))).events == ({"kind": "fire"},)
