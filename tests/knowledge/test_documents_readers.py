"""Each kind of file gives its text, or its own clear failure."""

from __future__ import annotations

import random

import pytest

from knowledge.documents.blocks import Block, Source
from knowledge.documents.positions import shown
from knowledge.documents.readers import read_source
from knowledge.documents.readers.chinese import check_chinese
from knowledge.errors import UnreadableDocumentError
from tests.knowledge.paper import pdf

TEXT = "关于做好社会救助工作的通知\n一、总体要求\n各街镇要认真落实各项救助政策，做到应保尽保。\n"


def texts(content: bytes, name: str = "通知.txt") -> list[str]:
    return [block.text for block in read_source(content, name).blocks]


def refusal(content: bytes, name: str) -> UnreadableDocumentError:
    with pytest.raises(UnreadableDocumentError) as caught:
        read_source(content, name)
    assert name in str(caught.value)
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
def test_text_is_read_in_every_usual_encoding(encoding: str) -> None:
    assert texts((TEXT * 3).encode(encoding)) == TEXT.splitlines() * 3


def test_another_encoding_is_told() -> None:
    assert any("GB18030" in remark for remark in read_source((TEXT * 3).encode("gb18030"), "通知.txt").remarks)


def test_markdown_headings_front_matter_and_the_end_of_the_head_are_found() -> None:
    content = (
        "---\ntitle: 某条例\npublish_date: 2024-01-02\n---\n# 某条例\n\n2024年1月2日 通过\n\n<!-- INFO END -->\n\n"
        "## 第一章 总则\n\n第一条 为了保障生活。"
    )
    source = read_source(content.encode(), "某条例.md")
    assert source.properties == {"title": "某条例", "publish_date": "2024-01-02"}
    assert source.head_ends_at == 2
    assert [(b.text, b.heading_level) for b in source.blocks] == [
        ("某条例", 1),
        ("2024年1月2日 通过", None),
        ("第一章 总则", 2),
        ("第一条 为了保障生活。", None),
    ]


def test_a_line_of_dashes_without_an_end_is_no_front_matter() -> None:
    assert texts("---\n第一条 甲乙丙丁。\n".encode()) == ["---", "第一条 甲乙丙丁。"]


def test_stars_outside_markdown_are_masked_names_and_stay() -> None:
    assert texts("救助低保**户**人，发放资金。".encode()) == ["救助低保**户**人，发放资金。"]


def test_bold_in_markdown_is_only_looks() -> None:
    assert texts("**申请条件** 本市户籍居民。".encode(), "说明.md") == ["申请条件 本市户籍居民。"]


@pytest.mark.parametrize(
    ("content", "name", "key"),
    [
        (b"", "空.txt", "unreadable.empty"),
        (b" \n\t\r\n", "空白.md", "unreadable.empty"),
        ("\ufeff \n".encode("utf-16"), "空.txt", "unreadable.empty"),
        (b"", "空.pdf", "unreadable.empty"),
        (b"MZ\x90\x00" + bytes(500), "程序.txt", "unreadable.disguised"),
        (b"PK\x03\x04" + bytes(500), "表格.txt", "unreadable.disguised"),
        (b"%PDF-1.4\n...", "文件.txt", "unreadable.disguised"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "旧文档.md", "unreadable.disguised"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "图.txt", "unreadable.disguised"),
        ("说明".encode() + b"\x00\x01\x02" * 50, "数据.txt", "unreadable.binary"),
        (random.Random(7).randbytes(4000), "乱码.txt", None),
        (b"\xff\xfe\x00", "半个.txt", "unreadable.encoding"),
        (b"import os\nprint('hello world')\n" * 20, "程序.txt", "unreadable.not_chinese"),
        (TEXT.encode(), "通知.docx", "unreadable.not_docx"),
        (TEXT.encode(), "通知.doc", "unreadable.not_office"),
        (TEXT.encode(), "通知.html", "unreadable.not_html"),
        (TEXT.encode(), "通知.xlsx", "unreadable.not_xlsx"),
        (TEXT.encode(), "通知.jpg", "unreadable.not_picture"),
        (TEXT.encode(), "通知.ofd", "unreadable.format"),
        (b"%PDF-1.4\n...", "表.csv", "unreadable.disguised"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "锁.docx", "unreadable.locked_office"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "旧.docx", "unreadable.not_docx"),
        (TEXT.encode(), "通知", "unreadable.no_suffix"),
        (b"PK\x03\x04" + bytes(500), "通知.pdf", "unreadable.not_pdf"),
        (TEXT.encode(), "通知.pdf", "unreadable.not_pdf"),
        (b"%PDF-1.7\n" + bytes(300), "坏.pdf", "unreadable.broken_pdf"),
    ],
)
def test_what_is_no_text_is_refused_by_name(content: bytes, name: str, key: str | None) -> None:
    error = refusal(content, name)
    assert key is None or error.key == key
    assert "。" in str(error)


