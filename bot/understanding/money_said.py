"""Amounts of money in a message: whose income, savings, rent, or own medical costs they are."""

from __future__ import annotations

import re
from decimal import Decimal

from bot.situation import Range
from bot.understanding.numbers_said import SaidNumber
from bot.understanding.readings import Reading
from bot.understanding.spoken_text import Clause

FEN = Decimal(100)
MONTHS = Decimal(12)
HOUSEHOLD_INCOME = "household.monthly_income_yuan"

_ASKED_ABOUT = {
    HOUSEHOLD_INCOME: "income",
    "household.last_year_income_yuan": "income",
    "self.income_yuan": "income",
    "household.financial_assets_yuan": "savings",
    "household.medical_spending_yuan_12m": "medical",
    "household.rent_yuan": "rent",
}
"""What an amount without any word beside it is, right after one of these was asked."""

_SAVINGS = r"存款|积蓄|存了|存着|存折|存单|定期|余额|理财|股票|基金|手里|手头|手上|身上|攒|银行里|(?<!工资)卡里|老本"
_MEDICAL = (
    r"药(?!店|房)|医药费|医疗费|医疗|医药|药费|看病|看毛病|住院费?|手术费?|自费|自付|治病|化疗|放疗|透析|治疗|"
    r"康复|吃药|配药|花掉|花了|用掉|开刀|自[己家](?:付|掏|出|承担|负担|贴|垫)|垫(?:了|付|出)"
)
_RENT = r"房租|租[了着]?一?[间个套]|租金|租房|借房子|是租的|租的房"
_INCOME = (
    r"退休金|退休工资|退休|养老金|养老钱|劳保工资|劳保|工资|薪水|收入|赚|挣|月薪|年薪|进账|到手|失业金|失业保险金|"
    r"零工|打工|上班|进帐|进款|做钟点|帮佣|摆摊|跑外卖|送外卖|开出租|网约车|跑滴滴|开滴滴"
)
_INCOME_WORD = re.compile(_INCOME)
_OTHER = (
    r"(?<!身上)(?<!手里)(?<!手头)(?<!卡里)(?<!存款)(?<!积蓄)(?:[就只]剩|剩下)|欠|借了|借款|债|贷|押金|赔|罚|学费|"
    r"抚养费|补偿|彩礼|护理费|养老院|敬老院|保姆|物业|水电|值|"
    r"价|补贴|补助|低保|津贴|救助|标准|代办|买|骗|"
    r"丢|被偷|被抢|生活费|保险|给(?:我|他|她)?|超[了过出]|奖学金|助学金|涨到|涨了"
)
_SUBJECTS = re.compile(
    rf"(?P<savings>{_SAVINGS})|(?P<medical>{_MEDICAL})|(?P<rent>{_RENT})|(?P<other>{_OTHER})|(?P<income>{_INCOME})"
)
_MONTHLY = re.compile(r"一个?月|每个?月|月月|个月(?=[有拿大就才只])|按月|月入")
_YEARLY = re.compile(r"一年|每年|年收入|全年|年薪|一年到头")
_DAILY = re.compile(r"一天|每天|一日|一次|每次|一趟|一小时|一个?小时")
_LONG_AGO = re.compile(r"前年|大前年|以前|前几年|早几年|那年|过去")
_STILL_TO_PAY = re.compile(r"(?:手术费?|开刀|治疗费?|住院费?|医院|医生)[^，。]{0,4}(?:还|讲|说)?(?:还?要|需要|"
    r"得)(?!了)|还要交|要先交|交不出")
_ONE_EACH = re.compile(r"一个(?P<first>[^，。一]{2,9})，?一个")
_SPENT_AFTER = re.compile(r"^[^，。]{0,10}(?:[用花看]完|[用花看]光|没了)")
_NO_RENT = re.compile(r"(?:不用|不要|不必)(?:付|交|出)?(?:房租|租金)")
_BESIDES = re.compile(r"还有|另外|外加|再加|加上")
_REFUNDED = re.compile(r"^[^。]{0,3}(?:医保|保险)(?:给)?(?:报|付|赔)(?:销)?(?!(?:了|掉)?(?:一部分|一点|一些|一半|后|"
    r"以后|之后))")
