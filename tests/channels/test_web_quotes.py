"""Quoted words are marked where they stand, and nothing else is."""

from __future__ import annotations

from datetime import timedelta

from channels.templates import phone_links, waited
from channels.web.quotes import Segment, marked, marked_quote
from tests.channels.fakes import MONDAY

TEXT = "街道办事处应当自受理之日起\n二十个工作日内办结。情况复杂的，可以延长。"


def _marks(segments: list[Segment]) -> list[str]:
    return [segment.text for segment in segments if segment.mark]


def test_the_text_stays_whole_whatever_is_marked() -> None:
    for quote in ("二十个工作日", "没有这几个字", "", "受理之日起二十个工作日", "街道…延长"):
        assert "".join(segment.text for segment in marked_quote(TEXT, quote)) == TEXT


def test_a_line_break_inside_the_quote_does_not_hide_it() -> None:
    assert _marks(marked_quote(TEXT, "受理之日起二十个工作日")) == ["受理之日起\n二十个工作日"]


def test_each_part_of_a_quote_with_an_ellipsis_is_marked() -> None:
    assert _marks(marked_quote(TEXT, "二十个工作日内办结……可以延长")) == ["二十个工作日内办结", "可以延长"]


def test_words_that_do_not_occur_are_not_marked() -> None:
    assert _marks(marked_quote(TEXT, "三十个工作日")) == []


def test_signs_that_mean_something_to_a_pattern_are_only_signs() -> None:
    assert _marks(marked_quote("费用(含药费)按 100% 计。", "(含药费)")) == ["(含药费)"]


def test_where_two_marks_overlap_the_earlier_and_longer_wins() -> None:
    found = marked("退休金一个月900块", [("900块", "b"), ("退休金一个月900块", "a"), ("一个月", "c")])
    assert found == [Segment("退休金一个月900块", "a")]


def test_phone_numbers_become_links_and_amounts_do_not() -> None:
    html = str(phone_links("打 12345 或 021-62345678，危险打 110；补助 120 元、12345元、110个工作日 <b>"))
    assert html.count("<a ") == 3
    assert 'href="tel:12345"' in html
    assert 'href="tel:02162345678"' in html
    assert "&lt;b&gt;" in html


def test_waiting_is_said_in_the_two_largest_units() -> None:
    durations = (timedelta(seconds=30), timedelta(minutes=59), timedelta(hours=2, minutes=5), timedelta(days=3))
    said = [waited(MONDAY, MONDAY + duration) for duration in durations]
    assert said == ["刚刚", "59 分钟", "2 小时 5 分", "3 天"]