def test_a_file_over_the_limit_is_refused_with_both_sizes() -> None:
    with pytest.raises(UnreadableDocumentError, match=r"2\.0 MB，超过上限 1\.0 MB"):
        read_source("救".encode() * (2 * 1024 * 1024 // 3), "大.txt", max_bytes=1024 * 1024)


def test_a_file_exactly_at_the_limit_is_read() -> None:
    content = TEXT.encode()
    assert read_source(content, "通知.txt", max_bytes=len(content)).blocks


def test_rubble_in_other_scripts_is_no_document() -> None:
    rubble = "".join(chr(0x0E01 + i % 50) for i in range(300)) + "救助"
    with pytest.raises(UnreadableDocumentError, match="乱码"):
        check_chinese(Source((Block(rubble),)), "坏.doc")


def test_a_list_of_telephone_numbers_is_chinese_enough() -> None:
    check_chinese(Source((Block("街镇 电话"), *[Block("62001234")] * 6)), "电话.csv")


def test_lines_with_tabs_are_a_table_and_the_lines_around_it_are_not() -> None:
    source = read_source("标准如下：\n项目\t标准\n低保\t1510\n以上执行。".encode(), "标准.txt")
    assert [(b.text, b.table is not None) for b in source.blocks] == [
        ("标准如下：", False), ("项目 | 标准\n低保 | 1510", True), ("以上执行。", False),
    ]


def test_a_table_of_markdown_loses_its_rule_and_keeps_its_place() -> None:
    content = "# 标准\n\n| 项目 | **标准** |\n| --- | ---: |\n| 低保 | 1510 |\n\n正文说明。"
    table, after = read_source(content.encode(), "标准.md").blocks[1:]
    assert (table.text, shown(table.positions), shown(after.positions)) == ("项目 | 标准\n低保 | 1510", "第3–5行", "第7行")


def test_front_matter_that_refers_to_itself_is_taken_for_text() -> None:
    bomb = "---\na: &a 甲甲甲\nb: [*a, *a]\n---\n第一条 救助办法。\n"
    assert read_source(bomb.encode(), "办法.md").properties == {}


# -- PDF -----------------------------------------------------------------------------------------------------------------------


def full_line(text: str) -> str:
    return text.ljust(30, "救")


def test_lines_of_a_pdf_paragraph_are_joined_and_indented_lines_open_one() -> None:
    content = pdf(
        [
            (86, 700, full_line("各街镇要落实属地责任")[:28]),
            (62, 680, full_line("摸清底数")),
            (62, 660, "及时纳入监测。"),
            (86, 640, "二、关注四类群体"),
        ]
    )
    assert texts(content, "措施.pdf") == [
        full_line("各街镇要落实属地责任")[:28] + full_line("摸清底数") + "及时纳入监测。",
        "二、关注四类群体",
    ]


def test_page_numbers_and_running_heads_of_a_pdf_are_dropped_and_told() -> None:
    pages = [
        [(62, 800, "长宁区政策汇编"), (62, 700, f"第{n}部分 说明救助政策的内容。"), (290, 30, f"— {n} —")] for n in (1, 2, 3)
    ]
    source = read_source(pdf(*pages), "汇编.pdf")
    assert [b.text for b in source.blocks] == [f"第{n}部分 说明救助政策的内容。" for n in (1, 2, 3)]
    assert any("6 行页眉页脚" in remark for remark in source.remarks)


def test_a_line_that_opens_two_pages_only_is_text() -> None:
    pages = [[(62, 800, "最低生活保障"), (62, 700, f"第{n}页说明救助政策的内容。")] for n in (1, 2)]
    assert "最低生活保障" in texts(pdf(*pages), "两页.pdf")


def test_a_page_without_text_is_named() -> None:
    source = read_source(pdf([(62, 700, "各街镇要落实属地责任，做好社会救助工作。")], []), "半扫描.pdf")
    assert any("第 2 页没有认出文字" in remark for remark in source.remarks)


def test_blank_pages_are_refused_with_their_number() -> None:
    error = refusal(pdf([], [], []), "扫描.pdf")
    assert (error.key, "共 3 页" in str(error)) == ("unreadable.blank_pdf", True)


@pytest.mark.parametrize("kept", [0.3, 0.6])
def test_a_truncated_pdf_is_refused(kept: float) -> None:
    content = pdf([(62, 700, "各街镇要落实属地责任，做好社会救助工作。")])
    error = refusal(content[: int(len(content) * kept)], "半截.pdf")
    assert error.key in ("unreadable.broken_pdf", "unreadable.blank_pdf")


def test_an_encrypted_pdf_says_that_it_has_a_password() -> None:
    plain = pdf([(62, 700, "各街镇要落实属地责任。")])
    locked = plain.replace(
        b"/Root 1 0 R >>",
        b"/Root 1 0 R /ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>] /Encrypt << /Filter /Standard "
        b"/V 1 /R 2 /P -4 /O <" + b"41" * 32 + b"> /U <" + b"42" * 32 + b"> >> >>",
    )
    assert refusal(locked, "加密.pdf").key == "unreadable.encrypted_pdf"


def test_a_paragraph_that_a_page_break_divides_is_one_and_names_both_pages() -> None:
    first, second = full_line("各街镇要落实属地责任"), "及时纳入监测。"
    indented = [(86, 800 - 20 * n, full_line("摸清底数")[:28]) for n in range(3)]
    source = read_source(pdf([*indented, (62, 60, first)], [(62, 800, second), (86, 780, "另起一段。")]), "措施.pdf")
    block = next(b for b in source.blocks if b.text.endswith(second))
    assert (block.text.endswith(first + second), shown(block.positions)) == (True, "第1–2页")


def test_lines_set_apart_by_a_gap_are_paragraphs_without_any_indent() -> None:
    lines = [(62, 780, full_line("甲")), (62, 764, full_line("乙")), (62, 748, "丙。")]
    lines += [(62, 716, full_line("丁")), (62, 700, full_line("戊")), (62, 684, full_line("己"))]
    lines += [(62, 652, full_line("庚")), (62, 636, "辛。")]
    assert [text[0] for text in texts(pdf(lines), "措施.pdf")] == ["甲", "丁", "庚"]
