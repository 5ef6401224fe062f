"""Plain text and Markdown: the encoding found; front matter, headings and tables told from paragraphs."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from pathlib import PurePath

import yaml
from charset_normalizer import from_bytes

from knowledge.documents.blocks import Block, Source, table_block
from knowledge.documents.positions import Counted, Position, at
from knowledge.documents.printed_tables import printed_table
from knowledge.documents.readers.progress import Progress, unwatched
from knowledge.documents.readers.signatures import found_in
from knowledge.errors import UnreadableDocumentError
from knowledge.wording import say

HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$")
COMMENT = re.compile(r"^<!--.*-->$")
HEAD_ENDS = re.compile(r"^<!--\s*INFO END\s*-->$")
FENCE = "---"
BOLD = re.compile(r"\*\*(?=\S)([^*]+?)(?<=\S)\*\*")
CJK = re.compile(r"[\u3400-\u9fff]")
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ufffd]")
WHOLLY_BOLD = re.compile(r"^\*\*(?=\S)[^*]+(?<=\S)\*\*[:：]?$")
PIPED = re.compile(r"^\|.*\|$")
RULE = re.compile(r"^\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?$")
PIPE = re.compile(r"(?<!\\)\|")
LONGEST_FRONT_MATTER = 20_000
"""Characters. More is no description of a document; and YAML that repeats itself by reference can grow without end."""
LEAST_CHINESE = 0.2
"""A policy document is Chinese; a listing, a certificate or source code saved as .txt is not."""


def read_text(content: bytes, name: str, progress: Progress = unwatched) -> Source:
    """Blocks of a text file, one a line. Raises UnreadableDocumentError for anything that is no Chinese text."""
    stem = PurePath(name).stem
    kind = found_in(content)
    if kind is not None:
        raise UnreadableDocumentError("unreadable.disguised", name=name, stem=stem, found=say(f"found.{kind}"))
    text, encoding = decoded(content, name)
    written = re.sub(r"\s", "", text)
    if not written:
        raise UnreadableDocumentError("unreadable.empty", name=name)
    share = len(CJK.findall(written)) / len(written)
    if share < LEAST_CHINESE:
        raise UnreadableDocumentError("unreadable.not_chinese", name=name, share=round(share * 100))
    remarks = () if encoding is None else (say("remark.encoding", encoding=encoding),)
    all_lines = text.splitlines()
    lines, properties = _front_matter(all_lines)
    markdown = PurePath(name).suffix.lower() in (".md", ".markdown")
    blocks, head_ends_at = _blocks(lines, markdown, len(all_lines) - len(lines) + 1)
    progress(1, 1)
    return Source(blocks, properties, head_ends_at, remarks)


def decoded(content: bytes, name: str) -> tuple[str, str | None]:
    """The text and, when it was not UTF-8, the name of its encoding. Raises UnreadableDocumentError."""
    for mark, encoding in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if content.startswith(mark):
            try:
                text = content.decode(encoding)
            except UnicodeDecodeError as error:
                raise _not_text("unreadable.encoding", name) from error
            return _checked(text, name), None if encoding == "utf-8-sig" else "UTF-16"
    try:
        return _checked(content.decode("utf-8"), name), None
    except UnicodeDecodeError:
        return _guessed(content, name)


def _guessed(content: bytes, name: str) -> tuple[str, str]:
    match = from_bytes(content, cp_isolation=["gb18030", "big5", "utf_16_le", "utf_16_be"]).best()
    if match is None:
        # NUL bytes are what tells programs and images from text in an unknown encoding.
        raise _not_text("unreadable.binary" if b"\x00" in content else "unreadable.encoding", name)
    return _checked(str(match), name), match.encoding.upper()


def _checked(text: str, name: str) -> str:
    text = text.removeprefix("\ufeff")
    if CONTROL.search(text):
        raise _not_text("unreadable.binary", name)
    return text


def _not_text(key: str, name: str) -> UnreadableDocumentError:
    return UnreadableDocumentError(key, name=name, stem=PurePath(name).stem)


def _front_matter(lines: list[str]) -> tuple[list[str], dict[str, str]]:
    """Lines without the YAML block between --- at the very top, and its plain values. No such block: all lines, nothing."""
    if not lines or lines[0].strip() != FENCE:
        return lines, {}
    end = next((i for i, line in enumerate(lines[1:], start=1) if line.strip() == FENCE), None)
    written = "\n".join(lines[1:end])
    if end is None or len(written) > LONGEST_FRONT_MATTER:
        return lines, {}
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(written)):
            return lines, {}
        loaded = yaml.safe_load(written)
    except yaml.YAMLError:
        return lines, {}
    if not isinstance(loaded, dict):
        return lines, {}
    return lines[end + 1:], {str(key): str(value) for key, value in loaded.items() if isinstance(value, (str, int)) or value}


def _blocks(lines: list[str], markdown: bool, first_line: int) -> tuple[tuple[Block, ...], int | None]:
    blocks: list[Block] = []
    head_ends_at: int | None = None
    index = 0
    while index < len(lines):
        rows = _table_rows(lines, index)
        if rows:
            blocks += _table(lines[index:index + rows], first_line + index)
            index += rows
            continue
        line = lines[index].strip()
        if HEAD_ENDS.match(line):
            head_ends_at = len(blocks)
        elif line and not COMMENT.match(line):
            blocks.append(_line(line, markdown, first_line + index))
        index += 1
    return tuple(blocks), head_ends_at


def _line(line: str, markdown: bool, number: int) -> Block:
    heading = HEADING.match(line)
    text = heading.group(2) if heading else line
    # Outside Markdown, ** stands for a name somebody masked.
    bold = markdown and WHOLLY_BOLD.match(text) is not None
    text = BOLD.sub(r"\1", text) if markdown else text
    return Block(text, len(heading.group(1)) if heading else None, bold=bold, positions=at(Counted.LINE, number))


def _table_rows(lines: Sequence[str], start: int) -> int:
    """How many lines from there on are rows of one table: between pipes, or the same number of cells with tabs between them."""
    if PIPED.match(lines[start].strip()):
        end = start
        while end < len(lines) and PIPED.match(lines[end].strip()):
            end += 1
        return end - start if end - start >= 2 else 0
    cells = _tabbed(lines[start])
    end = start
    while cells >= 2 and end < len(lines) and _tabbed(lines[end]) == cells:
        end += 1
    return end - start if end - start >= 2 else 0


def _tabbed(line: str) -> int:
    """Cells of a line with tabs between words; 0 for a line that has tabs only to indent it."""
    return len(line.rstrip("\n").split("\t")) if "\t" in line.strip() and not line.startswith("\t") else 0


def _table(lines: Sequence[str], first: int) -> list[Block]:
    position = (Position(Counted.LINE, first, first + len(lines) - 1),)
    rows = [_cells(line) for line in lines if not RULE.match(line.strip())]
    table = printed_table(rows)
    if table is None:
        return [Block(text, positions=position) for row in rows if (text := " ".join(filter(None, row)))]
    return [table_block(table, position)]


def _cells(line: str) -> list[str]:
    if PIPED.match(line.strip()):
        parts = PIPE.split(line.strip()[1:-1])
        return [BOLD.sub(r"\1", part.strip().replace("\\|", "|").replace("<br>", " ")) for part in parts]
    return [part.strip() for part in line.split("\t")]
