"""Lists (名单): what screening and comparison found, as rows for people, with their Chinese heads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from bot.screening.columns_read import Reject
from bot.screening.comparison import CHANGES, Change, ChangeTally
from bot.screening.result_files import Line
from bot.screening.screening import STANDINGS, Amount, Listed, Tally
from bot.screening.wording import say

LabelOf = Callable[[str], str]
"""A fact's name to its label."""


def household_heads() -> list[str]:
    told = ("household", "subdistrict", "programme", "likelihood", "missing", "near_miss")
    return _heads(*told, "amount_low", "amount_high", "unit")


def household_line(one: Listed, label: LabelOf) -> Line:
    return (
        one.household, one.subdistrict, one.name, say(one.standing), "、".join(map(label, one.missing)) or None,
        one.near_miss or None, *_amount(one.amount), None if one.amount is None else say(one.amount.per),
    )


def change_heads() -> list[str]:
    return _heads("household", "subdistrict", "programme", "change", "before", "after", "amount_before", "amount_after", "unit")


def change_line(one: Change) -> Line:
    amount = one.amount_after or one.amount_before
    return (
        one.household, one.subdistrict, one.name, say(one.kind), say(one.before), say(one.after),
        amount_words(one.amount_before), amount_words(one.amount_after), None if amount is None else say(amount.per),
    )


def count_heads() -> list[str]:
    return [say("head_programme"), say("head_subdistrict"), *(say(standing) for standing in STANDINGS)]


def count_lines(tallies: Iterable[Tally]) -> Iterator[Line]:
    for tally in tallies:
        yield (tally.name, None, *(tally.standings[standing] for standing in STANDINGS))
        for name, counts in sorted(tally.subdistricts.items()):
            yield (tally.name, name, *(counts[standing] for standing in STANDINGS))


def change_count_heads() -> list[str]:
    return [say("head_programme"), *(say(kind) for kind in CHANGES)]


def change_count_lines(tallies: Iterable[ChangeTally]) -> Iterator[Line]:
    for tally in tallies:
        yield (tally.name, *(tally.changes[kind] for kind in CHANGES))


def reject_heads() -> list[str]:
    return _heads("file", "row", "column", "value", "wanted")


def reject_line(reject: Reject) -> Line:
    return say(f"file_{reject.file}"), reject.row, reject.column, reject.value, reject.wanted


def amount_words(amount: Amount | None) -> str | None:
    """ "1200" or "800～1200" yuan."""
    if amount is None:
        return None
    low, high = (f"{end:g}" if end == int(end) else f"{end:.2f}" for end in (amount.low, amount.high))
    return low if low == high else say("between", low=low, high=high)


def _amount(amount: Amount | None) -> tuple[float | None, float | None]:
    return (None, None) if amount is None else (amount.low, amount.high)


def _heads(*keys: str) -> list[str]:
    return [say(f"head_{key}") for key in keys]


def reject_words(reject: Reject) -> str:
    """One rejected row in one sentence, for a terminal or a page."""
    return say("reject", file=say(f"file_{reject.file}"), row=str(reject.row), column=reject.column, value=reject.value[:60],
               wanted=reject.wanted)


def reject_sentences(rejects: Sequence[Reject], most: int) -> list[str]:
    return [reject_words(reject) for reject in rejects[:most]]
