"""Saved web pages (HTML), through trafilatura: main text, title, days and number; navigation dropped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from typing import Any

import trafilatura
from charset_normalizer import from_bytes
from lxml import html
from lxml.etree import LxmlError
from trafilatura.settings import use_config

from knowledge.documents.blocks import Block, Source, table_block
from knowledge.documents.days import DAY
from knowledge.documents.numbering import first_label
from knowledge.documents.positions import Counted, Position, at
from knowledge.documents.printed_tables import printed_table
from knowledge.documents.readers.progress import Progress, unwatched
from knowledge.documents.readers.signatures import found_in
from knowledge.documents.repair import PUBLISHED_ON_PAGE
from knowledge.errors import UnreadableDocumentError
from knowledge.wording import say

CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
CHINESE_ENCODINGS = ("gb2312", "gbk", "gb18030", "x-gbk")
BEGINNING = 4096
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|&#0*(?:[0-8]|1[124-9]|2\d|3[01]);")
"""What XML cannot hold, written out or as a reference."""
CHARACTERS_A_BROKEN_ONE = 500
TAG = re.compile(rb"<(?:html|head|body|div|p|table|h[1-6]|span|br)\b", re.IGNORECASE)
NUMBER = r"[\u4e00-\u9fff]{1,14}[〔\[（(﹝【]\s*\d{4}\s*[〕\]）)﹞】]\s*第?\s*\d+\s*号"
FACTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("number", re.compile(rf"(?:发文字号|发布文号|文\s*号)\s*[:：]?\s*({NUMBER})")),
    ("issuer", re.compile(
        r"(?:发布机构|发文机关|发文单位|制发机关|公开主体)\s*[:：]?\s*([\u4e00-\u9fff、]{4,30}?)(?=\s|$|[（(]|成文|发布|公开)"
    )),
    ("publish_date", re.compile(rf"(?:成文日期|印发日期|签发日期|发文日期)\s*[:：]?\s*({DAY})")),
    ("implement_date", re.compile(rf"(?:施行日期|实施日期|生效日期)\s*[:：]?\s*({DAY})")),
    (PUBLISHED_ON_PAGE, re.compile(rf"(?:发布日期|发布时间|公开日期|公布日期)\s*[:：]?\s*({DAY})")),
)
FACT_NAMES = re.compile(
    r"^(索\s*引\s*号|主题分类|公文种类|发文字号|发布机构|发文机关|成文日期|发布日期|公开日期|公开属性|有效性|生效日期|文\s*号)"
    r"\s*[:：]?$"
)
META_TITLES = ("articletitle", "title")
META_DAYS = ("pubdate", "publishdate", "publish_time")
SITE_NAME = re.compile(r"\s*[_|｜]\s*.*$|\s+[-–—]\s+.*$")
LISTED = "ol"
HEADS = re.compile(r"^h([1-6])$")
BOLD = ("#b", "bold")
LEAST_TEXT = 30
LEAST_FACTS = 3
MOST_FACT_CELLS = 40
MOST_SPAN = 64
_ENCODING_SAID = re.compile(r"^\s*<\?xml[^>]*\?>")
"""lxml refuses text that declares the encoding of its bytes."""


def read_page(content: bytes, name: str, progress: Progress = unwatched) -> Source:
    """Blocks of the main text of a page. Raises UnreadableDocumentError: no page, no text found."""
    found = found_in(content)
    if found not in (None, "html") or TAG.search(content) is None:
        raise UnreadableDocumentError("unreadable.not_html", name=name, found=say(f"found.{found or 'unknown'}"))
    text, encoding = _decoded(content, name)
    try:
        tree = html.document_fromstring(CONTROL.sub("", _ENCODING_SAID.sub("", text)))
    except (LxmlError, ValueError) as error:
        raise UnreadableDocumentError("unreadable.not_html", name=name, found=say("found.unknown")) from error
    # Asked before the page is prepared for reading: its data box says number and days.
    properties = _properties(tree)
    _prepare(tree)
    extracted = _extracted(tree)
    body = getattr(extracted, "body", None)
    if body is None:
        raise UnreadableDocumentError("unreadable.page_without_text", name=name)
    if getattr(extracted, "date", None):
        properties.setdefault(PUBLISHED_ON_PAGE, extracted.date)
    title = _title(tree, getattr(extracted, "title", None))
    blocks = _Reading().blocks(body)
    if title and not any(_squeezed(block.text) == _squeezed(title) for block in blocks[:3]):
        blocks = [Block(title, 1), *blocks]
    if title:
        properties["title"] = title
    progress(1, 1)
    remarks = () if encoding is None else (say("remark.encoding", encoding=encoding),)
    return Source(tuple(blocks), properties, remarks=remarks)


def _decoded(content: bytes, name: str) -> tuple[str, str | None]:
    try:
        return content.decode("utf-8-sig"), None
    except UnicodeDecodeError:
        pass
    named = CHARSET.search(content[:BEGINNING])
    encoding = named[1].decode("ascii").lower() if named else ""
    if encoding in CHINESE_ENCODINGS or not encoding:
        # Pages that say GB2312 use characters of GB18030, which holds it whole; a page cut off in the middle breaks one of them.
        text = content.decode("gb18030", "replace")
        if text.count("\ufffd") <= len(text) / CHARACTERS_A_BROKEN_ONE:
            return text.replace("\ufffd", ""), "GB18030"
    match = from_bytes(content, cp_isolation=["gb18030", "big5", "utf_16_le", "utf_16_be", "utf_8"]).best()
    if match is None:
        raise UnreadableDocumentError("unreadable.encoding", name=name, stem=name.rpartition(".")[0])
    return str(match), match.encoding.upper()


def _title(tree: Any, found: str | None) -> str | None:
    """The title that the page declares for its article, its first heading, or its window title without the site's name."""
    declared = _meta(tree, META_TITLES[:1])
    heading = next((" ".join(h.text_content().split()) for h in tree.iter("h1") if h.text_content().strip()), None)
    window = SITE_NAME.sub("", found or _meta(tree, META_TITLES[1:]) or "")
    return declared or heading or window or None


