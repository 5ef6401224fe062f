"""People in a message: whom each stretch of it is about, and which member of the household that is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.situation import Situation
from bot.understanding.spoken_text import SpokenText

ASKER = "asker"
STRANGER = "stranger"
IN_LAW = "女婿媳妇"
RELATION_FACT = "relation_to_asker"

_WORDS: dict[str, tuple[str, str]] = {
    "妈妈": ("parent", "(?<!单亲)妈妈|老妈|姆妈|母亲|阿妈|老娘|娘亲|(?<!单亲)(?<!单亲妈)妈"),
    "爸爸": ("parent", "父母(?!官)|爸妈|爹妈|爷娘|爸爸|老爸|父亲|阿爸|老爹|爹|爸"),
    "婆婆": ("parent", "婆婆|岳母|丈母娘"),
    "公公": ("parent", "公公|岳父|老丈人|丈人"),
    "老公": ("spouse", "老公|(?:孩子|小孩|小囡|儿子|女儿)[他她的]?(?:爸爸?|爹|父亲)(?!妈)|我先生|丈夫|老头子|爱人|"
    "老伴儿?|男人(?=[没失下生得患退是有在上，])|屋里个"),
    "老婆": ("spouse", "老婆|妻子|老太婆|家主婆|媳妇儿?(?!妇)"),
    "大的": ("child", r"(?:老大|大的)(?=[今才读上在\d一二三四五六七八九十])"),
    "小的": ("child", r"(?:老二|小的)(?=[今才读上在\d一二三四五六七八九十])"),
    "小儿子": ("child", "小儿子|二儿子"),
    "小女儿": ("child", "小女儿|二女儿"),
    "儿子": ("child", "儿子|伲子|小儿"),
    "女儿": ("child", "女儿|囡儿|囡囡|闺女"),
    "孩子": ("child", "小孩子?|孩子|小囡|宝宝|娃"),
    "奶奶": ("grandparent", "奶奶|外婆|阿奶|姥姥|祖母"),
    "爷爷": ("grandparent", "爷爷|外公|阿爷|姥爷|祖父"),
    "孙子": ("grandchild", "外孙女?|孙子|孙女儿?|小孙"),
    "哥哥": ("sibling", "哥哥|大哥|阿哥|我哥"),
    "弟弟": ("sibling", "弟弟|阿弟|我弟(?!媳|妹)"),
    "姐姐": ("sibling", "姐姐|大姐(?!们)|阿姐|我姐(?!夫)"),
    "妹妹": ("sibling", "妹妹|阿妹|我妹(?!夫)"),
    IN_LAW: ("other", "女婿|儿媳妇?"),
    "亲戚": ("other", "阿姨|叔叔|[表堂][哥弟姐妹]|舅舅|姑姑|姑妈|伯伯|大伯|小姨|舅妈|婶婶|侄子|侄女|外甥|小叔子?|"
    "姐夫|妹夫|弟媳妇?|弟妹|大伯子|小姑子?|嫂子|大嫂|姨妈|姑父|姨父|伯父|叔父"),
}
_STRANGERS = (
    "楼上邻居|邻居|朋友|同事|人家|别人|隔壁的?(?:邻居|老太|老头|阿姨|人家)?|(?<!家里)(?<!家)有人|有些人|"
    "前夫|前妻|你们|国家|政府|同学|熟人"
)
_RELATIVE = "|".join(f"(?:{pattern})" for _, pattern in _WORDS.values())
_MENTION = re.compile(
    rf"(?P<stranger>(?:(?:我|阿拉|我们)(?:家)?)?(?:{_STRANGERS}))"
    rf"|(?:我们家|我家里?|我们|阿拉|我|咱|俺|侬|伲)?(?:家|个)?(?:大|小(?!儿子|女儿)|老|亲|外来)?(?P<relative>{_RELATIVE})"
    rf"|(?P<asker>本人|我(?![们家])|俺|吾)|(?P<pronoun>[他她伊]们?)"
)
_BESIDE = re.compile(
    r"(?:跟|和|同|带|与|搭|还有|养|照顾|照看|伺候|陪|赡养|借住在|住在|住|靠)[着了]?(?:(?:一|两|三|二|"
    r"\d)个)?(?:一?个|[^，。,；]{1,6}的|一?个?[\d一二三四五六七八九十]{1,3}岁的?)?$"
)
_BESIDE_ASKER = re.compile(r"(?:跟|和|同|与|搭)$")
_GONE = re.compile(
    r"^(?:(?:已经|早就?|都|也|刚刚?|去年|前年|今年|上个月|前几年)*(?:走了|去世|过世|没了|死了|不在了|双亡|病故|走得早|"
    r"改嫁|跑(?:了|掉|走)))"
)
_AGE_BEFORE_PERSON = re.compile(r"[\d一二三四五六七八九十]{1,3}多?岁的?个?")
_COMES_AGED = re.compile(rf"家?[\d一二三四五六七八九十]{{1,3}}多?岁的?(?:老|大|小)?(?:{_RELATIVE})")
_WE_OURSELVES = re.compile(r"(?:我们|阿拉|咱们?)(?:老|小)?(?:夫妻|两口|两个人|俩)|我老[公婆]|我[跟和]老[公婆伴]")
_WE = re.compile(r"(?:我们|阿拉|咱们)(?!家|都?说)")
_EARNS = re.compile(r"^[^，。]{0,3}(?:上班|打工|工作|赚|挣|退休|养家|工资|做|一个)")
_ALL_OF_US = re.compile(r"我们|阿拉|两个人|老两口|夫妻|两口子")
_OBJECT = re.compile(r"(?:跟|和|同|给|让|养|管|对|帮|靠|叫|问|陪|打|由|归|把)着?$")
_ASKS_FOR = re.compile(r"(?:来|是)?(?:想|要|帮|替|给|代|问|咨询|打听|请问|家|照顾|照看|伺候|服侍|服事|有一?个(?=亲|"
    r"哥|弟|姐|妹|阿|残))|说|讲|每个?月(?:都|要)?(?:给|贴)|接[他她伊]|也?不(?:知道|晓得|清楚|懂)")
_NOT_A_PERSON = re.compile(r"^(?:的?(?:学费|抚养费|补贴|生活费|教育|幼儿园|衣服|们都说)|(?:出来|说|讲)(?:的|过))")
INVERSE = {"parent": "child", "child": "parent", "grandparent": "grandchild", "grandchild": "grandparent",
           "spouse": "spouse", "sibling": "sibling", "other": "other"}

_ON_BEHALF = frozenset({"parent", "grandparent", "sibling", "other"})
"""Relatives somebody usually asks for; spouse and children are usually told of as the asker's own household."""


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody named. word: the relation to the asker in one wording (妈妈), or ASKER or STRANGER."""

    start: int
    end: int
    word: str

    @property
    def is_anybody(self) -> bool:
        """ "孩子上大学有补助吗": in a question perhaps nobody in particular."""
        return self.word in ("孩子", STRANGER)

    @property
    def is_relative(self) -> bool:
        return self.word in _WORDS

    @property
    def relation(self) -> str:
        return _WORDS[self.word][0] if self.word in _WORDS else self.word


@dataclass(frozen=True, slots=True)
class People:
    """Who is meant where. subjects: the mentions that words after them can be about, without companions and the dead. about: the
    relative the whole consultation is about, in one wording; None: the asker."""

    mentions: tuple[Mention, ...]
    subjects: tuple[Mention, ...]
    about: str | None
    known_children: tuple[str, ...] = ()

    def subject_at(self, place: int, text: SpokenText) -> Mention | None:
        """Who the words at this place are about: the last one named before them in the clause, else the one named right after
        them ("5岁的儿子"), else the last one before; None where nobody was named."""
        clause = text.clause_at(place)
        following = next((m for m in self.mentions if m.start > place), None)
        named = any(m.end == place and m.word != ASKER for m in self.mentions)
        if following is not None and not named and _AGE_BEFORE_PERSON.fullmatch(text.plain[place:following.start]):
            return following
        inside = [m for m in self.subjects if clause.start <= m.start < clause.end]
        before = [m for m in inside if m.start <= place]
        if before:
            return _first_of_run(before)
        if _ALL_OF_US.search(text.plain, clause.start, place):
            return None
        after = [m for m in self.mentions if place < m.start < clause.end]
        if after and re.search(r"的$", text.plain[place:after[0].start]):
            return after[0]
        earlier = [m for m in self.subjects if m.end <= place]
        return _first_of_run(earlier) if earlier else None

    def key_of(self, mention: Mention | None) -> str | None:
        """The member's key in the situation; None for somebody outside the household."""
        if mention is None:
            return "self"
        if mention.word == STRANGER:
            return None
        if mention.word == ASKER:
            return "self" if self.about is None else f"{INVERSE[_WORDS[self.about][0]]}1"
        if mention.word == self.about:
            return "self"
        return self._key_of_relative(mention)

    def _key_of_relative(self, mention: Mention) -> str:
        if self.about is None:
            return "spouse" if mention.relation == "spouse" else f"{mention.relation}{self._number(mention)}"
        relation_of_about = _WORDS[self.about][0]
        if mention.relation == relation_of_about and relation_of_about in ("parent", "grandparent"):
            return "spouse"
        if relation_of_about == "sibling" and mention.relation in ("parent", "grandparent"):
            return f"{mention.relation}1"
        return f"{'child' if relation_of_about == 'parent' and mention.relation == 'sibling' else 'other'}1"

    def _number(self, mention: Mention) -> int:
        """Different words are different people ("儿子" and "女儿"), counted in the order in which they came up."""
        known = self.known_children if mention.relation == "child" else ()
        words = [*known, *(m.word for m in self.mentions if m.relation == mention.relation)]
        if "大的" in words or "小的" in words:
            words = [word for word in words if word != "孩子" or mention.word == "孩子"]
        return list(dict.fromkeys(words)).index(mention.word) + 1


