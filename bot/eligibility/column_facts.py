"""Asked and derived facts of many households on one day: the twin of bot.eligibility.derived, which a test holds it to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import cached_property

import numpy as np

from bot.eligibility import column_members, column_numbers, column_person_facts, derived
from bot.eligibility.column_numbers import Limit
from bot.eligibility.column_person_facts import PersonColumns
from bot.eligibility.columns import (
    NO,
    UNKNOWN,
    YES,
    Column,
    Mask,
    Numbers,
    Truths,
    Words,
    all_unknown,
    as_words,
    joined,
    unknown_like,
    unknown_numbers,
)
from bot.eligibility.derived import ANY_MEMBER, EVENT, MONTHS, PERCENT, PROGRAMME, SOURCES
from bot.eligibility.households import Households
from bot.eligibility.person_facts import SCHOOL_AFTER_GROWING_UP
from bot.eligibility.rulebook import Rulebook, RuleError
from bot.eligibility.thresholds import threshold_on
from knowledge.programmes import Threshold

OfPeople = Callable[[PersonColumns, int], Truths]
"""What holds of each person, from their facts and how many they are."""

TruthOf = Callable[[str], Truths]
"""A programme's id to its own verdicts, one for each household."""


class ColumnFacts:
    """The facts of all households, each computed once. verdict is asked for facts named programme.<id>."""

    def __init__(self, households: Households, rulebook: Rulebook, on: date, verdict: TruthOf) -> None:
        self.households = column_members.spelled_out(households)
        self._rulebook = rulebook
        self._on = on
        self._verdict = verdict
        self._known: dict[str, Column | None] = {}

    @property
    def count(self) -> int:
        return self.households.count

    def column(self, name: str) -> Column | None:
        """A fact that a household has once; None: not known of anyone."""
        if name not in self._known:
            self._known[name] = self._computed(name)
        return self._known[name]

    def truth_of(self, name: str, compare: Callable[[Column], Truths]) -> Truths:
        """The comparison over one fact; of "any_member.…" and "event.…" it is enough that one fits."""
        if name.startswith(ANY_MEMBER):
            return self._any_member(name.removeprefix(ANY_MEMBER), compare)
        if name.startswith(EVENT):
            return self._any_event(name, compare)
        return _compared(self.column(name), compare, self.count)

    def missing(self, name: str) -> Iterator[tuple[str, Mask]]:
        """The facts to ask for so that this one becomes known exactly, and of which households."""
        found: dict[str, Mask] = {}
        for fact, rows in self._missing(name, np.ones(self.count, dtype=bool)):
            found[fact] = found[fact] | rows if fact in found else rows
        yield from found.items()

    # People and events

    @cached_property
    def _counted(self) -> Mask:
        """Which of the others count as members of the household."""
        return column_members.counted(self.households)

    def members_are_complete(self) -> Mask:
        """Whether every person of the household is among those told of, or spoken for by what holds of all others."""
        told_of = self._numbers("household.size").high <= column_members.at_the_table(self.households)
        complete: Mask = told_of | column_members.spoken_for(self.households)
        return complete

    def _any_member(self, short: str, compare: Callable[[Column], Truths]) -> Truths:
        others = self.households.others
        of_self = _compared(self.column(f"self.{short}"), compare, self.count)
        of_others = _compared(self._of_others(short), compare, others.total)
        return self._any_at_home(of_self, of_others)

    def _of_others(self, short: str) -> Column | None:
        facts = self.households.others.facts
        return column_person_facts.age(facts, self._on) if short == "age" else facts.get(short)

    def _any_at_home(self, of_self: Truths, of_others: Truths) -> Truths:
        among_others = self.households.others.any(of_others, self._counted)
        among_all = np.maximum(among_others, np.where(self.households.has_person, of_self, NO))
        return np.maximum(among_all, np.where(self.members_are_complete(), NO, UNKNOWN))

    def _told_or_any(self, told: str, holds: OfPeople) -> Column:
        """Said of the household as a whole, or of one of its members; no only when it is said of all."""
        others = self.households.others
        of_members = self._any_at_home(holds(self.households.person, self.count), holds(others.facts, others.total))
        return as_words(np.where(of_members == UNKNOWN, self._told(told), of_members))

    def _any_event(self, name: str, compare: Callable[[Column], Truths]) -> Truths:
        events, alone = self.households.events, self._told_column(name)
        column = self._of_events(name)
        of_events = events.any(_compared(column, compare, events.total))
        unnamed = (events.counts == 0) & (self._told("household.has_event") != NO)
        return np.where(unnamed, _compared(alone, compare, self.count), of_events)

    def _of_events(self, name: str) -> Column | None:
        """Of each event; what it does not say itself is what was put down without its event."""
        events, alone = self.households.events, self._told_column(name)
        own = events.facts.get(name.removeprefix(EVENT))
        if alone is None:
            return own
        shared = alone.take(events.owner)
        return shared if own is None else column_members.or_else(own, shared)

    # Numbers

    def _numbers(self, name: str) -> Numbers:
        column = self.column(name)
        return column if isinstance(column, Numbers) else unknown_numbers(self.count)

    def _told_numbers(self, name: str) -> Numbers:
        column = self._told_column(name)
        return column if isinstance(column, Numbers) else unknown_numbers(self.count)

    def _heads(self) -> Numbers:
        """How many share; at least one, even while nobody has said how many."""
        return column_numbers.not_below(self._numbers("household.size"), 1)

    def _per_head(self, name: str) -> Numbers:
        return column_numbers.divided(self._numbers(name), self._heads())

    def _limit(self, parameter: str) -> Limit | None:
        found = threshold_on(Threshold(parameter=parameter), self._rulebook, self._on).range
        return None if found is None else Limit.of(found)

    # The facts

    def _computed(self, name: str) -> Column | None:
        if name.startswith(PROGRAMME):
            return as_words(self._programme(name.removeprefix(PROGRAMME)))
        if name in COMPUTED:
            return COMPUTED[name](self)
        if name in derived.COMPUTED:
            raise RuleError(
                f"the derived fact '{name}' has no twin for columns; add it to COMPUTED of bot/eligibility/column_facts.py"
            )
        key, _, short = name.partition(".")
        if key == "self" and short == "age":
            return column_person_facts.age(self.households.person, self._on)
        if key not in ("household", "event", "self"):
            return self._of_one(key, short)
        return self._told_column(name)

    def _told_column(self, name: str) -> Column | None:
        key, _, short = name.partition(".")
        return self.households.person.get(short) if key == "self" else self.households.facts.get(name)

    def _of_one(self, key: str, short: str) -> Column | None:
        """A fact of the member with this key, such as "spouse": unknown of households that have told of none."""
        others = self.households.others
        keys, column = others.facts.get("key"), self._of_others(short)
        if column is None or not isinstance(keys, Words):
            return None
        chosen = np.flatnonzero(keys.is_one_of((key,)) == YES)
        place = np.full(self.count, others.total)
        place[others.owner[chosen]] = chosen
        return _with_a_last_unknown(column).take(place)

    def _programme(self, programme: str) -> Truths:
        received = self.households.receives_programme(programme)
        return np.where(received == YES, YES, self._verdict(programme))

    def _monthly_income(self) -> Column:
        """As told, else the sum of what all members have; at least the sum of those who said so."""
        return self._told_numbers("household.monthly_income_yuan").or_else(self._income_of_members())

    def _income_of_members(self) -> Numbers:
        others, at_home = self.households.others, self._counted
        theirs, own = others.facts.get("income_yuan"), self.households.person.get("income_yuan")
        low, high = np.zeros(self.count), np.zeros(self.count)
        known = np.zeros(self.count, dtype=np.int64)
        if isinstance(own, Numbers):
            counted = own.known & self.households.has_person
            low, high = np.where(counted, own.low, 0), np.where(counted, own.high, 0)
            known = counted.astype(np.int64)
        if isinstance(theirs, Numbers):
            counted = theirs.known & at_home
            owner = others.owner[counted]
            low = low + np.bincount(owner, theirs.low[counted], self.count)
            high = high + np.bincount(owner, theirs.high[counted], self.count)
            known = known + np.bincount(owner, minlength=self.count)
        people = np.bincount(others.owner[at_home], minlength=self.count) + self.households.has_person
        all_known = self.members_are_complete() & (known == people)
        return Numbers(np.where(known > 0, low, -np.inf), np.where(all_known & (known > 0), high, np.inf))

    def _yearly_income(self) -> Numbers:
        by_month = column_numbers.scaled(self._numbers("household.monthly_income_yuan"), float(MONTHS))
        return self._told_numbers("household.last_year_income_yuan").or_else(by_month)

    def _necessary_spending(self) -> Column:
        """As told; medical costs alone are its lower end."""
        medical = self._numbers("household.medical_spending_yuan_12m")
        at_least = Numbers(medical.low, np.full(self.count, np.inf))
        return self._told_numbers("household.necessary_spending_yuan_12m").or_else(at_least)

    def _income_after_necessary_per_head(self) -> Column:
        rest = column_numbers.subtracted(self._yearly_income(), self._numbers("household.necessary_spending_yuan_12m"))
        return column_numbers.divided(rest, column_numbers.scaled(self._heads(), float(MONTHS)))

    def _medical_share(self) -> Column:
        """Own medical costs of twelve months in percent of the household's income of the same time."""
        medical, income = self._numbers("household.medical_spending_yuan_12m"), self._yearly_income()
        share = column_numbers.divided(column_numbers.scaled(medical, float(PERCENT)), income)
        without_income = np.where((medical.low == 0) | ~np.isfinite(medical.low), 0.0, float(PERCENT))
        low = np.where(income.high == 0, without_income, share.low)
        high = np.where(income.high == 0, np.inf, share.high)
        nothing, told = medical.high == 0, medical.known & income.known
        return Numbers(
            np.where(told, np.where(nothing, 0.0, low), -np.inf), np.where(told, np.where(nothing, 0.0, high), np.inf)
        )

    def _any_severe_without_work(self) -> Column:
        def holds(facts: PersonColumns, count: int) -> Truths:
            return column_person_facts.local_severe_without_work(facts, count, self._on, self._limit)

        return self._told_or_any("household.any_local_severe_without_work", holds)

    def _lives_outside(self) -> Column:
        """Only what is told counts: whoever asks the district's own service lives in the city until they say otherwise."""
        told = self._told("household.lives_outside_shanghai")
        elsewhere = column_members.says(self.households.person, "lives_in", ("elsewhere",), self.count)
        return as_words(np.where(told == UNKNOWN, np.where(elsewhere, YES, NO), told))

    def _own_income(self) -> Column:
        """As told; of who lives alone also what the household has."""
        size, household = self._numbers("household.size"), self._numbers("household.monthly_income_yuan")
        alone = (size.low == 1) & (size.high == 1)
        low, high = np.where(alone, household.low, -np.inf), np.where(alone, household.high, np.inf)
        return self._told_numbers("self.income_yuan").or_else(Numbers(low, high))

    def _no_work_ability(self) -> Column:
        follows = column_person_facts.no_work_ability(self.households.person, self.count, self._on, self._limit)
        stays = (follows == NO) & self._stays_while_at_school()
        return as_words(np.where(stays, YES, np.where(follows == UNKNOWN, self._told("self.no_work_ability"), follows)))

    def _stays_while_at_school(self) -> Mask:
        """Whoever is supported as a minor stays so after growing up while at school below university."""
        at_school = column_members.says(self.households.person, "student_stage", SCHOOL_AFTER_GROWING_UP, self.count)
        stays: Mask = at_school & (self.households.receives_programme("tekun") == YES)
        return stays

    def _has_event(self) -> Column:
        return as_words(np.where(self.households.events.counts > 0, YES, self._told("household.has_event")))

    def _urgent_need(self) -> Column:
        events = self.households.events
        homeless = events.any(column_person_facts.is_word(events.facts, "kind", "homeless", events.total)) == YES
        return as_words(np.where(homeless, YES, self._told("household.urgent_need")))

    def _told(self, name: str) -> Truths:
        column = self._told_column(name)
        return column.truths() if isinstance(column, Words) else all_unknown(self.count)

    # What is missing

    def _missing(self, name: str, rows: Mask) -> Iterator[tuple[str, Mask]]:
        rows = rows & ~self._is_exact(name)
        if not rows.any():
            return
        open_sources = np.zeros(self.count, dtype=bool)
        for source in self._sources(name):
            for missing, where in self._missing(source, rows):
                open_sources |= where
                yield missing, where
        definition = self._rulebook.facts.get(name)
        # What others say of it is asked for only once those it may follow from are known and leave it open.
        if definition is not None and definition.question and (rows & ~open_sources).any():
            yield name, rows & ~open_sources

    def _sources(self, name: str) -> tuple[str, ...]:
        if name in SOURCES:
            return SOURCES[name]
        definition = self._rulebook.facts.get(name)
        if definition is not None and definition.derived_from:
            return definition.derived_from
        return (f"self.{name.removeprefix(ANY_MEMBER)}",) if name.startswith(ANY_MEMBER) else ()

    def _is_exact(self, name: str) -> Mask:
        if name.startswith(ANY_MEMBER):
            open_of_any = self.truth_of(name, lambda column: np.where(column.exact, NO, YES))
            exact: Mask = open_of_any == NO
            return exact
        if name.startswith(EVENT):
            return self._events_are_exact(name)
        column = self.column(name)
        return np.zeros(self.count, dtype=bool) if column is None else column.exact

    def _events_are_exact(self, name: str) -> Mask:
        events, alone = self.households.events, self._told_column(name)
        column = self._of_events(name)
        of_each = np.zeros(events.total, dtype=bool) if column is None else column.exact
        unnamed = (events.counts == 0) & (self._told("household.has_event") != NO)
        of_unnamed = np.zeros(self.count, dtype=bool) if alone is None else alone.exact
        all_exact: Mask = np.where(events.counts > 0, events.all(of_each), unnamed & of_unnamed)
        return all_exact


