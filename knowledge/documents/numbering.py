"""Numbering (编 章 节 条 款 项; 一、 （一） 1. （1）): the numbers that open lines, and tables of contents."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

import cn2an

from knowledge.documents.blocks import Block

LONGEST_HEADING = 60
FIRST_WORDS = 10
FIRST_WORDS_UNDER_NUMBER = 4
PREAMBLE = "序言"
SIGNATURE = "落款"
CONTENTS = "目录"
CONTENTS_LIST = "附件清单"

NUMERAL = "[零〇一二三四五六七八九十百千]+"
ARTICLE = re.compile(rf"^(?P<label>第(?P<n>{NUMERAL})条(?:之{NUMERAL})?)(?P<gap>[\s:：]*)")
END_MARKS = "。！？；：!?;:，,、"
_DIGITS = r"[\d一二三四五六七八九十]{1,3}"
DATE_LINE = re.compile(rf"^[\d零〇○一二三四五六七八九十]{{2,4}}\s*年\s*{_DIGITS}\s*月\s*{_DIGITS}\s*日\s*([（(].*[)）])?$")
"""A day standing alone, as texts are signed: 2024年7月23日（此件公开发布）"""


class Depth(IntEnum):
    """How deep a kind of numbering stands, with room between for headings without a number, which usually stand above all."""

    HEADING = 0
    ANNEX = 7
    PART = 8
    CHAPTER = 9
    SECTION = 10
    ARTICLE = 11
    FIRST = 20      # 一、
    SECOND = 30     # （一）
    THIRD = 40      # 1.
    FOURTH = 50     # （1）
    FIFTH = 60      # ①


@dataclass(frozen=True, slots=True)
class Label:
    """A number at the start of a block. printed: as it stands there; shown: in the one spelling that articles use.
    spaced: a gap follows it, which tells 第十八条 as a label from 第十八条 as a reference."""

    depth: Depth
    number: int
    printed: str
    shown: str
    spaced: bool


_PATTERNS: tuple[tuple[Depth, re.Pattern[str], str], ...] = (
    (Depth.PART, re.compile(rf"^第(?P<n>{NUMERAL}|\d{{1,2}})(?P<unit>编|分编|部分)(?=[\s:：、，]|$)"), "第{cn}{unit}"),
    (Depth.CHAPTER, re.compile(rf"^第(?P<n>{NUMERAL}|\d{{1,2}})(?P<unit>章)(?=\s|$|[\u4e00-\u9fff])"), "第{cn}{unit}"),
    (Depth.SECTION, re.compile(rf"^第(?P<n>{NUMERAL}|\d{{1,2}})(?P<unit>节)(?=\s|$|[\u4e00-\u9fff])"), "第{cn}{unit}"),
    # 一、二级残疾人 is a list of grades, not item one.
    (Depth.FIRST, re.compile(rf"^(?P<n>{NUMERAL})\s*[、．.](?!{NUMERAL}(?:级|类|档|等|、))"), "{cn}、"),
    (Depth.SECOND, re.compile(rf"^[（(]\s*(?P<n>{NUMERAL})\s*[）)][、.．]?"), "（{cn}）"),
    # 1.43万 and 2024.7.23 are numbers, not items.
    (Depth.THIRD, re.compile(r"^(?P<n>\d{1,2})\s*[.．、](?!\d)"), "{n}."),
    (Depth.FOURTH, re.compile(r"^[（(]\s*(?P<n>\d{1,2})\s*[）)]"), "（{n}）"),
    (Depth.FIFTH, re.compile(r"^(?P<n>[①-⑳])"), "{circled}"),
    (Depth.ANNEX, re.compile(rf"^(?P<unit>附[件表录])\s*(?P<n>\d{{1,2}}|{NUMERAL})?(?=[\s:：.]|$)\s*[:：.]?"), "{unit}{n}"),
)


def to_integer(numeral: str) -> int:
    """一百零三 -> 103; digits pass. Raises ValueError for anything that is no Chinese numeral."""
    if numeral.isdecimal():
        return int(numeral)
    return int(cn2an.cn2an(numeral, "smart"))


def to_chinese(number: int) -> str:
    """103 -> 一百零三, as articles are numbered."""
    return str(cn2an.an2cn(number))


def first_label(text: str) -> Label | None:
    """The number that opens a block, None when it opens with words."""
    article = ARTICLE.match(text)
    if article:
        label = article["label"]
        return Label(Depth.ARTICLE, _number(article["n"]), label, label, bool(article["gap"]) or label == text)
    for depth, pattern, shape in _PATTERNS:
        match = pattern.match(text)
        if match:
            return _label(depth, match, shape, text)
    return None


def _label(depth: Depth, match: re.Match[str], shape: str, text: str) -> Label:
    numeral = match["n"] or ""
    number = _number(numeral) if numeral else 0
    unit = match.groupdict().get("unit") or ""
    shown = shape.format(n=number or "", cn=to_chinese(number) if number else "", circled=numeral, unit=unit)
    return Label(depth, number, match[0].rstrip(), shown, text[match.end():match.end() + 1] == " ")


def _number(numeral: str) -> int:
    if "①" <= numeral <= "⑳":
        return ord(numeral) - ord("①") + 1
    try:
        return to_integer(numeral)
    except ValueError:
        # 百一 or 十十 is a slip of the pen: still a label, only its number is not known.
        return 0


def with_unique_articles(articles: Iterable[str]) -> list[str]:
    """The same article labels; one that occurred before gets ~2, ~3: an id made of it names one passage only."""
    seen: dict[str, int] = {}
    unique = []
    for article in articles:
        seen[article] = seen.get(article, 0) + 1
        unique.append(article if seen[article] == 1 else f"{article}~{seen[article]}")
    return unique


def without_contents(blocks: Sequence[Block]) -> tuple[list[Block], int]:
    """The blocks without a table of contents (目录), and how many went: from its heading until its first line comes again."""
    start = next((i for i, b in enumerate(blocks) if squeezed(b.text) == CONTENTS), None)
    if start is None or start + 1 >= len(blocks):
        return list(blocks), 0
    first = _entry(blocks[start + 1].text)
    end = next((i for i in range(start + 2, len(blocks)) if _entry(blocks[i].text) == first), None)
    if end is None or any(block.is_prose for block in blocks[start:end]):
        return list(blocks), 0
    return [*blocks[:start], *blocks[end:]], end - start


def _entry(text: str) -> str:
    """A line of a table of contents without its dots and page number."""
    return squeezed(re.sub(r"[.…·．\s]*\d*$", "", text))


def first_words(text: str, limit: int) -> str:
    """The words up to the first mark, cut at limit: how people name a paragraph that has no number."""
    words = re.split(r"[，,。；;：:！!？?、《》“”\"〈〉（）()\s]", text.strip("*＊“”\"《〈 "), maxsplit=1)[0]
    return (words or text.strip())[:limit]


def squeezed(text: str) -> str:
    """Without any white space: how titles and headings are compared."""
    return re.sub(r"\s", "", text)
