"""The next question: what settles most, never what changes nothing, never what was refused."""

from __future__ import annotations

from bot.eligibility.assessments import assess_all
from bot.eligibility.next_question import next_question
from bot.messages import Ask
from bot.situation import Situation
from knowledge.facts import FactType
from knowledge.programmes import All, Operator
from tests.bot.small_rules import ON, RULES, SmallRulebook, asked, condition, number, programme, situation, yuan


def question(told: Situation, rules: SmallRulebook = RULES, **options: tuple[str, ...]) -> Ask | None:
    return next_question(told, rules, ON, assess_all(told, rules, ON), **options)


def asked_for(told: Situation, rules: SmallRulebook = RULES, **options: tuple[str, ...]) -> str | None:
    ask = question(told, rules, **options)
    return ask.fact if ask else None


def test_an_easy_fact_that_decides_every_programme_comes_first():
    assert asked_for(Situation()) == "self.hukou"


def test_the_question_and_its_options_come_from_the_dictionary():
    assert question(Situation()) == Ask("self.hukou", "self.hukou？", (("shanghai", "shanghai"), ("elsewhere", "elsewhere")))


def test_nothing_is_asked_once_every_verdict_is_settled():
    told = situation(household__size=number(1), household__monthly_income_yuan=yuan(5000), self__hukou="shanghai")
    assert asked_for(told) is None
    assert asked_for(situation(self__hukou="elsewhere")) is None


def test_savings_are_not_asked_when_the_income_has_settled_it():
    told = situation(household__size=number(1), household__monthly_income_yuan=yuan(1500), self__hukou="shanghai")
    assert asked_for(told) is None


def test_a_refused_fact_is_never_asked_again():
    assert asked_for(Situation().with_refused("self.hukou")) != "self.hukou"


def test_a_fact_just_asked_is_not_repeated():
    first = asked_for(Situation())
    assert first is not None
    second = asked_for(Situation(), just_asked=(first,))
    assert second not in (None, first)


def test_the_programme_the_talk_is_about_weighs_more():
    a, b = (condition(f"self.{name}", Operator.IS, constant=True) for name in ("a", "b"))
    rules = SmallRulebook(
        {"one": programme("one", a), "two": programme("two", b)}, {},
        {name: asked(name, FactType.YES_NO) for name in ("self.a", "self.b")})
    assert asked_for(Situation(), rules) == "self.a"                   # equal worth: the order of the dictionary
    assert asked_for(Situation(), rules, focus=("two",)) == "self.b"


def test_of_two_facts_that_settle_as_much_the_easier_one_is_asked():
    a, b = (condition(f"self.{name}", Operator.IS, constant=True) for name in ("a", "b"))
    rules = SmallRulebook(
        {"one": programme("one", All((a, b)))}, {},
        {"self.a": asked("self.a", FactType.YES_NO, effort=5), "self.b": asked("self.b", FactType.YES_NO, effort=1)})
    assert asked_for(Situation(), rules) == "self.b"


def test_a_fact_without_a_question_is_never_asked():
    rules = SmallRulebook({"one": programme("one", condition("self.a", Operator.IS, constant=True))})
    assert asked_for(Situation(), rules) is None


def test_answering_question_after_question_settles_everything_without_repeating():
    answers = {"self.hukou": "shanghai", "household.size": number(2), "household.monthly_income_yuan": yuan(1800),
               "household.financial_assets_yuan": yuan(5000)}
    told, questions = Situation(), []
    while (name := asked_for(told)) is not None:
        questions.append(name)
        told = told.with_fact(name, answers[name])
    assert len(questions) == len(set(questions)) <= 4
    assert all(a.likelihood != "cannot_tell" for a in assess_all(told, RULES, ON))
