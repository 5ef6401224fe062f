"""Checks of references: from clause to article, from the handbook to clauses, and what the handbook's numbers rest on. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal

from knowledge.clauses import Clause
from knowledge.documents.succession import bare_title
from knowledge.findings import Finding, Severity, finding
from knowledge.knowledge_base import KnowledgeBase
from knowledge.parameters import Confidence, Parameter, Reference, UnknownValueError
from knowledge.quantities import Quantity, Unit, quantities_in

LONGEST_UNCHECKED = timedelta(days=400)
SOON = timedelta(days=60)

_NUMERAL = "[零一二三四五六七八九十百]+"
_ARTICLES = rf"第{_NUMERAL}条(?:之{_NUMERAL})?(?:第{_NUMERAL}款)?(?:第?[（(]?{_NUMERAL}[）)]?项)?"
_OWN = re.compile(rf"本(?:法|条例|办法|规定|细则|意见|措施|通知)(?P<articles>{_ARTICLES}(?:(?:、|和|至|或者|以及)+{_ARTICLES})*)")
_OTHER = re.compile(rf"《(?P<title>[^《》]+)》(?P<articles>{_ARTICLES}(?:(?:、|和|至|或者|以及)+{_ARTICLES})*)")
_ARTICLE = re.compile(rf"第{_NUMERAL}条(?:之{_NUMERAL})?")


def dead_references(knowledge: KnowledgeBase, on: date) -> Iterator[Finding]:
    """依照本法第X条 and 《某法》第X条 that the document does not have. Documents nobody imported are not judged."""
    articles: dict[str, set[str]] = {}
    latest: dict[str, str] = {}
    for clause in knowledge.imported:
        articles.setdefault(clause.document.document_id, set()).update(_ARTICLE.findall(clause.article)[:1])
        if clause.document.in_force(on):
            latest[bare_title(clause.document.title)] = clause.document.document_id
    for clause in knowledge.imported:
        own = articles[clause.document.document_id]
        for article in _named(_OWN, clause.text):
            if own and article not in own:
                yield _dead(clause, clause.document.title, article)
        if not clause.document.in_force(on):
            # An old version speaks of the old versions of others.
            continue
        for match in _OTHER.finditer(clause.text):
            known = articles.get(latest.get(bare_title(match["title"]), ""), set())
            for article in _ARTICLE.findall(match["articles"]):
                if known and article not in known:
                    yield _dead(clause, match["title"], article)


def _named(pattern: re.Pattern[str], text: str) -> Iterator[str]:
    for match in pattern.finditer(text):
        yield from _ARTICLE.findall(match["articles"])


def _dead(clause: Clause, title: str, article: str) -> Finding:
    return finding(
        Severity.WARNING, "dead_reference", f"《{clause.document.title}》{clause.article}",
        document_id=clause.document.document_id, clause_id=clause.clause_id, title=title, article=article,
    )


# -- the handbook ----------------------------------------------------------------------------------------------------------------


def handbook_findings(knowledge: KnowledgeBase, former: KnowledgeBase, on: date) -> Iterator[Finding]:
    """former: the release in use: what it could show and this one cannot is worse than what nobody ever had."""
    for reference, places in _references(knowledge, on).items():
        if not knowledge.has_document(reference, on) or knowledge.resolve(reference, on) is not None:
            continue
        if any(clause.in_force(on) for clause in knowledge.meant_by(reference)):
            # Displaced: the clause is there, and the handbook may still name it as history.
            yield _gone(Severity.NOTICE, "displaced_basis", reference, places)
        else:
            lost = former.resolve(reference, on) is not None
            yield _gone(Severity.SEVERE if lost else Severity.WARNING, "basis_gone", reference, places)


def _gone(severity: Severity, code: str, reference: Reference, places: list[str]) -> Finding:
    return finding(severity, code, places[0], title=reference.document, article=reference.article, count=len(places))


def _references(knowledge: KnowledgeBase, on: date) -> Mapping[Reference, list[str]]:
    """Every article the handbook rests on for that day, with the places that name it."""
    found: dict[Reference, list[str]] = {}
    for parameter in knowledge.catalogue.parameters.values():
        try:
            found.setdefault(parameter.value_on(on).reference, []).append(parameter.description)
        except UnknownValueError:
            continue
    for programme in knowledge.catalogue.programmes.values():
        named = [*programme.legal_basis, *(r for line in programme.limits for r in line.basis)]
        for reference in named:
            found.setdefault(reference, []).append(programme.name)
        for section in programme.sections:
            for reference in section.all_basis:
                found.setdefault(reference, []).append(f"{programme.name}·{section.title}")
    return {reference: places for reference, places in found.items() if reference.article is not None}


def parameter_findings(knowledge: KnowledgeBase, on: date) -> Iterator[Finding]:
    for parameter in knowledge.catalogue.parameters.values():
        if on - parameter.last_checked_on > LONGEST_UNCHECKED:
            days = (on - parameter.last_checked_on).days
            yield finding(
                Severity.WARNING, "unchecked_parameter", parameter.description,
                name=parameter.name, day=parameter.last_checked_on, days=days,
            )
        yield from _not_in_its_clause(parameter, knowledge, on)
    for programme in knowledge.catalogue.programmes.values():
        until = programme.in_force_until
        if until is not None and on < until <= on + SOON:
            yield finding(Severity.WARNING, "programme_ends", programme.name, until=until, days=(until - on).days)


def _not_in_its_clause(parameter: Parameter, knowledge: KnowledgeBase, on: date) -> Iterator[Finding]:
    """An official value that its clause does not say. A value of 0 says that the clause sets no such amount."""
    try:
        entry = parameter.value_on(on)
    except UnknownValueError:
        return
    clause = knowledge.resolve(entry.reference, on)
    if clause is None or not entry.value or entry.confidence is not Confidence.OFFICIAL:
        return
    whole = [c.text for c in knowledge.clauses_of(clause.document.document_id) if c.belongs_to(entry.reference.article or "")]
    if not any(entry.value in _values(quantity) for text in whole for quantity in _all_numbers(text)):
        yield finding(
            Severity.WARNING, "value_not_in_clause", parameter.description, clause_id=clause.clause_id,
            document_id=clause.document.document_id, name=parameter.name, value=f"{entry.value:f}", clause=clause.clause_id,
        )


def _values(quantity: Quantity) -> tuple[Decimal, ...]:
    """What a quantity says: 满一年 is twelve months too."""
    return (quantity.value, quantity.value * 12) if quantity.unit is Unit.YEARS else (quantity.value,)


def _all_numbers(text: str) -> Iterator[Quantity]:
    yield from quantities_in(text)
    for match in re.finditer(r"([零一二两三四五六七八九十百千万]+|\d+(?:\.\d+)?)(?:次|级|人|名|户|件|项)", text):
        yield from quantities_in(f"{match[1]}倍")