def _first_of_run(mentions: list[Mention]) -> Mention:
    """ "我爸我妈都80多了": of people named side by side the first."""
    run = mentions[-1]
    for mention in reversed(mentions[:-1]):
        if mention.end != run.start or mention.word == ASKER:
            break
        run = mention
    return run


def people_in(text: SpokenText, situation: Situation) -> People:
    """Everybody named in the message, and whom the consultation is about so far."""
    mentions = tuple(_mentions(text))
    beside = set(_companions(mentions, text))
    subjects = tuple(m for m in mentions if m not in beside and not _is_gone(m, text) and not _is_missing(m, text))
    return People(mentions, subjects, _about(mentions, text, situation), tuple(_children(situation)))


def _mentions(text: SpokenText) -> Iterator[Mention]:
    last_relative: str | None = None
    for match in _MENTION.finditer(text.plain):
        if match.group("stranger"):
            last_relative = STRANGER
            yield Mention(match.start(), match.end(), STRANGER)
        elif match.group("pronoun"):
            if last_relative is None and _WE_OURSELVES.search(text.plain):
                last_relative = "老公"
            if last_relative is not None:
                yield Mention(match.start(), match.end(), last_relative)
        elif match.group("asker"):
            yield Mention(match.start(), match.end(), ASKER)
        elif not _NOT_A_PERSON.match(text.plain[match.end():]):
            said = _one_wording(match.group("relative"))
            last_relative = "孙子" if said in ("大的", "小的") and last_relative == "孙子" else said
            yield Mention(match.start(), match.end(), last_relative)


