"""Facts of single persons that follow from other facts of theirs: age from a birth date, severe disability, work ability."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from bot.eligibility import intervals
from bot.eligibility.truth import Truth, all_of, any_of, not_
from bot.situation import Range, Value

MENTAL_KINDS = frozenset({"智力", "精神"})
AT_WORK = frozenset({"employed", "flexible", "self_employed"})
SCHOOL_AFTER_GROWING_UP = frozenset({"compulsory", "senior", "vocational"})
WITHOUT_WORK = frozenset({"none", "unable"})
SEVERAL_KINDS = "多重"
LEAST_SEVERE = 4
NO_DISABILITY = "none"
"""Disability level of a person who has said that there is no disability certificate."""

MemberFacts = Mapping[str, Value]
LimitOf = Callable[[str], Range | None]


def age_on(born: date, on: date) -> int:
    """Completed years (周岁); the birthday itself counts."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def age(facts: MemberFacts, on: date) -> Range | None:
    """The age as told, or from the birth date where that is known; never below zero."""
    born = facts.get("birth_date")
    if isinstance(born, date):
        return Range.exactly(max(0, age_on(born, on)))
    told = facts.get("age")
    return told if isinstance(told, Range) else None


def severe_disability(facts: MemberFacts) -> Truth:
    """重度残疾: level one or two of any kind, or level three of 智力 or 精神.

    Source: 最低生活保障审核确认办法（民发〔2021〕57号）."""
    return any_of((_level_at_most(facts, 2), all_of((_level_at_most(facts, 3), _is_kind(facts, MENTAL_KINDS)))))


def local_hukou(facts: MemberFacts) -> Truth:
    hukou = facts.get("hukou")
    return None if hukou is None else hukou == "shanghai"


def local_severe_disability(facts: MemberFacts) -> Truth:
    """One and the same person: a Shanghai hukou and a severe disability."""
    return all_of((local_hukou(facts), severe_disability(facts)))


def local_first_level(facts: MemberFacts) -> Truth:
    return all_of((local_hukou(facts), _level_at_most(facts, 1)))


def local_certificate(facts: MemberFacts) -> Truth:
    """One and the same person: a Shanghai hukou and a disability certificate of any level."""
    return all_of((local_hukou(facts), _level_at_most(facts, LEAST_SEVERE)))


def local_severe_without_work(facts: MemberFacts, on: date, limit_of: LimitOf) -> Truth:
    """重残无业: a Shanghai hukou, a severe disability, of working age and without work.

    Source: 上海市重残无业人员生活补助文件（文号待核）; the ages of that day by parameter name."""
    years, working = age(facts, on), facts.get("working")
    too_young = _compare(years, limit_of("zhongcan_wuye.least_age"), intervals.less)
    young_enough = _compare(years, limit_of("zhongcan_wuye.retirement_age"), intervals.less)
    without_work = None if working is None else working in WITHOUT_WORK
    return all_of((local_severe_disability(facts), not_(too_young), young_enough, without_work))


def no_work_ability_by_disability(facts: MemberFacts) -> Truth:
    """Level one to three of 智力 or 精神, one or two of 肢体, one of 视力. Source: 特困人员认定办法（民发〔2021〕43号）."""
    return any_of((
        all_of((_level_at_most(facts, 3), _is_kind(facts, MENTAL_KINDS))),
        all_of((_level_at_most(facts, 2), _is_kind(facts, frozenset({"肢体"})))),
        all_of((_level_at_most(facts, 1), _is_kind(facts, frozenset({"视力"})))),
    ))


def no_work_ability(facts: MemberFacts, on: date, limit_of: LimitOf) -> Truth:
    """无劳动能力: old, a minor, disabled by kind and level, or disabled at all and unable to work. A grown-up at work counts as
    able as long as no disability is told. limit_of: the ages of that day by parameter name.

    Source: 上海市社会救助条例 第十三条 (old people, disabled people, minors and nobody else);
    特困人员认定办法（民发〔2021〕43号）; for
    the age of minors 社会救助法."""
    years = age(facts, on)
    not_old_yet = _compare(years, limit_of("tekun.elder_age"), intervals.less)
    minor = _compare(years, limit_of("tekun.minor_age"), intervals.less)
    by_disability = no_work_ability_by_disability(facts)
    working = facts.get("working")
    unable = all_of((None if working is None else working == "unable", _level_at_most(facts, LEAST_SEVERE)))
    if working in AT_WORK and by_disability is None and "disability_level" not in facts:
        by_disability = False
    return any_of((not_(not_old_yet), minor, unable, by_disability))


def _compare(number: Range | None, limit: Range | None, compare: Callable[[Range, Range], Truth]) -> Truth:
    return None if number is None or limit is None else compare(number, limit)


def _level_at_most(facts: MemberFacts, level: int) -> Truth:
    """Level one is the most severe."""
    told = facts.get("disability_level")
    if told == NO_DISABILITY:
        return False
    return int(told) <= level if isinstance(told, str) and told.isdecimal() else None


def _is_kind(facts: MemberFacts, kinds: frozenset[str]) -> Truth:
    told = facts.get("disability_kind")
    # Several kinds: the certificate may name one of these among them.
    return None if told is None or told == SEVERAL_KINDS else told in kinds
