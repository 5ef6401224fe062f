"""Changes are said as shortly as a reader can follow."""

from __future__ import annotations

import pytest

from knowledge.text_changes import change_in_words, list_changes_in_words


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("应当自受理之日起20日内办结。", "应当自受理之日起15日内办结。", "20日 → 15日"),
        ("应当自受理起三十日内办结。", "应当自受理起二十日内办结。", "三十日 → 二十日"),
        ("本区户籍困难居民可以申请。", "本区户籍居民可以申请。", "删“困难”"),
        ("可以申请。", "可以在网上申请。", "增“在网上”"),
        ("连续三次拒绝接受的。", "连续两次拒绝接受的。", "三次 → 两次"),
        ("由区民政局负责。", "由市民政局负责。", "区民 → 市民"),
        ("年满60周岁，每月1000元。", "年满65周岁，每月1200元。", "60周岁 → 65周岁；1000元 → 1200元"),
    ],
)
def test_only_what_differs_is_named(before: str, after: str, said: str) -> None:
    assert change_in_words(before, after) == said


def test_a_text_written_anew_is_said_to_be_new() -> None:
    before = "甲" * 80 + "。"
    after = "乙丙丁戊" * 20 + "。"
    assert change_in_words(before, after).startswith("整条改写")


def test_many_places_are_counted_and_the_first_are_named() -> None:
    before = "。".join(f"第{word}项为{n}元，不再另行计算" for n, word in enumerate("甲乙丙丁戊己", start=10))
    after = "。".join(f"第{word}项为{n + 50}元，不再另行计算" for n, word in enumerate("甲乙丙丁戊己", start=10))
    said = change_in_words(before, after)
    assert said.startswith("10元 → 60元")
    assert said.endswith("等 6 处")


def test_lists_tell_changed_added_and_removed_sentences() -> None:
    assert list_changes_in_words(["身份证", "收入证明"], ["身份证", "近6个月收入证明", "授权书"]) == (
        "增“近6个月”",
        "增“授权书”",
    )
    assert list_changes_in_words(["甲证明"], []) == ("删“甲证明”",)
    assert list_changes_in_words(["甲"], ["甲"]) == ()
