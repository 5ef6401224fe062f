"""Dialogue-length suite: how many questions it takes until no answer changes a verdict any more, against asking in file order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from statistics import mean, median

from bot.eligibility.answers import answered
from bot.eligibility.assessments import Likelihood, assess_all
from bot.eligibility.next_question import next_question
from bot.eligibility.rulebook import Rulebook
from bot.situation import Situation, Value
from eval.figures import Outcome, Share
from eval.households import made_households
from knowledge.catalogue import Catalogue

SEED = 20260701
HOUSEHOLDS = 500
ON = date(2026, 11, 21)
MOST_QUESTIONS = 100
"""No dictionary is that long: a dialogue that reaches it asks in a circle."""


def run(count: int = HOUSEHOLDS, on: date = ON) -> Outcome:
    """shorter: questions saved, of those that file order takes (1 − ours / theirs). settled: verdicts that no answer could
    change in
    the end, of all. same: households whose verdicts after our dialogue are those after every question was asked. In file order
    asking
    stops, too, as soon as nothing is missing; the order is that of the dictionary, among the facts some rule may ask for."""
    catalogue = Catalogue.bundled()
    lengths, in_file_order, wrong = [], [], []
    settled = total = 0
    for number, household in enumerate(made_households(count, SEED, catalogue.facts)):
        asked, told = dialogue(household.answers, catalogue, on)
        plain, everything = file_order(household.answers, catalogue, on)
        lengths.append(len(asked))
        in_file_order.append(plain)
        ours, theirs = likelihoods(told, catalogue, on), likelihoods(everything, catalogue, on)
        total += len(ours)
        settled += sum(1 for a in assess_all(told, catalogue, on) if not a.missing)
        if ours != theirs:
            changed = [f"{p}: {ours[p]} → {theirs[p]}" for p in ours if ours[p] != theirs[p]]
            wrong.append(f"household {number} ({household.kind}): {'; '.join(changed)}")
    saved = sum(in_file_order) - sum(lengths)
    return Outcome(
        "dialogue-length",
        {
            "shorter": Share(saved, sum(in_file_order)),
            "settled": Share(settled, total),
            "same": Share(count - len(wrong), count),
        },
        tuple(wrong),
        {
            "households": count,
            "questions_mean": round(mean(lengths), 2),
            "questions_median": median(lengths),
            "questions_most": max(lengths),
            "file_order_mean": round(mean(in_file_order), 2),
            "ratio": round(sum(lengths) / sum(in_file_order), 4),
            "seed": SEED,
            "as_of": on.isoformat(),
        },
    )


def dialogue(answers: Mapping[str, Value], rulebook: Rulebook, on: date) -> tuple[list[str], Situation]:
    """Question after question as the bot asks them, each answered; gives back what was asked and what is known in the end."""
    told, asked = Situation(), list[str]()
    while len(asked) < MOST_QUESTIONS:
        ask = next_question(told, rulebook, on, assess_all(told, rulebook, on), just_asked=asked)
        if ask is None:
            return asked, told
        asked.append(ask.fact)
        told = answered(told, ask.fact, answers[ask.fact])
    raise RuntimeError(f"{MOST_QUESTIONS} questions and still no end: {', '.join(asked)}")


def file_order(answers: Mapping[str, Value], rulebook: Rulebook, on: date) -> tuple[int, Situation]:
    """The questions of the rules in the order of the dictionary, until nothing is missing; gives back their number, and the
    situation
    with all of them answered."""
    told, needed, count = Situation(), 0, 0
    names = list(asked_by_rules(rulebook, on))
    while count < len(names):
        if needed == count and any(a.missing for a in assess_all(told, rulebook, on)):
            needed = count + 1
        told = answered(told, names[count], answers[names[count]])
        count += 1
    return needed, told


def asked_by_rules(rulebook: Rulebook, on: date) -> Iterator[str]:
    """Facts with a question that some rule may come to ask for."""
    wanted = {name for a in assess_all(Situation(), rulebook, on) for name in a.missing}
    grows = True
    while grows:
        later = {name for name, fact in rulebook.facts.items() if fact.question and wanted & set(fact.derived_from)}
        grows = not later <= wanted
        wanted |= later
    yield from (name for name in rulebook.facts if name in wanted)


def likelihoods(told: Situation, rulebook: Rulebook, on: date) -> dict[str, Likelihood]:
    return {a.programme: a.likelihood for a in assess_all(told, rulebook, on)}
