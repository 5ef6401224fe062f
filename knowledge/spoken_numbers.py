"""Numbers written into a sentence by hand. A number of policy stands in a sentence only as {parameter}, so that it has a source
and a day; whatever else counts is found here: figures, Chinese numerals, 翻倍. Pure."""

from __future__ import annotations

import re
from functools import cache

from knowledge.checking_rules import CheckingRules, checking_rules
from knowledge.places import PLACE

_FIGURES = r"[0-9０-９①-⑳⑴-⒇㈠-㈩Ⅰ-Ⅻⅰ-ⅻ]+(?:[.．,，][0-9０-９]+)*"
_NUMERALS = r"[〇一二三四五六七八九十百千万亿两俩仨廿卅半壹贰叁肆伍陆柒捌玖佰仟萬]+"
_ARTICLE = r"第[零一二三四五六七八九十百]+(?:条|款|项|章)"
_TWICE = r"([^\W\d_一二三四五六七八九十])一\1"          # 看一看, 估一估


def numbers_in(text: str) -> tuple[str, ...]:
    """The words of a sentence that count something, in its order: ("三千五百元", "６成"). Places are no words."""
    bare = _idioms().sub("□", PLACE.sub("□", text))
    return tuple(match[0] for match in _numbers().finditer(bare))


@cache
def _idioms() -> re.Pattern[str]:
    rules = checking_rules()
    fixed = "|".join(map(re.escape, sorted(rules.not_counting, key=len, reverse=True)))
    # Neither behind another numeral (十一个, 第二十一条) nor in front of a measure (一个月, 一块钱).
    return re.compile(rf"(?<![〇一二三四五六七八九十百千万亿])(?:{_ARTICLE}|{_TWICE}|(?:{fixed})|(?:{_vague(rules)}))")


def _vague(rules: CheckingRules) -> str:
    words = "|".join(map(re.escape, sorted(rules.vague, key=len, reverse=True)))
    measures = "|".join(map(re.escape, rules.measures))
    return rf"(?:{words})(?!{measures})"


@cache
def _numbers() -> re.Pattern[str]:
    hidden = "|".join(map(re.escape, checking_rules().hidden_numbers))
    return re.compile(rf"(?:百分之)?(?:{_FIGURES}|{_NUMERALS}|{hidden})+(?:(?!{_NUMERALS}|{_FIGURES})[^\W\d_□]){{0,4}}")
