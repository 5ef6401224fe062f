"""Checks name the place, what is wrong there and how to mend it; only what would lead to wrong answers is severe."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from knowledge.catalogue import Catalogue
from knowledge.clauses import Clause
from knowledge.corrections import ClauseCorrection
from knowledge.document_checks import LONGEST_CLAUSE
from knowledge.documents.proposals import Proposal
from knowledge.draft_checks import CheckedContent, findings_of
from knowledge.findings import Finding, Severity
from knowledge.knowledge_base import KnowledgeBase
from knowledge.policy_documents import Kind, PolicyDocument, Rank
from knowledge.releases import ListedDocument
from knowledge.wording import sentences

ON = date(2026, 11, 21)
AT = datetime(2026, 11, 20, tzinfo=UTC)
LAW = PolicyDocument("某法(2020)", "某法", Kind.LAW, Rank.LAW, issued_on=date(2019, 12, 1), in_force_from=date(2020, 1, 1))
NOTICE = PolicyDocument(
    "某民〔2024〕1号", "关于某事的通知", Kind.NORMATIVE, Rank.DISTRICT, "上海市长宁区", number="某民〔2024〕1号",
    issued_on=date(2024, 7, 23), in_force_from=date(2024, 8, 1),
)
HANDBOOK = Catalogue.bundled()


def clause(text: str, article: str = "第一条", document: PolicyDocument = LAW, **values: object) -> Clause:
    return replace(Clause(f"{document.document_id}#{article}", document, article, text), **values)  # type: ignore[arg-type]


def found(*clauses: Clause, proposals: tuple[Proposal, ...] = (), on: date = ON, **more: object) -> list[Finding]:
    """Findings that concern documents; those of the handbook's own numbers have tests of their own."""
    documents = {c.document.document_id: c.document for c in clauses}
    listed = [ListedDocument(document, 1, "王编辑", AT, (), proposals) for document in documents.values()]
    knowledge = KnowledgeBase(0, "x", HANDBOOK, clauses)
    content = CheckedContent(knowledge=knowledge, documents=listed, corrections=(), former=knowledge)
    return list(findings_of(replace(content, **more), on))  # type: ignore[arg-type]


def codes(*clauses: Clause, on: date = ON, proposals: tuple[Proposal, ...] = ()) -> list[tuple[str, str]]:
    return [(f.severity.value, f.code) for f in found(*clauses, on=on, proposals=proposals) if f.document_id]


LONG_ENOUGH = "申请人应当如实申报家庭收入和财产。"


def test_a_document_in_order_has_no_finding() -> None:
    assert codes(clause(LONG_ENOUGH), clause(LONG_ENOUGH, document=NOTICE)) == []


def test_every_finding_says_where_what_and_how_to_mend_it() -> None:
    undated = replace(NOTICE, number=None, issued_on=None, in_force_from=None, region="")
    for finding in found(clause("", document=undated)):
        assert finding.place
        assert finding.what
        assert finding.mend
    keys = {key.removeprefix("check.") for key in sentences() if key.startswith("check.")}
    mends = {key for key in keys if key.endswith("_mend")}
    assert keys - mends == {key.removesuffix("_mend") for key in mends}


# -- days -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"issued_on": None, "in_force_from": None}, ("warning", "no_day")),
        ({"in_force_from": None}, ("notice", "no_start")),
        ({"in_force_until": date(2024, 8, 1)}, ("severe", "impossible_period")),
        ({"in_force_until": date(2026, 11, 21)}, ("warning", "expired")),
        ({"in_force_until": date(2026, 11, 22)}, ("warning", "expiring")),
        ({"in_force_until": date(2027, 1, 20)}, ("warning", "expiring")),
        ({"in_force_from": date(2026, 11, 22)}, ("notice", "not_yet")),
        ({"number": None}, ("notice", "no_number")),
    ],
)
def test_days_and_number_of_a_document(changes: dict[str, object], expected: tuple[str, str]) -> None:
    document = replace(NOTICE, **changes)  # type: ignore[arg-type]
    assert codes(clause(LONG_ENOUGH, document=document)) == [expected]


