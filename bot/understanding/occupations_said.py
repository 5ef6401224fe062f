"""What a message says of a person's school, the time without work, and who can bring up a child."""

from __future__ import annotations

import re
from decimal import Decimal

from bot.situation import Range
from bot.understanding.people_said import ASKER
from bot.understanding.phrases_said import phrases
from bot.understanding.readings import Reading

GROWN_UP = 18
MONTHS_A_YEAR = 12

_ONE_AND_ONE = re.compile(r"(?:一个|大的)[^。一]{1,8}(?:一个|小的)[^。]{0,3}(?:读|上|念|在|初|高|小|幼|大)")
"""Two children told of in one breath: "一个读小学，一个上幼儿园"."""

_WITHOUT_WORK_SINCE = re.compile(
    r"(?:失业|下岗|待业|(?:没有?|不|丢了?)(?:上班|工作|班上|做事)|丢了饭碗|被裁|被辞退)(?:了|掉|后|已经|在家|都|有|"
    r"快|也|到现在|，|差不多)*$"
)
_SPAN = re.compile(r"(?P<months>个?(?P<more_months>多)?月)|(?P<years>年)(?:(?P<half>半)|(?P<more>多))?(?!前|生|级|代|出)")

_STUDYING = re.compile(r"(?:还)?(?:在)?(?:读书|上学|念书)(?!的钱|费|难|时)|是个?(?:大|中|小)?学生")


def read_occupation(reading: Reading) -> None:
    """Adds the stage of school and the months without work."""
    _read_school(reading)
    _read_time_without_work(reading)


def _read_school(reading: Reading) -> None:
    stages = [(match, phrase) for phrase in phrases("student_stage") for match in phrase.matches(reading)]
    for number, (match, phrase) in enumerate(sorted(stages, key=lambda stage: stage[0].start()), 1):
        key = f"child{number}" if _ONE_AND_ONE.search(reading.plain) else _pupil_at(reading, match.start())
        if key is not None:
            reading.tell(f"{key}.student_stage", phrase.value, match.start(), match.end())
            if any(found.name == f"{key}.student_stage" for found in reading.found):
                reading.tell(f"{key}.working", "student", match.start(), match.end())
    for match in _STUDYING.finditer(reading.plain):
        key = reading.person_at(match.start())
        if key is not None and not any(found.name == f"{key}.working" for found in reading.found):
            reading.tell(f"{key}.working", "student", match.start(), match.end(), certain=key != "self")


def _pupil_at(reading: Reading, place: int) -> str | None:
    """Who is at school by these words: the child named in the clause, even one only brought along ("带个女儿读初三")."""
    start = reading.text.clause_at(place).start
    named = (m for m in reading.people.mentions if start <= m.start and m.end <= place)
    children = [m for m in named if m.relation in ("child", "grandchild")]
    return reading.people.key_of(children[-1]) if children else reading.person_at(place)


def _read_time_without_work(reading: Reading) -> None:
    """ "失业三个月了": whole months to this day."""
    for number in reading.numbers:
        span = _SPAN.match(reading.plain, number.end)
        if span is None or number.money or not _WITHOUT_WORK_SINCE.search(reading.plain[:number.start]):
            continue
        months = number.whole
        if span.group("years") and months.low is not None and months.high is not None:
            more = MONTHS_A_YEAR // 2 if span.group("half") else 0
            longer = MONTHS_A_YEAR if span.group("more") else 0
            months = Range(months.low * MONTHS_A_YEAR + more, months.high * MONTHS_A_YEAR + more + longer)
        elif span.group("more_months") and months.low is not None and months.high is not None:
            months = Range(months.low, months.high + 1)
        reading.tell_of_person("unemployed_months", months, number.start, span.end())
    for match in re.finditer("半年(?P<more>多)?", reading.plain):
        if _WITHOUT_WORK_SINCE.search(reading.plain[:match.start()]):
            months = Range(Decimal(6), Decimal(12 if match.group("more") else 6))
            reading.tell_of_person("unemployed_months", months, match.start(), match.end())


def read_guardians(reading: Reading) -> None:
    """ "儿子18岁，爸妈都没了": said of the child, although the parents are named last."""
    for phrase in phrases("guardians", "guardians_reason"):
        for match in phrase.matches(reading):
            key = _child_of_these_parents(reading, match.start())
            if key is not None and not _is_grown_up(reading, key):
                reading.tell(f"{key}.{phrase.fact}", phrase.value, match.start(), match.end(), certain=phrase.sure)


def _is_grown_up(reading: Reading, key: str) -> bool:
    age = reading.of(f"{key}.age")
    return isinstance(age, Range) and age.low is not None and age.low > GROWN_UP


def _child_of_these_parents(reading: Reading, place: int) -> str | None:
    children = [m for m in reading.people.mentions if m.relation in ("child", "grandchild", ASKER)]
    before = [m for m in children if m.end <= place] or [m for m in children if m.relation != ASKER]
    return reading.people.key_of(before[-1]) if before else "self"
