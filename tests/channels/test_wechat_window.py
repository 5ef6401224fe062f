"""How many messages may still go out, and until when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.outbox import Contact
from channels.wechat.window import WeChatReplyWindow

WROTE = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


@pytest.mark.parametrize(("after", "left"), [
    (hours(0), 5), (hours(47.99), 5), (hours(48), 0), (hours(200), 0), (-hours(1), 0)])
def test_five_messages_in_48_hours_after_a_message(after: timedelta, left: int) -> None:
    window = WeChatReplyWindow(Contact(WROTE, None))
    assert window.remaining(WROTE + after) == left
    assert window.is_open(WROTE + after) == (after < hours(48))


@pytest.mark.parametrize(("after", "left"), [(timedelta(0), 3), (timedelta(seconds=59), 3), (timedelta(seconds=60), 0)])
def test_three_messages_in_a_minute_after_a_tap_follow_or_scan(after: timedelta, left: int) -> None:
    assert WeChatReplyWindow(Contact(None, WROTE)).remaining(WROTE + after) == left


def test_what_was_pushed_since_counts_and_what_went_before_does_not() -> None:
    pushes = tuple(WROTE + hours(h) for h in (-1, 0, 1, 2))
    assert WeChatReplyWindow(Contact(WROTE, None, pushes)).remaining(WROTE + hours(3)) == 2


def test_more_pushes_than_allowed_leave_nothing_and_the_window_stays_open() -> None:
    window = WeChatReplyWindow(Contact(WROTE, None, (WROTE,) * 7))
    assert window.remaining(WROTE + hours(1)) == 0
    assert window.is_open(WROTE + hours(1))


def test_a_tap_gives_three_more_when_the_five_are_used_up() -> None:
    tapped = WROTE + hours(2)
    window = WeChatReplyWindow(Contact(WROTE, tapped, (WROTE + hours(1),) * 5))
    assert window.remaining(tapped) == 3
    assert window.remaining(tapped + timedelta(minutes=1)) == 0
    assert window.closes_at() == WROTE + hours(48)


def test_a_resident_never_heard_of_cannot_be_written_to() -> None:
    window = WeChatReplyWindow(Contact(None, None))
    assert (window.remaining(WROTE), window.is_open(WROTE), window.closes_at()) == (0, False, None)