def test_sixty_one_days_before_the_end_nothing_is_said() -> None:
    document = replace(NOTICE, in_force_until=date(2027, 1, 21))
    assert codes(clause(LONG_ENOUGH, document=document)) == []


def test_an_old_version_with_a_successor_is_in_order() -> None:
    older = replace(LAW, document_id="某法(2010)", in_force_from=date(2010, 1, 1), in_force_until=date(2020, 1, 1))
    assert codes(clause("甲乙丙丁戊己庚。", document=older), clause(LONG_ENOUGH)) == []


def test_what_is_missing_or_doubtful_is_named_with_the_place_it_was_read() -> None:
    proposals = (
        Proposal("region", None, 0.0, "没有找到"),
        Proposal("kind", "news", 0.3, "没有写明"),
        Proposal("rank", "information", 0.3, "由文种推断"),
        Proposal("issuer", None, 0.0, "没有找到"),
        Proposal("title", "关于某事的通知", 0.9, "文件头部"),
    )
    document = replace(NOTICE, region="")
    assert codes(clause(LONG_ENOUGH, document=document), proposals=proposals) == [
        ("warning", "doubtful"),
        ("warning", "no_region"),
    ]


# -- clauses ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        (" ", {}, [("severe", "empty_clause")]),
        ("甲乙。", {}, [("notice", "short_clause")]),
        ("长" * (LONGEST_CLAUSE + 1), {}, [("notice", "long_clause")]),
        ("长" * LONGEST_CLAUSE, {}, []),
        (LONG_ENOUGH, {"confidence": 0.79}, [("warning", "badly_read")]),
        (LONG_ENOUGH, {"confidence": 0.49}, [("severe", "badly_read")]),
        (LONG_ENOUGH, {"confidence": 0.8}, []),
    ],
)
def test_clauses_that_are_empty_too_long_or_badly_read(
    text: str, values: dict[str, object], expected: list[tuple[str, str]]
) -> None:
    assert codes(clause(text, **values)) == expected


def test_a_clause_without_heading_among_others_that_have_one() -> None:
    headed = [clause(f"{LONG_ENOUGH}{n}", f"第{n}条", heading_path=("第一章",)) for n in "二三四五六"]
    assert codes(*headed, clause(LONG_ENOUGH)) == [("notice", "no_heading")]
    assert codes(*headed, clause(LONG_ENOUGH, "序言")) == []


# -- references -------------------------------------------------------------------------------------------------------


def test_a_reference_to_an_article_that_is_not_there() -> None:
    clauses = (clause(LONG_ENOUGH), clause("违反本法第一条、第三条规定的，责令改正。", "第二条"))
    findings = [f for f in found(*clauses) if f.code == "dead_reference"]
    assert [(f.clause_id, f.what) for f in findings] == [("某法(2020)#第二条", "提到《某法》第三条，那份文件里没有这一条")]


def test_references_to_other_documents_are_judged_where_they_are_imported() -> None:
    text = "按照《中华人民共和国某法》第九条和《没有导入的办法》第九条执行。"
    findings = [f for f in found(clause(LONG_ENOUGH), clause(text, "一、", NOTICE)) if f.code == "dead_reference"]
    assert [f.what for f in findings] == ["提到《中华人民共和国某法》第九条，那份文件里没有这一条"]


def test_an_article_that_was_divided_is_there() -> None:
    divided = (clause(LONG_ENOUGH, "第一条第一款"), clause(f"{LONG_ENOUGH}乙", "第一条第二款"))
    assert codes(*divided, clause("依照本法第一条第二款办理申请。", "第二条")) == []


ACT = replace(LAW, document_id="中华人民共和国社会救助法(2026)", title="中华人民共和国社会救助法", in_force_from=date(2026, 7, 1))


