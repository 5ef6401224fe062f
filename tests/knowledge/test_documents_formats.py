"""One document in every format gives the same clauses; every bad file has its own clear failure, and harms no other."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from knowledge.documents.reading import ReadDocument, read_content, read_document
from knowledge.errors import UnreadableDocumentError
from tests.knowledge.made_documents import (
    NOTICE,
    a_cat,
    bomb,
    converted,
    docx_of,
    drawn_page,
    needs_office,
    page_of,
    picture_bytes,
    rubble,
    scan_of,
    text_of,
    with_entities,
)
from tests.knowledge.real_documents import SHARED, needs_shared

needs_recognition = pytest.mark.skipif(importlib.util.find_spec("rapidocr") is None, reason="the extra `ocr` is not installed")
FORMATS = SHARED / "formats"

Clauses = dict[str, tuple[tuple[str, ...], str]]


def clauses_of(read: ReadDocument) -> Clauses:
    return {clause.clause_id: (clause.heading_path, clause.text) for clause in read.clauses}


@pytest.fixture(scope="module")
def from_text() -> Clauses:
    return clauses_of(read_content("通知.txt", text_of()))


def test_the_notice_is_divided_as_people_quote_it(from_text: Clauses) -> None:
    assert [clause_id.removeprefix("某民发〔2025〕8号#") for clause_id in from_text] == [
        "序言/各街道办事处",
        "一、",
        "二、",
        "三、（一）",
        "三、（二）",
        "四、",
        "附件清单",
        "落款",
        "附件1表1 第1–3行",
        "附件2表1 第1–8行",
        "附件2表1 第9–12行",
        "附件2",
    ]
    assert from_text["某民发〔2025〕8号#附件1表1 第1–3行"] == (
        ("附件1",),
        (
            "补助标准表\n单位：元/月\n家庭类型 | 补助标准 | 备注\n单人家庭 | 660 | 可以浮动\n两人家庭 | 1100 | 一次发放\n"
            "三人家庭 | 1500 | 每年两次\n注：补助按月发放。"
        ),
    )


def test_docx_gives_the_clauses_of_the_text(from_text: Clauses) -> None:
    assert clauses_of(read_content("通知.docx", docx_of())) == from_text


def test_a_saved_page_gives_the_clauses_of_the_text(from_text: Clauses) -> None:
    assert clauses_of(read_content("通知.html", page_of())) == from_text


@needs_office
@pytest.mark.parametrize("ending", ["pdf", "doc", "rtf"])
def test_pdf_and_old_word_give_the_clauses_of_the_text(from_text: Clauses, ending: str, tmp_path: Path) -> None:
    content = converted(docx_of(), ending, tmp_path)
    assert clauses_of(read_content(f"通知.{ending}", content)) == from_text


@needs_recognition
def test_a_scan_gives_the_clauses_of_the_text_with_its_tables(from_text: Clauses) -> None:
    pages = [drawn_page(NOTICE[:16]), drawn_page(NOTICE[16:25]), drawn_page(NOTICE[25:])]
    read = read_content("通知.pdf", scan_of(pages))
    assert clauses_of(read) == from_text
    assert all(clause.confidence is not None and clause.confidence > 0.8 for clause in read.clauses)
    assert {clause.place for clause in read.clauses} == {"第1页", "第2页", "第3页"}


@needs_recognition
def test_a_photo_that_lies_on_its_side_and_was_saved_small_is_read(from_text: Clauses) -> None:
    photo = drawn_page(NOTICE[:16], turn=-1.2).resize((1160, 1640)).rotate(90, expand=True)
    read = read_content("通知.jpg", picture_bytes(photo, "JPEG", quality=60))
    said = "".join(text for _, text in clauses_of(read).values())
    wanted = "".join(text for _, text in list(from_text.values())[:6])
    assert errors(said, wanted) <= 0.01 * len(wanted)


def squeezed(read: ReadDocument) -> str:
    return re.sub(r"\s", "", "".join(piece.label + piece.text for piece in read.pieces))


def errors(read: str, printed: str) -> int:
    """Characters to change, add or drop (Levenshtein)."""
    differ = (i for i, (one, other) in enumerate(zip(read, printed, strict=False)) if one != other)
    same = next(differ, min(len(read), len(printed)))
    read, printed = read[same:], printed[same:]
    row = list(range(len(printed) + 1))
    for i, character in enumerate(read, start=1):
        above, row = row, [i]
        for j, other in enumerate(printed, start=1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (character != other)))
    return row[-1]


@needs_shared
@pytest.mark.shared
def test_the_sample_in_pdf_html_and_docx_gives_the_same_clauses() -> None:
    docx, pdf, page = (clauses_of(read_document(FORMATS / f"若干措施样张.{ending}")) for ending in ("docx", "pdf", "html"))
    assert (len(docx), pdf, page) == (20, docx, docx)
    table = next(text for clause_id, (_, text) in docx.items() if "附件" in clause_id)
    assert table.splitlines()[1:] == [
        "事项 | 一般时限（工作日） | 特殊情形（工作日）",
        "最低生活保障 | 20 | 45",
        "特困人员救助供养 | 20 | 45",
        "小金额救助 | 先行救助 | 每人不超过500元",
    ]


@needs_shared
@needs_recognition
@pytest.mark.shared
@pytest.mark.parametrize("name", ["若干措施样张(扫描件).pdf", "若干措施样张(照片).jpg"])
def test_one_character_in_a_hundred_at_most_is_wrong_in_scan_and_photo(name: str) -> None:
    whole = squeezed(read_document(FORMATS / "若干措施样张.docx"))
    read = squeezed(read_document(FORMATS / name))
    # Scan and photo show the first pages only.
    assert len(read) > 700
    assert errors(read, whole[: len(read)]) <= 0.01 * len(read)


# -- bad files -------------------------------------------------------------------------------------------------------------------


BAD = {
    "空.docx": (b"", "unreadable.empty"),
    "炸弹.docx": (bomb, "unreadable.zip_bomb"),
    "实体.docx": (with_entities, "unreadable.entities"),
    "半截.docx": (lambda: docx_of()[:9_000], "unreadable.broken_office"),
    "其实是文档.pdf": (docx_of, "unreadable.not_pdf"),
    "其实是文档.txt": (docx_of, "unreadable.disguised"),
    "其实是文档.html": (docx_of, "unreadable.not_html"),
    "其实是文档.xlsx": (docx_of, "unreadable.not_xlsx"),
    "其实是文档.doc": (docx_of, "unreadable.not_office"),
    "其实是文档.png": (docx_of, "unreadable.not_picture"),
    "其实是图片.docx": (lambda: picture_bytes(a_cat()), "unreadable.not_docx"),
    "没有正文.html": (b"<html><body><div id='app'></div><script>draw()</script></body></html>", "unreadable.page_without_text"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_fails_with_its_own_reason(name: str) -> None:
    made, key = BAD[name]
    with pytest.raises(UnreadableDocumentError) as caught:
        read_content(name, made if isinstance(made, bytes) else made())
    assert (caught.value.key, name in str(caught.value)) == (key, True)


@needs_recognition
@pytest.mark.parametrize(
    ("name", "kept", "key"),
    [("猫.jpg", 1.0, "unreadable.picture_without_text"), ("半截.jpg", 0.4, "unreadable.broken_picture")],
)
def test_a_cat_and_half_a_picture_are_no_documents(name: str, kept: float, key: str) -> None:
    content = picture_bytes(a_cat(), "JPEG")
    with pytest.raises(UnreadableDocumentError) as caught:
        read_content(name, content[: int(len(content) * kept)])
    assert caught.value.key == key


@needs_office
def test_rubble_in_the_shape_of_old_word_is_refused() -> None:
    with pytest.raises(UnreadableDocumentError) as caught:
        read_content("坏.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + rubble())
    assert caught.value.key in ("unreadable.garbled", "unreadable.broken_office")