_TOGETHER = re.compile(
    r"全家|家里|屋里厢?|我们家|一家[人子]?|夫妻[俩两]|老两口|两口子|两个人|两人|俩人|二老(?![公婆伴头太])|我们俩|"
    r"阿拉两|一共|总共|统共|加起来|"
    r"合计|合起来|家庭|拢共|总收入"
)
_EVERYBODY = re.compile(rf"(?:阿拉|我们|我俩|咱)?(?:{_TOGETHER.pattern}|俩|两口)(?:人|[一二两三四五六七八九\d]口人?)?")
_EACH = re.compile(
    r"每人|人均|每个人|一人|各(?=[有拿\d一二两三四五六七八九])|平均每?人?|一个人(?=[有拿大\d一二两三四五六七八九])"
)
_PERSONAL = re.compile(r"退休|养老|劳保|工资|薪|赚|挣|打工|零工|失业金|上班|外卖|出租|滴滴|网约车")
_BARE = re.compile(r"(?:大概|差不多|一个月|每个?月|也就|也有|有|是|就|只有|才|的|自己|一共|总共|加起来|合计|合起来)*")
_NOT_MONEY_AFTER = "岁年口个人级平号月天次套辆分%楼室位度路弄届"
_LATEST_HOUR = 24
_NO_SAVINGS = re.compile(
    r"(?P<vague>没什么|没啥|没多少|呒没啥|没有什么|没有多少)?(?(vague)|(?:没有?|无|呒没|呒得|没得|一分|"
    r"一点)(?:一分|一点)?(?:钱)?(?:的)?)(?:存款|积蓄|存钱|余钱|存银|老本|储蓄)"
    r"(?:也没有?)?|(?:存款|积蓄|储蓄)(?:也|都|是|为|一分钱?|一点|啥){0,3}(?:没有|没|无|零|0(?!\.?\d)|呒没)|(?:没|"
    r"没有)(?:攒|存)(?:下|"
    r"到|过)?(?:什么)?钱"
)
_NO_INCOME = re.compile(
    r"(?:没有?|无|呒没|呒得|没得)(?:任何|一点|啥|什么|一分)?(?P<kind>收入|经济来源|生活来源|工资|退休金|养老金|"
    r"退休工资|进账)(?!证明)|一分(?:钱)?(?:的)?(?P<none_of>收入|工资|退休金)(?:都|也)?没有?|(?:收入|工资)(?:是|"
    r"为)?(?:零|0(?!\d)|没有)"
)
_PENNILESS = re.compile(r"(?:身上|手里|口袋里?|卡里)(?:连)?(?:一分|一点|没有?)(?:钱)?(?:也|都)?(?:没有?|没了)?(?:钱)?")
_ALL_SPENT = re.compile(r"亏光|用光|花光|(?:养老钱|积蓄|存款)(?:都|全|也|统统)*(?:没了|被骗|骗光)|存款(?:都|"
    r"全)?(?:用|花)(?:光|完)|积蓄(?:都|全)?(?:看病|治病)?(?:用|花|看)?(?:光|完|没)")


def read_money(reading: Reading) -> None:
    """Adds every amount whose meaning the words give, and what the words say is not there."""
    _read_absent(reading)
    for number in reading.numbers:
        clause = reading.text.clause_at(number.start)
        if _is_amount(number, reading) and not _DAILY.search(clause.text):
            _read_amount(reading, number, clause)


def _read_absent(reading: Reading) -> None:
    for match in _NO_RENT.finditer(reading.plain):
        reading.tell("household.rent_yuan", Range.exactly(0), match.start(), match.end())
    for match in _NO_SAVINGS.finditer(reading.plain):
        reading.tell(
            "household.financial_assets_yuan", Range.exactly(0), match.start(), match.end(), certain=not match.group("vague"))
    for pattern in (_ALL_SPENT, _PENNILESS):
        for match in pattern.finditer(reading.plain):
            reading.tell("household.financial_assets_yuan", Range.exactly(0), match.start(), match.end(), certain=False)
    for match in _NO_INCOME.finditer(reading.plain):
        sure = (match.group("kind") or match.group("none_of")) not in ("退休金", "养老金", "退休工资", "工资")
        _tell_income(reading, Range.exactly(0), match.start(), match.end(), certain=sure, personal=not sure)


