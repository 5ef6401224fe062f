"""An answer that states a number on which two documents differ says so and names the one that holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bot.answering.checks import check, parameter_numbers
from bot.answering.drafts import Draft, Statement
from bot.answering.from_conflicts import with_conflict
from bot.messages import Status
from knowledge.catalogue import Catalogue
from knowledge.clauses import Clause
from knowledge.knowledge_base import KnowledgeBase
from knowledge.policy_documents import Kind, PolicyDocument, Rank

ON = date(2026, 11, 21)
SENTENCE = "采取虚报、隐瞒、伪造等手段，骗取社会救助资金、物资或者服务的，责令退回，可以处骗取数额{}的罚款。"
LAW = PolicyDocument("某法", "某法", Kind.LAW, Rank.LAW, in_force_from=date(2026, 7, 1))
CITY = PolicyDocument("某条例", "某条例", Kind.REGULATION, Rank.SHANGHAI_REGULATION, "上海市", in_force_from=date(2019, 5, 1))
HIGHER = Clause("某法#第二条", LAW, "第二条", SENTENCE.format("二倍以下"))
LOWER = Clause("某条例#第九条", CITY, "第九条", SENTENCE.format("一倍以上三倍以下"))
KNOWLEDGE = KnowledgeBase(1, "x", Catalogue.bundled(), (HIGHER, LOWER))


def draft(text: str, *clauses: Clause) -> Draft:
    return Draft(Status.ANSWERED, Statement(text, clauses))


def points(text: str, *clauses: Clause, on: date = ON) -> list[str]:
    return [point.text for point in with_conflict(draft(text, *clauses), KNOWLEDGE, on).points]


def test_both_documents_are_named_with_their_words_and_the_higher_one_holds() -> None:
    for cited in (HIGHER, LOWER):
        (said,) = points("骗取救助的会被罚款。", cited)
        assert "《某法》第二条写“二倍以下”" in said
        assert "《某条例》第九条写“一倍以上三倍以下”" in said
        assert "以效力高的《某法》为准" in said


def test_an_answer_that_rests_on_other_clauses_says_nothing_of_it() -> None:
    other = Clause("某法#第三条", LAW, "第三条", "救助坚持公开、公平、公正。")
    assert points("救助讲公开公平。", other) == []


def test_a_clause_quoted_for_something_else_says_nothing_of_it() -> None:
    text = f"{SENTENCE.format('二倍以下')}\n不服决定的，可以依法申请行政复议。"
    both = KnowledgeBase(1, "x", Catalogue.bundled(), (Clause("某法#第二条", LAW, "第二条", text), LOWER))
    asked = draft("不服可以申请行政复议。", both.imported[0])
    assert with_conflict(asked, both, ON).points == ()


def test_before_the_higher_document_applies_there_is_no_conflict() -> None:
    assert points("骗取救助的会被罚款。", LOWER, on=date(2026, 6, 30)) == []


def test_the_sentence_passes_the_last_gate_with_both_clauses_cited() -> None:
    told = with_conflict(draft("骗取救助的会被罚款。", HIGHER), KNOWLEDGE, ON)
    checked = check(told, table=parameter_numbers(KNOWLEDGE.catalogue, ON), own=frozenset())
    assert checked.refused == ()
    assert checked.draft is not None
    assert checked.draft.points[0].clauses == (HIGHER, LOWER)


def test_a_verdict_that_does_not_say_the_number_is_not_interrupted_by_it() -> None:
    verdict = replace(draft("骗取救助的会被罚款。", HIGHER), status=Status.ANSWERED_ASSESSMENT)
    assert with_conflict(verdict, KNOWLEDGE, ON) == verdict
