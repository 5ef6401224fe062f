"""Parameters (标准): policy numbers with their history, source and how sure we are of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum


class Confidence(StrEnum):
    OFFICIAL = "official"        # an official text states it
    REPORTED = "reported"        # read in a secondary source: spoken with its date and 以最新公布为准
    RECALLED = "recalled"        # spoken only with a hedge; may decide a verdict, flagged
    UNVERIFIED = "unverified"    # never spoken; decides only where its whole plausible range decides


class UnknownValueError(LookupError):
    """A policy number was asked for on a day without a value. Read by developers and content staff, not residents."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a value or sentence comes from: a document by title, its number, the article as printed."""

    document: str
    article: str | None = None
    number: str | None = None


@dataclass(frozen=True, slots=True)
class DifferingValue:
    """What another source says of the same number. said: as written there, "1–3 倍". It is never used, only shown to staff."""

    said: str
    reference: Reference


@dataclass(frozen=True, slots=True)
class DatedValue:
    """value None: nobody knows it (then only low/high, if given, may be used). low/high: plausible range, inclusive.
    differing: sources that give another number for the same time."""

    value: Decimal | None
    since: date
    confidence: Confidence
    reference: Reference
    low: Decimal | None = None
    high: Decimal | None = None
    differing: tuple[DifferingValue, ...] = ()

    @property
    def range(self) -> tuple[Decimal | None, Decimal | None]:
        """(low, high) to compare with; an end of None is open. Equal ends: the value is certain enough to decide."""
        if self.confidence is Confidence.UNVERIFIED or self.value is None:
            return self.low, self.high
        return self.value, self.value


@dataclass(frozen=True, slots=True)
class Parameter:
    """A policy number with its history, newest first. unit: "yuan/person/month", "yuan/person", "years", "working_days",
    "times", "percent", "months", "m2" ... Money stays in yuan in files; eligibility turns it into whole fen."""

    name: str
    description: str
    unit: str
    last_checked_on: date
    history: tuple[DatedValue, ...]

    def last_day_of(self, value: DatedValue) -> date | None:
        """The last day on which that value of the history holds; None while nobody knows when it ends."""
        later = [entry.since for entry in self.history if entry.since > value.since]
        return min(later) - timedelta(days=1) if later else None

    def value_on(self, on: date) -> DatedValue:
        for entry in self.history:
            if entry.since <= on:
                return entry
        raise UnknownValueError(
            f"parameter '{self.name}' has no value on {on}: its history starts on {self.history[-1].since}. "
            f"Add the earlier value with its source to knowledge/handbook/parameters/."
        )
