"""What a message says of single persons: age, hukou and home, disability, illness, work, school, care."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.situation import Range
from bot.understanding.conditions_said import read_conditions
from bot.understanding.numbers_said import SaidNumber
from bot.understanding.occupations_said import GROWN_UP, read_guardians, read_occupation
from bot.understanding.phrases_said import read_phrases
from bot.understanding.readings import Reading
from knowledge.directory import Subdistrict

OLDEST = 120
YOUNGEST_SAID = 3
"""Below this a number without 岁 is hardly an age."""

_AGE_UNIT = re.compile(r"(?:周|虚)?岁(?!数|月)|足岁")
_AGE_UNIT_INSIDE = re.compile(r"来岁|多岁")
_NOT_AN_AGE = re.compile(r"^(?:周|虚)?岁?(?:以上|以下|以内|就|时|那年|的时候|退休|结婚|离婚|开始|才能|到\d|起)")
_YEARS_AFTER_PERSON = re.compile(r"^(?:自己|今年|现在|都|已经|也|快|马上|刚好|正好|刚满|刚|差不多|年纪|年龄|虚岁|是|"
    r"有|，|个)*$")
_YEARS_WORDS = re.compile(
    r"(?:两个人|两个|他们|俩人)(?:都|也)(?:已经)?|(?:今年|现在|都|已经|快|也|马上)*(?:今年|年纪|年龄|虚岁|"
    r"岁数)(?:都|已经|快|也|是|有|马上|刚好|正好|刚满|刚)*"
)
_END_OF_AGE = re.compile(r"^(?:了|咯|多|岁|男|女|$|[，。,；！!]|一个人|退休|在|没|有|的|我|阿拉|老|他|她|身体|户口|跟|和)")
_BORN = re.compile(
    r"(?P<year>(?:19|20)\d\d|\d\d|[一二三四五六七八九零〇]{2}|"
    r"[一二]九?[零〇一二三四五六七八九]{3})年(?:(?P<month>\d{1,2})月)?(?:\d{1,2}[日号])?"
    r"(?:出生|生人|生的|生(?![病活大意重了])|的(?=[，。,]|$))|(?:生于|出生于|出生在)(?P<year_after>(?:19|20)\d\d)年?"
)
_CHINESE_DIGITS = str.maketrans("零〇一二三四五六七八九", "00123456789")

_PROVINCES = (
    "北京|天津|重庆|河北|山西|辽宁|吉林|黑龙江|江苏(?!路)|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|"
    "贵州|云南|陕西|甘肃|青海|内蒙|广西|西藏|宁夏|新疆|苏州|南京|"
    "杭州|宁波|合肥|昆山|南通|苏北|盐城|无锡|常州"
)
_OTHER_DISTRICTS = "浦东|徐汇|静安|普陀|黄浦|杨浦|虹口|闵行|宝山|嘉定|松江|青浦|奉贤|金山|崇明|闸北|卢湾|南汇"
_NO = r"(?:不是|没有?|不在|不|勿是|呒没|非|无)"
_OUTSIDE = rf"外地|外省|外来|老家|乡下|农村|{_PROVINCES}"

_ELSEWHERE = re.compile(
    rf"(?:户口|户籍)(?:还|都|也)?(?:不在|没在|勿在)(?:上海|本市|沪|这里|长宁)|{_NO}(?:上海|本地|本市|"
    rf"沪)(?:的)?(?:户口|户籍)|非(?:沪籍|本市户籍|上海户籍)|"
    rf"(?:{_OUTSIDE})(?:来沪)?(?:的|人)?(?:户口|户籍)|(?:户口|户籍)(?:还|都|也)?(?:是|在|属于)(?:{_OUTSIDE})|"
    rf"外地人(?!力)|(?:不是|非)上海人"
)
_VAGUE_ELSEWHERE = re.compile(rf"(?:农村|外地|乡下|外省)(?:来|到)(?:上海|沪|的)|(?:^|[，。是])(?:农村|乡下|"
    rf"外地)(?:来)?的(?=[，。]|$)|是外地的|从(?:外地|老家|乡下|{_PROVINCES})(?:(?:过)?来|嫁)|户口(?:还|"
    rf"一直)?没(?:有)?迁|外来(?:务工|人员|人口|打工)|没户口")
_SHANGHAI = re.compile(
    rf"(?:上海|本市|沪|本地|长宁|{_OTHER_DISTRICTS})(?:区)?(?:的|人)?(?:常住)?(?:户口|户籍)|沪籍|(?:户口|"
    rf"户籍)(?:也|都|就|还)?(?:在|是)(?:上海|本市|本地|长宁|本区|沪|{_OTHER_DISTRICTS})|"
    r"(?:户口|户籍)(?:也|都|就)?在(?:这里|这儿|此地|本街道)"
)
_SHANGHAI_PERSON = re.compile(r"(?<!不是)(?:是|老|土生土长的?)上海人|上海本地人|阿拉上海人")

_CHANGNING = re.compile(
    r"长宁(?!路)区?(?:的(?![^，。,]{0,2}户口)|人|居民|这边|这里)|(?:住|租|借)(?:在|的是)?长宁(?!路)|"
    r"在长宁区?(?:租|住|借)|人在长宁|长宁区(?![民政户的])"
)
_LIVES_IN_SHANGHAI = re.compile(rf"(?:现在)?(?:住|租|借住)(?:在)?(?:上海(?:市)?)?(?:{_OTHER_DISTRICTS})")
_LIVES_ELSEWHERE = re.compile(rf"(?:住|人)在?(?:{_PROVINCES}|外地|老家|国外)")

@dataclass(frozen=True, slots=True)
class Places:
    """The district's subdistricts by everything people call them, longest name first."""

    by_alias: dict[str, str]
    pattern: str

    @classmethod
    def of(cls, subdistricts: Iterable[Subdistrict]) -> Places:
        names = {alias: one.name for one in subdistricts for alias in (one.name, *one.aliases)}
        ordered = sorted(names, key=lambda alias: (-len(alias), alias))
        return cls(names, "|".join(map(re.escape, ordered)) or r"(?!)")


