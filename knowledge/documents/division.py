"""Division (条款划分): a text divided into the passages that people quote.

Pure: blocks in, pieces out; nothing of the text is lost or doubled, except that each group of table rows says title and header
again. Labels of articles are a contract with evaluation sets and with whoever cites us: 第十八条, 五、3., 二、（一）, 五、 (the
paragraph that opens a section), 一、全面深化 (a paragraph without a number: its heading and first words), 附件表1 第1–3行.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from knowledge.documents.blocks import Block
from knowledge.documents.numbering import (
    CONTENTS_LIST,
    DATE_LINE,
    END_MARKS,
    FIRST_WORDS,
    FIRST_WORDS_UNDER_NUMBER,
    LONGEST_HEADING,
    NUMERAL,
    PREAMBLE,
    SIGNATURE,
    Depth,
    Label,
    first_label,
    first_words,
    squeezed,
    to_chinese,
    to_integer,
)
from knowledge.documents.passages import fitted
from knowledge.documents.pieces import LONGEST_PASSAGE, Piece, piece_of, table_pieces
from knowledge.documents.printed_tables import UNIT_LINE

QUESTION = re.compile(r"^(?:问|Q|提问)\s*\d{0,3}\s*[:：]\s*", re.IGNORECASE)
ANSWER = re.compile(r"^(?:答|A|回答|答复|解答)\s*\d{0,3}\s*[:：]", re.IGNORECASE)
ASKS = "？?"
QUESTION_NAME = "问/"
NOTE = re.compile(r"^(?:注|备注|说明|附注)\s*\d{0,2}\s*[:：]")
TABLE_NUMBER = re.compile(rf"^(?:附)?表\s*(?P<n>\d{{1,2}}|{NUMERAL})(?=[\s:：.、]|$)")
TABLE = "表"
LONGEST_TABLE_TITLE = 45
LONGEST_PLAIN_HEADING = 40
UNDER_NUMBERS = 5
"""A heading without a number stands so much above the numbers that start again below it."""


def divided(blocks: Sequence[Block], repeated_titles: Iterable[str] = ()) -> tuple[Piece, ...]:
    """The text as headings and passages. repeated_titles: lines equal to one of these, spaces aside, are the title said again.

    A text with 第X条 is divided by article, any other by its numbered items and paragraphs."""
    titles = frozenset(map(squeezed, repeated_titles))
    titled = _with_table_titles(blocks, titles)
    if sum(1 for block in titled if _opens_article(block)) >= 2:
        return fitted(_Articles(titles).run(titled))
    return fitted(_Items(titles, titled).run())


def _with_table_titles(blocks: Sequence[Block], titles: frozenset[str]) -> list[Block]:
    """Tables take the short lines directly above them as their title and unit."""
    kept: list[Block] = []
    for block in blocks:
        if block.table is not None:
            table = block.table
            if kept and not table.unit and _is_loose(kept[-1]) and UNIT_LINE.match(kept[-1].text):
                table = replace(table, unit=kept.pop().text)
            if kept and not table.title and _may_title_table(kept[-1], titles):
                table = replace(table, title=kept.pop().text)
            block = replace(block, table=table)
        kept.append(block)
    return kept


def _is_loose(block: Block) -> bool:
    return block.table is None and block.heading_level is None and first_label(block.text) is None


def _may_title_table(block: Block, titles: frozenset[str]) -> bool:
    text = block.text
    plain = _is_loose(block) and not block.is_prose and len(text) <= LONGEST_TABLE_TITLE and text[-1] not in END_MARKS
    return plain and squeezed(text) not in titles and DATE_LINE.match(text) is None and NOTE.match(text) is None


def _label_of(block: Block) -> Label | None:
    return None if block.table is not None else first_label(block.text)


def _opens_article(block: Block) -> bool:
    label = _label_of(block)
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


class _TableNames:
    """Tables are counted below what they stand in, so that one more elsewhere in the document renames none."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def name(self, above: str, block: Block) -> str:
        printed = TABLE_NUMBER.match(block.table.title) if block.table is not None else None
        count = self._counts.get(above, 0) + 1
        self._counts[above] = count
        return f"{above}{TABLE}{_as_number(printed['n']) if printed else count}"


