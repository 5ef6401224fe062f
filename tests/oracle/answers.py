"""What the oracle says of a household on a day: the answers that the clauses leave possible."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tests.oracle import canji_huli, canji_shenghuo, dibao, dibao_bianyuan, gangxing, linshi, tekun, yiliao
from tests.oracle.household import Facts, Household
from tests.oracle.numbers import Law, laws


@dataclass(frozen=True, slots=True)
class Programme:
    """One programme of the oracle. unread: the numbers its verdict hangs on that nobody could read."""

    verdict: Callable[[Household, Law], bool]
    unread: Sequence[str]
    amount: Callable[[Household, Law], Decimal | None] | None = None


PROGRAMMES: Mapping[str, Programme] = {
    "dibao": Programme(dibao.verdict, dibao.UNREAD, dibao.amount),
    "dibao_bianyuan": Programme(dibao_bianyuan.verdict, dibao_bianyuan.UNREAD),
    "tekun": Programme(tekun.verdict, tekun.UNREAD),
    "gangxing": Programme(gangxing.verdict, gangxing.UNREAD, gangxing.amount),
    "linshi": Programme(linshi.verdict, linshi.UNREAD),
    "yiliao": Programme(yiliao.verdict, yiliao.UNREAD),
    "canji_shenghuo": Programme(canji_shenghuo.verdict, canji_shenghuo.UNREAD, canji_shenghuo.amount),
    "canji_huli": Programme(canji_huli.verdict, canji_huli.UNREAD, canji_huli.amount),
}


def verdicts(programme: str, facts: Facts, day: date) -> frozenset[bool]:
    """{True}, {False}, or both where the answer hangs on a number that nobody could read."""
    rule, household = PROGRAMMES[programme], Household(facts, day)
    found: set[bool] = set()
    for law in laws(day, rule.unread):
        found.add(rule.verdict(household, law))
        if len(found) == 2:
            break
    return frozenset(found)


def amounts(programme: str, facts: Facts, day: date) -> frozenset[Decimal | None]:
    """Yuan a month that the rule gives where its verdict is yes; None: the rule gives no amount."""
    rule, household = PROGRAMMES[programme], Household(facts, day)
    if rule.amount is None:
        return frozenset({None})
    return frozenset(rule.amount(household, law) for law in laws(day, rule.unread) if rule.verdict(household, law))