def read_persons(reading: Reading, places: Places) -> None:
    """Adds what the words say of each person."""
    _read_ages(reading)
    _read_birth_years(reading)
    _read_hukou(reading, places)
    _read_homes(reading, places)
    read_conditions(reading)
    read_occupation(reading)
    read_guardians(reading)
    read_phrases(
        reading, "working", "job_loss", "registered_unemployed", "self_care", "medical_insurance", "sex", "residence_permit")


def _read_ages(reading: Reading) -> None:
    for number in reading.numbers:
        unit = _AGE_UNIT.match(reading.plain, number.end)
        if _is_age(reading, number, unit is not None):
            end = unit.end() if unit is not None else number.end
            age = _age(number)
            if age is not None:
                reading.tell_of_person("age", age, number.start, end)


def _is_age(reading: Reading, number: SaidNumber, has_unit: bool) -> bool:
    after = reading.plain[number.end:]
    if number.money or number.large_word or number.range.low is None or number.range.high is None or _NOT_AN_AGE.match(after):
        return False
    if has_unit:
        return True
    return number.range.low >= YOUNGEST_SAID and _END_OF_AGE.match(after) is not None and _stands_for_years(reading, number)


def _stands_for_years(reading: Reading, number: SaidNumber) -> bool:
    """ "我72", "今年七十多了": a bare number right after somebody named, or after words that only go with years of age."""
    start = reading.text.clause_at(number.start).start
    if reading.asked == "self.age" and start == 0:
        return True
    if _YEARS_WORDS.fullmatch(reading.plain[start:number.start]):
        return True
    grown_up = start == number.start and (number.range.low or 0) >= GROWN_UP
    if grown_up and re.match("多?了", reading.plain[number.end - number.words.endswith("多"):]) and reading.people.mentions:
        return True
    named = (m for m in reading.people.mentions if start <= m.start and m.end <= number.start)
    return any(_YEARS_AFTER_PERSON.match(reading.plain[mention.end:number.start]) for mention in named)


def _age(number: SaidNumber) -> Range | None:
    whole = number.whole
    if whole.low is None or whole.high is None or whole.high > OLDEST:
        return None
    if whole.exact is None and number.words.startswith(("快", "将近", "接近", "近")):
        return Range(max(whole.low, whole.high - 2), whole.high)
    return Range(whole.low.to_integral_value(), whole.high.to_integral_value())


def _read_birth_years(reading: Reading) -> None:
    for match in _BORN.finditer(reading.plain):
        said = (match.group("year") or match.group("year_after")).translate(_CHINESE_DIGITS)
        year = _full_year(int(said), reading.today) if len(said) == 2 else int(said)
        age = _age_of_birth_year(year, match.group("month"), reading.today)
        if age is not None:
            reading.tell_of_person("age", age, match.start(), match.end())