def _as_number(numeral: str) -> int | str:
    try:
        return to_integer(numeral)
    except ValueError:
        return numeral


# -- laws ------------------------------------------------------------------------------------------------------------------------


@dataclass
class _Articles:
    """A law: one passage an article with all its paragraphs and items."""

    titles: frozenset[str]
    pieces: list[Piece] = field(default_factory=list)
    headings: list[tuple[int, str]] = field(default_factory=list)
    article: Label | None = None
    lines: list[Block] = field(default_factory=list)
    tables: list[Block] = field(default_factory=list)
    names: _TableNames = field(default_factory=_TableNames)

    def run(self, blocks: Sequence[Block]) -> list[Piece]:
        numbers_lack_gaps = not any(_opens_article(block) for block in blocks)
        for position, block in enumerate(blocks):
            label = _label_of(block)
            if block.table is not None:
                self.tables.append(block)
            elif label is not None and label.depth is Depth.ARTICLE and (label.spaced or numbers_lack_gaps):
                self._close()
                self.article, self.lines = label, [replace(block, text=_rest(block.text, label))]
            elif label is not None and label.depth is Depth.ANNEX and not block.is_prose and self.article is not None:
                # What follows the last article is not part of it.
                self._close()
                self.pieces += _Items(self.titles, blocks[position:]).run()
                return self.pieces
            elif self._is_heading(block, label):
                self._close()
                self._open_heading(block, label)
            else:
                self.lines.append(block)
        self._close()
        return self.pieces

    def _is_heading(self, block: Block, label: Label | None) -> bool:
        if squeezed(block.text) in self.titles:
            return True
        numbered = label is not None and label.depth in (Depth.PART, Depth.CHAPTER, Depth.SECTION)
        return block.heading_level is not None or (numbered and not block.is_prose)

    def _open_heading(self, block: Block, label: Label | None) -> None:
        rest = _rest(block.text, label)
        printed = label.printed if label else ""
        if squeezed(block.text) in self.titles:
            self._head(block, printed, rest, ())
            return
        depth = _heading_depth(block, label)
        self.headings = [heading for heading in self.headings if heading[0] < depth]
        self._head(block, printed, rest, self._path())
        self.headings.append((depth, _heading(label, rest)))

    def _head(self, block: Block, printed: str, rest: str, path: tuple[str, ...]) -> None:
        self.pieces.append(Piece("", printed, rest, path, block.positions, block.confidence))

    def _path(self) -> tuple[str, ...]:
        return tuple(text for _, text in self.headings)

    def _close(self) -> None:
        lines = [line for line in self.lines if line.text]
        above = self.article.shown if self.article is not None else ""
        if self.article is not None:
            self.pieces += _article_pieces(self.article, lines, self._path())
        elif lines:
            article = f"{PREAMBLE}/{first_words(lines[0].text, FIRST_WORDS)}"
            self.pieces.append(piece_of(article, "", lines, self._path()))
        for table in self.tables:
            self.pieces += table_pieces(self.names.name(above, table), table, self._path())
        self.article, self.lines, self.tables = None, [], []


def _article_pieces(label: Label, lines: list[Block], path: tuple[str, ...]) -> list[Piece]:
    if not lines:
        return [Piece(label.shown, label.printed, "", path)]
    paragraphs = _paragraphs_with_items(lines)
    length = sum(len(line.text) + 1 for line in lines) - 1
    if length <= LONGEST_PASSAGE or len(paragraphs) < 2:
        return [piece_of(label.shown, label.printed, lines, path)]
    return [
        piece_of(f"{label.shown}第{to_chinese(number)}款", label.printed if number == 1 else "", paragraph, path)
        for number, paragraph in enumerate(paragraphs, start=1)
    ]


def _paragraphs_with_items(lines: list[Block]) -> list[list[Block]]:
    """Paragraphs (款), each with the items (项) that belong to it."""
    paragraphs: list[list[Block]] = []
    for line in lines:
        if paragraphs and first_label(line.text) is not None:
            paragraphs[-1].append(line)
        else:
            paragraphs.append([line])
    return paragraphs


# -- notices, plans, reports, questions and answers ------------------------------------------------------------------------


