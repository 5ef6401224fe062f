"""A few programmes, parameters and facts written down by hand, for tests of the rules themselves. All numbers are invented."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from bot.situation import Range, Situation, Value
from knowledge.facts import FactDefinition, FactType, Option
from knowledge.parameters import Confidence, DatedValue, Parameter, Reference
from knowledge.programmes import All, AnyOf, Benefit, Condition, Operator, Programme, Rule, Threshold

ON = date(2026, 11, 21)
LAW = Reference("救助办法", "第三条")


@dataclass(frozen=True, eq=False)
class SmallRulebook:
    programmes: Mapping[str, Programme] = field(default_factory=dict)
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    facts: Mapping[str, FactDefinition] = field(default_factory=dict)


def yuan(amount: int) -> Range:
    return Range.exactly(amount * 100)


def between(low: int | None, high: int | None) -> Range:
    """Yuan, as fen."""
    return Range(None if low is None else Decimal(low * 100), None if high is None else Decimal(high * 100))


def number(value: int) -> Range:
    return Range.exactly(value)


def parameter(
    name: str, value: int | str | None, unit: str = "yuan/person/month", *, confidence: Confidence = Confidence.OFFICIAL,
    low: int | None = None, high: int | None = None, since: date = date(2020, 1, 1),
) -> Parameter:
    dated = DatedValue(
        None if value is None else Decimal(value), since, confidence, LAW,
        None if low is None else Decimal(low), None if high is None else Decimal(high),
    )
    return Parameter(name, name, unit, date(2026, 1, 1), (dated,))


def condition(
    fact: str, operator: Operator, *, constant: bool | str | tuple[str, ...] | None = None, parameter: str | None = None,
    times: str | None = None, id: str | None = None, near_miss_percent: int | None = None,
) -> Condition:
    return Condition(
        id=id or fact,
        fact=fact,
        operator=operator,
        threshold=Threshold(constant, parameter, times),
        basis=LAW,
        yes=f"{fact}符合",
        no=f"{fact}不符合",
        near_miss="只差{distance}" if near_miss_percent else None,
        near_miss_percent=None if near_miss_percent is None else Decimal(near_miss_percent),
    )


def programme(id: str, conditions: Rule | None, *, excludes: tuple[str, ...] = (), benefit: Benefit | None = None,
              until: date | None = None) -> Programme:
    return Programme(
        id=id, name=f"《{id}》", aliases=(), summary="", authority="", region="上海市", in_force_from=date(2019, 1, 1),
        in_force_until=until, legal_basis=(LAW,), conditions=conditions, judged=("有无特殊困难",),
        benefit=benefit or Benefit("none"), limits=(), excludes=excludes, includes=(), related=(), materials=(), steps=(),
        sections=(),
    )


def asked(
    name: str, type: FactType, *options: str, effort: int = 1, low: int | None = 0, high: int | None = None,
) -> FactDefinition:
    return FactDefinition(
        name, name, type, question=f"{name}？", options=tuple(Option(o, o) for o in options), effort=effort, low=low, high=high)


HUKOU = condition("self.hukou", Operator.IS, constant="shanghai", id="hukou")
POOR = condition("household.income_per_head_yuan", Operator.BELOW, parameter="line", id="income", near_miss_percent=10)
NEARLY_POOR = condition("household.income_per_head_yuan", Operator.BELOW, parameter="line", times="twice", id="income")
SAVINGS = condition("household.assets_per_head_yuan", Operator.AT_MOST, parameter="savings", id="assets")

RULES = SmallRulebook(
    programmes={p.id: p for p in (
        programme("edge", All((HUKOU, NEARLY_POOR)), excludes=("basic",)),
        programme("basic", All((HUKOU, POOR, SAVINGS)), benefit=Benefit(
            "difference", "line", "household.income_per_head_yuan", "month", "只供参考")),
        programme("care", AnyOf((
            condition("programme.basic", Operator.IS, constant=True, id="basic"),
            condition("programme.edge", Operator.IS, constant=True, id="edge")))),
        programme("talk", None),
    )},
    parameters={p.name: p for p in (
        parameter("line", 1000),
        parameter("twice", 2, "times", confidence=Confidence.RECALLED),
        parameter("savings", None, "yuan/person", confidence=Confidence.UNVERIFIED, low=20_000, high=50_000),
        parameter("tekun.elder_age", 60, "years"),
        parameter("tekun.minor_age", 18, "years"),
    )},
    facts={f.name: f for f in (
        asked("household.size", FactType.INTEGER, low=1, high=20),
        asked("household.monthly_income_yuan", FactType.MONEY, effort=2),
        asked("household.financial_assets_yuan", FactType.MONEY, effort=3),
        asked("self.hukou", FactType.CHOICE, "shanghai", "elsewhere"),
        FactDefinition("household.income_per_head_yuan", "人均月收入", FactType.MONEY,
                       derived_from=("household.size", "household.monthly_income_yuan")),
    )},
)


def situation(**facts: Value) -> Situation:
    """situation(household__size=number(2), self__hukou="shanghai")"""
    made = Situation()
    for name, value in facts.items():
        made = made.with_fact(name.replace("__", ".", 1), value)
    return made
