"""screen on the command line: one JSON object, lists in files, days compared, cliffs drawn, and clear words for bad input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from openpyxl import load_workbook
from PIL import Image
from typer.testing import CliRunner, Result

from bot.screening.cliff_plot import Drawing, Words
from channels.cli import build
from channels.drawings import NoFontError, png_of

RUNNER = CliRunner()
HEAD = "户编号,街镇,家里几口人,全家月收入,全家存款等,户口"
ROWS = (
    "P,江苏路街道,1,500,0,上海户口", "B,新泾镇,1,1670,0,上海户口", "W,新泾镇,两口,1,0,上海户口", "=N,新泾镇,1,1740,0,上海户口",
)
SITUATION = "household: {size: 1, financial_assets_yuan: 0}\nmembers: [{relation: self, hukou: shanghai, lives_in: changning}]\n"


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIBENTONG_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("YIBENTONG_DATABASE_URL", raising=False)


@pytest.fixture
def households(tmp_path: Path) -> Path:
    path = tmp_path / "家庭.csv"
    path.write_text("\n".join((HEAD, *ROWS)), encoding="utf-8")
    return path


def screen(*arguments: object) -> Result:
    return RUNNER.invoke(build(), ["screen", *map(str, arguments)])


def answer(*arguments: object) -> dict[str, Any]:
    """The one JSON object on stdout of a command that succeeds."""
    result = screen(*arguments, "--json")
    assert result.exit_code == 0, result.output
    [line] = result.stdout.splitlines()
    found = json.loads(line)
    assert isinstance(found, dict)
    return found


def test_one_programme_gives_counts_and_lists_at_the_top(households: Path):
    found = answer(households, "--programme", "低保", "--as-of", "2026-07-01")
    assert found["counts"] == {"likely": 2, "cannot_tell": 0, "unlikely": 1, "near_miss": 1}
    assert (found["likely"], found["rejected"], found["as_of"]) == (["P", "B"], 1, "2026-07-01")
    assert found["rejects"][0]["row"] == 4


def test_all_programmes_give_one_block_each(households: Path):
    found = answer(households, "--as-of", "2026-07-01")
    assert {"dibao", "tekun", "linshi"} <= {block["programme"] for block in found["programmes"]}


def test_the_list_the_counts_and_the_rejected_rows_are_written(households: Path, tmp_path: Path):
    out = tmp_path / "名单.xlsx"
    result = screen(households, "--programme", "dibao", "--as-of", "2026-07-01", "--out", out)
    assert result.exit_code == 0, result.output
    book = load_workbook(out)
    assert book.sheetnames == ["名单", "汇总", "没读进的行"]
    assert [row[0].value for row in book["名单"].iter_rows(min_row=2)] == ["P", "B", "'=N"]
    assert "两口" in (tmp_path / "名单.rejects.csv").read_text(encoding="utf-8-sig")


def test_without_rejected_rows_no_list_of_them_is_left(tmp_path: Path):
    clean = tmp_path / "家庭.csv"
    clean.write_text(f"{HEAD}\n{ROWS[0]}", encoding="utf-8")
    assert screen(clean, "--out", tmp_path / "名单.csv").exit_code == 0
    assert sorted(path.name for path in tmp_path.glob("*.csv")) == ["名单.csv", "家庭.csv"]


def test_two_days_are_compared(households: Path):
    found = answer(households, "--programme", "dibao", "--as-of", "2026-06-30", "--compare-to", "2026-07-01")
    assert [change["household"] for change in found["newly_likely"]] == ["B"]
    assert (found["before"]["as_of"], found["after"]["as_of"]) == ("2026-06-30", "2026-07-01")


def test_the_same_release_twice_changes_nothing(households: Path):
    found = answer(households, "--programme", "dibao", "--release", 1, "--release", 1)
    assert set(found["counts"].values()) == {0}


def test_a_cliff_is_drawn_as_svg_and_described(tmp_path: Path):
    file, plot = tmp_path / "家.yaml", tmp_path / "悬崖.svg"
    file.write_text(SITUATION, encoding="utf-8")
    found = answer("--cliff", file, "--as-of", "2026-07-01", "--to", 2000, "--step", 100, "--plot", plot)
    assert [flat["programmes"] for flat in found["flats"]] == [["dibao"]]
    assert found["points"][0]["benefits"]["dibao"] == 1690.0
    texts = [element.text or "" for element in ElementTree.fromstring(plot.read_text(encoding="utf-8")).iter()]  # our own
    assert any("收入" in text for text in texts)


def test_a_drawing_becomes_a_picture_where_the_machine_has_a_chinese_font(tmp_path: Path):
    try:
        content = png_of(Drawing(100, 40, "图", (Words(5, 30, "低保", 20, "#000000"),)))
    except NoFontError:
        pytest.skip("this machine has no font with Chinese characters")
    path = tmp_path / "图.png"
    path.write_bytes(content)
    with Image.open(path) as picture:
        assert picture.size == (200, 80)
        assert len(picture.getcolors(10_000) or ()) > 2


def test_columns_are_listed_with_label_unit_and_values():
    listed = {column["name"]: column for column in answer("--columns")["columns"]}
    assert listed["household.monthly_income_yuan"]["unit"] == "元/月"
    assert {"value": "shanghai", "label": "上海户口"} in listed["self.hukou"]["values"]


@pytest.mark.parametrize(("arguments", "said"), [
    ((), "家庭.csv"),
    (("没有.csv",), "没有.csv"),
    (("{file}", "--programme", "彩票"), "彩票"),
    (("{file}", "--near", "许多"), "许多"),
    (("{file}", "--out", "名单.doc"), "名单.doc"),
    (("{file}", "--as-of", "7月1日"), "7月1日"),
    (("{file}", "--release", "1", "--release", "1", "--release", "1"), "--release"),
    (("--cliff", "{file}", "--plot", "图.gif"), "图.gif"),
])
def test_bad_usage_is_quoted_and_ends_with_2(households: Path, arguments: tuple[str, ...], said: str):
    result = screen(*(argument.format(file=households) for argument in arguments))
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_file_of_which_nothing_can_be_read_fails(tmp_path: Path):
    bad = tmp_path / "家庭.csv"
    bad.write_text(f"{HEAD}\n{ROWS[2]}", encoding="utf-8")
    result = screen(bad)
    assert result.exit_code == 1
    assert "两口" in result.stderr
