"""What a message says of the household: how many live together, homes and cars, what it receives, what has happened to it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.situation import Range
from bot.understanding.phrases_said import phrases, read_phrases
from bot.understanding.readings import Reading

_COUNT = {"一": 1, "二": 2, "两": 2, "俩": 2, "三": 3, "仨": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
_N = r"[一二两俩三仨四五六七八九十]|\d{1,2}"
_REL = (
    r"(?:我|阿拉)?(?:爸妈|父母|老公|先生|丈夫|老婆|妻子|爱人|老伴|老头子|老太婆|儿子|伲子|女儿|囡儿|孩子|小孩|妈妈?|"
    r"姆妈|母亲|爸爸?|父亲|孙子|孙女|外孙女?|奶奶|外婆|"
    r"爷爷|外公|哥哥|弟弟|姐姐|妹妹|公公|婆婆|岳母|岳父|儿媳妇?|女婿|媳妇)"
)
_KID = r"(?:小孩子?|孩子|小囡|娃娃?|儿子|女儿|孙子|孙女|外孙女?|伲子|囡儿|小的(?!房)|宝宝|侄子|侄女|外甥)"

_ALONE = re.compile(
    r"(?:就|只有|只剩)我?(?:自己)?一个人?(?!上班|工作|赚|挣|有工|退休|拿|养)|一个人(?=$|[，。,！!]|住|过|生活|租|"
    r"蹲|登|在家|吃|孤|单过|一口锅)|独居|"
    r"独自(?:一人)?(?:居住|生活|住)|孤身一人|孤寡|光棍一[个人条]|自己一个人(?!带|养)"
)
_PAIR = re.compile(
    r"(?P<two>老两口|两口子|夫妻[俩两](?:个人?|人)?|夫妻二人|我们俩|阿拉俩|母[子女]俩|父[子女]俩|母女两(?:个人?|"
    r"人)|母子两(?:个人?|人)|父[子女]两(?:个人?|人)|祖孙俩|"
    rf"婆媳俩|姐[弟妹]俩|兄[弟妹]俩|姊妹俩|小两口)(?:(?:还)?(?:带|养|和|跟|同|加)(?:着|了|"
    rf"上)?(?P<more>{_N})?个?(?P<kid>{_KID}))?"
)
_HEADS = re.compile(
    rf"(?<![老小])(?!两口子)(?P<count>{_N})口(?:子|之家)?(?:人)?(?!子)|(?:全家|一家|家里|家中|屋里厢?|我们家|我家|"
    rf"阿拉家?|家里面|"
    rf"户口本上)(?:总共|一共|共|就|有|只有|里|统共|现在|"
    rf"住了?|老小|连我){{0,3}}(?P<count_home>{_N})(?:个人?|口人?|人)(?![月有钱残老重病生大孩小儿女房在没失工上退])|"
    rf"(?:^|[，。,])(?:一共|总共|统共|就|拢共)?(?P<count_all>{_N})(?:个人|口人)(?=$|[，。,])|"
    rf"(?P<count_live>{_N})(?:个人|人)(?:一起|一道|共同|挤在?一起|一块)?(?:住|生活|过日子|挤)"
)
_COMPANY = re.compile(
    rf"(?P<only>(?:家里|户口本上|屋里厢?)?(?:就|只有|只剩))?(?:我|本人|我们|阿拉|自己|^|[，。,])(?:现在|一直|"
    rf"就)?(?:跟着?|和|同|搭|带着?|与|、)(?:{_N})?个?{_REL}"
    rf"(?:(?:和|跟|、|还有|带着?|以及)?(?:{_N})?个?{_REL}){{0,4}}(?P<together>[一]?(?:起|道|块)?(?:住|过|生活|"
    rf"过日子)|相依为命)?(?P<all>(?:一共|总共)?(?:两|二|三|四|2|3|4)个?人)?"
)
_BEFORE_COMPANY = re.compile(r"^(?:家里|户口本上|屋里厢?|就|只有|只剩|我|，|。)+")
_WITHOUT_THE_YOUNG = re.compile(r"(?:没有?|不|勿)(?:跟|和|同)(?:小辈|子女|儿女|孩子|小孩|小囡|儿子|女儿)[^，。]{0,3}住")
_LONE_PARENT = re.compile(r"单亲(?:妈妈|爸爸|母亲|父亲)")
_SINGLE_PARENT = re.compile(
    rf"(?:(?P<sure>一个人|独自|单亲|净身出户|婚姻破裂|离婚|离异|丧偶|单身)[^。]{{0,6}}?)?(?:带|养|拉扯|抚养)(?:着|"
    rf"了|大)?(?P<kids>{_N})?个?(?:[^，。,；]{{1,5}}的|[\d一二三四五六七八九十]{{1,3}}岁)?(?:小|大)?{_KID}(?!去|看|"
    rf"到|上|来|逃)"
)

_EMPTY_HANDED = re.compile(r"没房没车|无房无车|没车没房|无车无房|没房子?也没车子?|房子?车子?都没有?")
_NO_HOME = re.compile(
    r"一(?:套|间)(?:房子?)?(?:都|也)没(?:有)?|(?:没有?|无|呒没)(?:自己的|自己)?(?:房子|住房|房产|"
    r"房(?=[，。,没无！!]|$))|名下(?:也)?(?:没有?|无)(?:房子?|房产|住房)?(?=[，。,]|$)"
)
_HOMES = re.compile(
    rf"(?:就|只|只有|有|房子?就?|一共|名下|住着?|的)+?(?P<count>{_N})(?:套|间)(?!餐)(?:小|老|旧)?(?:的)?(?:公房|"
    rf"老公房|房子?|住房|商品房|小的|小房子|破房子|老房子)?|"
    rf"(?<!没)有(?:一)?[套间](?:小|老|旧|破)*(?:的)?(?:公房|房子?|住房)|"
    rf"(?P<count_only>{_N})套(?:小|老|旧)?(?:房子?|住房|商品房|公房)"
)
_RENTED = re.compile(r"租|借")
_GOING_SOMEWHERE = re.compile(r"^(?:逃|去|来|看病|到)")
_NO_LONGER = re.compile(r"以前|原来|过去|曾经|早先|早几年|前几年|从前|卖[掉了]|抵(?:债|押|掉)|拍卖|过户给|"
    r"给了(?:儿子|女儿)|判给|归(?:前夫|前妻)")
_LATER_SOLD = re.compile(r"^[^，。]{0,8}[，、]?[^，。]{0,6}(?:卖[掉了]|抵债|被?法?院?拍卖|报废|归了?(?:前夫|前妻|他|"
    r"她)|判给)")
_AREA_UNIT = re.compile(r"个?(?:多)?(?:平方米|平方|平米|平(?!均|时|常|安|台)|㎡|m2|米(?=的?房))")
_LIVING_ROOM = re.compile(r"住|挤|室|间|房|屋")
_NOT_LIVED_IN = re.compile(r"名下|房子在|人均|每人|平均|外地|老家|店|摊")
_NO_CAR = re.compile(
    r"一(?:辆|部)(?:车子?)?(?:都|也)没(?:有)?|(?:没有?|无|呒没)(?:汽车|车子|私家车|小汽车|轿车|"
    r"车(?=[，。,没无！!]|$))"
)
_CARS = re.compile(
    rf"(?P<count>{_N})?(?:辆|部)(?:旧|破|老|小|二手|私家|面包|新)*(?P<kind>汽车|车子?|轿车|面包车|货车|小汽车)|"
    rf"(?<!没)(?:有|买了)(?:私家|小|汽)?车(?!祸|间|站|位|贷|费|票|库)"
)
_CARS_ONLY = re.compile(r"汽车|轿车|面包车|货车|私家车")
_NOT_A_CAR = re.compile(r"电(?:动|瓶)|轮椅|自行|脚踏|三轮|摩托|助动|代步")


_PROGRAMME_WORDS = (
    ("dibao_bianyuan", r"低保边缘|边缘户|边缘家庭|低收入(?:困难)?(?:家庭|户)|低收入证明"),
    ("dibao", r"低保|低宝|地保|弟保|底保|吃保障"),
    ("tekun", r"特困(?:供养)?|五保"),
    ("gangxing", r"支出型贫困|刚性支出"),
    ("shiye", r"失业金|失业保险金|失业保险"),
    ("laonian_jintie", r"老年综合津贴|敬老卡的钱|高龄津贴"),
    ("canji_huli", r"(?:残疾人?)?护理补贴"),
    ("canji_shenghuo", r"残疾人?生活补贴"),
    ("changhuxian", r"长护险|长期护理"),
)
_RECEIPT = re.compile(
    r"(?P<verb>(?:(?:一直|已经|正在|现在|目前)?(?:在)?(?:吃|拿|领|享受|靠)(?:着|了|过)?|有|是|属于|办了|批了|"
    r"认定为?(?:了)?|评上了?)(?:的是|的)?)(?P<what>"
    + "|".join(f"(?P<{name}>{pattern})" for name, pattern in _PROGRAMME_WORDS)
    + r")(?:户|家庭|人员|金|对象|的|了|身份|补贴)?"
)
_BARE_RECEIPT = re.compile(
    r"(?:^|[，。,；])(?:我们?家?|本人|阿拉|家里)?(?P<what>低保户|低保家庭|五保户|特困人员|边缘户)(?=[，。,；]|$)"
)
_PAID = re.compile(r"低保金?(?:每个?月|一个?月)?(?:拿|领|发)(?!多少|几)")
_BARE_IDS = {"低保户": "dibao", "低保家庭": "dibao", "五保户": "tekun", "特困人员": "tekun", "边缘户": "dibao_bianyuan"}
_NOT_RECEIVED_BEFORE = re.compile(
    r"(?:没有?|不|未|呒没|别|能|能不能|可以|同时|想|要|好|没法|怎么|申请|资格|够不够|符合|不让|不能|是不是|停|"
    r"取消|啥|什么|还是|不给|为什么不|哪能|先|去|来|才能|"
    r"低于|算不算|以前|原来|过去|曾经)[^，。,；]{0,3}$"
)
_ENDED = re.compile(r"^[^，。,；]{0,4}(?:停了|停掉|被停|取消|没了|批不下来|不给|多少|怎么|条件|标准|线)")
_NOTHING_RECEIVED = re.compile(
    r"(?:什么|啥|任何|一样|一点)(?:补助|补贴|救助|低保|待遇)?(?:都|也)(?:没|没有|呒没)(?:拿|领|享受|申请)(?:过|"
    r"到)?|(?:没|没有)(?:拿|领|享受|申请)(?:过|到)?(?:任何|什么|啥)(?:的)?(?:补助|补贴|救助|待遇)"
)

_NOT_HAPPENED = re.compile(r"(?:没有?|不是|怕|担心|防止|万一)$")
_FELL_ILL = re.compile(r"生了?(?:一?场)?大?病|得了?[^，。]{0,3}病|住院|开刀")


def read_household(reading: Reading) -> None:
    """Adds what the words say of the household as a whole."""
    _read_size(reading)
    _read_property(reading)
    _read_area(reading)
    _read_tenure(reading)
    _read_receipts(reading)
    _read_events(reading)
    read_phrases(reading, "household.urgent_need", "self.able_supporter")


def _read_size(reading: Reading) -> None:
    found = next(_sizes(reading), None)
    if found is not None:
        heads, match, certain = found
        reading.tell("household.size", Range.exactly(heads), match.start(), match.end(), certain=certain)


def _sizes(reading: Reading) -> Iterator[tuple[int, re.Match[str], bool]]:
    """Readings of the head count, the surest kind first."""
    plain = reading.plain
    for match in _HEADS.finditer(plain):
        yield _count(next(count for count in match.groups() if count)), match, True
    for match in _PAIR.finditer(plain):
        more = _count(match.group("more") or "一") if match.group("kid") else 0
        yield 2 + more, match, True
    for match in _SINGLE_PARENT.finditer(plain):
        if match.group("sure"):
            yield 1 + _count(match.group("kids") or "一"), match, True
    for match in _LONE_PARENT.finditer(plain):
        children = {m.word for m in reading.people.mentions if m.relation == "child"}
        if len(children) == 1:
            yield 2, match, True
    for match in _COMPANY.finditer(plain):
        sure = match.group("together") or match.group("only") or match.group("all") or re.search(r"[跟和同].*带", match.group())
        sure = sure or _WITHOUT_THE_YOUNG.search(plain)
        sure = sure or reading.asked == "household.size" or re.search(r"[剩留]下?$", plain[:match.start()])
        if _GOING_SOMEWHERE.match(plain[match.end():]):
            continue
        if sure or "带" in match.group() or not _names_others(reading, match):
            yield _company(match.group()), match, bool(sure)
    for match in _SINGLE_PARENT.finditer(plain):
        if match.group("kids"):
            yield 1 + _count(match.group("kids")), match, False
    for match in _ALONE.finditer(plain):
        if not reading.is_about_stranger(match.start()):
            yield 1, match, match.group() not in ("孤寡",)


def _names_others(reading: Reading, match: re.Match[str]) -> bool:
    """Whether relatives come up outside these words: "我和老婆都下岗，儿子上高一" does not count the heads."""
    return any(m.is_relative and not match.start() <= m.start < match.end() and m.word not in match.group()
               for m in reading.people.subjects)


def _company(words: str) -> int:
    """ "我跟老公带两个小孩": the speaker, and everybody named with their number."""
    count = 1
    for match in re.finditer(rf"(?P<n>{_N})?个?(?P<who>{_REL})", _BEFORE_COMPANY.sub("", words)):
        pair = match.group("who").endswith(("爸妈", "父母"))
        count += 2 if pair else _count(match.group("n") or "一")
    return count


def _count(said: str) -> int:
    return _COUNT[said] if said in _COUNT else int(said)


def _read_property(reading: Reading) -> None:
    for match in _EMPTY_HANDED.finditer(reading.plain):
        reading.tell("household.homes_owned", Range.exactly(0), match.start(), match.end())
        reading.tell("household.vehicles", Range.exactly(0), match.start(), match.end())
    if not _HOMES.search(reading.plain) or _RENTED.search(reading.plain):
        for match in _NO_HOME.finditer(reading.plain):
            reading.tell("household.homes_owned", Range.exactly(0), match.start(), match.end())
    for match in _HOMES.finditer(reading.plain):
        if not _RENTED.search(reading.text.clause_at(match.start()).text) and not _is_owned_no_more(reading, match):
            count = _count(match.group("count") or match.group("count_only") or "一")
            reading.tell("household.homes_owned", Range.exactly(count), match.start(), match.end())
    for match in _NO_CAR.finditer(reading.plain):
        reading.tell("household.vehicles", Range.exactly(0), match.start(), match.end())
    if reading.asked == "household.vehicles" and _NOT_A_CAR.search(reading.plain) and not _CARS_ONLY.search(reading.plain):
        reading.tell("household.vehicles", Range.exactly(0), 0, len(reading.plain))
    for match in _CARS.finditer(reading.plain):
        before = reading.plain[max(0, match.start() - 3):match.end()]
        if _is_owned_no_more(reading, match):
            continue
        if not _NOT_A_CAR.search(before) and not re.search(r"没有?$", reading.plain[:match.start()]):
            reading.tell("household.vehicles", Range.exactly(_count(match.group("count") or "一")), match.start(), match.end())


def _is_owned_no_more(reading: Reading, match: re.Match[str]) -> bool:
    """ "以前有一套房子", "有辆车，去年卖了"."""
    clause = reading.text.clause_at(match.start())
    return _NO_LONGER.search(clause.text) is not None or _LATER_SOLD.match(reading.plain[match.end():]) is not None


def _read_area(reading: Reading) -> None:
    """The square metres of where they live; not of other dwellings, nor a share for each head."""
    for number in reading.numbers:
        unit = _AREA_UNIT.match(reading.plain, number.end)
        clause = reading.text.clause_at(number.start)
        around = reading.plain[max(0, clause.start - 12):clause.end]
        if unit is None or number.money or not _LIVING_ROOM.search(around) or _NOT_LIVED_IN.search(around):
            continue
        reading.tell("household.home_area_m2", number.range, number.start, unit.end())


def _read_tenure(reading: Reading) -> None:
    """One answer only: the first entry of the phrases that fits stands."""
    for phrase in phrases("household.home_tenure"):
        match = next(phrase.matches(reading), None)
        if match is not None:
            reading.tell(phrase.fact, phrase.value, match.start(), match.end())
            return


def _read_receipts(reading: Reading) -> None:
    for match in _RECEIPT.finditer(reading.plain):
        programme = next(name for name, _ in _PROGRAMME_WORDS if match.group(name))
        clause = reading.text.clause_at(match.start())
        before = reading.plain[clause.start:match.start("what")]
        if not _NOT_RECEIVED_BEFORE.search(before) and not _ENDED.search(reading.plain[match.end("what"):clause.end]):
            sure = re.search(r"特困(?:家庭|户)", match.group()) is None
            reading.tell("household.receives", programme, match.start(), match.end(), certain=sure)
    for match in _BARE_RECEIPT.finditer(reading.plain):
        reading.tell("household.receives", _BARE_IDS[match.group("what")], match.start("what"), match.end("what"))
    for match in _PAID.finditer(reading.plain):
        reading.tell("household.receives", "dibao", match.start(), match.end())
    for match in _NOTHING_RECEIVED.finditer(reading.plain):
        reading.tell("household.receives", "none", match.start(), match.end())


def _read_events(reading: Reading) -> None:
    for phrase in phrases("event.kind"):
        match = next(phrase.matches(reading), None)
        if match is not None and not _NOT_HAPPENED.search(reading.plain[:match.start()]):
            reading.tell("event.kind", phrase.value, match.start(), match.end(), certain=phrase.sure)
    if reading.asked == "event.kind":
        for match in _FELL_ILL.finditer(reading.plain):
            reading.tell("event.kind", "illness", match.start(), match.end())
