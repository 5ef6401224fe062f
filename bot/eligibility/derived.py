"""Derived facts: what follows from the facts people tell, and which of those are still missing for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal

from bot.eligibility import intervals, person_facts
from bot.eligibility.household_members import OTHERS, at_the_table, counted_members, spelled_out
from bot.eligibility.rulebook import Rulebook, RuleError
from bot.eligibility.thresholds import threshold_on
from bot.eligibility.truth import Truth, any_of
from bot.situation import Member, Range, Situation, Value
from knowledge.programmes import Threshold

PROGRAMME = "programme."
ANY_MEMBER = "any_member."
EVENT = "event."
MONTHS = Decimal(12)
PERCENT = Decimal(100)
AT_LEAST_ONE = Range(Decimal(1), None)

Verdict = Callable[[str], Truth]
"""A programme's id to its own verdict: True likely, False unlikely, None cannot tell."""


class HouseholdFacts:
    """Asked and derived facts of one situation on one day, each computed once. Refused facts are unknown facts.

    verdict is asked for facts named programme.<id>; whoever passes it looks after programmes that wait for each other.
    """

    def __init__(self, situation: Situation, rulebook: Rulebook, on: date, verdict: Verdict) -> None:
        self.situation = spelled_out(situation)
        self._rulebook = rulebook
        self._on = on
        self._verdict = verdict
        self._known: dict[str, Value | None] = {}
        self._members: tuple[Member, ...] | None = None

    def value(self, name: str) -> Value | None:
        """One fact by its full name; of "any_member.…" and "event.…" the first known."""
        return next((value for value in self.values(name) if value is not None), None)

    def values(self, name: str) -> tuple[Value | None, ...]:
        """As bot.eligibility.evaluator.Facts wants it."""
        if name.startswith(ANY_MEMBER):
            return tuple(self._of_members(name.removeprefix(ANY_MEMBER)))
        if name.startswith(EVENT):
            return tuple(self._of_events(name))
        if name not in self._known:
            self._known[name] = self._computed(name)
        return (self._known[name],)

    def missing(self, name: str) -> tuple[str, ...]:
        """The facts to ask for so that this one becomes known, or known exactly; () when it is, or when nobody can be asked."""
        return tuple(dict.fromkeys(self._missing(name, ())))

    def receives(self, programme: str) -> Truth:
        """Already received? Unknown until somebody has said what the household receives, or that it receives nothing."""
        return None if self.situation.receives is None else programme in self.situation.receives

    # What is told of several people or events

    def members_are_complete(self) -> bool:
        """Whether every person of the household is among the members told of, or spoken for by what holds of all others."""
        if self.situation.member(OTHERS) is not None:
            return True
        size = self._range("household.size")
        return size is not None and size.high is not None and size.high <= len(at_the_table(self.situation.members))

    def _at_home(self) -> tuple[Member, ...]:
        if self._members is None:
            self._members = counted_members(self.situation.members)
        return self._members

    def _of_members(self, short: str) -> Iterator[Value | None]:
        for index, member in enumerate(self.situation.members):
            if member in self._at_home():
                yield self.values(f"{'self' if index == 0 else member.key}.{short}")[0]
        if not self.members_are_complete():
            yield None

    def _of_events(self, name: str) -> Iterator[Value | None]:
        """A fact put down without its event ("event.cost_yuan") is of the one event told of, or of one still to be named."""
        alone = self.situation.facts.get(name)
        yield from (event.get(name.removeprefix(EVENT), alone) for event in self.situation.events)
        if not self.situation.events and self._told("household.has_event") is not False:
            yield alone

    def _any_at_home(self, told: str, holds: Callable[[Mapping[str, Value]], Truth]) -> Truth:
        """Said of the household as a whole, or of one of its members; no only when it is said of all."""
        of_members = any_of((*(holds(m.facts) for m in self._at_home()), *(() if self.members_are_complete() else (None,))))
        answer = self.situation.facts.get(told)
        if isinstance(answer, bool) and of_members is None:
            return answer
        return of_members

    # Numbers

    def _range(self, name: str) -> Range | None:
        value = self.value(name)
        return value if isinstance(value, Range) else None

    def _heads(self) -> Range:
        """How many share; at least one, even while nobody has said how many."""
        size = self._range("household.size")
        return AT_LEAST_ONE if size is None else intervals.not_below(size, Decimal(1))

    def _per_head(self, name: str) -> Range | None:
        amount = self._range(name)
        return None if amount is None else intervals.divided(amount, self._heads())

    def _limit(self, parameter: str) -> Range | None:
        return threshold_on(Threshold(parameter=parameter), self._rulebook, self._on).range

    # The facts

    def _computed(self, name: str) -> Value | None:
        if name.startswith(PROGRAMME):
            return self._programme(name.removeprefix(PROGRAMME))
        if name in COMPUTED:
            return COMPUTED[name](self)
        key, _, short = name.partition(".")
        if key != "household" and short == "age":
            member = self.situation.member(key)
            return None if member is None else person_facts.age(member.facts, self._on)
        return self.situation.value(name)

    def _programme(self, programme: str) -> Truth:
        """Already received, else as its own rule says: whoever tells facts that speak against a programme and still receives
        it will say so."""
        return True if self.receives(programme) is True else self._verdict(programme)

    def _monthly_income(self) -> Range | None:
        """As told, else the sum of what all members have; at least the sum of those who said so."""
        told = self.situation.value("household.monthly_income_yuan")
        if isinstance(told, Range):
            return told
        incomes = [m.facts.get("income_yuan") for m in self._at_home()]
        known = [income for income in incomes if isinstance(income, Range)]
        if not known:
            return None
        total = known[0]
        for income in known[1:]:
            total = intervals.added(total, income)
        return total if self.members_are_complete() and len(known) == len(incomes) else Range(total.low, None)

    def _yearly_income(self) -> Range | None:
        told = self.situation.value("household.last_year_income_yuan")
        if isinstance(told, Range):
            return told
        monthly = self._monthly_income()
        return None if monthly is None else intervals.scaled(monthly, MONTHS)

    def _yearly_income_per_head(self) -> Range | None:
        income = self._yearly_income()
        return None if income is None else intervals.divided(income, self._heads())

    def _necessary_spending(self) -> Range | None:
        """As told; medical costs alone are its lower end. Source: facts "of that, medical"."""
        told = self.situation.value("household.necessary_spending_yuan_12m")
        if isinstance(told, Range):
            return told
        medical = self._range("household.medical_spending_yuan_12m")
        return None if medical is None else Range(medical.low, None)

    def _income_after_necessary_per_head(self) -> Range | None:
        income, spending = self._yearly_income(), self._necessary_spending()
        if income is None or spending is None:
            return None
        return intervals.divided(intervals.subtracted(income, spending), intervals.scaled(self._heads(), MONTHS))

    def _medical_share(self) -> Range | None:
        """Own medical costs of twelve months in percent of the household's income of the same time."""
        medical, income = self._range("household.medical_spending_yuan_12m"), self._yearly_income()
        if medical is None or income is None:
            return None
        if medical.high == 0:
            return Range.exactly(0)
        if income.high == 0:
            return Range(PERCENT if medical.low else Decimal(0), None)
        return intervals.divided(intervals.scaled(medical, PERCENT), income)

    def _no_work_ability(self) -> Truth:
        member = self.situation.member("self")
        follows = None if member is None else person_facts.no_work_ability(member.facts, self._on, self._limit)
        if follows is False and member is not None and self._stays_while_at_school(member):
            return True
        return follows if follows is not None else self._told("self.no_work_ability")

    def _stays_while_at_school(self, member: Member) -> bool:
        """Whoever is supported as a minor stays so after growing up while at school below university. Source: 社会救助法
        第十六条."""
        return self.receives("tekun") is True and member.facts.get("student_stage") in person_facts.SCHOOL_AFTER_GROWING_UP

    def _any_severe_without_work(self) -> Truth:
        return self._any_at_home(
            "household.any_local_severe_without_work",
            lambda facts: person_facts.local_severe_without_work(facts, self._on, self._limit))

    def _lives_outside(self) -> Truth:
        """Only what is told counts: whoever asks the district's own service lives in the city until they say otherwise."""
        told = self._told("household.lives_outside_shanghai")
        return self.situation.value("self.lives_in") == "elsewhere" if told is None else told

    def _own_income(self) -> Range | None:
        """As told; of who lives alone also what the household has."""
        told = self.situation.value("self.income_yuan")
        size = self._range("household.size")
        if isinstance(told, Range):
            return told
        return self._monthly_income() if size is not None and size.exact == 1 else None

    def _has_event(self) -> Truth:
        return True if self.situation.events else self._told("household.has_event")

    def _urgent_need(self) -> Truth:
        homeless = any(event.get("kind") == "homeless" for event in self.situation.events)
        return True if homeless else self._told("household.urgent_need")

    def _told(self, name: str) -> Truth:
        value = self.situation.value(name)
        return value if isinstance(value, bool) else None

    # What is missing

    def _missing(self, name: str, waiting: tuple[str, ...]) -> Iterator[str]:
        if name in waiting:
            raise RuleError(
                f"the fact '{name}' is derived from itself: {' → '.join((*waiting, name))}. "
                f"Take one of them out of derived_from in knowledge/handbook/facts.yaml"
            )
        if self._is_exact(name):
            return
        definition = self._rulebook.facts.get(name)
        asked = definition is not None and bool(definition.question)
        unknown = [missing for source in self._sources(name) for missing in self._missing(source, (*waiting, name))]
        # What others say of it is asked for only once those it may follow from are known and leave it open.
        yield from unknown if unknown or not asked else (name,)

    def _sources(self, name: str) -> tuple[str, ...]:
        if name in SOURCES:
            return SOURCES[name]
        definition = self._rulebook.facts.get(name)
        if definition is not None and definition.derived_from:
            return definition.derived_from
        return (f"self.{name.removeprefix(ANY_MEMBER)}",) if name.startswith(ANY_MEMBER) else ()

    def _is_exact(self, name: str) -> bool:
        values = self.values(name)
        return bool(values) and all(
            value is not None and (not isinstance(value, Range) or value.exact is not None) for value in values
        )


