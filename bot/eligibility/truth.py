"""Three-valued logic: yes, no, and not known yet. Unknown is never no."""

from __future__ import annotations

from collections.abc import Iterable

Truth = bool | None
"""None: cannot be told yet."""


def all_of(values: Iterable[Truth]) -> Truth:
    """False when one is False, True when every one is True (also of none), else unknown. Source: Kleene's strong logic."""
    result: Truth = True
    for value in values:
        if value is False:
            return False
        if value is None:
            result = None
    return result


def any_of(values: Iterable[Truth]) -> Truth:
    """True when one is True, False when every one is False (also of none), else unknown."""
    result: Truth = False
    for value in values:
        if value is True:
            return True
        if value is None:
            result = None
    return result


def not_(value: Truth) -> Truth:
    return None if value is None else not value
