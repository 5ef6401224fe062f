"""Files of households: what columns may be called, what cells may hold, and what becomes of rows that cannot be read."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from bot.eligibility.assessments import assess_all
from bot.eligibility.columns import Numbers, Words
from bot.screening.cells import Ends, Reading, WrongCell
from bot.screening.lists import household_heads
from bot.screening.result_files import result_file, safe
from bot.screening.tables import open_table
from bot.screening.wording import ScreeningError
from bot.situation_files import read_situation
from knowledge.facts import FactDefinition, FactType, Option
from tests.bot.screening_office import CATALOGUE, FIELDS, ON, counts, household_file, screened

HEAD = "户编号,家里几口人,全家月收入,全家存款等,户口"
POOR = "A1,1,500,0,上海户口"


def read(definition: FactDefinition, text: str, **how: object) -> object:
    cells = Reading(definition, **how).cells()
    return cells.meanings[cells[text]]


MONEY = FactDefinition("household.monthly_income_yuan", "全家月收入", FactType.MONEY, low=0, high=1_000_000)
SIZE = FactDefinition("household.size", "家里几口人", FactType.INTEGER, low=1, high=20)
LEVELS = (Option("none", "没有残疾证"), Option("2", "二级"))
LEVEL = FactDefinition("self.disability_level", "残疾等级", FactType.CHOICE, options=LEVELS)


@pytest.mark.parametrize(("text", "fen"), [
    ("4200", (420_000, 420_000)), ("4,200", (420_000, 420_000)), ("4200.50", (420_050, 420_050)), ("4200元", (420_000, 420_000)),
    ("1.2万", (1_200_000, 1_200_000)), ("2000-3000", (200_000, 300_000)), ("2000～3000元", (200_000, 300_000)),
])
def test_amounts_are_read_as_people_write_them(text: str, fen: tuple[int, int]):
    assert read(MONEY, text) == Ends(*map(float, fen))


@pytest.mark.parametrize("text", ["两千", "-5", "3000-2000", "4200.505", "=1+1", "1e3", "2000001"])
def test_an_amount_that_cannot_be_meant_is_wrong_and_says_the_form_wanted(text: str):
    wrong = read(MONEY, text)
    assert isinstance(wrong, WrongCell)
    assert "4200" in wrong.wanted


@pytest.mark.parametrize("text", ["", " ", "-", "不详", "拒答", "NULL"])
def test_words_for_not_known_are_unknown_and_never_zero(text: str):
    assert read(MONEY, text) is None


def test_choices_are_read_by_value_by_label_and_as_a_sheet_writes_numbers():
    assert [read(LEVEL, text) for text in ("2", "二级", "2.0", "没有残疾证", "无")] == ["2", "2", "2", "none", "none"]
    assert isinstance(read(LEVEL, "五级"), WrongCell)


def test_a_yearly_amount_that_does_not_divide_lies_between_two_whole_fen():
    assert read(MONEY, "50000", months=12) == Ends(416_666.0, 416_667.0)
    assert read(MONEY, "4.2", factor=Decimal(1000)) == Ends(420_000.0, 420_000.0)


def test_a_day_that_does_not_exist_is_wrong():
    born = FactDefinition("self.birth_date", "出生日期", FactType.DATE)
    assert [read(born, text) for text in ("1954-02-28", "1954/2/28", "1954年2月28日")] == [19540228] * 3
    assert isinstance(read(born, "1954-02-30"), WrongCell)


# -- columns -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("head", [
    "家里几口人,全家月收入,全家存款等,户口",
    "household.size,household.monthly_income_yuan,household.financial_assets_yuan,self.hukou",
    "size,monthly_income_yuan,financial_assets_yuan,hukou",
])
def test_columns_may_be_called_by_label_by_full_and_by_short_name(head: str):
    assert counts(household_file(f"id,{head}", POOR)) == {"likely": 1}


def test_every_column_that_is_listed_can_be_read_under_its_label_and_its_name():
    for one in FIELDS.listed():
        assert FIELDS.named(one["name"]) is not None, one
        named = FIELDS.named(one["label"])
        assert named is not None, one


def test_two_columns_of_the_same_fact_are_refused_and_both_named():
    with pytest.raises(ScreeningError, match="家里几口人 和 size"):
        household_file("家里几口人,size", "1,1")


def test_a_file_without_a_known_column_is_refused_with_what_it_has():
    with pytest.raises(ScreeningError, match=r"姓名.*--columns"):
        household_file("姓名,电话", "甲,1")


def test_a_computed_number_is_refused_with_what_to_fill_in_instead():
    with pytest.raises(ScreeningError, match=r"人均月收入.*全家月收入.*家里几口人"):
        household_file("人均月收入", "500")


def test_unknown_columns_are_left_out_and_said_to_be():
    file = household_file(f"{HEAD},姓名", f"{POOR},甲")
    assert screened(file).read.ignored == ("姓名",)


def test_the_ends_of_a_range_may_stand_in_two_columns():
    [part] = household_file("户编号,全家月收入_min,全家月收入_max", "A1,1000,2000", "A2,,2000", "A3,3000,2000").parts()
    column = part.households.facts["household.monthly_income_yuan"]
    assert isinstance(column, Numbers)
    assert (column.low.tolist(), column.high.tolist()) == ([100_000, -float("inf")], [200_000, 200_000])
    assert [(reject.row, reject.column) for reject in part.rejects] == [(4, "全家月收入_min")]


# -- rows ----------------------------------------------------------------------------------------------------------------


def test_rows_that_cannot_be_read_are_named_with_row_column_value_and_form_and_the_others_are_screened():
    report = screened(household_file(HEAD, POOR, "A2,两口,500,0,上海户口", "A1,1,500,0,上海户口", "A4,1", "", ",1,1,1,上海户口"))
    assert (report.read.rows, report.read.households, report.read.rejected) == (5, 1, 4)
    assert [(r.row, r.column, r.value) for r in report.read.rejects] == [
        (3, "家里几口人", "两口"), (4, "户编号", "A1"), (5, "（整行）", "2"), (7, "户编号", "")]
    assert "1 到 20" in report.read.rejects[0].wanted


def test_a_household_smaller_than_the_people_listed_is_refused():
    file = household_file("户编号,家里几口人,年龄,配偶.年龄,子女1.年龄", "A1,2,40,39,12", "A2,3,40,39,12")
    report = screened(file)
    assert [(r.row, r.column, r.value) for r in report.read.rejects] == [(2, "家里几口人", "2")]
    assert report.read.households == 1


def test_without_an_id_column_the_row_number_is_the_id():
    report = screened(household_file("家里几口人,全家月收入,全家存款等,户口", "1,500,0,上海户口"))
    assert report.programmes()[0]["likely"] == ["2"]


# -- people and events -----------------------------------------------------------------------------------------------------


def test_members_in_columns_and_in_a_table_of_their_own_are_the_same_household():
    in_columns = household_file("户编号,家里几口人,全家月收入,全家存款等,户口,配偶.户口", "A1,2,500,0,外地户口,上海户口")
    in_table = household_file(
        "户编号,家里几口人,全家月收入,全家存款等", "A1,2,500,0",
        members=("户编号,关系,户口", "A1,本人,外地户口", "A1,配偶,上海户口", "B9,子女,上海户口", "A1,本人,上海户口"))
    assert counts(in_columns) == {"likely": 1}
    report = screened(in_table)
    assert report.screening.tallies["dibao"].standings["likely"] == 1
    assert [(r.file, r.row, r.value) for r in report.read.rejects] == [("members", 4, "B9"), ("members", 5, "A1")]


def test_members_in_both_places_are_refused():
    file = household_file("户编号,配偶.年龄", "A1,40", members=("户编号,关系,年龄", "A1,本人,41"))
    with pytest.raises(ScreeningError, match="只用一种"):
        list(file.parts())


def test_a_members_table_without_relation_is_refused():
    with pytest.raises(ScreeningError, match="与申请人的关系"):
        household_file("户编号,家里几口人", "A1,1", members=("户编号,年龄", "A1,41"))


def test_nothing_received_is_known_and_differs_from_not_known():
    [part] = household_file("户编号,正在享受的救助", "A1,无", "A2,", "A3,低保；医疗救助").parts()
    households = part.households
    assert households.receives_known.tolist() == [True, False, True]
    assert [households.receives_programme("dibao").tolist(), households.receives_programme("yiliao").tolist()] == [
        [0, 1, 2], [0, 1, 2]]


def test_no_event_is_known_and_differs_from_not_known():
    [part] = household_file("户编号,最近出的事", "A1,没有", "A2,", "A3,着火").parts()
    told = part.households.facts["household.has_event"]
    assert isinstance(told, Words)
    assert part.households.events.counts.tolist() == [0, 0, 1]
    assert told.truths().tolist() == [0, 1, 1]


# -- mapping ---------------------------------------------------------------------------------------------------------------

THEIRS = """
columns:
  人口数: household.size
  年收入(万): {fact: household.monthly_income_yuan, unit: 万元/年}
  存款: {fact: household.financial_assets_yuan, unit: 千元}
  本市: {fact: self.hukou, values: {Y: shanghai, N: elsewhere}}
