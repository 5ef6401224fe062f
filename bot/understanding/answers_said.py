"""Short answers to a question that was just asked: "五万左右", "没有", "是的", "不想说"."""

from __future__ import annotations

import re
from decimal import Decimal

from bot.situation import Range, Value
from bot.understanding.numbers_said import SaidNumber
from bot.understanding.plain import squeeze
from bot.understanding.readings import Found, Reading
from knowledge.facts import FactDefinition, FactType

FEN = Decimal(100)
LONGEST_ANSWER = 30
"""Longer messages tell something; they are no answer by a single word."""

_REFUSED = re.compile(
    r"不(?:想|愿意?|方便|肯|便)(?:说|讲|告诉|透露|回答|答)|不(?:说|讲)(?:了|可以吗|行吗)?$|保密|跳过|隐私|不告诉|"
    r"勿想讲"
)
_UNKNOWN = re.compile(
    r"不(?:清楚|知道|晓得|太清楚|大清楚|记得|确定|懂)|勿(?:晓得|清爽)|说不(?:清|准|好)|记不(?:得|清)|忘(?:记)?了|"
    r"没算过|搞不清"
)
_YES = re.compile(
    r"^(?:嗯+|是|是的|对|对的|对啊|有|有的|有啊|好|好的|没错|在的|可以|可以的|能|办了|办过|要|要的|确实|yes|ok|嗳|"
    r"哎|是啊|是呀|有个|有一个|正是)(?:[，。,！!的呀啊了哦]|$)"
)
_NO = re.compile(
    r"^(?:不是|没有|没|无|不|不对|呒没|呒得|没办|没评|没鉴定|没做过|没得|否|不能|没的|木有|不在|还没|从来没|no|都没|一个都没|"
    r"一样都没|没什么|没啥)(?:[，。,！!的呀啊了哦有过事去办]|$)"
)
_HAVE_OR_NOT = re.compile(r"^(?:没有?|有)(?:的|啊|呀)?$")
_LAPSED = re.compile(r"过期|到期|失效|作废")
_ZERO = re.compile(
    r"^(?:一(?:套|辆|部|个|点|分)(?:房子?|车子?|钱)?(?:收入|存款)?(?:都|也)?没有?|没有?|无|零|0|呒没|没得|"
    r"一分(?:钱)?(?:也|都)?没有?|啥也没|什么(?:都|也)没|都没有?|木有|空的|没钱)(?:[，。,！!的呀啊了哦元块]|存款|"
    r"收入|房子?|车子?|$)"
)
_UNITS: dict[FactType, str] = {FactType.AREA: r"平|㎡|m2", FactType.INTEGER: r"个|口|人|岁|套|辆|位|月|年|$"}
_NEVER = re.compile(r"(?!)")
_OTHER_PERIOD = {"元/月": re.compile(r"[一每]年|年收入|全年"), "元/年": re.compile(r"[一每]个?月|月月")}
"""By the unit of the fact asked for: words that make an amount one of another period."""
_FULL_DAY = re.compile(r"(?P<year>20\d\d)[年\-/.](?P<month>\d{1,2})[月\-/.](?P<day>\d{1,2})")
SMALL_FOR_MONEY = 100


def is_refused(reading: Reading) -> bool:
    """Whether the resident would rather not answer."""
    return len(reading.plain) <= LONGEST_ANSWER and _REFUSED.search(reading.plain) is not None


def read_answer(reading: Reading, asked: FactDefinition) -> Found | None:
    """The asked fact as a short answer gives it; None when the message does not answer it, or the resident does not know."""
    plain = reading.plain
    if not plain or len(plain) > LONGEST_ANSWER or _UNKNOWN.search(plain):
        return None
    match asked.type:
        case FactType.YES_NO:
            return _yes_no(asked, plain)
        case FactType.CHOICE:
            return _choice(asked, plain)
        case FactType.INTEGER | FactType.MONEY | FactType.AREA:
            return _number(asked, reading)
        case FactType.DATE | FactType.TEXT:
            return None


def _whole(asked: FactDefinition, value: Value, plain: str, *, certain: bool = True) -> Found:
    return Found(asked.name, value, 0, len(plain), certain)


def _yes_no(asked: FactDefinition, plain: str) -> Found | None:
    value = _tapped(asked, plain)
    if value is not None:
        return _whole(asked, value == "true", plain)
    if _is_asked_for_a_lack(asked) and _HAVE_OR_NOT.match(plain):
        return _whole(asked, plain.startswith("没"), plain, certain=False)
    if _NO.match(plain):
        return _whole(asked, False, plain)
    if not _YES.match(plain):
        return None
    lapsed = _LAPSED.search(plain) is not None
    return _whole(asked, not lapsed, plain, certain=not lapsed)


def _is_asked_for_a_lack(asked: FactDefinition) -> bool:
    """Whether yes means that something is not there ("没着落"): a bare 没有 may then agree as well as deny, so we ask."""
    return any(option.value == "true" and option.label.startswith("没") for option in asked.options)


def _choice(asked: FactDefinition, plain: str) -> Found | None:
    value = _tapped(asked, plain)
    if value is not None:
        return _whole(asked, value, plain)
    values = [option.value for option in asked.options]
    if _NO.match(plain) and "none" in values:
        return _whole(asked, "none", plain)
    # A choice between two is asked like a question of yes or no, the yes first: "户口在上海吗".
    if len(values) == 2:
        if _NO.match(plain):
            return _whole(asked, values[1], plain)
        if _YES.match(plain):
            return _whole(asked, values[0], plain)
    return None


def _tapped(asked: FactDefinition, plain: str) -> str | None:
    """The option that was tapped, or typed by its label or a clear part of it."""
    said = squeeze(plain)
    for option in asked.options:
        if said in (option.value.lower(), squeeze(option.label)):
            return option.value
    contained = [o.value for o in asked.options if len(squeeze(o.label)) >= 2 and squeeze(o.label) in said]
    if len(contained) == 1:
        return contained[0]
    part = [o.value for o in asked.options if len(said) >= 2 and said in squeeze(o.label)]
    return part[0] if len(part) == 1 else None


def _number(asked: FactDefinition, reading: Reading) -> Found | None:
    if _ZERO.match(reading.plain) and not asked.low:
        return _whole(asked, Range.exactly(0), reading.plain)
    if _OTHER_PERIOD.get(asked.unit or "", _NEVER).search(reading.plain):
        return None
    numbers = [n for n in reading.numbers if _fits(asked, n, reading)]
    return _in_bounds(asked, numbers[0]) if len(numbers) == 1 else None


def _fits(asked: FactDefinition, number: SaidNumber, reading: Reading) -> bool:
    after = reading.plain[number.end:number.end + 1]
    if asked.type is FactType.MONEY:
        return number.money or after not in tuple("岁口人套辆个年级平")
    return not number.money


def _in_bounds(asked: FactDefinition, number: SaidNumber) -> Found | None:
    said = number.range if asked.type is FactType.MONEY else number.whole
    low, high = said.low, said.high
    if (asked.low is not None and low is not None and low < asked.low) or (asked.high is not None and (high or 0) > asked.high):
        return None
    if asked.type is not FactType.MONEY:
        return Found(asked.name, said, number.start, number.end, True)
    # "3" to a question about savings may mean three yuan, three thousand or thirty thousand.
    certain = number.money or number.large_word or low == 0 or (low or 0) >= SMALL_FOR_MONEY
    amount = Range(None if low is None else low * FEN, None if high is None else high * FEN)
    return Found(asked.name, amount, number.start, number.end, certain)
