"""Household members: who of the people told of counts as a member of the household that lives together (共同生活的家庭成员)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.eligibility.answers import HAS_EVENT, NOTHING
from bot.eligibility.person_facts import NO_DISABILITY
from bot.situation import Member, Situation

NOT_COUNTED_WHILE_AWAY = frozenset({"prison", "drug_rehab", "missing", "religious"})
"""In prison, in compulsory drug rehabilitation, declared missing, or for three years and more apart as a religious
professional. Source: 最低生活保障审核确认办法（民发〔2021〕57号）."""

STILL_AT_SCHOOL = frozenset({"senior", "vocational", "university"})

COUNTED_WITHOUT_LOCAL_HUKOU = frozenset({"self", "spouse", "child"})


OTHERS = "others"
"""Key and relation of the entry that says what holds of everybody else, as far as it is not told of each."""


def spelled_out(situation: Situation) -> Situation:
    """The situation as the rules read it: what holds of all others put down at each of them whose own is not told; no disability
    without a valid certificate; "nothing happened" as no event instead of an event of that kind."""
    others = situation.member(OTHERS)
    members = tuple(_spelled_out(member, others) for member in situation.members)
    events = tuple(event for event in situation.events if event.get("kind") != NOTHING)
    if members == situation.members and len(events) == len(situation.events):
        return situation
    facts = situation.facts if events or not situation.events else {**situation.facts, HAS_EVENT: False}
    return replace(situation, members=members, events=events, facts=facts)


def _spelled_out(member: Member, others: Member | None) -> Member:
    facts = member.facts
    if others is not None and member.relation not in ("self", OTHERS):
        facts = {**others.facts, **facts}
    if facts.get("disability_certificate") is False:
        facts = {**facts, "disability_level": NO_DISABILITY}
    return member if facts is member.facts else Member(member.key, member.relation, facts)


def counted_members(members: Sequence[Member]) -> tuple[Member, ...]:
    """Those who count. Everybody does of whom nothing is told that speaks against it; whoever it is about always does.

    Not counted: who is away in one of the ways above; who lives elsewhere on their own, except a child that is away to study;
    and, beside somebody with a Shanghai hukou, who has theirs elsewhere, except a spouse or child.

    Source: 上海市社会救助条例 第五十五条; 最低生活保障审核确认办法（民发〔2021〕57号）.
    """
    with_local = any(member.facts.get("hukou") == "shanghai" for member in members)
    return tuple(member for member in members if _counts(member, with_local=with_local))


def at_the_table(members: Sequence[Member]) -> tuple[Member, ...]:
    """Whom a resident may have in mind when saying how many live together: those who count, and others who share the home."""
    return tuple(m for m in members if m.facts.get("lives_together") is not False or _counts(m, with_local=False))


def _counts(member: Member, *, with_local: bool) -> bool:
    facts = member.facts
    if member.relation in ("self", OTHERS):
        return True
    if facts.get("away") in NOT_COUNTED_WHILE_AWAY:
        return False
    if with_local and facts.get("hukou") == "elsewhere" and member.relation not in COUNTED_WITHOUT_LOCAL_HUKOU:
        return False
    if facts.get("lives_together") is False:
        return member.relation == "child" and facts.get("student_stage") in STILL_AT_SCHOOL
    return True
