"""Numbers as people say them: 两千来块, 三千五, 1千8, 二十几万, 不到三千, 2000到3000."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

import cn2an

from bot.situation import Range

_DIGIT_VALUES = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_SCALES = {"十": 10, "百": 100, "千": 1000, "k": 1000, "万": 10_000, "w": 10_000, "亿": 100_000_000}
_CHINESE = "零〇一二两三四五六七八九十百千万亿廿卅俩仨"
_ONE = "一二两三四五六七八九"

_NUMBER = re.compile(
    rf"(?P<before>不到|不足|将近|接近|快要|快|近|大概|大约|差不多|约莫|约|超过|至少|起码|最多|顶多|不超过|"
    rf"上(?=[百千万]))?(?:有|是)?"
    rf"(?:(?P<tens>[{_ONE}]?十|\d*0)?(?P<some>好?几)(?P<some_scale>[十百千万]{{0,2}})"
    rf"|(?P<pair>[{_ONE}]{{2}})(?P<pair_scale>[十百千万]{{1,2}}|(?=个|口|年|天|岁))"
    rf"|(?P<base>[{_ONE}][百千万])(?P<base_pair>一二|[二两]三|三四|四五|五六|六七|七八|八九)(?![十百千万{_ONE}])"
    rf"|(?P<about>[百千万])把"
    rf"|(?P<core>(?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.\d+)?(?:[百千万kw亿](?:\d[百千]?)?)?(?:[百千](?=块|元))?|"
    rf"[{_CHINESE}]*?[百千万][{_ONE}]?(?=一(?:个月|年|天))|[{_CHINESE}]+(?:点[{_CHINESE}])?))"
    rf"(?P<more>多|来(?![看医问])|余)?(?P<scale>[百千万亿kw])?(?P<more_after>多|来(?![看医问])|余)?"
    rf"(?P<unit>块钱|块|元钱|元|圆)?(?P<unit_more>多|出头|过头)?"
    rf"(?P<after>左右|上下|样子|光景|出头|过头|不到(?![一二两三四五六七八九十\d])|以上|以下|以内)?"
)
_JOIN = re.compile(r"^(?:到|至|-|~|—|–|～)$")
_LONGEST_NUMBER = 9
"""Longer runs of digits are telephone, card or identity numbers."""

_LONGEST_WORDS = 12
"""二百三十四万五千六百 has ten characters; nobody tells more of an amount."""


@dataclass(frozen=True, slots=True)
class SaidNumber:
    """range: what the words leave open; exact ends for a plain number. money: said with 块 or 元. large_word: said with 百, 千 or
    万. more: said with 多 after it, so that the upper end is the next round number."""

    start: int
    end: int
    words: str
    range: Range
    money: bool
    large_word: bool
    more: bool = False

    @property
    def whole(self) -> Range:
        """For counts and ages: "七十多" ends at 79."""
        if self.more and self.range.high is not None and self.range.low is not None and self.range.high > self.range.low:
            return Range(self.range.low, self.range.high - 1)
        return self.range


def numbers_in(plain: str) -> tuple[SaidNumber, ...]:
    """Every number of a plain text (bot.understanding.spoken_text), from left to right."""
    found = [number for match in _NUMBER.finditer(plain) for number in _said(match)]
    return tuple(_joined(found, plain))


def _said(match: re.Match[str]) -> Iterator[SaidNumber]:
    words = match.group("core") or ""
    if len(re.sub(r"\D", "", words)) >= _LONGEST_NUMBER or len(words) > _LONGEST_WORDS:
        return
    value = _value(match)
    if value is None:
        return
    number, more = value
    yield SaidNumber(
        start=match.start(),
        end=match.end(),
        words=match.group(),
        range=number,
        money=match.group("unit") is not None,
        large_word=re.search(r"[百千万kw]", match.group()) is not None,
        more=more,
    )


def _value(match: re.Match[str]) -> tuple[Range, bool] | None:
    """The range of one number, and whether 多 was said of it."""
    scale = Decimal(_SCALES.get(match.group("scale") or "", 1))
    if match.group("some"):
        if not match.group("tens") and not match.group("some_scale") and not match.group("scale"):
            return None
        return _some(match, scale), False
    if match.group("pair"):
        low, high = (_DIGIT_VALUES[digit] for digit in match.group("pair"))
        pair_scale = scale * _product(match.group("pair_scale"))
        return (Range(low * pair_scale, high * pair_scale), False) if low < high else None
    if match.group("base"):
        return _between_digits(match.group("base"), match.group("base_pair"), scale)
    if match.group("about"):
        base = Decimal(_SCALES[match.group("about")])
        return Range(base * Decimal("0.8"), base * Decimal("1.5")), False
    core = _exact(match.group("core"))
    if core is None:
        return None
    return _around(match, core * scale, _step(core) * scale)


def _between_digits(base: str, pair: str, scale: Decimal) -> tuple[Range, bool]:
    """五千四五 is 5400 to 5500."""
    low, high = (_DIGIT_VALUES[digit] for digit in pair)
    whole = Decimal(_DIGIT_VALUES[base[0]] * _SCALES[base[1]])
    tenth = Decimal(_SCALES[base[1]]) / 10
    return Range((whole + low * tenth) * scale, (whole + high * tenth) * scale), False


def _some(match: re.Match[str], scale: Decimal) -> Range:
    """几百 is 200 to 900, 十几万 is 110,000 to 190,000, 二十几 is 21 to 29."""
    unit = scale * _product(match.group("some_scale"))
    tens = _exact(match.group("tens")) if match.group("tens") else Decimal(0)
    first = Decimal(1) if tens else Decimal(2)
    return Range(((tens or 0) + first) * unit, ((tens or 0) + 9) * unit)


def _around(match: re.Match[str], number: Decimal, step: Decimal) -> tuple[Range, bool]:
    said = {match.group(group) for group in ("more", "more_after", "unit_more", "after", "before")} - {None}
    tenth = number / 10
    if said & {"多", "余"}:
        return Range(number, number + step), True
    if "来" in said:
        return Range(number - step / 5, number + step / 2), False
    if said & {"出头", "过头"}:
        return Range(number, number + step / 2), False
    if said & {"不到", "不足"}:
        return Range(max(Decimal(0), number - step), number), False
    if said & {"将近", "接近", "快", "快要", "近"}:
        return Range(number - tenth, number), False
    if said & {"以上", "超过", "至少", "起码", "上"}:
        return Range(number, None), False
    if said & {"以下", "以内", "最多", "顶多", "不超过"}:
        return Range(Decimal(0), number), False
    if said & {"左右", "上下", "样子", "光景", "大概", "大约", "差不多", "约莫", "约"}:
        return Range(number - tenth, number + tenth), False
    return Range.exactly(number), False


def _step(number: Decimal) -> Decimal:
    """The place of the last digit that is not zero: 2000 → 1000, 72 → 1, 30 → 10."""
    if number == 0 or number != number.to_integral_value():
        return Decimal(1)
    step = Decimal(1)
    while number % (step * 10) == 0:
        step *= 10
    return step


def _product(scales: str) -> Decimal:
    product = Decimal(1)
    for character in scales:
        product *= _SCALES[character]
    return product


@lru_cache(maxsize=2048)
def _exact(words: str) -> Decimal | None:
    """A number without any about: 三千五 is 3500, 1千8 is 1800. None when the characters make no number."""
    plain = words.replace(",", "").replace("俩", "两").replace("仨", "三").replace("k", "千").replace("w", "万")
    plain = plain.replace("〇", "零").replace("廿", "二十").replace("卅", "三十")
    try:
        return Decimal(plain)
    except ArithmeticError:
        pass
    if plain[0] in "百千万亿":
        return None
    try:
        return Decimal(str(cn2an.cn2an(plain, "smart"))).normalize() + 0
    except (ValueError, KeyError, IndexError):
        return None


def _joined(found: list[SaidNumber], plain: str) -> Iterator[SaidNumber]:
    """Two numbers with 到 between them are one range; "2到3万" means 万 on both sides."""
    waiting: SaidNumber | None = None
    for number in found:
        if waiting is not None:
            joined = _one_range(waiting, number, plain)
            if joined is not None:
                waiting = joined
                continue
            yield waiting
        waiting = number
    if waiting is not None:
        yield waiting


def _one_range(left: SaidNumber, right: SaidNumber, plain: str) -> SaidNumber | None:
    if not _JOIN.match(plain[left.end:right.start]) or left.range.exact is None or right.range.high is None:
        return None
    low, high = left.range.exact, right.range.high
    if low < 10 <= high and right.large_word and not left.large_word:
        low *= _step(high)
    if low > high:
        return None
    return replace(right, start=left.start, words=plain[left.start:right.end], range=Range(low, high))
