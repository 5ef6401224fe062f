"""Flow charts: a programme's steps as boxes, a fork where somebody decides, drawn so that every word is inside its box."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from functools import cache
from xml.etree import ElementTree

import pytest

from knowledge.catalogue import Catalogue, CatalogueError
from knowledge.flow_charts import LARGE, NOT_FIRST, PAPER, PHONE, Sheet, flow_chart, width_of, wrapped
from knowledge.flows import Flow, FlowStep, flow_of
from knowledge.programmes import Programme, Step

DAY = date(2026, 11, 21)
SHEETS = (PHONE, LARGE, PAPER)
SVG = "{http://www.w3.org/2000/svg}"


@cache
def handbook() -> Catalogue:
    return Catalogue.bundled()


def programme(*steps: Step) -> Programme:
    return replace(handbook().programmes["dibao"], steps=steps)


def flow(*steps: Step) -> Flow:
    return flow_of(programme(*steps), handbook(), DAY)


APPLY = Step("您", "提出申请")
LOOK = Step("街镇", "上门看看")
DECIDE = Step("街镇", "审核确认，把结果通知您", "{procedure.days}个工作日内", decides=True)
PAY = Step("街镇", "按月发钱")


# ---- what is in the boxes ------------------------------------------------------------------------------------------------


def test_the_flow_forks_at_the_decision_and_what_follows_belongs_to_the_approval() -> None:
    found = flow(APPLY, LOOK, DECIDE, PAY)
    assert [step.what for step in found.steps] == ["提出申请", "上门看看", "审核确认，把结果通知您"]
    assert [step.what for step in found.approved] == ["按月发钱"]
    assert any("行政复议" in step.what for step in found.refused)


def test_the_fork_stands_where_the_data_says_whatever_the_words_of_other_steps() -> None:
    first = Step("您", "没有低保身份的，先请街镇审核确认身份")
    assert len(flow(first, LOOK, DECIDE).steps) == 3
    plainly_worded = Step("街镇", "看过以后告诉您", decides=True)
    assert [step.what for step in flow(first, plainly_worded, PAY).approved] == ["按月发钱"]


def test_two_steps_that_decide_are_refused_and_both_are_quoted() -> None:
    content = json.loads(handbook().content())
    content["programmes/dibao.yaml"]["steps"].insert(0, {"who": "街镇", "what": "先批一次", "decides": True})
    with pytest.raises(CatalogueError, match=r"programmes/dibao.yaml: 2 steps with 'decides: true' \('先批一次', '审核确认"):
        Catalogue.from_content(json.dumps(content))


def test_an_approval_after_which_the_programme_says_nothing_still_has_a_next_step() -> None:
    assert flow(APPLY, LOOK, DECIDE).approved


def test_where_nobody_decides_there_is_no_fork() -> None:
    found = flow(APPLY, LOOK, PAY)
    assert (found.forks, found.approved, found.refused) == (False, (), ())


def test_numbers_are_those_of_the_day() -> None:
    assert flow(APPLY, LOOK, DECIDE).steps[-1].within == "20个工作日内"


def test_a_time_limit_that_may_not_be_spoken_is_left_out() -> None:
    unknown = Step("街镇", "审核确认", "存款不超过{dibao.asset_limit}元", decides=True)
    assert handbook().speakable("dibao.asset_limit", DAY) is None
    assert flow(APPLY, LOOK, unknown).steps[-1].within == ""


@pytest.mark.parametrize("steps", [(), (APPLY,), (APPLY, DECIDE)], ids=["none", "one", "two"])
def test_a_programme_with_few_steps_is_drawn_along_the_common_path_and_says_so(steps: tuple[Step, ...]) -> None:
    found = flow(*steps)
    assert found.common
    assert "一般程序" in found.note
    said = "".join(step.what for step in found.steps)
    order = [said.index(word) for word in ("申请", "收下材料", "核对", "公示", "审核确认")]
    assert order == sorted(order)
    assert found.forks


def test_three_steps_of_its_own_are_enough() -> None:
    found = flow(APPLY, LOOK, DECIDE)
    assert (found.common, found.note) == (False, "")


def test_the_text_alternative_names_every_step_and_its_branch() -> None:
    words = flow(APPLY, LOOK, DECIDE, PAY).in_words()
    assert words[0] == "您：提出申请"
    assert words[2] == "街镇：审核确认，把结果通知您（20个工作日内）"
    assert words[3] == "批准：街镇：按月发钱"
    assert words[4].startswith("不批准：")


@pytest.mark.parametrize(
    ("programme_id", "last"),
    [
        ("dibao", "审核确认"), ("guer", "认定"), ("jiuye_kunnan", "作出认定"), ("zhufang", "审核确认"), ("falv", "决定帮不帮"),
        ("shouzai", "审批"),
    ],
)
def test_bundled_programmes_fork_where_the_authority_decides(programme_id: str, last: str) -> None:
    found = flow_of(handbook().programmes[programme_id], handbook(), DAY)
    assert found.forks
    assert last in found.steps[-1].what


@pytest.mark.parametrize("programme_id", ["jiage_butie", "liulang", "zonghe_bangfu"])
def test_bundled_programmes_without_an_application_do_not_fork(programme_id: str) -> None:
    assert not flow_of(handbook().programmes[programme_id], handbook(), DAY).forks


# ---- the drawing -----------------------------------------------------------------------------------------------------------


def drawn(flow: Flow, sheet: Sheet) -> ElementTree.Element:
    return ElementTree.fromstring(flow_chart(flow, sheet))


def boxes(svg: ElementTree.Element) -> list[tuple[float, float, float, float]]:
    """Left, top, right, bottom of every box."""
    found = []
    for rect in svg.iter(f"{SVG}rect"):
        if rect.get("class") == "fc-box":
            x, y, w, h = (float(rect.get(name, "0")) for name in ("x", "y", "width", "height"))
            found.append((x, y, x + w, y + h))
    return found


def texts(svg: ElementTree.Element) -> list[tuple[str, float, float, str]]:
    """Class, x, y of the baseline, words."""
    return [(t.get("class", ""), float(t.get("x", "0")), float(t.get("y", "0")), t.text or "") for t in svg.iter(f"{SVG}text")]


def check_geometry(found: Flow, sheet: Sheet) -> None:
    svg = drawn(found, sheet)
    width, height = (float(size) for size in svg.get("viewBox", "").split()[2:])
    placed = boxes(svg)
    assert len(placed) == len(found.steps) + len(found.approved) + len(found.refused)
    for number, (left, top, right, bottom) in enumerate(placed):
        assert left >= 0
        assert top >= 0
        assert right <= width
        assert bottom <= height
        for l2, t2, r2, b2 in placed[:number]:
            assert right <= l2 or r2 <= left or bottom <= t2 or b2 <= top, "two boxes overlap"
    for look, x, y, words in texts(svg):
        if look == "fc-label":
            continue
        end = x + width_of(words.rstrip("".join(NOT_FIRST))) * sheet.type_size
        inside = [b for b in placed if b[0] < x and end < b[2] and b[1] < y - sheet.type_size * 0.7 and y < b[3]]
        assert len(inside) == 1, f"{words!r} stands in {len(inside)} boxes"


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: str(sheet.name))
@pytest.mark.parametrize("programme_id", sorted(handbook().programmes))
def test_every_chart_of_the_handbook_keeps_its_words_inside_its_boxes(programme_id: str, sheet: Sheet) -> None:
    check_geometry(flow_of(handbook().programmes[programme_id], handbook(), DAY), sheet)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: str(sheet.name))
def test_long_words_are_wrapped_by_characters(sheet: Sheet) -> None:
    long = FlowStep("很长的部门名称" * 6, "W" * 90 + "长" * 90, "1234567890" * 12)
    check_geometry(Flow("x", "标题", (long, long), (long,), (long,)), sheet)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: str(sheet.name))
def test_no_word_is_lost(sheet: Sheet) -> None:
    found = flow(APPLY, LOOK, DECIDE, PAY)
    said = "".join(words for _, _, _, words in texts(drawn(found, sheet)))
    for step in (*found.steps, *found.approved, *found.refused):
        assert all(words in said for words in (step.who, step.what, step.within))


def test_a_chart_is_an_image_with_a_name_and_a_description() -> None:
    found = flow(APPLY, LOOK, DECIDE)
    svg = drawn(found, PHONE)
    by_id = {element.get("id"): element.text for element in svg.iter() if element.get("id")}
    assert svg.get("role") == "img"
    assert by_id[svg.get("aria-labelledby")] == "最低生活保障怎么办：流程图"
    described = by_id[svg.get("aria-describedby")] or ""
    assert all(f"{number}. {line}" in described for number, line in enumerate(found.in_words(), 1))


def test_two_drawings_of_one_flow_on_one_page_have_ids_of_their_own() -> None:
    ids = [re.findall(r' id="([^"]+)"', flow_chart(flow(APPLY, LOOK, DECIDE), sheet)) for sheet in SHEETS]
    assert len({name for names in ids for name in names}) == 6


def test_words_of_staff_cannot_become_markup() -> None:
    bad = FlowStep('<script>alert("1")</script>', "a & b </svg> \u0000\u0008", "]]> <!--")
    svg = drawn(Flow('"><x', "<b>", (bad,)), PHONE)
    assert {element.tag.removeprefix(SVG) for element in svg.iter()} <= {"svg", "title", "desc", "rect", "text"}


def test_nothing_in_a_chart_runs_or_loads() -> None:
    text = flow_chart(flow(APPLY, LOOK, DECIDE, PAY), PAPER)
    assert not re.search(r"<script|href|url\(|style=|\son\w+=", text)


def test_on_paper_who_stands_beside_what() -> None:
    rows = {words: (x, y) for _, x, y, words in texts(drawn(flow(APPLY, LOOK, PAY), PAPER))}
    assert rows["1. 您"][1] == rows["提出申请"][1]
    assert rows["1. 您"][0] < rows["提出申请"][0]


# ---- lines -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "room", "lines"),
    [
        ("", 10, []),
        ("四个汉字", 4, ["四个汉字"]),
        ("五个汉字了", 4, ["五个汉", "字了"]),
        ("一二三四，五六", 4, ["一二三四，", "五六"]),
        ("最长45个工作日", 3, ["最长", "45个", "工作日"]),
        ("办（急）了", 2, ["办", "（急）", "了"]),
        ("abcdefgh", 2.4, ["abcd", "efgh"]),
    ],
)
def test_lines_are_broken_where_a_reader_expects_it(text: str, room: float, lines: list[str]) -> None:
    assert wrapped(text, room) == lines


def test_lines_are_about_equally_long() -> None:
    assert wrapped("一二三四五六七八九十一二", 10) == ["一二三四五六", "七八九十一二"]
