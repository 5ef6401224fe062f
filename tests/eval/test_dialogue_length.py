"""Made-up households and the dialogues with them: repeatable, complete, ending, and shorter than asking everything."""

from __future__ import annotations

from bot.eligibility.assessments import assess_all
from bot.eligibility.next_question import asked_together, next_question
from bot.situation import Situation
from eval import dialogue_length
from eval.dialogue_length import ON, dialogue, file_order
from eval.figures import expected_figures
from eval.households import KINDS, made_households
from knowledge.catalogue import Catalogue

CATALOGUE = Catalogue.bundled()


def test_the_same_seed_makes_the_same_households_and_another_others():
    first, again, other = (list(made_households(20, seed, CATALOGUE.facts)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_every_question_has_an_answer_and_every_kind_comes_up():
    asked = {name for name, fact in CATALOGUE.facts.items() if fact.question and "subdistrict" not in name}
    households = list(made_households(200, 3, CATALOGUE.facts))
    assert all(asked <= set(household.answers) for household in households)
    assert {household.kind for household in households} == set(KINDS)
    assert sum(weight for weight, _ in KINDS.values()) == 100


def test_a_dialogue_asks_nothing_twice_and_ends_when_nothing_is_missing():
    for household in made_households(3, 4, CATALOGUE.facts):
        asked, told = dialogue(household.answers, CATALOGUE, ON)
        assert len(asked) == len(set(asked))
        assert not any(a.missing for a in assess_all(told, CATALOGUE, ON))


def test_no_question_is_asked_that_nobody_needs():
    [household] = made_households(1, 5, CATALOGUE.facts)
    told = Situation()
    for _ in range(6):
        assessments = assess_all(told, CATALOGUE, ON)
        ask = next_question(told, CATALOGUE, ON, assessments)
        assert ask is not None
        assert any(ask.fact in a.missing for a in assessments)
        told = dialogue_length.answered(told, ask.fact, household.answers[ask.fact])


def test_our_order_takes_fewer_questions_than_the_order_of_the_dictionary():
    households = list(made_households(3, 6, CATALOGUE.facts))
    ours = sum(len(dialogue(h.answers, CATALOGUE, ON)[0]) for h in households)
    theirs = sum(file_order(h.answers, CATALOGUE, ON)[0] for h in households)
    assert ours < 0.6 * theirs


def test_asking_stops_at_the_budget_and_a_sensitive_fact_is_never_the_first():
    assessments = assess_all(Situation(), CATALOGUE, ON)
    first = next_question(Situation(), CATALOGUE, ON, assessments)
    assert first is not None
    assert not CATALOGUE.facts[first.fact].sensitive
    assert next_question(Situation(), CATALOGUE, ON, assessments, just_asked=("self.age",), budget=1) is None


def test_what_belongs_into_one_breath_is_asked_together_only_while_it_is_wanted():
    assessments = assess_all(Situation(), CATALOGUE, ON)
    dibao = [a for a in assessments if a.programme == "dibao"]
    size = next_question(Situation(), CATALOGUE, ON, dibao, just_asked=("self.hukou",))
    assert size is not None
    together = [ask.fact for ask in asked_together(size, Situation(), CATALOGUE, assessments)]
    assert together[0] == size.fact
    assert 1 <= len(together) <= 3
    alone = asked_together(size, Situation(), CATALOGUE, assessments, just_asked=CATALOGUE.facts)
    assert [ask.fact for ask in alone] == [size.fact]


def test_the_suite_has_its_expected_figures():
    assert expected_figures()["dialogue-length"]["expect"]["shorter"] >= 0.55
