"""A reference of the handbook finds the clause that holds on the day, whole or divided."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from knowledge.catalogue import Catalogue
from knowledge.clauses import Clause
from knowledge.knowledge_base import KnowledgeBase
from knowledge.parameters import Reference
from knowledge.policy_documents import Kind, PolicyDocument, Rank

LAW = PolicyDocument("某法(2020)", "中华人民共和国某法", Kind.LAW, Rank.LAW, in_force_from=date(2020, 1, 1))
ON = date(2026, 11, 21)


def clause(article: str, ordinal: int, document: PolicyDocument = LAW) -> Clause:
    return Clause(f"{document.document_id}#{article}", document, article, "甲。", (), ordinal)


def resolved(article: str, *clauses: Clause, on: date = ON) -> str | None:
    found = KnowledgeBase(1, "x", Catalogue.bundled(), clauses).resolve(Reference("某法", article), on)
    return found.clause_id if found else None


def test_an_article_that_was_divided_is_found_by_its_first_part() -> None:
    parts = (clause("第三条第二款", 3), clause("第三条第一款", 2), clause("第四条", 4))
    assert resolved("第三条", *parts) == "某法(2020)#第三条第一款"


def test_the_undivided_article_comes_before_its_parts() -> None:
    assert resolved("五、", clause("五、1.", 1), clause("五、", 2)) == "某法(2020)#五、"


def test_an_inserted_article_is_not_a_part_of_the_one_before() -> None:
    assert resolved("第三条", clause("第三条之一", 1)) is None


def test_the_newest_version_in_force_is_meant() -> None:
    newer = replace(LAW, document_id="某法(2026)", in_force_from=date(2026, 7, 1))
    both = (clause("第一条", 0), clause("第一条", 0, newer))
    assert resolved("第一条", *both, on=date(2026, 6, 30)) == "某法(2020)#第一条"
    assert resolved("第一条", *both, on=date(2026, 7, 1)) == "某法(2026)#第一条"


def test_a_displaced_clause_is_not_found_and_one_that_stands_is() -> None:
    displaced = replace(LAW, displaced_from=date(2026, 7, 1), displaced_by="新法")
    standing = replace(clause("第六十条", 1, displaced), stands=True)
    assert resolved("第一条", clause("第一条", 0, displaced)) is None
    assert resolved("第六十条", standing) == "某法(2020)#第六十条"
    alone = replace(clause("第八条", 2), displaced_from=date(2022, 1, 1))
    assert [resolved("第八条", alone, on=day) is None for day in (date(2021, 12, 31), date(2022, 1, 1))] == [False, True]