unknown: [查无]
ignore: [姓名]
"""


def test_a_mapping_reads_their_names_units_and_words():
    file = household_file("户编号,人口数,年收入(万),存款,本市,姓名", "A1,1,0.6,2,Y,甲", "A2,1,0.6,查无,N,乙", mapping=THEIRS)
    [part] = file.parts()
    income, assets = (part.households.facts[f"household.{name}"] for name in ("monthly_income_yuan", "financial_assets_yuan"))
    assert isinstance(income, Numbers)
    assert isinstance(assets, Numbers)
    assert income.low.tolist() == [50_000, 50_000]
    assert assets.known.tolist() == [True, False]
    assert file.plan.ignored == ()


@pytest.mark.parametrize(("text", "said"), [
    ("[", "不是 YAML"), ("unknown: []", "没有 columns"), ("columns: {a: 家里几口}", "是不是 家里几口人"),
    ("columns: {a: {fact: household.monthly_income_yuan, unit: 美元/月}}", "美元/月"),
    ("columns: {a: 年龄}\nmore: 1", "more"), ("columns: {a: {fact: self.hukou, values: [1]}}", "values"),
])
def test_a_mapping_that_cannot_be_meant_is_refused_with_the_place(text: str, said: str):
    with pytest.raises(ScreeningError, match=said):
        household_file("a,年龄", "1,1", mapping=text)


# -- kinds of files ------------------------------------------------------------------------------------------------------


def test_a_sheet_is_read_like_its_csv():
    book = Workbook()
    for row in (HEAD.split(","), ["A1", 1, 500.0, 0, "上海户口"], [None] * 5, ["A2", 1, 99999, None, "上海户口"]):
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    [rows] = open_table("家庭.xlsx", content).rows
    assert rows.cells == [["A1", "1", "500", "0", "上海户口"], ["A2", "1", "99999", "", "上海户口"]]
    assert list(rows.numbers) == [2, 4]


def test_a_csv_in_gb18030_is_read():
    [rows] = open_table("家庭.csv", io.BytesIO(f"{HEAD}\n{POOR}".encode("gb18030"))).rows
    assert rows.cells == [POOR.split(",")]


def test_parquet_is_read_like_its_csv_where_pyarrow_is_installed():
    pyarrow = pytest.importorskip("pyarrow", reason="Parquet needs the extra 'tables'")
    from pyarrow import parquet

    table = pyarrow.table({"户编号": ["A1"], "家里几口人": [1], "全家月收入": [500.0], "全家存款等": [0], "户口": ["上海户口"]})
    content = io.BytesIO()
    parquet.write_table(table, content)
    [rows] = open_table("家庭.parquet", content).rows
    assert [list(row) for row in rows.cells] == [POOR.split(",")]


@pytest.mark.parametrize(("name", "content", "said"), [
    ("家庭.doc", b"x", "csv"), ("家庭.csv", b"", "第一行要写列名"), ("家庭.xlsx", b"no sheet", "读不出来"),
    ("家庭.csv", b"\xff\xff\x00a", "编码"),
])
def test_a_file_that_is_no_table_is_refused(name: str, content: bytes, said: str):
    with pytest.raises(ScreeningError, match=said):
        open_table(name, io.BytesIO(content))


# -- results -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["=cmd|'/c calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_what_a_spreadsheet_would_compute_is_written_as_text(text: str):
    assert str(safe(text)).startswith("'")


def test_numbers_stay_numbers_in_a_result():
    assert (safe(-5.0), safe(None), safe("低保")) == (-5.0, None, "低保")


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_household_called_like_a_formula_does_no_harm_in_a_result(tmp_path: Path, ending: str):
    path = tmp_path / f"名单.{ending}"
    with result_file(path, "名单", household_heads()) as result:
        result.add(("=1+1", "江苏路街道", "最低生活保障", "可能符合", None, None, 1.0, 1.0, "元/月"))
    if ending == "csv":
        assert "\n'=1+1,江苏路街道" in path.read_text(encoding="utf-8-sig").replace("\r", "")
    else:
        cell = load_workbook(path).worksheets[0]["A2"]
        assert (cell.value, cell.data_type) == ("'=1+1", "s")


def test_a_result_that_fails_half_way_leaves_no_file(tmp_path: Path):
    with pytest.raises(ValueError), result_file(tmp_path / "名单.csv", "名单", ["户编号"]) as result:
        result.add(("A1", int("not a number")))
    assert list(tmp_path.iterdir()) == []


def test_a_result_of_another_kind_is_refused(tmp_path: Path):
    with pytest.raises(ScreeningError, match=r"名单\.doc"), result_file(tmp_path / "名单.doc", "名单", []):
        pass


def test_a_row_of_a_file_and_the_same_situation_are_assessed_alike():
    row = "A1,2,3300,1000,上海户口,70,58"
    file = household_file(f"{HEAD},年龄,配偶.年龄", row)
    told = read_situation({
        "household": {"size": 2, "monthly_income_yuan": 3300, "financial_assets_yuan": 1000},
        "members": [{"relation": "self", "age": 70, "hukou": "shanghai"}, {"relation": "spouse", "age": 58}],
    }, CATALOGUE.facts).situation
    tallies = screened(file, *CATALOGUE.programmes).screening.tallies
    for assessment in assess_all(told, CATALOGUE, ON):
        expected = "near_miss" if assessment.near_miss else assessment.likelihood.value
        assert tallies[assessment.programme].standings[expected] == 1