def _compared(column: Column | None, compare: Callable[[Column], Truths], count: int) -> Truths:
    return all_unknown(count) if column is None else compare(column)


def _with_a_last_unknown(column: Column) -> Column:
    """One entry more, to be read where there is nobody."""
    return joined([column, unknown_like(column, 1)])


def _says_yes(short: str) -> OfPeople:
    return lambda facts, count: column_person_facts.is_word(facts, short, "true", count)


def _of_anybody(name: str, holds: OfPeople) -> Callable[[ColumnFacts], Column | None]:
    return lambda facts: facts._told_or_any(name, holds)


ANYBODY: dict[str, OfPeople] = {
    "household.any_shanghai_hukou": column_person_facts.local_hukou,
    "household.any_residence_permit": _says_yes("residence_permit"),
    "household.any_serious_illness": _says_yes("serious_illness"),
    "household.any_severe_disability": column_person_facts.severe_disability,
    "household.any_local_severe_disability": column_person_facts.local_severe_disability,
    "household.any_local_first_level": column_person_facts.local_first_level,
    "household.any_local_certificate": column_person_facts.local_certificate,
}
"""Facts of a household that hold when they hold of one of its members."""

COMPUTED: dict[str, Callable[[ColumnFacts], Column | None]] = {
    "household.monthly_income_yuan": ColumnFacts._monthly_income,
    "household.income_per_head_yuan": lambda facts: facts._per_head("household.monthly_income_yuan"),
    "household.assets_per_head_yuan": lambda facts: facts._per_head("household.financial_assets_yuan"),
    "household.yearly_income_per_head_yuan": lambda facts: column_numbers.divided(facts._yearly_income(), facts._heads()),
    "household.necessary_spending_yuan_12m": ColumnFacts._necessary_spending,
    "household.income_after_necessary_per_head_yuan": ColumnFacts._income_after_necessary_per_head,
    "household.medical_share_percent": ColumnFacts._medical_share,
    **{name: _of_anybody(name, holds) for name, holds in ANYBODY.items()},
    "household.any_local_severe_without_work": ColumnFacts._any_severe_without_work,
    "self.own_income_yuan": ColumnFacts._own_income,
    "household.lives_outside_shanghai": ColumnFacts._lives_outside,
    "self.no_work_ability": ColumnFacts._no_work_ability,
    "household.has_event": ColumnFacts._has_event,
    "household.urgent_need": ColumnFacts._urgent_need,
}
