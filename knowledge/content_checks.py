"""Checks of what the handbook says: no number written by hand, plain words, and numbers still to be confirmed. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

from knowledge.checking_rules import checking_rules
from knowledge.facts import FactType
from knowledge.findings import Finding, Severity, finding
from knowledge.parameters import Confidence, DatedValue, Parameter, Reference, UnknownValueError
from knowledge.places import as_people_write
from knowledge.plain_speech import long_sentences, unexplained_terms
from knowledge.programmes import Condition, conditions_of
from knowledge.spoken_numbers import numbers_in
from knowledge.spoken_sentences import sections, spoken_sentences
from knowledge.wording import say

if TYPE_CHECKING:
    from knowledge.catalogue import Catalogue

SOON = timedelta(days=60)
_UNCONFIRMED = (Confidence.RECALLED, Confidence.UNVERIFIED)


def content_findings(catalogue: Catalogue, on: date) -> Iterator[Finding]:
    """on: the day whose values count as the present ones."""
    yield from _numbers_by_hand(catalogue)
    yield from _hard_to_read(catalogue)
    yield from _unconfirmed(catalogue, on)


def _numbers_by_hand(catalogue: Catalogue) -> Iterator[Finding]:
    for said in spoken_sentences(catalogue):
        found = numbers_in(said.text)
        if found:
            yield finding(Severity.WARNING, "number_in_text", said.place, words="、".join(found), text=said.text)
    for programme in catalogue.programmes.values():
        for condition in conditions_of(programme.conditions) if programme.conditions else ():
            words = _compared_by_hand(catalogue, condition)
            if words:
                place = f"{programme.name}·{say('parts.conditions')}“{condition.id}”"
                yield finding(Severity.WARNING, "number_in_condition", place, words="、".join(words))


def _compared_by_hand(catalogue: Catalogue, condition: Condition) -> tuple[str, ...]:
    """Constants with a number in them. Options of a choice are kinds, not numbers: 残疾二级, 照护四级."""
    fact = catalogue.facts.get(condition.fact)
    constant = condition.threshold.constant
    if constant is None or isinstance(constant, bool) or (fact is not None and fact.type is FactType.CHOICE):
        return ()
    words = (constant,) if isinstance(constant, str) else constant
    return tuple(word for word in words if numbers_in(word))


def _hard_to_read(catalogue: Catalogue) -> Iterator[Finding]:
    rules = checking_rules()
    for said in spoken_sentences(catalogue):
        for sentence in long_sentences(said.text):
            yield finding(
                Severity.NOTICE, "long_sentence", said.place, length=len(sentence), limit=rules.longest_sentence, text=sentence,
            )
    for section in sections(catalogue):
        for term in unexplained_terms(section.text):
            yield finding(
                Severity.NOTICE, "unexplained_term", section.place, term=term, plain="、".join(rules.terms_of_law[term]),
            )


def _unconfirmed(catalogue: Catalogue, on: date) -> Iterator[Finding]:
    for parameter in catalogue.parameters.values():
        try:
            value = parameter.value_on(on)
        except UnknownValueError:
            continue
        if value.confidence in _UNCONFIRMED:
            code = f"{value.confidence.value}_parameter"
            yield finding(Severity.NOTICE, code, parameter.description, name=parameter.name, value=_written(value))
        yield from _ending(parameter, value, on)
        yield from _differing(parameter, value)
    for hotline in catalogue.hotlines.values():
        if hotline.confidence in _UNCONFIRMED:
            yield finding(Severity.NOTICE, f"{hotline.confidence.value}_hotline", hotline.name, number=hotline.number)


def _ending(parameter: Parameter, value: DatedValue, on: date) -> Iterator[Finding]:
    """A value that may be spoken now and is followed by one that may not."""
    last = parameter.last_day_of(value)
    if last is None or last > on + SOON or value.confidence is Confidence.UNVERIFIED:
        return
    if parameter.value_on(last + timedelta(days=1)).confidence is Confidence.UNVERIFIED:
        yield finding(
            Severity.NOTICE, "value_ends", parameter.description, name=parameter.name, value=_written(value), last=last,
        )


def _differing(parameter: Parameter, value: DatedValue) -> Iterator[Finding]:
    for other in value.differing:
        yield finding(
            Severity.NOTICE, "sources_differ", parameter.description, name=parameter.name, value=_written(value),
            source=_source(value.reference), other=_source(other.reference), other_value=other.said,
        )


def _written(value: DatedValue) -> str:
    return "" if value.value is None else as_people_write(value.value)


def _source(reference: Reference) -> str:
    return f"《{reference.document}》{reference.article or ''}"
