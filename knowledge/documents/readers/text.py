"""Plain text and Markdown: the encoding found, front matter and headings told from paragraphs."""

from __future__ import annotations

import codecs
import re
from pathlib import PurePath

import yaml
from charset_normalizer import from_bytes

from knowledge.documents.blocks import Block, Source
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
LEAST_CHINESE = 0.2
"""A policy document is Chinese; a listing, a certificate or source code saved as .txt is not."""


def read_text(content: bytes, name: str) -> Source:
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
    lines, properties = _front_matter(text.splitlines())
    markdown = PurePath(name).suffix.lower() in (".md", ".markdown")
    blocks, head_ends_at = _blocks(lines, markdown)
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
    if end is None:
        return lines, {}
    try:
        loaded = yaml.safe_load("\n".join(lines[1:end]))
    except yaml.YAMLError:
        return lines, {}
    if not isinstance(loaded, dict):
        return lines, {}
    return lines[end + 1:], {str(key): str(value) for key, value in loaded.items() if isinstance(value, (str, int)) or value}


def _blocks(lines: list[str], markdown: bool) -> tuple[tuple[Block, ...], int | None]:
    blocks: list[Block] = []
    head_ends_at: int | None = None
    for line in map(str.strip, lines):
        if HEAD_ENDS.match(line):
            head_ends_at = len(blocks)
        elif line and not COMMENT.match(line):
            heading = HEADING.match(line)
            text = heading.group(2) if heading else line
            # Outside Markdown, ** stands for a name somebody masked.
            text = BOLD.sub(r"\1", text) if markdown else text
            blocks.append(Block(text, len(heading.group(1)) if heading else None))
    return tuple(blocks), head_ends_at