def _yes(short: str) -> Callable[[Mapping[str, Value]], Truth]:
    def told(facts: Mapping[str, Value]) -> Truth:
        value = facts.get(short)
        return value if isinstance(value, bool) else None

    return told


COMPUTED: dict[str, Callable[[HouseholdFacts], Value | None]] = {
    "household.monthly_income_yuan": HouseholdFacts._monthly_income,
    "household.income_per_head_yuan": lambda facts: facts._per_head("household.monthly_income_yuan"),
    "household.assets_per_head_yuan": lambda facts: facts._per_head("household.financial_assets_yuan"),
    "household.yearly_income_per_head_yuan": HouseholdFacts._yearly_income_per_head,
    "household.necessary_spending_yuan_12m": HouseholdFacts._necessary_spending,
    "household.income_after_necessary_per_head_yuan": HouseholdFacts._income_after_necessary_per_head,
    "household.medical_share_percent": HouseholdFacts._medical_share,
    "household.any_shanghai_hukou": lambda facts: facts._any_at_home("household.any_shanghai_hukou", person_facts.local_hukou),
    "household.any_residence_permit": lambda facts: facts._any_at_home(
        "household.any_residence_permit", _yes("residence_permit")),
    "household.any_serious_illness": lambda facts: facts._any_at_home("household.any_serious_illness", _yes("serious_illness")),
    "household.any_severe_disability": lambda facts: facts._any_at_home(
        "household.any_severe_disability", person_facts.severe_disability),
    "household.any_local_severe_disability": lambda facts: facts._any_at_home(
        "household.any_local_severe_disability", person_facts.local_severe_disability),
    "household.any_local_first_level": lambda facts: facts._any_at_home(
        "household.any_local_first_level", person_facts.local_first_level),
    "household.any_local_certificate": lambda facts: facts._any_at_home(
        "household.any_local_certificate", person_facts.local_certificate),
    "household.any_local_severe_without_work": HouseholdFacts._any_severe_without_work,
    "self.own_income_yuan": HouseholdFacts._own_income,
    "household.lives_outside_shanghai": HouseholdFacts._lives_outside,
    "self.no_work_ability": HouseholdFacts._no_work_ability,
    "household.has_event": HouseholdFacts._has_event,
    "household.urgent_need": HouseholdFacts._urgent_need,
}

