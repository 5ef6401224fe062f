"""Tables keep title, unit and header with every group of rows."""

from __future__ import annotations

import pytest

from knowledge.documents.printed_tables import LONGEST_GROUP, MOST_ROWS, PrintedTable, continued, printed_table

HEADER = ("项目", "标准")


def rows(count: int, words: str = "") -> tuple[tuple[str, str], ...]:
    return tuple((f"第{n}项{words}", str(n)) for n in range(1, count + 1))


def test_each_group_of_rows_begins_with_title_unit_and_header() -> None:
    table = PrintedTable((HEADER, *rows(MOST_ROWS + 1)), 1, "救助标准", "单位：元")
    first, second = table.groups()
    assert (first.first, first.last, second.first, second.last) == (1, MOST_ROWS, MOST_ROWS + 1, MOST_ROWS + 1)
    assert second.text == f"救助标准\n单位：元\n项目 | 标准\n第{MOST_ROWS + 1}项 | {MOST_ROWS + 1}"


def test_long_rows_make_small_groups() -> None:
    groups = PrintedTable((HEADER, *rows(4, "长" * (LONGEST_GROUP // 2)))).groups()
    assert [(group.first, group.last) for group in groups] == [(1, 1), (2, 2), (3, 3), (4, 4)]


def test_title_and_unit_rows_on_top_are_no_rows_of_the_table() -> None:
    table = printed_table([["救助标准表", "救助标准表"], ["单位：元/月", ""], ["项目", "标准"], ["低保", "1510"]])
    assert table == PrintedTable((("项目", "标准"), ("低保", "1510")), 1, "救助标准表", "单位：元/月")


def test_two_header_rows_are_said_as_one() -> None:
    table = printed_table([["项目", "标准", "标准"], ["项目", "原", "新"], ["低保", "1510", "1600"]])
    assert table is not None
    assert (table.header, table.body) == (("项目", "标准/原", "标准/新"), (("低保", "1510", "1600"),))


def test_empty_rows_and_columns_go_and_short_rows_are_filled() -> None:
    table = printed_table([["项目", "", "标准"], ["", "", ""], ["低保"]])
    assert table is not None
    assert table.rows == (("项目", "标准"), ("低保", ""))


@pytest.mark.parametrize("frame", [[], [[""]], [["一段话。"]], [["一段话。"], ["又一段。"]]])
def test_a_frame_around_paragraphs_is_no_table(frame: list[list[str]]) -> None:
    assert printed_table(frame) is None


def test_a_row_that_is_one_cell_is_said_once() -> None:
    table = printed_table([["项目", "标准"], ["生活类", "生活类"], ["低保", "1510"]])
    assert table is not None
    assert table.groups()[0].text.splitlines()[1] == "生活类"


def test_a_table_that_a_page_break_divided_is_one_with_its_header_once() -> None:
    above, below = PrintedTable((HEADER, *rows(2))), PrintedTable((HEADER, ("第3项", "3")))
    assert continued(above, below) == PrintedTable((HEADER, *rows(3)))


def test_a_header_alone_at_the_foot_of_a_page_finds_its_rows() -> None:
    assert continued(PrintedTable((HEADER,), 0), PrintedTable(rows(2))) == PrintedTable((HEADER, *rows(2)), 1)


@pytest.mark.parametrize("below", [PrintedTable((("甲", "乙", "丙"),)), PrintedTable(rows(2), 1, "另一张表")])
def test_another_table_is_not_taken_for_the_rest(below: PrintedTable) -> None:
    assert continued(PrintedTable((HEADER, *rows(2))), below) is None
