"""The head of a document: the lines above its text proper, with title, number, issuer and days; and the text proper itself."""

from __future__ import annotations

import re
from collections.abc import Sequence

from knowledge.documents.blocks import Block, Source
from knowledge.documents.days import DAY, days_in
from knowledge.documents.numbering import DATE_LINE, first_label

LONGEST_HEAD_LINE = 60

NUMBER = re.compile(r"[\u4e00-\u9fff]{1,14}[〔\[（(﹝【]\s*\d{4}\s*[〕\]）)﹞】]\s*第?\s*\d+\s*号")
ADOPTED = re.compile(r"通过|修订|修正|修改|公布|发布|印发|批准")
IN_FORCE = re.compile(r"施行|实施|生效")
OPENS_WITH_DAY = re.compile(rf"^(?:{DAY}|\d{{4}}\s*年\s*\d{{0,2}}\s*月)")
ISSUER_LINE = re.compile(r"^(?P<issuer>[\u4e00-\u9fff]{4,30}?)文件$")


def head_and_body(source: Source, known_title: str | None, stem: str) -> tuple[list[Block], list[Block]]:
    blocks = list(source.blocks)
    if source.head_ends_at is not None:
        return blocks[:source.head_ends_at], blocks[source.head_ends_at:]
    end = 0
    title_seen = False
    while end < len(blocks):
        block = blocks[end]
        is_title = is_title_line(block, known_title or stem, stem) or (block.heading_level == 1 and not title_seen)
        if not is_title and not _is_head_line(block):
            may_be_title = not title_seen and _may_be_title(block) and len(blocks) > end + 1
            if not may_be_title:
                break
            is_title = True
        title_seen = title_seen or is_title
        end += 1
    return blocks[:end], blocks[end:]


def _is_head_line(block: Block) -> bool:
    """A line with the issuer, the number or a day, as heads have them."""
    text = block.text
    if first_label(text) is not None or text.endswith(("：", ":")) or len(text) > 120:
        return False
    if OPENS_WITH_DAY.match(text.lstrip("（( ")):
        return len(days_in(text)) == 0 or bool(DATE_LINE.match(text) or ADOPTED.search(text) or IN_FORCE.search(text))
    short = len(text) <= LONGEST_HEAD_LINE and not block.is_prose
    return short and (NUMBER.search(text) is not None or ISSUER_LINE.match(text) is not None)


def is_title_line(block: Block, title: str, stem: str) -> bool:
    """Is it the title, or a part of it that the layout put on a line of its own?"""
    if first_label(block.text) is not None or block.text.endswith(("：", ":", "。")):
        return False
    text = _bare(block.text)
    if len(text) < 4:
        return False
    return any(text == whole or (len(text) >= 8 and text in whole) for whole in (_bare(title), _bare(stem)))


def _may_be_title(block: Block) -> bool:
    text = block.text
    return not block.is_prose and len(text) <= LONGEST_HEAD_LINE and text[-1] not in "：:。，,、" and first_label(text) is None


def title_in(head: Sequence[Block], stem: str) -> str | None:
    marked = next((b.text for b in head if b.heading_level is not None), None)
    if marked:
        return _without_spaces(marked)
    candidates = [b.text for b in head if not _is_head_line(b)]
    like_the_file = next((text for text in candidates if _bare(text) in _bare(stem) or _bare(stem) in _bare(text)), None)
    chosen = like_the_file or next(iter(candidates), None)
    return None if chosen is None else _without_spaces(chosen)


def _without_spaces(title: str) -> str:
    return re.sub(r"(?<=[\u4e00-\u9fff\d])\s+(?=[\u4e00-\u9fff\d])", "", title)


def _bare(text: str) -> str:
    return re.sub(r"[\s《》〈〉“”\"'‘’，,、：:]", "", text)
