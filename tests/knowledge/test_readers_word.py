"""DOCX as Word shows it: automatic numbers, tables in their place, tracked changes accepted."""

from __future__ import annotations

import pytest
from docx import Document
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn

from knowledge.documents.blocks import Block
from knowledge.documents.positions import shown
from knowledge.documents.readers import read_source
from tests.knowledge.made_documents import docx_of, numbered, repacked, saved

LIST = """<w:abstractNum {ns} w:abstractNumId="90">
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="{first}"/>
<w:suff w:val="nothing"/><w:lvlText w:val="{pattern}"/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/>
<w:suff w:val="nothing"/><w:lvlText w:val="（%2）"/></w:lvl>
<w:lvl w:ilvl="2"><w:start w:val="3"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%3."/></w:lvl>
</w:abstractNum>"""


def read(document: object) -> tuple[Block, ...]:
    return read_source(saved(document), "通知.docx").blocks


def with_list(document: object, first: str = "chineseCounting", pattern: str = "%1、") -> None:
    numbering = document.part.numbering_part.element  # type: ignore[attr-defined]  # python-docx gives no public type for it
    numbering.insert(0, parse_xml(LIST.format(ns=nsdecls("w"), first=first, pattern=pattern)))
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="90"><w:abstractNumId w:val="90"/></w:num>'))


def test_automatic_numbers_are_part_of_the_text() -> None:
    document = Document()
    with_list(document)
    for words, depth in (("对象", 0), ("低保家庭。", 1), ("特困人员。", 1), ("核对。", 2), ("程序", 0), ("申请。", 1)):
        numbered(document.add_paragraph(words), 90, depth)
    assert [block.text for block in read(document)] == [
        "一、对象",
        "（一）低保家庭。",
        "（二）特困人员。",
        "3.核对。",
        "二、程序",
        "（一）申请。",
    ]


def test_articles_numbered_by_word_keep_the_gap_that_tells_them_from_references() -> None:
    document = Document()
    with_list(document, pattern="第%1条")
    document.part.numbering_part.element.find(".//" + qn("w:suff")).set(qn("w:val"), "tab")
    for words in ("为了规范救助，制定本办法。", "本办法自公布之日起施行。"):
        numbered(document.add_paragraph(words), 90)
    assert [block.text for block in read(document)] == ["第一条 为了规范救助，制定本办法。", "第二条 本办法自公布之日起施行。"]


@pytest.mark.parametrize(
    ("number_format", "pattern", "label"),
    [("decimalEnclosedCircle", "%1", "①"), ("decimal", "（%1）", "（1）"), ("bullet", "●", ""), ("upperLetter", "%1.", "A.")],
)
def test_each_kind_of_number_is_written_as_word_writes_it(number_format: str, pattern: str, label: str) -> None:
    document = Document()
    with_list(document, number_format, pattern)
    numbered(document.add_paragraph("核对。"), 90)
    assert [block.text for block in read(document)] == [f"{label}核对。"]


def test_headings_bold_lines_and_paragraph_numbers_are_told() -> None:
    document = Document()
    document.add_heading("某通知", 1)
    document.add_paragraph("")
    document.add_paragraph().add_run("申请条件").bold = True
    document.add_paragraph("本区户籍居民。").add_run("可以申请。").bold = True
    assert [(b.text, b.heading_level, b.bold, shown(b.positions)) for b in read(document)] == [
        ("某通知", 1, True, "第1段"),
        ("申请条件", None, True, "第3段"),
        ("本区户籍居民。可以申请。", None, False, "第4段"),
    ]


def test_tables_stand_where_they_stood_and_merged_cells_say_their_words_in_each_place() -> None:
    document = Document()
    document.add_paragraph("标准如下：")
    table = document.add_table(rows=3, cols=3)
    for cells, words in zip(table.rows, (("项目", "标准", ""), ("", "原", "新"), ("低保", "1510", "1600")), strict=True):
        for cell, text in zip(cells.cells, words, strict=True):
            cell.text = text
    table.cell(0, 1).merge(table.cell(0, 2))
    table.cell(0, 0).merge(table.cell(1, 0))
    document.add_paragraph("以上执行。")
    before, found, after = read(document)
    assert (before.text, after.text) == ("标准如下：", "以上执行。")
    assert found.table is not None
    assert (found.table.header, found.table.body) == (("项目", "标准/原", "标准/新"), (("低保", "1510", "1600"),))
    assert shown(found.positions) == "表1第1–3行"


def test_a_frame_around_paragraphs_is_read_as_paragraphs() -> None:
    document = Document()
    frame = document.add_table(rows=1, cols=1)
    frame.cell(0, 0).text = "框里的话。"
    assert [(block.text, block.table) for block in read(document)] == [("框里的话。", None)]


def test_inserted_words_are_read_deleted_ones_are_not_and_the_editor_is_told() -> None:
    document = Document()
    paragraph = document.add_paragraph("补助")
    for tag, text_tag, words in (("w:del", "w:delText", "500元"), ("w:ins", "w:t", "800元")):
        change, run, text = OxmlElement(tag), OxmlElement("w:r"), OxmlElement(text_tag)
        text.text = words
        run.append(text)
        change.append(run)
        paragraph._p.append(change)
    source = read_source(saved(document), "通知.docx")
    assert [block.text for block in source.blocks] == ["补助800元"]
    assert any("修订" in remark for remark in source.remarks)


def test_words_inside_content_controls_are_read() -> None:
    def wrap(name: str, part: bytes) -> bytes:
        if name != "word/document.xml":
            return part
        return part.replace(b"<w:p>", b"<w:sdt><w:sdtContent><w:p>", 1).replace(b"</w:p>", b"</w:p></w:sdtContent></w:sdt>", 1)

    content = repacked(docx_of(("控件里的话。", "控件外的话。")), wrap)
    assert [block.text for block in read_source(content, "通知.docx").blocks] == ["控件里的话。", "控件外的话。"]