def _is_amount(number: SaidNumber, reading: Reading) -> bool:
    if number.money:
        return True
    after = reading.plain[number.end:number.end + 1]
    if after and after in _NOT_MONEY_AFTER:
        return False
    low = number.range.low if number.range.low is not None else number.range.high
    if after == "点" and low is not None and low <= _LATEST_HOUR:
        return False
    return number.large_word or (low is not None and low >= 100) or number.range.exact == 0


def _read_amount(reading: Reading, number: SaidNumber, clause: Clause) -> None:
    amount = Range(
        None if number.range.low is None else number.range.low * FEN,
        None if number.range.high is None else number.range.high * FEN,
    )
    start, end = number.start, number.end
    match _subject(reading, number, clause):
        case "savings":
            certain = re.search(r"身上|手头|手里|手上|卡里", clause.text) is None
            if _SPENT_AFTER.match(reading.plain[end:clause.end]):
                reading.tell("household.financial_assets_yuan", Range.exactly(0), start, end, certain=False)
                return
            amount, start = _with_savings_before(reading, amount, start, clause)
            reading.tell("household.financial_assets_yuan", amount, start, end, certain=certain)
        case "medical":
            _tell_medical(reading, amount, number, clause)
        case "rent":
            reading.tell("household.rent_yuan", amount, start, end, certain=not _YEARLY.search(clause.text))
        case "income":
            _tell_income(reading, amount, start, end, personal=_PERSONAL.search(clause.text) is not None)
        case None if _MONTHLY.search(clause.text) or _YEARLY.search(clause.text):
            _tell_income(reading, amount, start, end, certain=_MONTHLY.search(clause.text) is not None, personal=False)
        case _:
            return


def _with_savings_before(reading: Reading, amount: Range, start: int, clause: Clause) -> tuple[Range, int]:
    """ "存款八万，股票里还有五万" is thirteen together."""
    before = [f for f in reading.found if f.name == "household.financial_assets_yuan" and f.certain and f.end <= start]
    told = before[-1].value if before else None
    if not isinstance(told, Range) or not _BESIDES.search(clause.text) or None in (told.low, told.high, amount.low, amount.high):
        return amount, start
    reading.found.remove(before[-1])
    return _sum(told, amount), before[-1].start


def _sum(one: Range, other: Range) -> Range:
    ends = ((one.low, other.low), (one.high, other.high))
    return Range(*(None if first is None or second is None else first + second for first, second in ends))


def _subject(reading: Reading, number: SaidNumber, clause: Clause) -> str | None:
    """What the amount is: by the last word before it in the clause, else the first after it, else the clause before, when that
    one names it and holds no number of its own ("退休工资呢，三千")."""
    before = list(_SUBJECTS.finditer(reading.plain, clause.start, number.start))
    after = list(_SUBJECTS.finditer(reading.plain, number.end, clause.end))
    words = [before[-1]] if before else after[:1]
    if words:
        return words[0].lastgroup
    return _subject_of_clause_before(reading, number, clause) or _ASKED_ABOUT.get(reading.asked or "")


def _subject_of_clause_before(reading: Reading, number: SaidNumber, clause: Clause) -> str | None:
    earlier = [one for one in reading.text.clauses if one.end < clause.start][-1:]
    named = list(_SUBJECTS.finditer(earlier[0].text)) if earlier else []
    if not named or not _BARE.fullmatch(_without_people(reading, clause.start, number.start)):
        return None
    has_own_number = any(earlier[0].start <= n.start < earlier[0].end and _is_amount(n, reading) for n in reading.numbers)
    somebody_else = any(clause.start <= m.start < number.start for m in reading.people.mentions)
    return named[-1].lastgroup if somebody_else or not has_own_number else None


def _without_people(reading: Reading, start: int, end: int) -> str:
    left = reading.plain[start:end]
    for mention in reading.people.mentions:
        if start <= mention.start and mention.end <= end:
            left = left.replace(reading.plain[mention.start:mention.end], "", 1)
    return left


