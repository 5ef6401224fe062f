"""A newer handbook beside the staff's: its changes are proposed, changes of both are conflicts, nothing is overwritten."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest

from knowledge.catalogue import Catalogue
from knowledge.catalogue_files import bundled_content, to_json
from knowledge.handbook_tree import content_of, merged_order, tree_of
from knowledge.handbook_upgrade import Choice, HandbookUpgrade, Take, UpgradeKind, upgrade_of
from knowledge.handbook_words import change_of, lines_of, title_of, upgrade_record

AT = datetime(2026, 11, 22, tzinfo=UTC)
STANDARD = "parameters/dibao.standard/values/2027-07-01"
FORMER = {"since": "2026-07-01", "value": 1690}
WHO = "programmes/dibao/sections/who/lines"


def value(yuan: int) -> dict[str, object]:
    return {"since": "2027-07-01", "value": yuan, "confidence": "reported", "reference": "公报"}


def book() -> dict[str, Any]:
    """A handbook of the real form, small enough to read."""
    return {
        "handbook.yaml": {"title": "一本通", "programme_order": ["dibao", "linshi"], "section_titles": {"who": "谁能申请"}},
        "programmes/dibao.yaml": {
            "id": "dibao", "name": "最低生活保障", "summary": "补差额。", "steps": [{"who": "您", "what": "申请"}],
            "sections": [
                {"need": "overview", "lines": [{"text": "按月补。", "basis": ["法"]}], "asked_as": ["什么是低保"]},
                {"need": "who", "lines": [{"text": "有上海户口。", "basis": ["法"]}], "asked_as": ["谁能办"]},
            ],
        },
        "programmes/linshi.yaml": {"id": "linshi", "name": "临时救助", "sections": []},
        "parameters/dibao.yaml": {
            "dibao.standard": {"description": "低保标准：每月", "unit": "yuan", "values": [FORMER]},
        },
        "lexicon.yaml": [{"term": "吃低保", "official": "最低生活保障"}, {"term": "孤老", "official": "特困"}],
        "hotlines.yaml": [{"number": "12345", "name": "市民热线"}],
        "wordings.yaml": {"greeting": "您好", "bye": "再见"},
        "asked_as/某法.yaml": {"document": "某法", "articles": {"第一条": ["问一"], "第二条": ["问二"]}},
    }


def edit(content: dict[str, Any], *path: Any, to: Any) -> dict[str, Any]:
    """A copy with one place set."""
    made = copy.deepcopy(content)
    at = made
    for name in path[:-1]:
        at = at[name]
    at[path[-1]] = to
    return made


def dibao_says(line: str) -> dict[str, Any]:
    return edit(book(), "programmes/dibao.yaml", "sections", 1, "lines", 0, "text", to=line)


def standard_of_2027(yuan: int) -> dict[str, Any]:
    return edit(book(), "parameters/dibao.yaml", "dibao.standard", "values", to=[value(yuan), FORMER])


def compare(
    staff: dict[str, Any], new: dict[str, Any], base: dict[str, Any] | None = None, choices: dict[str, Choice] | None = None
) -> HandbookUpgrade:
    former = book() if base is None else base
    return upgrade_of(tree_of(former), tree_of(staff), tree_of(new), choices or {})


def found(upgrade: HandbookUpgrade) -> dict[str, str]:
    return {item.entry: item.kind.value for item in upgrade.items}


def take(upgrade: HandbookUpgrade, entry: str, side: Take) -> dict[str, Choice]:
    """The choice of one item, as it would be kept."""
    item = next(item for item in upgrade.items if item.entry == entry)
    return {entry: Choice(entry, item.rests_on(side), side, "王编辑", AT)}


# ---- files taken apart and put together ---------------------------------------------------------------------------------------


def test_a_handbook_taken_apart_and_put_together_is_the_same() -> None:
    assert content_of(tree_of(book())) == book()
    assert to_json(content_of(tree_of(bundled_content()))) == to_json(bundled_content())


@pytest.mark.parametrize(
    "odd",
    [
        {"lexicon.yaml": [{"term": "吃低保"}, {"term": "吃低保"}]},
        {"lexicon.yaml": "不是列表"},
        {"hotlines.yaml": [{"name": "没有号码"}]},
        {"resources.yaml": {"projects": []}},
        {"later.yaml": {"what": ["nobody", "knows", 1, None]}},
        {"handbook.yaml": "只有一句"},
    ],
    ids=["a name twice", "no list", "no name", "empty", "an unknown file", "no mapping"],
)
def test_what_is_set_out_otherwise_than_expected_stays_whole(odd: dict[str, Any]) -> None:
    assert content_of(tree_of(odd)) == odd


def test_names_unknown_to_one_order_stand_behind_the_one_they_follow_in_the_other() -> None:
    assert merged_order(["c", "a"], ["a", "b", "c", "d"], "abcd") == ("c", "d", "a", "b")
    assert merged_order(["a"], ["n", "a"], ["a", "n", "z"]) == ("n", "a", "z")
    assert merged_order(["gone", "a"], [], ["a"]) == ("a",)


# ---- what is proposed, what is a conflict, what is left alone ------------------------------------------------------------------


def test_the_same_bundle_proposes_nothing_whatever_staff_changed() -> None:
    assert found(compare(dibao_says("我们改过。"), book())) == {}


def test_what_only_the_new_bundle_changed_is_proposed_part_by_part() -> None:
    new = edit(dibao_says("新的一句。"), "wordings.yaml", "greeting", to="早上好")
    new["lexicon.yaml"].append({"term": "大病卡", "official": "医疗救助"})
    del new["wordings.yaml"]["bye"]
    upgrade = compare(book(), new)
    assert found(upgrade) == {
        WHO: "changed", "wordings/greeting": "changed", "lexicon/大病卡": "added", "wordings/bye": "removed",
    }
    assert upgrade.undecided == ()
    assert content_of(upgrade.merged()) == new


def test_what_only_staff_changed_is_theirs_and_not_mentioned() -> None:
    staff = edit(book(), "hotlines.yaml", 0, "name", to="上海市民服务热线")
    upgrade = compare(staff, dibao_says("新的一句。"))
    assert found(upgrade) == {WHO: "changed"}
    merged = content_of(upgrade.merged())
    assert (merged["hotlines.yaml"], merged["programmes/dibao.yaml"]) == (
        staff["hotlines.yaml"], dibao_says("新的一句。")["programmes/dibao.yaml"],
    )


def test_changes_of_both_to_different_parts_of_one_programme_do_not_collide() -> None:
    staff = edit(book(), "programmes/dibao.yaml", "sections", 1, "asked_as", to=["我能办吗"])
    merged = content_of(compare(staff, dibao_says("新的一句。")).merged())["programmes/dibao.yaml"]["sections"][1]
    assert merged == {"need": "who", "lines": [{"text": "新的一句。", "basis": ["法"]}], "asked_as": ["我能办吗"]}


def test_both_saying_the_same_is_no_conflict() -> None:
    assert found(compare(standard_of_2027(1750), standard_of_2027(1750))) == {}


def test_one_dated_value_given_by_both_is_a_conflict_and_the_older_values_are_not() -> None:
    upgrade = compare(standard_of_2027(1740), standard_of_2027(1750))
    assert found(upgrade) == {STANDARD: "conflict"}
    item = upgrade.items[0]
    assert (item.before, item.staff["value"], item.new["value"], item.take) == (None, 1740, 1750, None)


def test_an_undecided_conflict_leaves_the_part_of_the_staff() -> None:
    staff = dibao_says("我们改过。")
    assert content_of(compare(staff, dibao_says("新的一句。")).merged()) == staff


@pytest.mark.parametrize(("side", "says"), [(Take.NEW, 1750), (Take.STAFF, 1740)])
def test_a_decided_conflict_is_merged_as_decided(side: Take, says: int) -> None:
    staff, new = standard_of_2027(1740), standard_of_2027(1750)
    decided = compare(staff, new, choices=take(compare(staff, new), STANDARD, side))
    assert decided.undecided == ()
    assert content_of(decided.merged())["parameters/dibao.yaml"]["dibao.standard"]["values"][0]["value"] == says


def test_a_proposal_may_be_declined() -> None:
    upgrade = compare(book(), dibao_says("新的一句。"))
    declined = compare(book(), dibao_says("新的一句。"), choices=take(upgrade, WHO, Take.STAFF))
    assert (upgrade.is_offered, declined.is_offered) == (True, False)
    assert content_of(declined.merged()) == book()


def test_a_programme_that_the_bundle_dropped_and_staff_changed_is_one_conflict_as_a_whole() -> None:
    new = edit(book(), "handbook.yaml", "programme_order", to=["dibao"])
    del new["programmes/linshi.yaml"]
    staff = edit(book(), "programmes/linshi.yaml", "name", to="临时救助（本区）")
    upgrade = compare(staff, new)
    assert found(upgrade) == {"programmes/linshi": "conflict"}
    assert content_of(upgrade.merged())["handbook.yaml"]["programme_order"] == ["dibao", "linshi"]
    assert found(compare(book(), new)) == {"programmes/linshi": "removed"}
    assert content_of(compare(book(), new).merged()) == new


def test_what_staff_took_out_stays_out_unless_the_bundle_changed_it() -> None:
    staff = book()
    del staff["wordings.yaml"]["bye"]
    assert found(compare(staff, dibao_says("新的一句。"))) == {WHO: "changed"}
    upgrade = compare(staff, edit(book(), "wordings.yaml", "bye", to="再会"))
    assert found(upgrade) == {"wordings/bye": "conflict"}
    assert "bye" not in content_of(upgrade.merged())["wordings.yaml"]


def test_a_new_programme_comes_with_its_place_among_the_others() -> None:
    new = edit(book(), "handbook.yaml", "programme_order", to=["dibao", "xiao_e", "linshi"])
    new["programmes/xiao_e.yaml"] = {"id": "xiao_e", "name": "小金额救助", "sections": []}
    upgrade = compare(edit(book(), "handbook.yaml", "title", to="长宁一本通"), new)
    assert found(upgrade) == {"programmes/xiao_e": "added"}
    merged = content_of(upgrade.merged())["handbook.yaml"]
    assert (merged["title"], merged["programme_order"]) == ("长宁一本通", ["dibao", "xiao_e", "linshi"])
    declined = compare(book(), new, choices=take(compare(book(), new), "programmes/xiao_e", Take.STAFF))
    assert content_of(declined.merged())["handbook.yaml"]["programme_order"] == ["dibao", "linshi"]


def test_the_order_that_staff_gave_stays() -> None:
    staff = edit(book(), "handbook.yaml", "programme_order", to=["linshi", "dibao"])
    merged = content_of(compare(staff, dibao_says("新的一句。")).merged())
    assert merged["handbook.yaml"]["programme_order"] == ["linshi", "dibao"]


def test_a_new_item_of_a_list_stands_where_the_bundle_has_it() -> None:
    new = book()
    new["lexicon.yaml"].insert(1, {"term": "大病卡", "official": "医疗救助"})
    staff = book()
    staff["lexicon.yaml"].append({"term": "我们的", "official": "特困"})
    merged = content_of(compare(staff, new).merged())["lexicon.yaml"]
    assert [item["term"] for item in merged] == ["吃低保", "大病卡", "孤老", "我们的"]


def test_a_parameter_is_the_same_in_whichever_file_it_stands() -> None:
    new = book()
    new["parameters/money.yaml"] = new.pop("parameters/dibao.yaml")
    upgrade = compare(book(), new)
    assert found(upgrade) == {}
    assert content_of(upgrade.merged()) == book()


def test_a_file_that_older_releases_do_not_have_is_proposed_as_a_whole() -> None:
    new = book() | {"processes.yaml": {"title": "办理流程", "processes": [{"id": "shenqing", "title": "怎么申请"}]}}
    upgrade = compare(book(), new)
    assert found(upgrade) == {"processes": "added"}
    assert content_of(upgrade.merged()) == new


def test_a_field_without_a_value_is_as_good_as_none() -> None:
    null = edit(book(), "programmes/linshi.yaml", "conditions", to=None)
    assert found(compare(book(), null)) == found(compare(null, book())) == {}
    new = dibao_says("新的一句。")
    assert content_of(compare(null, new).merged())["programmes/linshi.yaml"] == null["programmes/linshi.yaml"]
    del new["programmes/linshi.yaml"]
    assert found(compare(null, new))["programmes/linshi"] == "removed"


# ---- choices are remembered, but only for what was seen ------------------------------------------------------------------------


def test_keeping_ones_own_holds_for_this_value_of_the_bundle_whatever_staff_write_later() -> None:
    staff, new = dibao_says("我们改过。"), dibao_says("新的一句。")
    kept = take(compare(staff, new), WHO, Take.STAFF)
    assert compare(dibao_says("我们又改过。"), new, choices=kept).undecided == ()
    assert found(compare(staff, dibao_says("更新的一句。"), choices=kept)) == {WHO: "conflict"}
    assert compare(staff, dibao_says("更新的一句。"), choices=kept).undecided != ()


def test_taking_the_new_one_never_overwrites_what_staff_wrote_afterwards() -> None:
    staff, new = dibao_says("我们改过。"), dibao_says("新的一句。")
    taken = take(compare(staff, new), WHO, Take.NEW)
    later = compare(dibao_says("我们后来写的。"), new, choices=taken)
    assert [item.entry for item in later.undecided] == [WHO]
    assert content_of(later.merged()) == dibao_says("我们后来写的。")


def test_after_a_merge_the_next_bundle_is_compared_with_the_one_merged() -> None:
    staff, second = dibao_says("我们改过。"), dibao_says("第二版的一句。")
    third = edit(second, "wordings.yaml", "greeting", to="早上好")
    assert found(compare(staff, third, base=second)) == {"wordings/greeting": "changed"}


def test_entries_are_found_by_name_and_by_what_they_stand_in() -> None:
    new = edit(dibao_says("新的一句。"), "wordings.yaml", "greeting", to="早上好")
    upgrade = compare(book(), new)
    assert [i.entry for i in upgrade.matching("programmes/dibao")] == [WHO]
    assert len(upgrade.matching("all")) == 2
    assert upgrade.matching("programmes/dib") == ()


# ---- in words ----------------------------------------------------------------------------------------------------------------


def titles(upgrade: HandbookUpgrade) -> list[str]:
    return [title_of(item, upgrade) for item in upgrade.items]


def test_parts_are_called_what_editors_call_them() -> None:
    new = edit(dibao_says("新的一句。"), "asked_as/某法.yaml", "articles", "第一条", to=["问新的"])
    new["parameters/dibao.yaml"] = standard_of_2027(1750)["parameters/dibao.yaml"]
    assert sorted(titles(compare(book(), new))) == [
        "居民会怎么问 · 某法 · 第一条", "救助项目 · 最低生活保障 · 谁能申请 · 正文", "数字 · 低保标准 · 2027-07-01 起的数值",
    ]


def test_a_part_is_shown_in_sentences_with_its_sources_and_codes_in_words() -> None:
    assert lines_of([{"text": "有上海户口。", "basis": ["法 第十八条"]}]) == ("有上海户口。（依据：法 第十八条）",)
    assert "可信程度：公开报道" in lines_of(value(1750))
    assert lines_of(None) == ("没有",)
    assert lines_of("一行\n两行") == ("一行", "两行")


def test_a_change_says_only_what_differs() -> None:
    upgrade = compare(book(), edit(book(), "wordings.yaml", "greeting", to="您好，请讲"))
    assert change_of(upgrade.items[0]) == "增“，请讲”"


def test_the_record_for_programs_holds_every_side() -> None:
    staff, new = dibao_says("我们改过。"), dibao_says("新的一句。")
    record = upgrade_record(compare(staff, new))
    assert (record["offered"], record["undecided"], record["counts"]["conflict"]) == (True, 1, 1)
    item = record["items"][0]
    assert (item["entry"], item["take"]) == (WHO, None)
    assert [item[side][0]["text"] for side in ("before", "staff", "new")] == ["有上海户口。", "我们改过。", "新的一句。"]


def test_every_part_of_the_bundled_handbook_has_a_chinese_name_for_its_kind() -> None:
    names = {title.split(" · ")[0] for title in titles(compare({}, bundled_content(), base={}))}
    assert len(names) > 10
    assert [name for name in names if name.isascii()] == []


def test_the_bundled_handbook_merged_with_changes_of_staff_is_a_usable_handbook() -> None:
    new, staff, base = bundled_content(), bundled_content(), bundled_content()
    base["programmes/dibao.yaml"]["sections"][0]["lines"].pop()
    staff["programmes/dibao.yaml"]["sections"][0]["lines"].pop()
    staff["wordings.yaml"]["greeting"] = "您好，这里是长宁。回复“人工”找顾问。"
    del base["processes.yaml"], staff["processes.yaml"]
    upgrade = compare(staff, new, base=base)
    assert {i.kind for i in upgrade.items} == {UpgradeKind.CHANGED, UpgradeKind.ADDED}
    catalogue = Catalogue.from_content(to_json(content_of(upgrade.merged())))
    assert catalogue.wordings["greeting"].startswith("您好，这里是长宁")
    assert catalogue.processes.by_id