@dataclass
class _Level:
    """One step of the way down to the current passage. passage: index of its own piece. absorbs: takes in short items below.

    title: the heading without its number. numbered: else it is set off by slashes in articles. answered: holds a question."""

    depth: int
    shown: str
    heading: str
    title: str = ""
    numbered: bool = True
    passage: int | None = None
    absorbs: bool = False
    answered: bool = False


class _Items:
    """A notice, plan or report: passages by numbered item, by opening paragraph of a section, by paragraph without a number."""

    def __init__(self, titles: frozenset[str], blocks: Sequence[Block]) -> None:
        self.titles = titles
        self.blocks = blocks
        self.labels = [_label_of(block) for block in blocks]
        self.signature = _signature_lines(blocks)
        self.numbered = any(label is not None and label.depth is Depth.FIRST for label in self.labels)
        # Where most of a text is bold, bold tells nothing.
        self.bold_means = 2 * sum(block.bold for block in blocks) < len(blocks)
        self.pieces: list[Piece] = []
        self.levels: list[_Level] = []
        self.current: int | None = None
        self.question: int | None = None
        self.part_headings = _part_headings(blocks, self.labels)
        self.names = _TableNames()

    def run(self) -> list[Piece]:
        for index, block in enumerate(self.blocks):
            label = self.labels[index]
            if block.table is not None:
                self._table(block)
            elif squeezed(block.text) in self.titles:
                self.pieces.append(Piece("", "", block.text, (), block.positions, block.confidence))
                self.current = None
            elif index in self.signature:
                self._sign(block)
            elif label is not None and label.depth is not Depth.ARTICLE and not (label.depth < Depth.FIRST and block.is_prose):
                self._number(index, block, label)
            elif self._is_plain_heading(index, block):
                self._plain_heading(index, block)
            else:
                self._paragraph(index, block)
        return self.pieces

    def _following(self, index: int) -> Block | None:
        return self.blocks[index + 1] if index + 1 < len(self.blocks) and index + 1 not in self.signature else None

    # -- numbers -------------------------------------------------------------------------------------------------------------

    def _number(self, index: int, block: Block, label: Label) -> None:
        rest = _rest(block.text, label)
        if self._belongs_to_introduction(label, block):
            self._append(block)
            return
        level = _Level(label.depth, label.shown, _heading(label, _short_title(rest)), rest)
        self._descend(level)
        if label.depth is Depth.ANNEX and self._lists_annexes(index, rest):
            level.passage = self._pass(CONTENTS_LIST, label.printed, replace(block, text=rest), ())
            level.absorbs = True
        elif self._is_heading(index, block, label, rest):
            level.heading = _heading(label, rest)
            self._head(block, label.printed, rest)
        else:
            level.passage = self._pass(self._article(), label.printed, replace(block, text=rest), self._path()[:-1])
            level.absorbs = label.depth >= Depth.SECOND and rest.endswith(("：", ":"))
            level.answered = self._is_asked(index, rest)

    def _lists_annexes(self, index: int, rest: str) -> bool:
        """附件：1.一览表 2.申请表 above the signature only lists what follows it."""
        listed = first_label(rest)
        following = self.labels[index + 1] if index + 1 < len(self.labels) else None
        later = any(label is not None and label.depth is Depth.ANNEX for label in self.labels[index + 1:])
        if listed is not None and listed.depth is Depth.THIRD:
            return later or (following is not None and following.number == listed.number + 1)
        return not rest and later and following is not None and following.depth is Depth.THIRD

    def _belongs_to_introduction(self, label: Label, block: Block) -> bool:
        """Short items below "下列材料：" are quoted together with it; so are the items of an answer."""
        if self.question is not None and self.question == self.current and label.depth >= Depth.SECOND:
            return self._fits_current(block)
        owner = next((level for level in reversed(self.levels) if level.depth < label.depth), None)
        if owner is None or owner.passage is None or owner.passage != self.current:
            return False
        return (owner.absorbs or owner.answered) and self._fits_current(block)

    def _is_heading(self, index: int, block: Block, label: Label, rest: str) -> bool:
        following = self._following(index)
        if self._is_asked(index, rest):
            return False
        if block.heading_level is not None or label.depth < Depth.ARTICLE:
            return True
        if not rest or following is None or len(rest) > LONGEST_HEADING or any(mark in rest[:-1] for mark in "。！？；!?;"):
            return False
        if rest[-1] in "：:；;，,、":
            return False
        if following.table is not None or self._is_bold_heading(following):
            return True
        below = first_label(following.text)
        if below is not None:
            return below.depth > label.depth
        # A full stop makes a heading of a short line only when much more follows it.
        room = 3 if rest[-1] in "。！？!?" else 1
        introduces = following.text.endswith(("：", ":"))
        if self._is_bold_heading(block):
            return True
        return (following.is_prose or introduces) and len(following.text) > room * len(rest)

    def _is_asked(self, index: int, rest: str) -> bool:
        following = self._following(index)
        answers = following is not None and following.table is None and ANSWER.match(following.text) is not None
        return answers and (rest.endswith(tuple(ASKS)) or QUESTION.match(rest) is not None)

    # -- headings without a number -------------------------------------------------------------------------------------------

    def _is_plain_heading(self, index: int, block: Block) -> bool:
        if block.heading_level is not None:
            return True
        following = self._following(index)
        if following is None or not _may_head(block):
            return False
        if self._is_bold_heading(block) or index in self.part_headings:
            return True
        if self.numbered:
            return False
        return following.is_prose and len(following.text) > len(block.text)

    def _is_bold_heading(self, block: Block) -> bool:
        return block.bold and self.bold_means and _may_head(block)

    def _plain_heading(self, index: int, block: Block) -> None:
        depth = self._plain_depth(index, block)
        self._descend(_Level(depth, _short_heading(block.text), block.text, block.text, numbered=False))
        self._head(block, "", block.text)

    def _plain_depth(self, index: int, block: Block) -> int:
        """Above the numbers that start below it, else below those that it stands under."""
        if index in self.part_headings and block.heading_level is None:
            return Depth.FIRST - UNDER_NUMBERS
        if block.heading_level is not None or not self.levels:
            return _heading_depth(block, None)
        label = self.labels[index + 1] if index + 1 < len(self.labels) else None
        if label is not None and label.number == 1 and label.depth >= Depth.FIRST:
            return label.depth - UNDER_NUMBERS
        sibling = next((level for level in reversed(self.levels) if not level.numbered and level.depth > Depth.ANNEX), None)
        if sibling is not None:
            return sibling.depth
        return self.levels[-1].depth + 1 if self.levels[-1].numbered else self.levels[-1].depth

    # -- paragraphs without a number -----------------------------------------------------------------------------------------

    def _paragraph(self, index: int, block: Block) -> None:
        level = self.levels[-1] if self.levels else None
        question = QUESTION.match(block.text)
        if question is not None and self._is_asked(index, block.text):
            name = QUESTION_NAME + first_words(block.text[question.end():], LONGEST_PLAIN_HEADING)
            self.question = self._pass(self._under() + name, "", block, self._path())
        elif self._belongs_to_answer(level, block) or self._notes_table(block):
            self._append(block)
        elif level is None:
            self._opening(block)
        elif level.passage is None and level.numbered:
            level.passage = self._pass(self._article(), "", block, self._path())
        elif (not block.is_prose or (level.numbered and level.depth >= Depth.SECOND)) and self._fits_current(block):
            self._append(block)
        else:
            self._pass(self._article() + self._name(level, block), "", block, self._path())

    def _belongs_to_answer(self, level: _Level | None, block: Block) -> bool:
        asked = self.question is not None and self.question == self.current
        answered = level is not None and level.answered and level.passage == self.current
        return (asked or answered) and self._fits_current(block)

    def _opening(self, block: Block) -> None:
        if self._fits_current(block):
            self._append(block)
        else:
            self._pass(f"{PREAMBLE}/{first_words(block.text, FIRST_WORDS)}", "", block, ())

    def _name(self, level: _Level, block: Block) -> str:
        if level.numbered:
            return first_words(block.text, FIRST_WORDS_UNDER_NUMBER)
        return "/" + first_words(block.text, FIRST_WORDS)

    def _sign(self, block: Block) -> None:
        if self.current is not None and self.pieces[self.current].article == SIGNATURE:
            self._append(block)
        else:
            self._pass(SIGNATURE, "", block, ())

    # -- tables --------------------------------------------------------------------------------------------------------------

    def _table(self, block: Block) -> None:
        title = self.levels[-1].title if self.levels and len(self.levels[-1].title) <= LONGEST_HEADING else ""
        self.pieces += table_pieces(self.names.name(self._under(), block), block, self._path(), title)
        self.current = None

    def _notes_table(self, block: Block) -> bool:
        """注： below a table belongs to its last rows."""
        if not self.pieces or not self.pieces[-1].is_table or NOTE.match(block.text) is None:
            return False
        self.current = len(self.pieces) - 1
        return True

    # -- keeping ------------------------------------------------------------------------------------------------------------

    def _descend(self, level: _Level) -> None:
        self.levels = [above for above in self.levels if above.depth < level.depth] + [level]

    def _article(self) -> str:
        """五、3. or 二、（一）; a heading without a number is set off by a slash."""
        article = ""
        for above, level in zip((None, *self.levels), self.levels, strict=False):
            article += ("/" if above is not None and not above.numbered else "") + level.shown
        return article

    def _under(self) -> str:
        """The article so far, as the beginning of one that is not a number."""
        return self._article() + ("/" if self.levels and not self.levels[-1].numbered else "")

    def _path(self) -> tuple[str, ...]:
        return tuple(level.heading for level in self.levels)

    def _head(self, block: Block, label: str, rest: str) -> None:
        self.pieces.append(Piece("", label, rest, self._path()[:-1], block.positions, block.confidence))
        self.current = None

    def _pass(self, article: str, label: str, block: Block, path: tuple[str, ...]) -> int:
        self.pieces.append(piece_of(article, label, [block], path))
        self.current = len(self.pieces) - 1
        return self.current

    def _fits_current(self, block: Block) -> bool:
        return self.current is not None and len(self.pieces[self.current].text) + len(block.text) <= LONGEST_PASSAGE

    def _append(self, block: Block) -> None:
        if self.current is None:
            raise AssertionError("a line can only be added to a passage that is open")
        self.pieces[self.current] = self.pieces[self.current].with_line(block)