def _full_year(two_digits: int, today: date) -> int:
    """ "54年" is 1954, "05年" is 2005: the last such year that is not still to come."""
    century = today.year - today.year % 100
    return century + two_digits if two_digits <= today.year % 100 else century - 100 + two_digits


def _age_of_birth_year(year: int, month: str | None, today: date) -> Range | None:
    oldest = today.year - year
    if not 0 <= oldest <= OLDEST:
        return None
    if month is not None and int(month) != today.month:
        return Range.exactly(oldest - (int(month) > today.month))
    return Range.exactly(oldest) if (today.month, today.day) == (12, 31) else Range(Decimal(max(0, oldest - 1)), Decimal(oldest))


def _read_hukou(reading: Reading, places: Places) -> None:
    plain = reading.plain
    named = re.compile(
        rf"(?:户口|户籍)(?:也|都|就|还|现在)?(?:在|是|挂在|落在|属于|迁(?:到|回|在|进|"
        rf"入))?(?:上海)?(?:长宁区?)?(?:的)?(?P<in>{places.pattern})|(?P<of>{places.pattern})(?:街道|"
        rf"镇)?(?:的)?(?:户口|户籍)"
    )
    for match in _ELSEWHERE.finditer(plain):
        reading.tell_of_person("hukou", "elsewhere", match.start(), match.end(), certain="外地人" not in match.group())
    for match in named.finditer(plain):
        subdistrict = places.by_alias[match.group("in") or match.group("of")]
        reading.tell_of_person("hukou", "shanghai", match.start(), match.end())
        reading.tell_of_person("hukou_subdistrict", subdistrict, match.start(), match.end())
    for match in _SHANGHAI.finditer(plain):
        if not re.search(rf"{_NO}$", plain[:match.start()]):
            reading.tell_of_person("hukou", "shanghai", match.start(), match.end())
    here = rf"上海|本地|长宁|{_OTHER_DISTRICTS}|{places.pattern}"
    _read_bare_place(reading, "self.hukou", {rf"不[在是](?:上海|本地|这里)|{_OUTSIDE}": "elsewhere", here: "shanghai"})
    for pattern, value in ((_VAGUE_ELSEWHERE, "elsewhere"), (_SHANGHAI_PERSON, "shanghai")):
        for match in pattern.finditer(plain):
            if not any(found.name.endswith(".hukou") for found in reading.found):
                reading.tell_of_person("hukou", value, match.start(), match.end(), certain=False)


def _read_bare_place(reading: Reading, name: str, values: Mapping[str, str]) -> None:
    """ "在浦东", "江西的", right after hukou or home was asked for."""
    if reading.asked != name:
        return
    for pattern, value in values.items():
        match = re.match(rf"(?:我|人|现在|就|都|是|在|住)*(?:{pattern})", reading.plain)
        if match is not None and not any(found.name == name for found in reading.found):
            reading.tell(name, value, match.start(), match.end())


def _read_homes(reading: Reading, places: Places) -> None:
    plain = reading.plain
    lives = re.compile(
        rf"(?:住|租|借|家|蹲|登|搬)(?:在|到|了|的是|拉)?(?:上海)?(?:长宁区?)?(?:的)?(?P<in>{places.pattern})|"
        rf"(?P<of>{places.pattern})(?:街道|镇)?(?:的(?!户)|居民|这边|这里|人(?=[，。,]|$)|(?:租|住))"
    )
    for match in lives.finditer(plain):
        subdistrict = places.by_alias[match.group("in") or match.group("of")]
        clause = reading.text.clause_at(match.start())
        if not re.search(r"户口|户籍", plain[max(clause.start, match.start() - 4):match.start()]):
            reading.tell_of_person("lives_in_subdistrict", subdistrict, match.start(), match.end())
            reading.tell_of_person("lives_in", "changning", match.start(), match.end())
    for pattern, value in ((_CHANGNING, "changning"), (_LIVES_IN_SHANGHAI, "shanghai"), (_LIVES_ELSEWHERE, "elsewhere")):
        for match in pattern.finditer(plain):
            if not re.search(r"户口在?$|户籍在?$|不是$", plain[:match.start()]):
                reading.tell_of_person("lives_in", value, match.start(), match.end())
    here = rf"长宁|{places.pattern}"
    _read_bare_place(
        reading, "self.lives_in", {here: "changning", rf"{_OTHER_DISTRICTS}|上海": "shanghai", _OUTSIDE: "elsewhere"})
