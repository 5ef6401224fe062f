"""Workbooks and CSV give tables of standards, offices and hotlines, with values as the sheet shows them."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from openpyxl import Workbook

from knowledge.documents.positions import shown
from knowledge.documents.readers import read_source, sheets
from knowledge.errors import UnreadableDocumentError
from tests.knowledge.made_documents import saved


def book(*rows: tuple[object, ...], title: str = "标准") -> Workbook:
    workbook = Workbook()
    workbook.active.title = title
    for row in rows:
        workbook.active.append(row)
    return workbook


def test_a_sheet_is_a_table_with_the_title_above_it_and_the_rows_it_stands_in() -> None:
    workbook = book(("救助标准一览表", None), ("单位：元/月", None), ("项目", "标准"), ("低保", 1510), ("特困", 1965.5))
    workbook.active.merge_cells("A1:B1")
    source = read_source(saved(workbook), "标准.xlsx")
    [block] = source.blocks
    assert block.table is not None
    assert (block.table.title, block.table.unit, block.text) == (
        "救助标准一览表",
        "单位：元/月",
        "项目 | 标准\n低保 | 1510\n特困 | 1965.5",
    )
    assert (shown(block.positions), source.properties["title"]) == ("工作表“标准”第1–5行", "救助标准一览表")


def test_percentages_days_and_moments_are_said_as_shown() -> None:
    moment = datetime.fromisoformat("2024-07-01T09:30")
    workbook = book(("项目", "比例", "起始", "更新", "在用"), ("医保", 0.9, date(2024, 7, 1), moment, True))
    workbook.active["B2"].number_format = "0%"
    assert (
        read_source(saved(workbook), "比例.xlsx").blocks[0].text.splitlines()[1]
        == "医保 | 90% | 2024-07-01 | 2024-07-01 09:30 | 是"
    )


def test_each_sheet_is_a_section_and_hidden_ones_are_left_out() -> None:
    workbook = book(("街镇", "电话"), ("甲街道", 62001234), title="热线")
    for name, state in (("网点", "visible"), ("草稿", "hidden")):
        sheet = workbook.create_sheet(name)
        sheet.append(("街镇", "地址"))
        sheet.append(("甲街道", "某路1号"))
        sheet.sheet_state = state
    assert [b.text for b in read_source(saved(workbook), "网点.xlsx").blocks if b.heading_level] == ["热线", "网点"]


def test_an_empty_row_parts_two_tables() -> None:
    workbook = book(("项目", "标准"), ("低保", 1510), (), ("街镇", "电话"), ("甲街道", 62001234))
    assert [shown(b.positions) for b in read_source(saved(workbook), "表.xlsx").blocks] == [
        "工作表“标准”第1–2行",
        "工作表“标准”第4–5行",
    ]


def test_a_sheet_of_too_many_cells_is_refused_with_both_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_CELLS", 3)
    with pytest.raises(UnreadableDocumentError, match="4 个单元格，最多 3 个"):
        read_source(saved(book(("项目", "标准"), ("低保", 1510))), "表.xlsx")


@pytest.mark.parametrize("separator", [",", "\t", ";"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_csv_is_read_whatever_its_separator_and_encoding(separator: str, encoding: str) -> None:
    lines = ("街镇", "电话"), ("甲街道", "62001234"), ("乙街道", "62005678")
    content = "\r\n".join(separator.join(line) for line in lines).encode(encoding)
    assert read_source(content, "热线.csv").blocks[0].text == "街镇 | 电话\n甲街道 | 62001234\n乙街道 | 62005678"
