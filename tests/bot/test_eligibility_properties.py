"""Properties that hold for every rule and every household: generated, and checked against trying all completions."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.eligibility.assessments import Assessment, Likelihood, assess_all
from bot.eligibility.evaluator import evaluate
from bot.eligibility.verdicts import Verdicts
from bot.situation import Range, Situation, Value
from knowledge.catalogue import Catalogue
from knowledge.facts import FactType
from knowledge.programmes import All, AnyOf, Condition, Not, Operator, Rule
from tests.bot.small_rules import ON, SmallRulebook, asked, condition, parameter, programme

FLAGS = ("self.a", "self.b", "self.c")
AMOUNT = "household.amount_yuan"
LIMITS = {"low": parameter("low", 10), "high": parameter("high", 20)}
AMOUNTS = (5, 10, 15, 20, 25)

LEAVES: st.SearchStrategy[Rule] = st.one_of(
    st.sampled_from(FLAGS).map(lambda name: condition(name, Operator.IS, constant=True)),
    st.tuples(
        st.sampled_from((Operator.BELOW, Operator.AT_MOST, Operator.ABOVE, Operator.AT_LEAST)), st.sampled_from(("low", "high")),
    ).map(lambda chosen: condition(AMOUNT, chosen[0], parameter=chosen[1])),
)


def _combined(rules: st.SearchStrategy[Rule]) -> st.SearchStrategy[Rule]:
    several = st.lists(rules, min_size=1, max_size=3).map(tuple)
    return st.one_of(several.map(All), several.map(AnyOf), rules.map(Not))


SMALL_RULES = st.recursive(LEAVES, _combined, max_leaves=6)
TOLD = st.fixed_dictionaries({}, optional={
    **{name: st.booleans() for name in FLAGS},
    AMOUNT: st.tuples(st.sampled_from(AMOUNTS), st.sampled_from(AMOUNTS)).map(
        lambda ends: Range(Decimal(min(ends) * 100), Decimal(max(ends) * 100))),
})


def situation_of(told: dict[str, Value]) -> Situation:
    made = Situation()
    for name, value in told.items():
        made = made.with_fact(name, value)
    return made


def result(rule: Rule, told: dict[str, Value]) -> bool | None:
    rules = SmallRulebook({}, LIMITS)
    return evaluate(rule, Verdicts(situation_of(told), rules, ON).facts, rules, ON).result


def completions(told: dict[str, Value]) -> list[dict[str, Value]]:
    """Every way to know all facts that agrees with what is told."""
    amount = told.get(AMOUNT, Range(Decimal(0), None))
    assert isinstance(amount, Range)
    assert amount.low is not None
    fitting = [a * 100 for a in AMOUNTS if amount.low <= a * 100 and (amount.high is None or a * 100 <= amount.high)]
    flags = [[told[name]] if name in told else [True, False] for name in FLAGS]
    return [dict(zip((*FLAGS, AMOUNT), (*chosen[:-1], Range.exactly(chosen[-1])), strict=True))
            for chosen in product(*flags, fitting)]


def by_hand(rule: Rule, told: dict[str, Value]) -> bool:
    """The rule over completely known facts, written a second time without ranges and unknowns."""
    match rule:
        case Condition():
            value = told[rule.fact]
            if not isinstance(value, Range):
                return value is rule.threshold.constant
            assert value.exact is not None
            amount, limit = value.exact / 100, LIMITS[rule.threshold.parameter or ""].history[0].value
            assert limit is not None
            return {Operator.BELOW: amount < limit, Operator.AT_MOST: amount <= limit,
                    Operator.ABOVE: amount > limit, Operator.AT_LEAST: amount >= limit}[rule.operator]
        case Not(part):
            return not by_hand(part, told)
        case All(parts):
            return all(by_hand(part, told) for part in parts)
        case AnyOf(parts):
            return any(by_hand(part, told) for part in parts)


@given(SMALL_RULES, TOLD)
@settings(max_examples=300, deadline=None)
def test_a_settled_result_holds_for_every_completion(rule: Rule, told: dict[str, Value]):
    told_so_far = result(rule, told)
    if told_so_far is not None:
        assert {by_hand(rule, complete) for complete in completions(told)} == {told_so_far}


@given(SMALL_RULES, st.data())
@settings(max_examples=200, deadline=None)
def test_with_everything_known_the_result_is_the_rule_itself(rule: Rule, data: st.DataObject):
    complete = data.draw(st.sampled_from(completions({})))
    assert result(rule, complete) is by_hand(rule, complete)


@given(SMALL_RULES, TOLD, st.data())
@settings(max_examples=200, deadline=None)
def test_knowing_more_never_unsettles_a_result(rule: Rule, told: dict[str, Value], data: st.DataObject):
    before = result(rule, told)
    after = result(rule, data.draw(st.sampled_from(completions(told))))
    assert before is None or after is before


@given(SMALL_RULES, TOLD, st.integers(0, 900), st.integers(0, 900))
@settings(max_examples=200, deadline=None)
def test_widening_a_range_never_makes_a_result_more_certain(rule: Rule, told: dict[str, Value], less: int, more: int):
    amount = told.get(AMOUNT)
    if isinstance(amount, Range) and amount.low is not None and amount.high is not None:
        wider = {**told, AMOUNT: Range(amount.low - less, amount.high + more)}
        assert result(rule, wider) in (None, result(rule, told))


@given(SMALL_RULES, TOLD)
@settings(max_examples=150, deadline=None)
def test_missing_facts_are_unknown_ones_and_there_is_one_while_facts_are_open(rule: Rule, told: dict[str, Value]):
    facts = {**{name: asked(name, FactType.YES_NO) for name in FLAGS}, AMOUNT: asked(AMOUNT, FactType.MONEY)}
    [assessment] = assess_all(situation_of(told), SmallRulebook({"one": programme("one", rule)}, LIMITS, facts), ON)
    known = {name for name, value in told.items() if not isinstance(value, Range) or value.exact is not None}
    assert not known & set(assessment.missing)
    assert (assessment.likelihood is Likelihood.CANNOT_TELL) == bool(assessment.missing)


CATALOGUE = Catalogue.bundled()
YUAN = st.integers(0, 8_000).map(lambda amount: Range.exactly(amount * 100))
HOUSEHOLDS = st.fixed_dictionaries({}, optional={
    "household.size": st.integers(1, 5).map(Range.exactly),
    "household.monthly_income_yuan": YUAN,
    "household.financial_assets_yuan": st.integers(0, 200_000).map(lambda amount: Range.exactly(amount * 100)),
    "household.medical_spending_yuan_12m": st.integers(0, 200_000).map(lambda amount: Range.exactly(amount * 100)),
    "household.urgent_need": st.booleans(),
    "self.hukou": st.sampled_from(("shanghai", "elsewhere")),
    "self.lives_in": st.sampled_from(("changning", "shanghai", "elsewhere")),
    "self.age": st.integers(0, 100).map(Range.exactly),
    "self.disability_level": st.sampled_from(("none", "1", "2", "3", "4")),
    "self.disability_kind": st.sampled_from(("肢体", "精神", "视力")),
    "self.working": st.sampled_from(("none", "employed", "retired", "unable")),
    "self.able_supporter": st.booleans(),
    "self.serious_illness": st.booleans(),
    "self.residence_permit": st.booleans(),
})


def bundled(told: dict[str, Value]) -> dict[str, Assessment]:
    return {a.programme: a for a in assess_all(situation_of(told), CATALOGUE, ON)}


@given(HOUSEHOLDS, st.randoms())
@settings(max_examples=60, deadline=None)
def test_the_order_in_which_facts_are_told_does_not_matter(told: dict[str, Value], shuffler):
    items = list(told.items())
    shuffler.shuffle(items)
    assert [a.as_dict() for a in bundled(dict(items)).values()] == [a.as_dict() for a in bundled(told).values()]


def sources(fact: str) -> set[str]:
    """The fact and all it is worked out from."""
    definition = CATALOGUE.facts.get(fact)
    derived_from = definition.derived_from if definition else ()
    return {fact}.union(*map(sources, derived_from))


@given(HOUSEHOLDS, st.data())
@settings(max_examples=100, deadline=None)
def test_one_more_fact_turns_a_verdict_round_only_with_that_fact_in_the_trace(told: dict[str, Value], data: st.DataObject):
    if not told:
        return
    name = data.draw(st.sampled_from(sorted(told)))
    before, after = bundled({key: value for key, value in told.items() if key != name}), bundled(told)
    for programme_id, assessment in after.items():
        was, now = before[programme_id].likelihood, assessment.likelihood
        if {was, now} == {Likelihood.LIKELY, Likelihood.UNLIKELY}:
            behind = {fact for reason in assessment.trace for fact in sources(reason.fact)}
            through_others = any(reason.fact.startswith("programme.") for reason in assessment.trace)
            assert name in behind or through_others, (programme_id, name)


@given(HOUSEHOLDS, st.integers(0, 5_000))
@settings(max_examples=100, deadline=None)
def test_less_income_loses_a_programme_only_by_a_displacement_that_the_trace_shows(told: dict[str, Value], less: int):
    income = told.get("household.monthly_income_yuan")
    if not isinstance(income, Range) or income.exact is None:
        return
    poorer = {**told, "household.monthly_income_yuan": Range.exactly(max(Decimal(0), income.exact - less * 100))}
    before, after = bundled(told), bundled(poorer)
    for programme_id in ("dibao", "tekun", "dibao_bianyuan", "gangxing"):
        if before[programme_id].likelihood is Likelihood.LIKELY and after[programme_id].likelihood is not Likelihood.LIKELY:
            assert any(reason.condition.startswith("excludes.") for reason in after[programme_id].because)


@given(HOUSEHOLDS)
@settings(max_examples=60, deadline=None)
def test_every_assessment_has_a_reason_and_a_sentence_for_it(told: dict[str, Value]):
    for assessment in bundled(told).values():
        assert assessment.because
        assert all(reason.said for reason in assessment.trace)
        assert not (assessment.likelihood is not Likelihood.CANNOT_TELL and assessment.missing)