def _one_wording(said: str) -> str:
    return next(word for word, (_, pattern) in _WORDS.items() if re.fullmatch(_without_lookahead(pattern), said))


def _without_lookahead(pattern: str) -> str:
    return re.sub(r"\(\?<?[=!][^)]*\)", "", pattern)


def _about(mentions: tuple[Mention, ...], text: SpokenText, situation: Situation) -> str | None:
    """The relative asked for: whom the first message was about, until somebody else is asked for in so many words."""
    told = situation.value(f"self.{RELATION_FACT}")
    if isinstance(told, str) and told in _WORDS:
        return told
    already = situation.member("self")
    if already is not None and already.facts:
        return None
    if _WE_OURSELVES.search(text.plain) or _tells_of_us(mentions, text):
        return None
    if any(m.word == ASKER and not _says_nothing_of_herself(m, text) for m in mentions):
        return None
    first = next((m for m in mentions if m.word in _WORDS and not _is_gone(m, text)), None)
    if first is None or first.relation not in _ON_BEHALF or first.word == IN_LAW or _is_companion(first, text):
        return None
    return first.word


def _companions(mentions: tuple[Mention, ...], text: SpokenText) -> Iterator[Mention]:
    """Everybody named beside somebody, the second of "跟着爷爷奶奶" too."""
    end_of_last = None
    for mention in mentions:
        if _is_companion(mention, text) or (mention.start == end_of_last and mention.word != ASKER):
            end_of_last = mention.end
            yield mention


def _is_companion(mention: Mention, text: SpokenText) -> bool:
    """ "我跟妈妈住", "带一个上初中的儿子": named beside somebody, not as the one it is about."""
    before = text.plain[text.clause_at(mention.start).start:mention.start]
    if before.endswith("靠") and _EARNS.match(text.plain[mention.end:]):
        return False
    return (_BESIDE_ASKER if mention.word == ASKER else _BESIDE).search(before) is not None


def _is_gone(mention: Mention, text: SpokenText) -> bool:
    """ "老伴走了，现在一个人过": what follows is about those who are left."""
    return _GONE.match(text.plain[mention.end:]) is not None


def _tells_of_us(mentions: tuple[Mention, ...], text: SpokenText) -> bool:
    """ "我们借住": we are told of; not in "我们外婆", nor "我们想问"."""
    named = {place for mention in mentions for place in range(mention.start, mention.end)}
    ours = (we for we in _WE.finditer(text.plain) if we.start() not in named)
    return any(not _ASKS_FOR.match(text.plain[we.end():]) and not _OBJECT.search(text.plain[:we.start()]) for we in ours)


def _is_missing(mention: Mention, text: SpokenText) -> bool:
    """ "没小孩": there is nobody whom the next words could be about."""
    return mention.is_relative and re.search(r"(?:没有?|无|呒没)$", text.plain[:mention.start]) is not None


def _says_nothing_of_herself(mention: Mention, text: SpokenText) -> bool:
    """ "我想问问", "跟我住", "不管我": the asker is named, but it is not she whom it is about."""
    if _OBJECT.search(text.plain[:mention.start]):
        return True
    after = text.plain[mention.end:]
    return _ASKS_FOR.match(after) is not None or _COMES_AGED.match(after) is not None


def _children(situation: Situation) -> Iterator[str]:
    for member in situation.members:
        word = member.facts.get(RELATION_FACT)
        if member.relation == "child" and isinstance(word, str):
            yield word