SOURCES: dict[str, tuple[str, ...]] = {
    "household.income_per_head_yuan": ("household.size", "household.monthly_income_yuan"),
    "household.assets_per_head_yuan": ("household.size", "household.financial_assets_yuan"),
    "household.yearly_income_per_head_yuan": ("household.size", "household.monthly_income_yuan"),
    "household.income_after_necessary_per_head_yuan": (
        "household.size", "household.monthly_income_yuan", "household.necessary_spending_yuan_12m"),
    "household.medical_share_percent": ("household.monthly_income_yuan", "household.medical_spending_yuan_12m"),
    "household.any_shanghai_hukou": ("self.hukou", "others.hukou"),
    "household.any_residence_permit": ("self.residence_permit", "others.residence_permit"),
    "household.any_serious_illness": ("self.serious_illness", "others.serious_illness"),
    "household.any_severe_disability": (
        "self.disability_level", "self.disability_kind", "others.disability_level", "others.disability_kind"),
    "household.any_local_severe_disability": (
        "self.hukou", "self.disability_level", "self.disability_kind", "others.hukou", "others.disability_level",
        "others.disability_kind"),
    "household.any_local_first_level": ("self.hukou", "self.disability_level", "others.hukou", "others.disability_level"),
    "household.any_local_certificate": ("self.hukou", "self.disability_level", "others.hukou", "others.disability_level"),
    "household.any_local_severe_without_work": (
        "self.hukou", "self.disability_level", "self.disability_kind", "self.age", "self.working"),
    "self.own_income_yuan": ("self.income_yuan",),
    "self.no_work_ability": ("self.age", "self.working", "self.disability_level", "self.disability_kind"),
    "household.has_event": ("event.kind",),
}