def test_a_handbook_that_rests_on_a_clause_that_is_gone() -> None:
    # Only one article of the law: all others that the handbook names are missing.
    one = clause("处价值二倍以下的罚款。", "第七十三条", ACT)
    gone = [f for f in found(one) if f.code == "basis_gone"]
    assert gone
    assert {f.severity for f in gone} == {Severity.WARNING}
    assert all("中华人民共和国社会救助法" in f.what and "第七十三条" not in f.what for f in gone)


def test_losing_a_clause_that_the_release_in_use_has_is_severe() -> None:
    other = clause(LONG_ENOUGH, "第一条", ACT)
    former = KnowledgeBase(1, "x", HANDBOOK, (other, clause("处价值二倍以下的罚款。", "第七十三条", ACT)))
    severe = [f for f in found(other, former=former) if f.severity is Severity.SEVERE]
    assert severe
    assert all("第七十三条" in f.what for f in severe)


def test_a_number_that_its_clause_does_not_say() -> None:
    assert "value_not_in_clause" in {f.code for f in found(clause("处价值三倍以下的罚款。", "第七十三条", ACT))}
    assert "value_not_in_clause" not in {f.code for f in found(clause("处价值二倍以下的罚款。", "第七十三条", ACT))}


def test_numbers_nobody_checked_for_400_days() -> None:
    newest = max(p.last_checked_on for p in HANDBOOK.parameters.values())
    at_400, at_401 = (date.fromordinal(newest.toordinal() + days) for days in (400, 401))
    unchecked = [sum(f.code == "unchecked_parameter" for f in found(on=day)) for day in (at_400, at_401)]
    assert unchecked[0] < unchecked[1] == len(HANDBOOK.parameters)


# -- between documents ------------------------------------------------------------------------------------------------


LONG = "最低生活保障家庭成员实现就业的，可以过一段时间再停发原来的那份救助金，具体怎么办由市民政部门定下来。"


def test_the_same_words_in_two_documents() -> None:
    twice = [f for f in found(clause(LONG), clause(LONG_ENOUGH, "第二条"), clause("认真落实。", "第三条"),
                              clause(LONG, "一、", NOTICE), clause("其他要求另行通知。", "二、", NOTICE),
                              clause("本通知自印发之日起执行。", "三、", NOTICE)) if f.code.startswith("duplicate")]
    assert [(f.severity.value, f.code) for f in twice] == [("notice", "duplicate_clauses")]


def test_a_document_imported_twice_under_two_titles() -> None:
    twice = [f for f in found(clause(LONG), clause(LONG, "一、", NOTICE)) if f.code.startswith("duplicate")]
    assert [(f.severity.value, f.code) for f in twice] == [("warning", "duplicate_document")]


def test_conflicts_are_findings_at_the_lower_clause() -> None:
    sentence = "采取虚报、隐瞒、伪造等手段，骗取社会救助资金、物资或者服务的，责令退回，可以处骗取数额{}的罚款。"
    clauses = (clause(sentence.format("二倍以下")), clause(sentence.format("三倍以下"), "一、", NOTICE))
    conflict = next(f for f in found(*clauses) if f.code == "conflict")
    assert (conflict.severity, conflict.document_id) == (Severity.WARNING, NOTICE.document_id)
    assert "《某法》第一条写“二倍以下”" in conflict.what


def test_open_corrections_wait_and_settled_ones_do_not() -> None:
    made = ClauseCorrection(LAW.document_id, f"{LAW.document_id}#第一条", "旧", "改正的", "王编辑", AT, present="新的")
    kinds = {"open_correction": made, "lost_correction": replace(made, present=None)}
    for code, correction in kinds.items():
        assert code in {f.code for f in found(clause(LONG_ENOUGH), corrections=(correction,))}
    settled = replace(made, present="改正的")
    assert not {f.code for f in found(clause(LONG_ENOUGH), corrections=(settled,))} & set(kinds)


def test_the_worst_comes_first() -> None:
    severities = [f.severity for f in found(clause(""), clause(LONG, "第二条"), clause(LONG, "一、", NOTICE))]
    assert severities == sorted(severities, key=list(Severity).index)
    assert severities[0] is Severity.SEVERE
