"""Damage of extraction repaired without changing meaning; what was done is counted and told."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from knowledge.documents.blocks import END_OF_TEXT, Block, Source, least
from knowledge.documents.numbering import ARTICLE, first_label
from knowledge.documents.positions import together
from knowledge.wording import say

INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
WIDE_SPACE = re.compile(r"[\u00a0\u2000-\u200a\u3000\t]+")
FULL_WIDTH = re.compile(r"[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff05]|(?<=\d)\uff0e(?=\d)")
"""Digits, letters, % and the point of a decimal in full width; marks of Chinese text are full width by right."""
FULL_WIDTH_OFFSET = 0xFEE0
CJK = r"\u3400-\u9fff\u3001-\u301f\uff01-\uff5e“”‘’"
BROKEN_NUMBER = re.compile(r"(?<=\d)(?:\s+\.|\.\s+)(?=\d)")
NUMBER_BEFORE_UNIT = re.compile(r"(?<=\d)\s+(?=[年月日号])|(?<=年)\s+(?=\d{1,2}\s*月)|(?<=月)\s+(?=\d{1,2}\s*日)")
WORD_BEFORE_DIGIT = re.compile(rf"(?<=[{CJK}])\s+(?=\d)|(?<=[\d%])\s+(?=[{CJK}])")
BETWEEN_WORDS = re.compile(rf"(?<=[{CJK}])\s+(?=[{CJK}])")
COMMA = "，,、"
LONGEST_IN_BRACKETS = 60
BRACKETS = (("（(", "）)"), ("《〈", "》〉"))
TITLE_END = re.compile(
    r"(通知|通告|公告|意见|措施|办法|规定|细则|方案|要点|条例|法|决定|批复|函|情况|汇报|报告|总结|计划|规划|体系|标准)"
    r"([（(].{1,8}[）)])?$"
)
LONG_LINE = 35
"""A line so long without an end was cut by a page or column, not by its author."""
LONGEST_HEADING = 60

PUBLISHED_ON_PAGE = "published_on_page"
FURNITURE = tuple(re.compile(pattern) for pattern in (
    r"^当前位置\s*[:：]",
    r"^(发布|发文|更新)(日期|时间)\s*[:：]\s*\d{4}.{0,12}?(\s|$)(?=.*(字体|浏览|来源|点击|打印)|\s*$)",
    r"^(字体|字号)\s*[\[【(（:：]",
    r"^(来源|信息来源)\s*[:：]\S{0,20}\s+(字体|浏览|发布)",
    r"^(打印|关闭|分享到|收藏|返回顶部|无障碍|长者专版|扫一扫)(本页|此页|窗口|\s|[:：]|$)",
    r"^(上一篇|下一篇|相关链接|相关阅读|责任编辑|浏览次数|点击数)\s*[:：]",
    r"^[—–－-]\s*\d{1,3}\s*[—–－-]$",
    r"^第\s*\d{1,3}\s*页\s*[/／,，]?\s*共\s*\d{1,3}\s*页$",
    r"^\[\[(Category|分类)[:：].*\]\]$",
))
PAGE_DATE = re.compile(r"^(?:发布|发文|更新)(?:日期|时间)\s*[:：]\s*(\d{4}[-年./]\d{1,2}[-月./]\d{1,2})")


def repaired(source: Source) -> Source:
    """The source without invisible characters, page furniture, spaces inside numbers and words, and breaks inside sentences."""
    counts: Counter[str] = Counter()
    properties = dict(source.properties)
    head: list[Block] = []
    body: list[Block] = []
    for index, block in enumerate(source.blocks):
        if block.table is not None:
            body.append(_repaired_table(block, counts))
            continue
        text = _visible(block.text, counts)
        if not text:
            continue
        dated = PAGE_DATE.match(text)
        if dated:
            properties.setdefault(PUBLISHED_ON_PAGE, dated.group(1))
        if any(pattern.search(text) for pattern in FURNITURE):
            counts["furniture"] += 1
            continue
        in_head = source.head_ends_at is not None and index < source.head_ends_at
        (head if in_head else body).append(replace(block, text=text))
    joined = [replace(block, text=_without_stray_spaces(block, counts)) for block in _joined(body, counts)]
    remarks = tuple(say(f"remark.{key}", count=count) for key, count in sorted(counts.items()) if count)
    head_ends_at = None if source.head_ends_at is None else len(head)
    return Source((*head, *joined), properties, head_ends_at, source.remarks + remarks)


def _repaired_table(block: Block, counts: Counter[str]) -> Block:
    """Cells are words of their own: a space before a number or unit in one means nothing."""
    def cell(text: str) -> str:
        text = _visible(text, counts)
        for pattern in (NUMBER_BEFORE_UNIT, WORD_BEFORE_DIGIT):
            text, count = pattern.subn("", text)
            counts["spaces"] += count
        return text

    table = block.table.with_cells(cell) if block.table is not None else None
    return replace(block, table=table, text=table.as_text() if table is not None else block.text)


def _visible(text: str, counts: Counter[str]) -> str:
    text, invisible = INVISIBLE.subn("", text)
    counts["invisible"] += invisible
    counts["full_width"] += len(FULL_WIDTH.findall(text))
    text = FULL_WIDTH.sub(lambda match: chr(ord(match[0]) - FULL_WIDTH_OFFSET), text)
    return WIDE_SPACE.sub(" ", text).strip()


def _joined(blocks: Sequence[Block], counts: Counter[str]) -> list[Block]:
    width = _line_width(blocks)
    joined: list[Block] = []
    for block in blocks:
        if joined and _continues(joined[-1], block, width):
            before = joined[-1]
            joined[-1] = replace(
                before, text=before.text + block.text, bold=before.bold and block.bold,
                positions=together((*before.positions, *block.positions)), confidence=least(before.confidence, block.confidence),
            )
            counts["joined"] += 1
        else:
            joined.append(block)
    return joined


def _line_width(blocks: Sequence[Block]) -> int:
    """The length from which a line without an end was cut by the layout: less than usual in a file with hard line breaks."""
    unfinished = sorted(len(b.text) for b in blocks if _is_line(b) and b.text[-1] not in END_OF_TEXT)
    if len(unfinished) < 10 or len(unfinished) < 0.4 * len(blocks):
        return LONG_LINE
    widest = unfinished[-1]
    full = sum(length >= widest - 3 for length in unfinished)
    return max(12, widest - 3) if full >= 0.6 * len(unfinished) else LONG_LINE


def _continues(before: Block, after: Block, width: int) -> bool:
    """Does `after` go on with the sentence that `before` left open?"""
    if not _is_line(before) or not _is_line(after) or before.bold != after.bold:
        return False
    if first_label(after.text) is not None or ARTICLE.match(after.text):
        return False
    if before.text[-1] in COMMA or _open_bracket(before.text):
        return True
    if before.text[-1] in END_OF_TEXT:
        return False
    if first_label(before.text) is not None and len(before.text) <= LONGEST_HEADING and not before.is_prose:
        return False
    if not before.is_prose and TITLE_END.search(before.text):
        return False
    return len(before.text) >= width


def _is_line(block: Block) -> bool:
    return block.heading_level is None and block.table is None


def _open_bracket(text: str) -> bool:
    # A bracket that was opened long before was never closed: its mate was lost, and nothing tells where.
    near = text[-LONGEST_IN_BRACKETS:]
    return any(_count(near, opening) > _count(near, closing) for opening, closing in BRACKETS)


def _count(text: str, characters: str) -> int:
    return sum(map(text.count, characters))


def _without_stray_spaces(block: Block, counts: Counter[str]) -> str:
    """Table rows keep their spaces: there, two numbers side by side are two numbers."""
    if block.table is not None:
        return block.text
    label = first_label(block.text)
    start = 0 if label is None else len(label.printed)
    kept, text = block.text[:start], block.text[start:].strip()
    patterns = [NUMBER_BEFORE_UNIT]
    if block.is_prose:
        patterns = [BROKEN_NUMBER, NUMBER_BEFORE_UNIT, WORD_BEFORE_DIGIT, BETWEEN_WORDS]
    elif block.heading_level is not None or label is not None:
        patterns = [NUMBER_BEFORE_UNIT, WORD_BEFORE_DIGIT, BETWEEN_WORDS]
    for pattern in patterns:
        replacement = "." if pattern is BROKEN_NUMBER else ""
        text, count = pattern.subn(replacement, text)
        # Headings are often spaced out for looks (总 则): nothing was damaged, nothing is told.
        counts["spaces"] += count if block.is_prose else 0
    return f"{kept} {text}" if kept and label is not None and label.spaced else kept + text
