"""Situations side by side: many written-down households turned into columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import numpy as np

from bot.eligibility.columns import NOT_KNOWN, YES_NO, Column, Days, Numbers, Words
from bot.eligibility.households import Belongings, Households
from bot.situation import Range, Situation, Value

Told = Sequence[Value | None]


def columns_of(situations: Sequence[Situation]) -> Households:
    """The situations as households in columns, in the same order; a fact that nobody has told has no column."""
    people = [situation.members[0].facts if situation.members else {} for situation in situations]
    others = [
        {"key": member.key, "relation": member.relation, **member.facts}
        for situation in situations for member in situation.members[1:]
    ]
    programmes = tuple(sorted({one for situation in situations for one in situation.receives or ()}))
    bits = {programme: 1 << place for place, programme in enumerate(programmes)}
    return Households(
        count=len(situations),
        facts=side_by_side([situation.facts for situation in situations]),
        person=side_by_side(people),
        has_person=np.array([bool(situation.members) for situation in situations], dtype=bool),
        others=_belongings((len(situation.members[1:]) for situation in situations), others),
        events=_belongings((len(s.events) for s in situations), [event for s in situations for event in s.events]),
        receives=np.array([sum(bits[one] for one in s.receives or ()) for s in situations], dtype=np.uint64),
        receives_known=np.array([s.receives is not None for s in situations], dtype=bool),
        programmes=programmes,
    )


def side_by_side(records: Sequence[Mapping[str, Value]]) -> dict[str, Column]:
    """Each fact that one of the records has, as a column over all of them."""
    names = dict.fromkeys(name for record in records for name in record)
    return {name: column_of([record.get(name) for record in records]) for name in names}


def column_of(values: Told) -> Column:
    """The values of one fact, None where it is not known, as a column of the kind that the values are."""
    told = next((value for value in values if value is not None), None)
    if isinstance(told, Range):
        return Numbers(*(np.array([_end(value, high) for value in values], dtype=np.float64) for high in (False, True)))
    if isinstance(told, date):
        return Days(np.array([_day(value) for value in values], dtype=np.int32))
    texts = [None if value is None else str(value).lower() if isinstance(value, bool) else str(value) for value in values]
    words = YES_NO if isinstance(told, bool) else tuple(dict.fromkeys(text for text in texts if text is not None))
    codes = {word: code for code, word in enumerate(words)}
    return Words(np.array([NOT_KNOWN if text is None else codes[text] for text in texts], dtype=np.int16), words)


def _end(value: Value | None, high: bool) -> float:
    end = (value.high if high else value.low) if isinstance(value, Range) else None
    if end is None:
        return np.inf if high else -np.inf
    return float(end)


def _day(value: Value | None) -> int:
    return value.year * 10_000 + value.month * 100 + value.day if isinstance(value, date) else 0


def _belongings(counts: Iterable[int], records: Sequence[Mapping[str, Value]]) -> Belongings:
    return Belongings(np.array(list(counts), dtype=np.int64), side_by_side(records))
