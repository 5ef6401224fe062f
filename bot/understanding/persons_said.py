"""What a message says of single persons: age, hukou and home, disability, illness, work, school, care."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.situation import Range, Value
from bot.understanding.numbers_said import SaidNumber
from bot.understanding.people_said import ASKER
from bot.understanding.readings import Reading
from knowledge.directory import Subdistrict

OLDEST = 120
YOUNGEST_SAID = 3
"""Below this a number without 岁 is hardly an age."""

_AGE_UNIT = re.compile(r"(?:周|虚)?岁(?!数|月)|足岁")
_AGE_UNIT_INSIDE = re.compile(r"来岁|多岁")
_NOT_AN_AGE = re.compile(r"^(?:周|虚)?岁?(?:以上|以下|以内|就|时|那年|的时候|退休|结婚|离婚|开始|才能|到\d|起)")
_YEARS_AFTER_PERSON = re.compile(r"^(?:今年|现在|都|已经|也|快|马上|刚好|正好|刚满|刚|差不多|年纪|年龄|虚岁|是|有|，|个)*$")
_YEARS_WORDS = re.compile(r"(?:两个人|两个|他们|俩人)(?:都|也)(?:已经)?|(?:今年|现在|都|已经|快|也|马上)*(?:今年|年纪|年龄|虚岁|岁数)(?:都|已经|快|也|是|有|马上|刚好|正好|刚满|刚)*")
_END_OF_AGE = re.compile(r"^(?:了|咯|多|岁|男|女|$|[，。,；！!]|一个人|退休|在|没|有|的)")
_BORN = re.compile(
    r"(?P<year>(?:19|20)\d\d|\d\d|[一二三四五六七八九零〇]{2}|[一二]九?[零〇一二三四五六七八九]{3})年(?:(?P<month>\d{1,2})月)?(?:\d{1,2}[日号])?"
    r"(?:出生|生人|生的|生(?![病活大意重了])|的(?=[，。,]|$))|(?:生于|出生于|出生在)(?P<year_after>(?:19|20)\d\d)年?"
)
_CHINESE_DIGITS = str.maketrans("零〇一二三四五六七八九", "00123456789")

_PROVINCES = (
    "北京|天津|重庆|河北|山西|辽宁|吉林|黑龙江|江苏(?!路)|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|内蒙|广西|西藏|宁夏|新疆|苏州|南京|"
    "杭州|宁波|合肥|昆山|南通|苏北|盐城|无锡|常州"
)
_OTHER_DISTRICTS = "浦东|徐汇|静安|普陀|黄浦|杨浦|虹口|闵行|宝山|嘉定|松江|青浦|奉贤|金山|崇明|闸北|卢湾|南汇"
_NO = r"(?:不是|没有?|不在|不|勿是|呒没|非|无)"
_OUTSIDE = rf"外地|外省|外来|老家|乡下|农村|{_PROVINCES}"

_ELSEWHERE = re.compile(
    rf"(?:户口|户籍)(?:还|都|也)?(?:不在|没在|勿在)(?:上海|本市|沪|这里|长宁)|{_NO}(?:上海|本地|本市|沪)(?:的)?(?:户口|户籍)|非(?:沪籍|本市户籍|上海户籍)|"
    rf"(?:{_OUTSIDE})(?:来沪)?(?:的|人)?(?:户口|户籍)|(?:户口|户籍)(?:还|都|也)?(?:是|在|属于)(?:{_OUTSIDE})|外地人(?!力)|(?:不是|非)上海人"
)
_VAGUE_ELSEWHERE = re.compile(r"(?:农村|外地|乡下|外省)(?:来|到)(?:上海|沪|的)|是外地的|外来(?:务工|人员|人口|打工)|没户口")
_SHANGHAI = re.compile(
    rf"(?:上海|本市|沪|本地|长宁|{_OTHER_DISTRICTS})(?:区)?(?:的|人)?(?:常住)?(?:户口|户籍)|沪籍|(?:户口|户籍)(?:也|都|就|还)?(?:在|是)(?:上海|本市|本地|长宁|本区|沪|{_OTHER_DISTRICTS})|"
    r"(?:户口|户籍)(?:也|都|就)?在(?:这里|这儿|此地|本街道)"
)
_SHANGHAI_PERSON = re.compile(r"(?<!不是)(?:是|老|土生土长的?)上海人|上海本地人|阿拉上海人")

_CHANGNING = re.compile(r"长宁(?!路)区?(?:的(?![^，。,]{0,2}户口)|人|居民|这边|这里)|(?:住|租|借)(?:在|的是)?长宁(?!路)|在长宁区?(?:租|住|借)|人在长宁|长宁区(?![民政户的])")
_LIVES_IN_SHANGHAI = re.compile(rf"(?:现在)?(?:住|租|借住)(?:在)?(?:上海(?:市)?)?(?:{_OTHER_DISTRICTS})")
_LIVES_ELSEWHERE = re.compile(rf"(?:住|人)在?(?:{_PROVINCES}|外地|老家|国外)")

_KINDS = "视力|听力|言语|肢体|智力|精神|多重"
_LEVEL = "一二三四1234"
_DISABILITY = re.compile(
    rf"(?P<l1>[{_LEVEL}])级(?:的)?(?P<k1>{_KINDS})?(?:残疾|残)(?:证|人)?|(?P<k2>{_KINDS})(?:残疾)?(?:证)?(?:是|为|的)?(?P<l2>[{_LEVEL}])级(?:残疾)?|残疾(?:证|人证|人)?(?:上)?(?:写的|写着|是|为|的|评了?|定了?)?(?P<l3>[{_LEVEL}])级|"
    rf"(?P<k4>{_KINDS})(?:类|方面的?|有)?残疾|评(?:了|上|为)(?P<l5>[{_LEVEL}])级|(?P<l6>[{_LEVEL}])级(?:重残|肢残|智残|精残)|(?:肢残|智残|精残|重残)(?P<l7>[{_LEVEL}])级"
)
_SHORT_KINDS = re.compile(r"(?P<k>肢残|智残|精残)")
_KIND_OF_SHORT = {"肢残": "肢体", "智残": "智力", "精残": "精神"}
_NO_DISABILITY = re.compile(r"(?:没有?|不是|无|呒没|没啥)(?:任何)?(?:残疾|残疾证|残疾人|残)(?:证|人)?(?!补贴)")
_CERTIFICATE = re.compile(rf"(?:(?<!没)有|办了|领了|拿了|持|持有)(?:个|张)?(?:{_KINDS})?残疾人?证|残疾人?证(?:有|办好|办了|在)")
_VAGUE_KINDS: tuple[tuple[str, str], ...] = (
    ("精神", r"精神病人?|精神分裂|精神(?:有|出)(?:了)?(?:点)?(?:问题|毛病)"),
    ("视力", r"(?:双目|眼睛)失明|盲人|眼睛(?:瞎|看不见)"),
    ("听力", r"聋哑|耳朵聋|耳聋"),
    ("智力", r"智障|弱智|智力(?:低下|障碍|有问题)|唐氏"),
    ("肢体", r"截肢|小儿麻痹"),
)

_ILLNESS = (
    r"(?:[肺胃肝肠乳脑血胰骨喉]|乳腺|食道|直肠|结肠|前列腺|淋巴|甲状腺|宫颈|卵巢|膀胱|鼻咽)癌|癌症?(?!的病房)|恶性肿瘤|肿瘤|尿毒症|白血病|血友病|透析|血透|肾衰竭?|肾移植|肝移植|器官移植|再障|再生障碍|"
    r"红斑狼疮|渐冻|植物人|重症肌无力|(?<!四)(?<!四医)大病(?!卡|医保|医疗|保险|险|救助|保障|补助|统筹)|大毛病|重病(?!补|救助|人员可以)|重大疾病|绝症|化疗|放疗"
)
_NO_ILLNESS = re.compile(r"(?:没有?|不是|不算|无|呒没|没得|没生|没患|没得过|没有得)(?:过)?(?:生|得|患)?(?:什么|啥|任何)?(?:大病|重病|大毛病|癌症?|绝症|重大疾病)|身体(?:还|都|蛮|挺)*(?:健康|好的|可以)")
_SERIOUS = re.compile(rf"(?:{_ILLNESS})(?:[早中晚]期)?(?!去世|走|没了|死)")
_MAYBE_SERIOUS = re.compile(r"中风|脑梗|脑溢血|脑出血|心梗|心肌梗|瘫痪|帕金森|老年痴呆|失智|阿尔茨海默|心脏病|肝硬化|糖尿病|精神分裂|自闭症|孤独症|抑郁症|住院")
_SOMEBODY_AT_HOME = re.compile(r"(?:家里|家中|屋里厢?)(?:面)?(?:还)?(?:有|就)?(?:人|病人|一个|两个|[一二两三]个)?(?:得了|生了|生|得|患了?|是)?$")
_UNSURE_ILLNESS = re.compile(r"(?:怕|怀疑|担心|疑似|以为|会不会是|是不是|预防|检查|筛查)[^，。]{0,4}$")

_WORK: tuple[tuple[str, str, bool], ...] = (
    ("unable", r"(?:丧失|没有?|无|失去)劳动能力|做不动(?:工作|生活|活)?了?|干不(?:动|了)活|不能(?:工作|上班|做工|干活)|没法(?:工作|上班|干活)", True),
    ("none", r"失业(?!金|保险|登记|证)|下岗|(?:没有?|呒没|无|没得|没了|丢了|丢掉)(?:一?份|啥|什么|固定|正式)?工作|无业|(?:找不到|没找到|没有找到)(?:工作|生活)|(?:公司|单位|老板|厂里?)把我(?:辞退|裁|开除)|寻勿着(?:工作|生活)|"
             r"没(?:有)?(?:在)?(?:上班|打工|做事)|待业|被(?:公司|单位|老板|厂里)?(?:裁员|裁掉|裁了|辞退|开除)|工作(?:也|都)?(?:没|丢|呒没)(?:有|了)|在家(?:待着|没做)", True),
    ("retired", r"(?<!没)(?<!没有)(?<!还没)(?<!未)(?<!不到)(?<!快)退休(?!年龄|手续|要|还差|可)|吃劳保|劳保(?=一共|工资|每|有|\d|[一二两三四五六七八九])|拿(?:养老金|退休金|劳保)|(?<!没有)(?<!没)(?<!无)养老金(?!不够缴|缴)", True),
    ("flexible", r"打(?:打)?零工|零工|散工|做钟点工?|钟点工|(?:跑|送)外卖|送快递|灵活就业|兼职|帮佣|临时工|做保洁|打短工|做小时工", True),
    ("self_employed", r"做(?:点)?(?:小)?生意|开(?:了)?(?:个|家)?(?:小)?店|个体户|摆(?:个)?(?:地)?摊|自己开店", True),
    ("employed", r"(?<!没)(?<!没有)(?<!不)(?<!在)上班|在(?:单位|公司|厂里?|超市)(?:上班|做|工作)|(?<!没)有工作|(?<!没)在工作|在上班|当保安|做保安", True),
    ("employed", r"打工|务工", False),
)
_FORMERLY = re.compile(r"以前|原来|过去|曾经|年轻(?:时|的时候)")
_STUDENT: tuple[tuple[str, str], ...] = (
    ("university", r"(?:读|上|念|考上|在读)?(?:大学(?!生)|大专|本科|研究生|大[一二三四](?!级))(?!病|毕业)"),
    ("vocational", r"(?:读|上|念|在读)?(?:中专|职校|技校|中职)(?!毕业)"),
    ("senior", r"(?:读|上|念|在读)?(?:高中|高[一二三](?!级|层))(?!毕业)"),
    ("compulsory", r"(?:读|上|念|在读)?(?:小学|初中|初[一二三](?!级)|[一二三四五六]年级)(?!毕业|文化)"),
    ("preschool", r"(?:读|上|念|在)?(?:幼儿园|托班)"),
)
_GRADUATED = re.compile(r"(?:想让?|要|打算|毕业|文化|没读|学历)")
_STUDYING = re.compile(r"(?:还)?(?:在)?(?:读书|上学|念书)(?!的钱|费|难|时)|是个?(?:大|中|小)?学生")

_PERMIT = re.compile(r"(?:有|办了|办好了?|持|拿着?|领了)(?:上海|本市)?(?:的)?居住证|居住证(?:已经)?(?:办了|有|在|办好)|居住证(?=满|[一二两三四五六七八九十\d]+年)")
_NO_PERMIT = re.compile(r"(?:没有?|无|没办|没有办|呒没|未办)(?:过)?(?:上海|本市)?(?:的)?居住证|居住证(?:也|都|还)?(?:没|过期|到期|没有|没办)")

_RULES: tuple[tuple[str, Value, str, bool], ...] = (
    ("job_loss", "involuntary", r"被(?:公司|单位|老板|厂里)?(?:裁员|裁掉|裁|辞退|开除|辞)|(?:公司|单位|老板|厂里?)把我(?:辞退|裁|开除)|单位(?:倒闭|关门|不要)|公司(?:倒闭|关门|裁员)|合同到期|厂(?:倒|关)", True),
    ("job_loss", "voluntary", r"自己辞(?:的|职|掉)|主动辞|辞职了?", True),
    ("registered_unemployed", False, r"(?:没|没有|还没|未)(?:有)?(?:办|去|做)?(?:过)?失业登记", True),
    ("registered_unemployed", True, r"(?:办了?|做了?|有|登记了?)(?:过)?失业登记|失业登记(?:办|做|登)?了|失业证", True),
    ("self_care", "none", r"(?:瘫痪)?(?:卧床|躺床上)|瘫(?:痪)?在床|(?:生活)?(?:完全)?不能自理|躺在床上|吃饭(?:都)?要(?:人)?喂", True),
    ("self_care", "partial", r"半自理|(?:部分|有些)(?:要人|不能自理)|走路要(?:人)?扶", True),
    ("self_care", "full", r"(?<!不)(?<!不能)能自理|生活(?:可以|能)自理", True),
    ("medical_insurance", "none", r"(?:没有?|无|没交|没参加|呒没)(?:任何)?(?:医保|医疗保险)", True),
    ("medical_insurance", "employee", r"职工医保|城镇职工(?:医保|医疗)", True),
    ("medical_insurance", "resident", r"居民医保|城乡居民(?:医保|医疗)|居保", True),
    ("sex", "male", r"(?<![a-z])男的|男性|(?<=岁)男(?!人)|(?:本人|我|性别)是?男(?!人)|，男(?=，|$)", True),
    ("sex", "female", r"女的|女性|(?<=岁)女(?!儿)|(?:本人|我|性别)是?女(?![儿婿])|，女(?=，|$)", True),
)

_GUARDIANS: tuple[tuple[str, str, str, bool], ...] = (
    ("guardians", "none", r"(?:父母|爸妈|爸爸妈妈|爹妈)(?:都|全|双双)?(?:没了|去世|过世|不在了|死了|双亡)|父母双亡|孤儿", True),
    ("guardians", "none", r"(?:爸爸?|父亲)(?:在)?(?:坐牢|服刑|失踪|去世|死了|吸毒)[^。]{0,4}(?:妈妈?|母亲)(?:也)?(?:跑|走|失踪|去世|不见|改嫁|失联)", False),
    ("guardians_reason", "dead", r"(?:父母|爸妈|爸爸妈妈|爹妈)(?:都|全|双双)?(?:没了|去世|过世|不在了|死了|双亡)|父母双亡", True),
)


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
    _read_disability(reading)
    _read_illness(reading)
    _read_work(reading)
    _read_school(reading)
    _read_permit(reading)
    _read_guardians(reading)
    for short, value, pattern, certain in _RULES:
        for match in re.finditer(pattern, reading.plain):
            reading.tell_of_person(short, value, match.start(), match.end(), certain=certain)


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
        rf"(?:户口|户籍)(?:也|都|就|还|现在)?(?:在|是|挂在|落在|属于|迁(?:到|回|在|进|入))?(?:上海)?(?:长宁区?)?(?:的)?(?P<in>{places.pattern})|(?P<of>{places.pattern})(?:街道|镇)?(?:的)?(?:户口|户籍)"
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
    for pattern, value in ((_VAGUE_ELSEWHERE, "elsewhere"), (_SHANGHAI_PERSON, "shanghai")):
        for match in pattern.finditer(plain):
            if not any(found.name.endswith(".hukou") for found in reading.found):
                reading.tell_of_person("hukou", value, match.start(), match.end(), certain=False)
    here = rf"上海|本地|长宁|{_OTHER_DISTRICTS}|{places.pattern}"
    _read_bare_place(reading, "self.hukou", {_OUTSIDE: "elsewhere", here: "shanghai"})


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
        rf"(?:住|租|借|家)(?:在|到|了|的是)?(?:上海)?(?:长宁区?)?(?:的)?(?P<in>{places.pattern})|(?P<of>{places.pattern})(?:街道|镇)?(?:的(?!户)|居民|这边|这里|人(?=[，。,]|$)|(?:租|住))"
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


def _read_disability(reading: Reading) -> None:
    plain = reading.plain
    for match in _NO_DISABILITY.finditer(plain):
        reading.tell_of_person("disability_level", "none", match.start(), match.end())
    for match in _DISABILITY.finditer(plain):
        groups = match.groupdict()
        level = next((groups[name] for name in ("l1", "l2", "l3", "l5", "l6", "l7") if groups[name]), None)
        kind = next((groups[name] for name in ("k1", "k2", "k4") if groups[name]), None)
        if level is not None:
            reading.tell_of_person("disability_level", level.translate(_CHINESE_DIGITS), match.start(), match.end())
        if kind is not None:
            reading.tell_of_person("disability_kind", kind, match.start(), match.end())
    if (reading.asked or "").startswith("self.disability_"):
        _read_bare_disability(reading)
    for match in _SHORT_KINDS.finditer(plain):
        reading.tell_of_person("disability_kind", _KIND_OF_SHORT[match.group("k")], match.start(), match.end())
    for match in _CERTIFICATE.finditer(plain):
        reading.tell_of_person("disability_certificate", True, match.start(), match.end())
    for kind, pattern in _VAGUE_KINDS:
        for match in re.finditer(pattern, plain):
            reading.tell_of_person("disability_kind", kind, match.start(), match.end(), certain=False)


def _read_bare_disability(reading: Reading) -> None:
    """ "三级，智力的", right after disability was asked for."""
    for match in re.finditer(rf"(?P<level>[{_LEVEL}])级|(?P<kind>{_KINDS})", reading.plain):
        if match.group("level"):
            reading.tell("self.disability_level", match.group("level").translate(_CHINESE_DIGITS), match.start(), match.end())
        else:
            reading.tell("self.disability_kind", match.group("kind"), match.start(), match.end())


def _read_illness(reading: Reading) -> None:
    plain = reading.plain
    for match in _NO_ILLNESS.finditer(plain):
        reading.tell_of_person("serious_illness", False, match.start(), match.end())
    for pattern, certain in ((_SERIOUS, True), (_MAYBE_SERIOUS, False)):
        for match in pattern.finditer(plain):
            if _UNSURE_ILLNESS.search(plain[:match.start()]) or _is_told_healthy(reading, match.start()):
                continue
            if _SOMEBODY_AT_HOME.search(plain[:match.start()]):
                reading.tell("household.any_serious_illness", True, match.start(), match.end(), certain=certain)
            else:
                reading.tell_of_person("serious_illness", True, match.start(), match.end(), certain=certain)


def _is_told_healthy(reading: Reading, place: int) -> bool:
    return any(f.name.endswith("serious_illness") and f.value is False and f.start <= place < f.end for f in reading.found)


def _read_work(reading: Reading) -> None:
    for value, pattern, certain in _WORK:
        for match in re.finditer(pattern, reading.plain):
            if not _FORMERLY.search(reading.text.clause_at(match.start()).text):
                reading.tell_of_person("working", value, match.start(), match.end(), certain=certain)


def _read_school(reading: Reading) -> None:
    for stage, pattern in _STUDENT:
        for match in re.finditer(pattern, reading.plain):
            clause = reading.text.clause_at(match.start())
            key = _pupil(reading, match.start())
            if not _GRADUATED.search(clause.text) and key is not None:
                reading.tell(f"{key}.student_stage", stage, match.start(), match.end())
                reading.tell(f"{key}.working", "student", match.start(), match.end())
    for match in _STUDYING.finditer(reading.plain):
        key = _pupil(reading, match.start())
        if key is not None and not any(found.name == f"{key}.working" for found in reading.found):
            reading.tell(f"{key}.working", "student", match.start(), match.end(), certain=key != "self")


def _pupil(reading: Reading, place: int) -> str | None:
    return reading.person_at(place)


def _read_permit(reading: Reading) -> None:
    for pattern, value in ((_NO_PERMIT, False), (_PERMIT, True)):
        for match in pattern.finditer(reading.plain):
            reading.tell_of_person("residence_permit", value, match.start(), match.end())


def _read_guardians(reading: Reading) -> None:
    """ "儿子18岁，爸妈都没了": said of the child, although the parents are named last."""
    for short, value, pattern, certain in _GUARDIANS:
        for match in re.finditer(pattern, reading.plain):
            key = _child_of_these_parents(reading, match.start())
            if key is not None:
                reading.tell(f"{key}.{short}", value, match.start(), match.end(), certain=certain)


def _child_of_these_parents(reading: Reading, place: int) -> str | None:
    children = [m for m in reading.people.mentions if m.relation in ("child", "grandchild", ASKER)]
    before = [m for m in children if m.end <= place] or [m for m in children if m.relation != ASKER]
    return reading.people.key_of(before[-1]) if before else "self"