def _short_heading(text: str) -> str:
    """深化精准救助 of 深化精准救助,建成救助改革的示范区: how a heading without a number is named."""
    return first_words(text, 20)


def _short_title(rest: str) -> str:
    """What an item with its own text is called in the heading paths below it: its first words."""
    return first_words(rest, 30)


def _may_head(block: Block) -> bool:
    """A short line that ends without a mark and is no day."""
    ends = block.text[-1] in END_MARKS or DATE_LINE.match(block.text) is not None
    return not block.is_prose and block.table is None and len(block.text) <= LONGEST_PLAIN_HEADING and not ends


def _part_headings(blocks: Sequence[Block], labels: Sequence[Label | None]) -> frozenset[int]:
    """Lines behind which the numbers begin with 一、, in a text where they begin more than once: the headings of its parts."""
    found = [
        index for index, (block, label) in enumerate(zip(blocks, labels[1:], strict=False))
        if label is not None and label.depth is Depth.FIRST and label.number == 1 and labels[index] is None and _may_head(block)
    ]
    return frozenset(found) if len(found) >= 2 else frozenset()


def _signature_lines(blocks: Sequence[Block]) -> frozenset[int]:
    """Where the text is signed: a day standing alone at the end or before an annex, and the short lines above it."""
    found: set[int] = set()
    for index, block in enumerate(blocks):
        if block.table is not None or not DATE_LINE.match(block.text):
            continue
        following = _label_of(blocks[index + 1]) if index + 1 < len(blocks) else None
        if index + 1 < len(blocks) and (following is None or following.depth is not Depth.ANNEX):
            continue
        found.add(index)
        above = index - 1
        while above >= 0 and index - above <= 4 and _may_sign(blocks[above]):
            found.add(above)
            above -= 1
    return frozenset(found)


def _may_sign(block: Block) -> bool:
    return _is_loose(block) and not block.is_prose and len(block.text) <= 30