def _tell_medical(reading: Reading, amount: Range, number: SaidNumber, clause: Clause) -> None:
    """Own medical costs of twelve months; they are at the same time the least of the necessary spending."""
    if _STILL_TO_PAY.search(clause.text) and not _YEARLY.search(clause.text) and not _MONTHLY.search(clause.text):
        return
    certain = not _LONG_AGO.search(clause.text) and "垫" not in clause.text and not _REFUNDED.search(reading.plain[number.end:])
    if _MONTHLY.search(clause.text):
        amount = Range(*(None if end is None else end * MONTHS for end in (amount.low, amount.high)))
        certain = False
    reading.tell("household.medical_spending_yuan_12m", amount, number.start, number.end, certain=certain)
    if amount.low is not None:
        at_least = Range(amount.low, None)
        reading.tell("household.necessary_spending_yuan_12m", at_least, number.start, number.end, certain=certain)


def _tell_income(reading: Reading, amount: Range, start: int, end: int, *, personal: bool, certain: bool = True) -> None:
    clause = reading.text.clause_at(start)
    yearly = _YEARLY.search(clause.text) is not None
    owner, owner_sure = _owner(reading, start, clause, personal=personal)
    certain = certain and owner_sure
    if owner == "each":
        _tell_each(reading, amount, start, end, certain=certain)
    elif owner == "household":
        name = "household.last_year_income_yuan" if yearly else HOUSEHOLD_INCOME
        reading.tell(name, amount, start, end, certain=certain)
    elif owner is not None:
        monthly = _by(amount, 1 / MONTHS) if yearly else amount
        reading.tell(f"{owner}.income_yuan", monthly, start, end, certain=certain and not yearly)
        if owner == "self" and reading.size() == 1:
            name = "household.last_year_income_yuan" if yearly else HOUSEHOLD_INCOME
            reading.tell(name, amount, start, end, certain=certain)


def _owner(reading: Reading, start: int, clause: Clause, *, personal: bool) -> tuple[str | None, bool]:
    """Whose income it is: a member's key, "household" or "each"; and whether the words say so."""
    one_each = _ONE_EACH.search(clause.text)
    if one_each and reading.people.about is not None:
        return ("self" if start < clause.start + one_each.end("first") else "spouse"), True
    if _EACH.search(clause.text) and not (reading.size() == 1 and "人均" not in clause.text):
        return "each", True
    together = list(_TOGETHER.finditer(reading.plain, clause.start, start))
    named = [m for m in reading.people.mentions if clause.start <= m.start < start]
    if together and not (named and named[-1].start >= together[-1].end()):
        return "household", True
    if not named and (owner := _named_just_before(reading, start, clause)) is not None:
        return owner, True
    if not named and not personal and reading.asked == HOUSEHOLD_INCOME:
        return "household", True
    if not named and (reading.size() or 0) > 1 and (not personal or _after_all_of_them(reading, clause)):
        return "household", not personal and _after_all_of_them(reading, clause)
    return reading.person_at(start), True


def _named_just_before(reading: Reading, start: int, clause: Clause) -> str | None:
    """ "就我老公有收入，一万二": a bare amount belongs to the relative of the clause before."""
    before = [one for one in reading.text.clauses if one.end < clause.start][-1:]
    if not before or not _BARE.fullmatch(reading.plain[clause.start:start]) or _TOGETHER.search(before[0].text):
        return None
    named = [m for m in reading.people.subjects if before[0].start <= m.start < before[0].end]
    key = reading.people.key_of(named[-1]) if len(named) == 1 else None
    works = any(f.name == f"{key}.working" and before[0].start <= f.start < before[0].end for f in reading.found)
    return key if works or _INCOME_WORD.search(before[0].text) else None


def _after_all_of_them(reading: Reading, clause: Clause) -> bool:
    """ "阿拉两个人，退休工资5600": the clause before only names everybody."""
    before = [one for one in reading.text.clauses if one.end < clause.start][-1:]
    return bool(before) and _EVERYBODY.fullmatch(before[0].text) is not None


def _tell_each(reading: Reading, amount: Range, start: int, end: int, *, certain: bool) -> None:
    size = reading.size()
    if size is not None:
        reading.tell(HOUSEHOLD_INCOME, _by(amount, Decimal(size)), start, end, certain=certain)


def _by(amount: Range, factor: Decimal) -> Range:
    return Range(*(None if end is None else (end * factor).quantize(Decimal(1)) for end in (amount.low, amount.high)))
