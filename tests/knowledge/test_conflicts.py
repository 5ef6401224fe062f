"""Two clauses in force that state different numbers for the same thing; few and sure rather than many."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from knowledge.catalogue import Catalogue
from knowledge.clauses import Clause
from knowledge.conflicts import conflicts_among, conflicts_of
from knowledge.knowledge_base import KnowledgeBase
from knowledge.policy_documents import Kind, PolicyDocument, Rank

LAW = PolicyDocument("甲法", "甲法", Kind.LAW, Rank.LAW, in_force_from=date(2026, 7, 1))
CITY = PolicyDocument(
    "上海市甲条例", "上海市甲条例", Kind.REGULATION, Rank.SHANGHAI_REGULATION, "上海市", in_force_from=date(2019, 5, 1)
)
SENTENCE = "采取虚报、隐瞒、伪造等手段，骗取社会救助资金、物资或者服务的，责令退回，可以处骗取数额{number}的罚款。"
ON = date(2026, 11, 21)


def clause(document: PolicyDocument, text: str, article: str = "第一条") -> Clause:
    return Clause(f"{document.document_id}#{article}", document, article, text)


def fine(document: PolicyDocument, number: str) -> Clause:
    return clause(document, SENTENCE.format(number=number))


def knowledge(*clauses: Clause) -> KnowledgeBase:
    return KnowledgeBase(1, "x", Catalogue.bundled(), clauses)


def test_the_higher_rank_is_named_with_both_numbers_as_printed() -> None:
    found = conflicts_of(knowledge(fine(CITY, "一倍以上三倍以下"), fine(LAW, "二倍以下")), ON)
    assert [(c.higher.document.title, c.higher_words, c.lower.document.title, c.lower_words) for c in found] == [
        ("甲法", "二倍以下", "上海市甲条例", "一倍以上三倍以下")
    ]
    assert found[0].is_decided_by_rank
    assert "骗取社会救助资金" in found[0].subject


def test_of_equal_rank_the_newer_is_followed_and_that_is_told_apart() -> None:
    newer = replace(CITY, document_id="上海市乙条例", title="上海市乙条例", in_force_from=date(2025, 1, 1))
    found = conflicts_of(knowledge(fine(CITY, "三倍以下"), fine(newer, "二倍以下")), ON)
    assert (found[0].higher.document.title, found[0].is_decided_by_rank) == ("上海市乙条例", False)


def test_seven_days_and_ten_working_days_are_two_answers_to_one_question() -> None:
    text = "法律援助机构应当从收到援助申请的那天起{}内进行审查，作出是否给予法律援助的书面决定并且告知申请人。"
    found = conflicts_among((clause(LAW, text.format("七日")), clause(CITY, text.format("十个工作日"))))
    assert [(c.higher_words, c.lower_words) for c in found] == [("七日内", "十个工作日内")]


def test_numbers_far_apart_are_named_one_by_one_and_a_long_subject_is_cut() -> None:
    text = "自受理之日起{}内完成审核审批，公示有异议、人户分离、异地申办或者调查起来很难等特殊情况的，可以延长至四十五个工作日。"
    found = conflicts_among((clause(LAW, text.format("二十个工作日")), clause(CITY, text.format("十五个工作日"))))
    assert [c.higher_words for c in found] == ["二十个工作日内、四十五个工作日"]
    assert len(found[0].subject) <= 41


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (fine(LAW, "二倍以下"), fine(CITY, "2倍以下")),
        (fine(LAW, "二倍以下"), fine(replace(LAW, document_id="甲法(旧)"), "三倍以下")),
        (fine(CITY, "二倍以下"), fine(replace(CITY, document_id="z", title="浙江省甲条例", region="浙江省"), "三倍以下")),
        (fine(LAW, "二倍以下"), fine(replace(CITY, kind=Kind.REPORT), "三倍以下")),
        (clause(LAW, "拒不改正的，处一万元以下罚款。"), clause(CITY, "拒不改正的，处六万元以下罚款。")),
    ],
    ids=["the same number otherwise written", "a version of the same text", "another province", "a report", "a formula"],
)
def test_what_only_looks_like_a_conflict_is_none(one: Clause, other: Clause) -> None:
    assert conflicts_among((one, other)) == ()


def test_of_several_alike_sentences_only_the_nearest_are_compared() -> None:
    text = "累计缴费满{}年不足{}年的失业人员，按照规定领取失业保险金，最长可领{}个月，期满以后不再继续领取。"
    steps = (("一", "五", "十二"), ("五", "十", "十八"))
    law = [clause(LAW, text.format(*step), f"第{n}条") for n, step in enumerate(steps)]
    city = [clause(CITY, text.format(*step), f"第{n}条") for n, step in enumerate(steps)]
    assert conflicts_among((*law, *city)) == ()


def test_a_conflict_begins_with_the_second_clause_and_ends_with_displacement() -> None:
    displaced = replace(fine(CITY, "三倍以下"), displaced_from=date(2027, 1, 1))
    both = knowledge(displaced, fine(LAW, "二倍以下"))
    days = (date(2026, 6, 30), date(2026, 7, 1), date(2026, 12, 31), date(2027, 1, 1))
    assert [len(conflicts_of(both, day)) for day in days] == [0, 1, 1, 0]


def test_two_values_of_one_parameter_from_documents_in_force_are_a_conflict() -> None:
    law = replace(LAW, title="中华人民共和国社会救助法")
    city = replace(CITY, title="上海市社会救助条例")
    found = conflicts_of(
        knowledge(clause(law, "处价值二倍以下的罚款。", "第七十三条"), clause(city, "处三倍以下罚款。", "第五十四条")), ON
    )
    assert [(c.parameter, c.higher_words, c.lower_words) for c in found] == [("procedure.fraud_fine_times", "二倍", "三倍")]