def _properties(tree: Any) -> dict[str, str]:
    text = " ".join(" ".join(tree.itertext()).split())
    properties = {key: match[1].strip() for key, pattern in FACTS if (match := pattern.search(text))}
    day = _meta(tree, META_DAYS)
    if day:
        properties.setdefault(PUBLISHED_ON_PAGE, day[:10])
    return properties


def _extracted(tree: Any) -> Any:
    """The main text; asked again more generously when next to nothing was found."""
    options: dict[str, Any] = {
        "include_tables": True, "include_comments": False, "include_formatting": True, "with_metadata": True,
        "config": _settings(),
    }
    found: Any = trafilatura.bare_extraction(deepcopy(tree), **options)
    if found is None or found.body is None or len("".join(found.body.itertext())) < LEAST_TEXT:
        return trafilatura.bare_extraction(deepcopy(tree), favor_recall=True, **options)
    return found


@cache
def _settings() -> Any:
    """Chinese says in 30 characters what the library expects of 250; below its limit it would take the whole page."""
    settings = use_config()
    for name in ("MIN_EXTRACTED_SIZE", "MIN_OUTPUT_SIZE"):
        settings.set("DEFAULT", name, str(LEAST_TEXT))
    return settings


def _prepare(tree: Any) -> None:
    """Boxes about the page go; cells that span several places are written into each, because the extraction forgets spans."""
    for table in list(tree.iter("table")):
        cells = ["".join(cell.itertext()).strip() for cell in table.iter("td", "th")]
        if sum(1 for cell in cells if FACT_NAMES.match(cell)) >= LEAST_FACTS and len(cells) <= MOST_FACT_CELLS:
            table.drop_tree()
    for table in tree.iter("table"):
        _spread(table)


def _spread(table: Any) -> None:
    hanging: dict[int, tuple[int, Any]] = {}
    for row in table.iter("tr"):
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        placed: list[Any] = []
        while cells or len(placed) in hanging:
            if len(placed) in hanging:
                left, above = hanging.pop(len(placed))
                if left > 1:
                    hanging[len(placed)] = (left - 1, above)
                placed.append(deepcopy(above))
                continue
            cell = cells.pop(0)
            wide, high = _span(cell, "colspan"), _span(cell, "rowspan")
            for name in ("colspan", "rowspan"):
                cell.attrib.pop(name, None)
            for _ in range(wide):
                if high > 1:
                    hanging[len(placed)] = (high - 1, cell)
                placed.append(deepcopy(cell))
        row[:] = placed


def _meta(tree: Any, names: tuple[str, ...]) -> str | None:
    for element in tree.iter("meta"):
        if (element.get("name") or "").strip().lower() in names and (element.get("content") or "").strip():
            return " ".join(element.get("content").split())
    return None


class _Reading:
    """The blocks of the main text, in order."""

    def __init__(self) -> None:
        self._found: list[Block] = []
        self._paragraphs = self._tables = 0

    def blocks(self, body: Any) -> list[Block]:
        self._walk(body)
        return self._found

    def _walk(self, parent: Any) -> None:
        self._lines(parent.text)
        for child in parent:
            if child.tag == "table":
                self._table(child)
            elif child.tag == "list":
                self._list(child)
            elif child.tag in ("p", "head", "quote", "code"):
                self._paragraph(child)
            else:
                self._walk(child)
            self._lines(child.tail)

    def _list(self, element: Any) -> None:
        for number, item in enumerate(element.iter("item"), start=1):
            text = "".join(_words(item)).strip()
            counted = element.get("rend") == LISTED and first_label(text) is None
            self._lines(f"{number}.{text}" if counted else text)

    def _paragraph(self, element: Any) -> None:
        if next(element.iter("table"), None) is not None:
            self._walk(element)
            return
        heading = HEADS.match(element.get("rend") or "") if element.tag == "head" else None
        bold = [hi for hi in element.iter("hi") if hi.get("rend") in BOLD]
        words = "".join(_words(element))
        whole = bool(bold) and _squeezed("".join("".join(_words(hi)) for hi in bold)) == _squeezed(words)
        self._lines(words, int(heading[1]) if heading else None, whole)

    def _lines(self, words: str | None, heading: int | None = None, bold: bool = False) -> None:
        for line in (words or "").split("\n"):
            if line.strip():
                self._paragraphs += 1
                self._found.append(Block(line.strip(), heading, bold=bold, positions=at(Counted.PARAGRAPH, self._paragraphs)))

    def _table(self, element: Any) -> None:
        grid = [[" ".join("".join(_words(cell)).split()) for cell in row.iter("cell")] for row in element.iter("row")]
        table = printed_table(grid)
        if table is None:
            # A frame that only places paragraphs on the page.
            for cell in element.iter("cell"):
                self._walk(cell)
            return
        self._tables += 1
        rows = Position(Counted.ROW, 1, len(grid), say("place.table", number=self._tables))
        self._found.append(table_block(table, (rows,)))


def _words(element: Any) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if child.tag == "lb":
            yield "\n"
        yield from _words(child)
        yield child.tail or ""


def _span(cell: Any, attribute: str) -> int:
    written = (cell.get(attribute) or "").strip()
    return max(1, min(int(written), MOST_SPAN)) if written.isdecimal() else 1


def _squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)
