"""Made-up households: complete answers to every question of the dictionary, seeded, shaped like the people who come to a
subdistrict.

No household is a real one. The shares of the kinds and the spread of incomes are our own guesses; they are there so that
figures about
dialogues rest on a mixture and not on one story.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from random import Random

from bot.eligibility.answers import possible_answers
from bot.situation import Range, Value
from knowledge.facts import FactDefinition

FEN = 100
Answers = dict[str, Value]


@dataclass(frozen=True, slots=True)
class MadeHousehold:
    """kind: which story it was drawn from. answers: what it says to each question, by fact; money in fen as in a situation."""

    kind: str
    answers: Mapping[str, Value]


def made_households(count: int, seed: int, facts: Mapping[str, FactDefinition]) -> Iterator[MadeHousehold]:
    """The same households for the same seed and dictionary. facts: every question of it gets an answer, those this file does not
    know by name a random one of the possible ones."""
    chance = Random(seed)
    kinds, weights = zip(*((kind, weight) for kind, (weight, _) in KINDS.items()), strict=True)
    for _ in range(count):
        kind = chance.choices(kinds, weights)[0]
        answers = _ordinary(chance)
        KINDS[kind][1](answers, chance)
        _follow_up(answers, chance)
        for name, definition in facts.items():
            if definition.question and name not in answers:
                possible = possible_answers(definition)
                if possible:
                    answers[name] = chance.choice(possible)
        yield MadeHousehold(kind, answers)


def yuan(amount: int) -> Range:
    return Range.exactly(amount * FEN)


def _number(count: int) -> Range:
    return Range.exactly(count)


def _ordinary(chance: Random) -> Answers:
    """A grown-up with an ordinary life; the kinds below change what makes them come."""
    size = chance.choices((1, 2, 3, 4, 5), (25, 30, 28, 12, 5))[0]
    return {
        "household.size": _number(size),
        "household.monthly_income_yuan": yuan(_income(chance, size, low=0.3, high=4.0)),
        "household.financial_assets_yuan": yuan(_savings(chance)),
        "household.homes_owned": _number(chance.choices((0, 1, 2), (40, 55, 5))[0]),
        "household.home_area_m2": _number(chance.randint(18, 90)),
        "household.living_area_per_head_m2": _number(chance.randint(4, 25)),
        "household.home_tenure": chance.choices(("owned", "public_rent", "private_rent", "relatives"), (50, 25, 18, 7))[0],
        "household.rent_yuan": yuan(chance.choice((0, 0, 0, 300, 1500, 3000))),
        "household.vehicles": _number(chance.choices((0, 1), (88, 12))[0]),
        "household.medical_spending_yuan_12m": yuan(chance.choice((0, 0, 500, 2000, 6000))),
        "household.urgent_need": chance.random() < 0.03,
        "household.nobody_works": chance.random() < 0.15,
        "household.cannot_pay_emergency": chance.random() < 0.03,
        "household.receives": chance.choices(("none", "dibao", "dibao_bianyuan", "linshi"), (82, 10, 5, 3))[0],
        "self.age": _number(chance.randint(25, 59)),
        "self.sex": chance.choice(("male", "female")),
        "self.hukou": chance.choices(("shanghai", "elsewhere"), (85, 15))[0],
        "self.residence_permit": chance.random() < 0.6,
        "self.lives_in": chance.choices(("changning", "shanghai", "elsewhere"), (85, 13, 2))[0],
        "self.working": chance.choices(("employed", "flexible", "none", "self_employed"), (45, 25, 22, 8))[0],
        "self.insured_months": _number(chance.choice((0, 6, 24, 60, 120, 240))),
        "self.job_loss": chance.choice(("involuntary", "voluntary")),
        "self.registered_unemployed": chance.random() < 0.4,
        "self.unemployed_months": _number(chance.choice((0, 3, 8, 14, 30))),
        "self.company_officer": chance.random() < 0.03,
        "self.jobless_group": chance.choices(("none", "disabled_family", "land_ended", "released"), (90, 5, 2, 3))[0],
        "self.insured_in_shanghai": chance.random() < 0.85,
        "self.student_stage": "none",
        "self.disability_level": chance.choices(("none", "2", "3", "4"), (92, 2, 3, 3))[0],
        "self.serious_illness": chance.random() < 0.06,
        "self.self_care": "full",
        "self.care_level": "not_assessed",
        "self.rehab_paper": False,
        "self.guardians": "both",
        "self.guardians_reason": "dead",
        "self.able_supporter": chance.random() < 0.75,
        "self.medical_insurance": chance.choices(("employee", "resident", "none"), (60, 35, 5))[0],
        "self.has_place_to_go": chance.random() < 0.9,
        "self.legal_matter": chance.choices(("none", "support", "wages", "injury", "benefits"), (92, 2, 3, 2, 1))[0],
        "self.away": "none",
        "others.hukou": chance.choices(("shanghai", "elsewhere"), (75, 25))[0],
        "others.residence_permit": chance.random() < 0.3,
        "others.medical_insurance": chance.choices(("resident", "employee", "none"), (45, 50, 5))[0],
        "others.serious_illness": chance.random() < 0.06,
        "others.disability_level": chance.choices(("none", "1", "2", "3", "4"), (91, 1, 2, 3, 3))[0],
        "others.student_stage": chance.choices(("none", "compulsory", "senior", "university"), (60, 25, 8, 7))[0],
        "event.kind": chance.choices(("none", "illness", "accident", "job_loss", "spending", "fire"), (80, 7, 4, 5, 3, 1))[0],
        "event.cost_yuan": yuan(chance.choice((500, 3000, 20000))),
        "event.date": date(2026, 11, 1),
    }


def _income(chance: Random, size: int, *, low: float, high: float) -> int:
    """Yuan a month for all together; drawn per head around 1,700 yuan, near which most lines lie."""
    return round(size * 1700 * chance.triangular(low, high, min(1.0, high)) / 10) * 10


def _savings(chance: Random) -> int:
    return chance.choices((0, 3000, 12000, 30000, 80000, 300000), (20, 22, 20, 15, 13, 10))[0]


def _elder_alone(answers: Answers, chance: Random) -> None:
    answers |= {
        "household.size": _number(1),
        "household.monthly_income_yuan": yuan(chance.choice((0, 1200, 1500, 1680, 1900, 2600, 4200, 5800))),
        "self.age": _number(chance.randint(65, 95)),
        "self.working": "retired",
        "self.self_care": chance.choices(("full", "partial", "none"), (55, 33, 12))[0],
        "self.care_level": chance.choices(("not_assessed", "0", "2", "3", "5"), (65, 8, 10, 10, 7))[0],
        "self.able_supporter": chance.random() < 0.7,
    }


def _elder_couple(answers: Answers, chance: Random) -> None:
    _elder_alone(answers, chance)
    answers |= {
        "household.size": _number(2),
        "household.monthly_income_yuan": yuan(chance.choice((1600, 2800, 3350, 3600, 5200, 8400))),
        "others.student_stage": "none",
    }


def _disabled(answers: Answers, chance: Random) -> None:
    answers |= {
        "self.disability_level": chance.choices(("1", "2", "3", "4"), (25, 30, 25, 20))[0],
        "self.working": chance.choices(("none", "unable", "employed"), (45, 40, 15))[0],
        "self.self_care": chance.choice(("full", "partial", "none")),
        "household.nobody_works": chance.random() < 0.4,
    }


def _ill(answers: Answers, chance: Random) -> None:
    answers |= {
        "self.serious_illness": True,
        "household.medical_spending_yuan_12m": yuan(chance.choice((8000, 30000, 60000, 120000))),
        "event.kind": chance.choice(("illness", "spending", "none")),
        "self.working": chance.choice(("unable", "none", "employed")),
    }


def _jobless(answers: Answers, chance: Random) -> None:
    answers |= {
        "self.working": "none",
        "household.monthly_income_yuan": yuan(chance.choice((0, 0, 1500, 2500, 3600))),
        "household.nobody_works": chance.random() < 0.6,
        "event.kind": chance.choice(("job_loss", "none")),
    }


def _child(answers: Answers, chance: Random) -> None:
    """Somebody asks for a child: with one parent, without any, or with a disability."""
    answers |= {
        "household.size": _number(chance.choice((2, 3))),
        "self.age": _number(chance.randint(1, 17)),
        "self.working": "student",
        "self.student_stage": chance.choice(("compulsory", "compulsory", "senior", "none")),
        "self.guardians": chance.choices(("both", "one", "none"), (40, 35, 25))[0],
        "self.guardians_reason": chance.choice(("dead", "prison", "missing", "severe_disability")),
        "self.disability_level": chance.choices(("none", "1", "2", "3"), (70, 8, 12, 10))[0],
        "self.rehab_paper": chance.random() < 0.3,
        "self.medical_insurance": "resident",
        "self.able_supporter": chance.random() < 0.6,
    }


def _newcomers(answers: Answers, chance: Random) -> None:
    answers |= {
        "self.hukou": "elsewhere",
        "others.hukou": chance.choices(("shanghai", "elsewhere"), (15, 85))[0],
        "household.home_tenure": "private_rent",
        "household.receives": "none",
        "event.kind": chance.choices(("accident", "illness", "none"), (3, 3, 4))[0],
        "self.legal_matter": chance.choices(("none", "wages", "injury"), (7, 2, 1))[0],
    }


def _at_the_end(answers: Answers, chance: Random) -> None:
    """Nothing to eat or nowhere to sleep."""
    answers |= {
        "household.size": _number(1),
        "household.urgent_need": True,
        "household.monthly_income_yuan": yuan(0),
        "household.financial_assets_yuan": yuan(0),
        "household.home_tenure": chance.choice(("none", "relatives")),
        "self.has_place_to_go": chance.random() < 0.2,
        "event.kind": chance.choice(("homeless", "robbery", "none")),
    }


def _as_they_are(answers: Answers, chance: Random) -> None:
    """An ordinary family that asks what there is."""


def _follow_up(answers: Answers, chance: Random) -> None:
    """Answers that follow from others."""
    medical, monthly = answers["household.medical_spending_yuan_12m"], answers["household.monthly_income_yuan"]
    assert isinstance(medical, Range)
    assert isinstance(monthly, Range)
    assert medical.exact is not None
    assert monthly.exact is not None
    more = chance.choice((0, 0, 3000, 9000)) * FEN
    answers["household.necessary_spending_yuan_12m"] = Range.exactly(medical.exact + more)
    answers["household.last_year_income_yuan"] = Range.exactly(monthly.exact * 12)
    answers["self.income_yuan"] = monthly
    if answers["household.receives"] != "none":
        # Who receives something lives within its lines: nobody says to receive it against all they tell.
        size = answers["household.size"]
        assert isinstance(size, Range)
        assert size.exact is not None
        answers |= {
            "self.hukou": "shanghai",
            "household.monthly_income_yuan": Range.exactly(size.exact * chance.choice((600, 1100)) * FEN),
            "household.financial_assets_yuan": yuan(chance.choice((0, 3000))),
        }
        answers["household.last_year_income_yuan"] = Range.exactly(size.exact * 600 * 12 * FEN)
        answers["household.receives"] = chance.choice(("dibao", "none"))
    if answers["household.size"] == _number(1):
        answers |= {"others.hukou": "elsewhere", "others.residence_permit": False, "others.serious_illness": False,
                    "others.disability_level": "none", "others.student_stage": "none", "others.medical_insurance": "none"}
    for whose in ("self", "others"):
        answers[f"{whose}.disability_kind"] = chance.choice(("视力", "听力", "肢体", "智力", "精神"))


KINDS: dict[str, tuple[int, Callable[[Answers, Random], None]]] = {
    "elder_alone": (22, _elder_alone),
    "elder_couple": (13, _elder_couple),
    "disabled": (13, _disabled),
    "ill": (11, _ill),
    "jobless": (11, _jobless),
    "child": (7, _child),
    "newcomers": (7, _newcomers),
    "at_the_end": (3, _at_the_end),
    "as_they_are": (13, _as_they_are),
}
"""Kinds of households with their share in a hundred and what sets them apart."""
