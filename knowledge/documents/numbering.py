"""Numbering (编 章 节 条 款 项; 一、 （一） 1. （1）): a text divided into the passages that people quote.

Pure: blocks in, pieces out; nothing of the text is lost or doubled. Labels of articles are a contract with evaluation sets
and with whoever cites us: 第十八条, 五、3., 二、（一）, 五、 (the paragraph that opens a section), 一、全面深化 (a paragraph
without a number: its heading and first words).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

import cn2an

from knowledge.documents.blocks import Block

LONGEST_PASSAGE = 900
"""Characters. A longer article is divided at its paragraphs; short items are kept with what introduces them up to here."""
LONGEST_HEADING = 60
FIRST_WORDS = 10
FIRST_WORDS_UNDER_NUMBER = 4
PREAMBLE = "序言"
SIGNATURE = "落款"
CONTENTS = "目录"

NUMERAL = "[零〇一二三四五六七八九十百千]+"
ARTICLE = re.compile(rf"^(?P<label>第(?P<n>{NUMERAL})条(?:之{NUMERAL})?)(?P<gap>[\s:：]*)")
END_MARKS = "。！？；：!?;:，,、"
_DIGITS = r"[\d一二三四五六七八九十]{1,3}"
DATE_LINE = re.compile(rf"^[\d零〇○一二三四五六七八九十]{{2,4}}\s*年\s*{_DIGITS}\s*月\s*{_DIGITS}\s*日\s*([（(].*[)）])?$")
"""A day standing alone, as texts are signed: 2024年7月23日（此件公开发布）"""


class Depth(IntEnum):
    """How deep a kind of numbering stands; headings without a number stand above all numbers."""

    HEADING = 0
    ANNEX = 7
    PART = 8
    CHAPTER = 9
    SECTION = 10
    ARTICLE = 11
    FIRST = 20      # 一、
    SECOND = 21     # （一）
    THIRD = 22      # 1.
    FOURTH = 23     # （1）
    FIFTH = 24      # ①


@dataclass(frozen=True, slots=True)
class Label:
    """A number at the start of a block. printed: as it stands there; shown: in the one spelling that articles use.
    spaced: a gap follows it, which tells 第十八条 as a label from 第十八条 as a reference."""

    depth: Depth
    number: int
    printed: str
    shown: str
    spaced: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """A heading or a passage, in the order of the text.

    article: "" for a heading. label: the number cut off the front of the text, as printed. heading_path: from the top down."""

    article: str
    label: str
    text: str
    heading_path: tuple[str, ...] = ()

    @property
    def is_heading(self) -> bool:
        return not self.article


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


def divided(blocks: Sequence[Block], repeated_titles: Iterable[str] = ()) -> tuple[Piece, ...]:
    """The text as headings and passages. repeated_titles: lines equal to one of these, spaces aside, are the title said again.

    A text with 第X条 is divided by article, any other by its numbered items and paragraphs."""
    titles = frozenset(map(_squeezed, repeated_titles))
    if sum(1 for block in blocks if _opens_article(block)) >= 2:
        return tuple(_Articles(titles).run(blocks))
    return tuple(_Items(titles, blocks).run())


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
    start = next((i for i, b in enumerate(blocks) if _squeezed(b.text) == CONTENTS), None)
    if start is None or start + 1 >= len(blocks):
        return list(blocks), 0
    first = _entry(blocks[start + 1].text)
    end = next((i for i in range(start + 2, len(blocks)) if _entry(blocks[i].text) == first), None)
    if end is None or any(block.is_prose for block in blocks[start:end]):
        return list(blocks), 0
    return [*blocks[:start], *blocks[end:]], end - start


def _entry(text: str) -> str:
    """A line of a table of contents without its dots and page number."""
    return _squeezed(re.sub(r"[.…·．\s]*\d*$", "", text))


def first_words(text: str, limit: int) -> str:
    """The words up to the first mark, cut at limit: how people name a paragraph that has no number."""
    words = re.split(r"[，,。；;：:！!？?、《》“”\"〈〉（）()\s]", text.strip("*＊“”\"《〈 "), maxsplit=1)[0]
    return (words or text.strip())[:limit]


def _squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def _opens_article(block: Block) -> bool:
    label = first_label(block.text)
    return label is not None and label.depth is Depth.ARTICLE and label.spaced


def _rest(text: str, label: Label | None) -> str:
    return text if label is None else text[len(label.printed):].strip()


def _heading(label: Label | None, rest: str) -> str:
    """第一章 总则; 五、实施六项工程: a heading as shown in heading paths."""
    if label is None:
        return rest
    gap = " " if label.depth <= Depth.ARTICLE and rest else ""
    return label.shown + gap + rest


def _heading_depth(block: Block, label: Label | None) -> int:
    if label is not None:
        return label.depth
    return Depth.HEADING + (block.heading_level or 1)


@dataclass
class _Articles:
    """A law: one passage an article with all its paragraphs and items."""

    titles: frozenset[str]
    pieces: list[Piece] = field(default_factory=list)
    headings: list[tuple[int, str]] = field(default_factory=list)
    article: Label | None = None
    lines: list[str] = field(default_factory=list)

    def run(self, blocks: Sequence[Block]) -> list[Piece]:
        numbers_lack_gaps = not any(_opens_article(block) for block in blocks)
        for position, block in enumerate(blocks):
            label = first_label(block.text)
            if label is not None and label.depth is Depth.ARTICLE and (label.spaced or numbers_lack_gaps):
                self._close()
                self.article, self.lines = label, [_rest(block.text, label)]
            elif label is not None and label.depth is Depth.ANNEX and not block.is_prose and self.article is not None:
                # What follows the last article is not part of it.
                self._close()
                self.pieces += _Items(self.titles, blocks[position:]).run()
                return self.pieces
            elif self._is_heading(block, label):
                self._close()
                self._open_heading(block, label)
            else:
                self.lines.append(block.text)
        self._close()
        return self.pieces

    def _is_heading(self, block: Block, label: Label | None) -> bool:
        if _squeezed(block.text) in self.titles:
            return True
        numbered = label is not None and label.depth in (Depth.PART, Depth.CHAPTER, Depth.SECTION)
        return block.heading_level is not None or (numbered and not block.is_prose)

    def _open_heading(self, block: Block, label: Label | None) -> None:
        rest = _rest(block.text, label)
        printed = label.printed if label else ""
        if _squeezed(block.text) in self.titles:
            self.pieces.append(Piece("", printed, rest))
            return
        depth = _heading_depth(block, label)
        self.headings = [heading for heading in self.headings if heading[0] < depth]
        self.pieces.append(Piece("", printed, rest, self._path()))
        self.headings.append((depth, _heading(label, rest)))

    def _path(self) -> tuple[str, ...]:
        return tuple(text for _, text in self.headings)

    def _close(self) -> None:
        lines = [line for line in self.lines if line]
        if self.article is not None:
            self.pieces += _article_pieces(self.article, lines, self._path())
        elif lines:
            article = f"{PREAMBLE}/{first_words(lines[0], FIRST_WORDS)}"
            self.pieces.append(Piece(article, "", "\n".join(lines), self._path()))
        self.article, self.lines = None, []


def _article_pieces(label: Label, lines: list[str], path: tuple[str, ...]) -> list[Piece]:
    text = "\n".join(lines)
    paragraphs = _paragraphs_with_items(lines)
    if len(text) <= LONGEST_PASSAGE or len(paragraphs) < 2:
        return [Piece(label.shown, label.printed, text, path)]
    return [
        Piece(f"{label.shown}第{to_chinese(number)}款", label.printed if number == 1 else "", paragraph, path)
        for number, paragraph in enumerate(paragraphs, start=1)
    ]


def _paragraphs_with_items(lines: list[str]) -> list[str]:
    """Paragraphs (款), each with the items (项) that belong to it."""
    paragraphs: list[str] = []
    for line in lines:
        if paragraphs and first_label(line) is not None:
            paragraphs[-1] += "\n" + line
        else:
            paragraphs.append(line)
    return paragraphs


@dataclass
class _Level:
    """One step of the way down to the current passage. passage: index of its own piece. absorbs: takes in short items below."""

    depth: int
    shown: str
    heading: str
    passage: int | None = None
    absorbs: bool = False


class _Items:
    """A notice, plan or report: passages by numbered item, by opening paragraph of a section, by paragraph without a number."""

    def __init__(self, titles: frozenset[str], blocks: Sequence[Block]) -> None:
        self.titles = titles
        self.blocks = blocks
        self.signature = _signature_lines(blocks)
        labels = (first_label(block.text) for block in blocks)
        self.numbered = any(label is not None and label.depth is Depth.FIRST for label in labels)
        self.pieces: list[Piece] = []
        self.levels: list[_Level] = []
        self.current: int | None = None

    def run(self) -> list[Piece]:
        for index, block in enumerate(self.blocks):
            label = first_label(block.text)
            if _squeezed(block.text) in self.titles:
                self.pieces.append(Piece("", "", block.text))
                self.current = None
            elif index in self.signature:
                self._sign(block)
            elif label is not None and label.depth is not Depth.ARTICLE and not (label.depth < Depth.FIRST and block.is_prose):
                self._number(index, block, label)
            elif self._is_plain_heading(index, block):
                self._descend(_Level(_heading_depth(block, None), _short_heading(block.text), block.text))
                self._head("", block.text)
            else:
                self._paragraph(block)
        return self.pieces

    # -- numbers -------------------------------------------------------------------------------------------------------------

    def _number(self, index: int, block: Block, label: Label) -> None:
        rest = _rest(block.text, label)
        if self._belongs_to_introduction(label, block):
            self._append(block.text)
            return
        level = _Level(label.depth, label.shown, _heading(label, _short_title(rest)))
        self._descend(level)
        if self._is_heading(index, block, label, rest):
            level.heading = _heading(label, rest)
            self._head(label.printed, rest)
        else:
            level.passage = self._pass(self._article(), label.printed, rest, self._path()[:-1])
            level.absorbs = label.depth >= Depth.SECOND and rest.endswith(("：", ":"))

    def _belongs_to_introduction(self, label: Label, block: Block) -> bool:
        """Short items below "下列材料：" are quoted together with it."""
        owner = next((level for level in reversed(self.levels) if level.depth < label.depth), None)
        if owner is None or not owner.absorbs or owner.passage is None or owner.passage != self.current:
            return False
        return len(self.pieces[owner.passage].text) + len(block.text) <= LONGEST_PASSAGE

    def _is_heading(self, index: int, block: Block, label: Label, rest: str) -> bool:
        if block.heading_level is not None or label.depth < Depth.ARTICLE:
            return True
        following = self.blocks[index + 1] if index + 1 < len(self.blocks) and index + 1 not in self.signature else None
        if not rest or following is None or len(rest) > LONGEST_HEADING or any(mark in rest[:-1] for mark in "。！？；!?;"):
            return False
        if rest[-1] in "：:；;，,、":
            return False
        below = first_label(following.text)
        if below is not None:
            return below.depth > label.depth
        # A full stop makes a heading of a short line only when much more follows it.
        room = 3 if rest[-1] in "。！？!?" else 1
        introduces = following.text.endswith(("：", ":"))
        return (following.is_prose or introduces) and len(following.text) > room * len(rest)

    # -- paragraphs without a number -----------------------------------------------------------------------------------------

    def _is_plain_heading(self, index: int, block: Block) -> bool:
        if block.heading_level is not None:
            return True
        if self.numbered or block.is_prose or len(block.text) > 40 or block.text[-1] in END_MARKS:
            return False
        following = self.blocks[index + 1] if index + 1 < len(self.blocks) else None
        return following is not None and following.is_prose and len(following.text) > len(block.text)

    def _paragraph(self, block: Block) -> None:
        level = self.levels[-1] if self.levels else None
        if level is None:
            if self._fits_current(block):
                self._append(block.text)
            else:
                self._pass(f"{PREAMBLE}/{first_words(block.text, FIRST_WORDS)}", "", block.text, ())
        elif level.passage is None and level.depth >= Depth.ANNEX:
            level.passage = self._pass(self._article(), "", block.text, self._path())
        elif (not block.is_prose or level.depth >= Depth.SECOND) and self._fits_current(block):
            self._append(block.text)
        else:
            self._pass(self._article() + self._name(level, block), "", block.text, self._path())

    def _name(self, level: _Level, block: Block) -> str:
        if level.depth >= Depth.ANNEX:
            return first_words(block.text, FIRST_WORDS_UNDER_NUMBER)
        return "/" + first_words(block.text, FIRST_WORDS)

    def _sign(self, block: Block) -> None:
        if self.current is not None and self.pieces[self.current].article == SIGNATURE:
            self._append(block.text)
        else:
            self._pass(SIGNATURE, "", block.text, ())

    # -- keeping ------------------------------------------------------------------------------------------------------------

    def _descend(self, level: _Level) -> None:
        self.levels = [above for above in self.levels if above.depth < level.depth] + [level]

    def _article(self) -> str:
        """五、3. or 二、（一）; a heading without a number is set off by a slash."""
        article = ""
        for above, level in zip((None, *self.levels), self.levels, strict=False):
            article += ("/" if above is not None and above.depth < Depth.ANNEX else "") + level.shown
        return article

    def _path(self) -> tuple[str, ...]:
        return tuple(level.heading for level in self.levels)

    def _head(self, label: str, rest: str) -> None:
        self.pieces.append(Piece("", label, rest, self._path()[:-1]))
        self.current = None

    def _pass(self, article: str, label: str, text: str, path: tuple[str, ...]) -> int:
        self.pieces.append(Piece(article, label, text, path))
        self.current = len(self.pieces) - 1
        return self.current

    def _fits_current(self, block: Block) -> bool:
        return self.current is not None and len(self.pieces[self.current].text) + len(block.text) <= LONGEST_PASSAGE

    def _append(self, text: str) -> None:
        index = self.current
        if index is None:
            raise AssertionError("a line can only be added to a passage that is open")
        piece = self.pieces[index]
        self.pieces[index] = Piece(piece.article, piece.label, f"{piece.text}\n{text}", piece.heading_path)


def _short_heading(text: str) -> str:
    """深化精准救助 of 深化精准救助,打造社会救助改革的先行区: how a heading without a number is named."""
    return first_words(text, 20)


def _short_title(rest: str) -> str:
    """What an item with its own text is called in the heading paths below it: its first words."""
    return first_words(rest, 30)


def _signature_lines(blocks: Sequence[Block]) -> frozenset[int]:
    """Where the text is signed: a day standing alone at the end or before an annex, and the short lines above it."""
    found: set[int] = set()
    for index, block in enumerate(blocks):
        if not DATE_LINE.match(block.text):
            continue
        following = first_label(blocks[index + 1].text) if index + 1 < len(blocks) else None
        if index + 1 < len(blocks) and (following is None or following.depth is not Depth.ANNEX):
            continue
        found.add(index)
        above = index - 1
        while above >= 0 and index - above <= 4 and _may_sign(blocks[above]):
            found.add(above)
            above -= 1
    return frozenset(found)


def _may_sign(block: Block) -> bool:
    return not block.is_prose and block.heading_level is None and len(block.text) <= 30 and first_label(block.text) is None
