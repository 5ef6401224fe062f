"""The searcher of a release: day, region, rank and kind decide what a question may find, and in which order."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from knowledge.clauses import Clause
from knowledge.policy_documents import Kind, PolicyDocument, Rank
from retrieval.embedding import NoEmbedder
from retrieval.index import ClauseSearcher, reaches, weight
from retrieval.searcher import Searcher
from tests.retrieval.small_release import DAY, REGION, LetterEmbedder, clause, document, found, release, searcher

TEXT = "最低生活保障的审核应当在二十个工作日内完成"


def test_the_clause_that_speaks_of_it_comes_first(tmp_path: Path) -> None:
    law = document("社会救助法")
    of = searcher(tmp_path, clause(law, "第一条", "为了规范社会救助制定本法"), clause(law, "第二条", TEXT),
                  clause(law, "第三条", "医疗救助由医疗保障部门负责"))
    assert found(of, "低保审核要多少个工作日")[0] == "社会救助法#第二条"


def test_it_is_a_searcher(tmp_path: Path) -> None:
    of: Searcher = searcher(tmp_path, clause(document("法"), "第一条", TEXT))
    assert of.search("低保", on=DAY, region=REGION, limit=1)[0].clause.article == "第一条"


# --- day -------------------------------------------------------------------------------------------------------------

OLD = document("办法(2018)", since=date(2018, 1, 1), until=date(2026, 7, 1))
NEW = document("办法(2026)", since=date(2026, 7, 1))


@pytest.mark.parametrize(
    ("on", "wanted"),
    [(date(2017, 12, 31), []), (date(2018, 1, 1), ["办法(2018)#第一条"]), (date(2026, 6, 30), ["办法(2018)#第一条"]),
     (date(2026, 7, 1), ["办法(2026)#第一条"])],
)
def test_only_clauses_in_force_on_the_day_are_found(tmp_path: Path, on: date, wanted: list[str]) -> None:
    of = searcher(tmp_path, clause(OLD, "第一条", TEXT + "旧"), clause(NEW, "第一条", TEXT + "新"))
    assert found(of, "低保审核", on=on) == wanted


def test_a_clause_may_end_before_its_document(tmp_path: Path) -> None:
    of = searcher(tmp_path, clause(document("办法"), "第一条", TEXT, until=DAY), clause(document("办法"), "第二条", TEXT + "另"))
    assert found(of, "低保审核") == ["办法#第二条"]


# --- region ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("of", "asked", "wanted"),
    [("", "上海市长宁区", True), ("上海市", "上海市长宁区", True), ("上海市长宁区", "上海市长宁区", True),
     ("上海市静安区", "上海市长宁区", False), ("浙江省", "上海市长宁区", False), ("上海市长宁区", "上海市", False),
     ("浙江省", "浙江省", True), ("", "浙江省", True), ("上海市", "浙江省", False), ("上海市", "", False)],
)
def test_a_document_binds_in_its_own_region_and_those_within(of: str, asked: str, wanted: bool) -> None:
    assert reaches(of, asked) is wanted


def test_another_provinces_clause_is_never_found(tmp_path: Path) -> None:
    of = searcher(tmp_path, clause(document("浙江省社会救助条例", region="浙江省"), "第九条", TEXT),
                  clause(document("社会救助法"), "第九条", "国家建立社会救助制度"))
    assert found(of, "浙江省最低生活保障审核多久") == ["社会救助法#第九条"]
    assert found(of, "最低生活保障审核多久", region="浙江省")[0] == "浙江省社会救助条例#第九条"


def test_what_is_filtered_out_takes_no_place_among_the_candidates(tmp_path: Path) -> None:
    elsewhere = document("浙江省条例", region="浙江省")
    flood = [clause(elsewhere, f"第{n}条", f"最低生活保障审核审核审核{n}") for n in range(300)]
    of = searcher(tmp_path, *flood, clause(document("社会救助法"), "第九条", "审核最低生活保障，另有他事若干"))
    assert found(of, "最低生活保障审核") == ["社会救助法#第九条"]


# --- rank and kind ---------------------------------------------------------------------------------------------------


def plan() -> PolicyDocument:
    return document("工作要点", kind=Kind.PLAN, rank=Rank.INFORMATION, region=REGION)


FILLER = [clause(document("慈善法"), f"第{n}条", f"慈善组织开展募捐应当办理第{n}项备案") for n in range(1, 6)]
"""Scores are scaled within a search, so what lies in between needs something far away."""


@pytest.mark.parametrize("informing", [plan(), document("总结", kind=Kind.REPORT, rank=Rank.INFORMATION),
                                       document("报道", kind=Kind.NEWS, rank=Rank.LAW)])
def test_a_plan_a_report_or_news_stand_behind_everything_and_are_still_found(tmp_path: Path, informing: PolicyDocument) -> None:
    paper = clause(informing, "一、", "最低生活保障审核")
    of = searcher(tmp_path, paper, clause(document("社会救助法"), "第二条", TEXT), *FILLER)
    ranking = found(of, "最低生活保障审核")
    assert (ranking[0], ranking[-1]) == ("社会救助法#第二条", paper.clause_id)


@pytest.mark.parametrize("question", ["2024年打算做多少户适老改造", "工作要点里适老改造怎么写的"])
def test_a_question_about_plans_and_reports_finds_them_in_front(tmp_path: Path, question: str) -> None:
    paper = clause(plan(), "二、（一）", "推进适老改造100户")
    of = searcher(tmp_path, paper, clause(document("社会救助法"), "第二条", TEXT), *FILLER)
    assert found(of, question)[0] == paper.clause_id


def test_a_plan_is_held_back_by_its_kind_even_where_its_rank_was_given_too_high() -> None:
    proud = clause(document("某区工作计划", kind=Kind.PLAN, rank=Rank.LAW), "一、", TEXT)
    assert weight(proud, DAY) == weight(clause(plan(), "一、", TEXT), DAY)


def test_a_displaced_document_loses_weight_from_the_day_it_is_displaced() -> None:
    old = clause(document("暂行办法", displaced_from=date(2026, 7, 1)), "第九条", TEXT)
    assert weight(old, date(2026, 7, 1)) < weight(old, date(2026, 6, 30)) == 1.0


def test_a_displaced_document_gives_way_to_the_one_in_its_place(tmp_path: Path) -> None:
    old = clause(document("暂行办法", displaced_from=date(2026, 7, 1)), "第九条", TEXT + "审核")
    new = clause(document("社会救助法"), "第九条", TEXT + "确认")
    of = searcher(tmp_path, old, new, *FILLER)
    assert found(of, TEXT + "审核")[:2] == [new.clause_id, old.clause_id]
    assert found(of, TEXT + "审核", on=date(2026, 6, 30))[:2] == [old.clause_id, new.clause_id]


@pytest.mark.parametrize("rank", list(Rank))
def test_every_rank_has_a_weight(rank: Rank) -> None:
    assert 0 < weight(clause(document("文件", rank=rank), "第一条", TEXT), DAY) <= 1


def test_rank_never_weighs_less_further_up() -> None:
    order = [Rank.LAW, Rank.ADMINISTRATIVE, Rank.CITY, Rank.DISTRICT, Rank.INFORMATION]
    weights = [weight(clause(document("文件", rank=rank), "第一条", TEXT), DAY) for rank in order]
    assert weights == sorted(weights, reverse=True)


def test_a_text_that_stands_in_several_documents_is_given_once_in_the_highest(tmp_path: Path) -> None:
    district = document("区若干措施", kind=Kind.NORMATIVE, rank=Rank.DISTRICT, region=REGION)
    of = searcher(tmp_path, clause(district, "一、", f"  {TEXT}。"), clause(document("社会救助法"), "第二条", TEXT),
                  clause(plan(), "一、", TEXT.replace("二十", "三十")))
    assert found(of, TEXT) == ["社会救助法#第二条", "工作要点#一、"]


def test_of_two_equal_documents_the_newer_gives_the_text(tmp_path: Path) -> None:
    of = searcher(tmp_path, clause(document("甲", since=date(2010, 1, 1)), "第一条", TEXT),
                  clause(document("乙", since=date(2020, 1, 1)), "第一条", TEXT))
    assert found(of, TEXT) == ["乙#第一条"]


# --- handbook --------------------------------------------------------------------------------------------------------

HANDBOOK = document("一本通·最低生活保障", kind=Kind.HANDBOOK, rank=Rank.HANDBOOK, region="上海市")
SECTION = clause(HANDBOOK, "能拿多少", "低保标准是每人每月一千六百元")


def test_a_handbook_section_reads_as_on_the_day_asked_about(tmp_path: Path) -> None:
    later = {SECTION.clause_id: (date(2027, 7, 1), "低保标准是每人每月一千七百元")}
    of = searcher(tmp_path, sections=[SECTION], later_texts=later)
    texts = [of.search("低保标准", on=on, region=REGION, limit=1)[0].clause.text for on in (DAY, date(2027, 7, 1))]
    assert texts == ["低保标准是每人每月一千六百元", "低保标准是每人每月一千七百元"]


def test_a_section_is_found_by_a_question_that_shares_no_word_with_its_text(tmp_path: Path) -> None:
    asked_as = {SECTION.clause_id: ("政府一个月贴给我多少铜钿",)}
    others = [clause(document("法"), f"第{n}条", f"有关部门应当依照职责做好第{n}项工作") for n in range(5)]
    of = searcher(tmp_path, *others, sections=[SECTION], asked_as=asked_as)
    best = of.search("一个月贴多少铜钿", on=DAY, region=REGION, limit=1)[0]
    assert best.clause.clause_id == SECTION.clause_id
    assert best.why["asked_as"] > 0.7
    assert best.why["asked_cosine"] > best.why["cosine"]


def test_sections_with_questions_of_their_own_do_not_push_out_the_law_that_was_asked_for(tmp_path: Path) -> None:
    sections = [clause(HANDBOOK, f"第{n}节", f"本节说明第{n}件事情") for n in range(20)]
    asked_as = {s.clause_id: (f"第{n}件事情怎么办呀", f"我想问第{n}件事情") for n, s in enumerate(sections)}
    law = clause(document("流浪乞讨救助办法"), "第七条", "救助站应当提供食物和住处")
    of = searcher(tmp_path, law, sections=sections, asked_as=asked_as)
    assert found(of, "救助站有没有食物和住处呀我想问", limit=1) == [law.clause_id]


def test_the_same_question_as_an_asked_one_matches_it_fully(tmp_path: Path) -> None:
    of = searcher(tmp_path, sections=[SECTION], asked_as={SECTION.clause_id: ("不相干的问题", "低保标准有没有涨")})
    assert of.search("低保标准有没有涨？", on=DAY, region=REGION, limit=1)[0].why["asked_as"] == pytest.approx(1.0)


# --- why and order ---------------------------------------------------------------------------------------------------


def test_why_names_what_made_the_score(tmp_path: Path) -> None:
    law = document("社会救助法")
    of = searcher(tmp_path, clause(law, "第二条", TEXT), clause(law, "第三条", "慈善组织可以开展募捐"), dense_weight=0.4)
    first, *_ = of.search("最低生活保障审核", on=DAY, region=REGION, limit=5)
    why = first.why
    parts = {name for part in ("lexical", "dense", "fused") for name in (part, f"{part}_place")}
    assert set(why) == parts | {"ranked", "coverage", "weight", "cosine"}
    assert (why["lexical_place"], why["dense_place"], why["fused_place"]) == (1, 1, 1)
    assert first.score == pytest.approx((0.6 * why["lexical"] + 0.4 * why["dense"]) * why["weight"])
    assert 0 < why["cosine"] <= 1.0001


def coverage(of: ClauseSearcher, question: str) -> float:
    passages = of.search(question, on=DAY, region=REGION, limit=1)
    return passages[0].why["coverage"]


@pytest.fixture
def covering(tmp_path: Path) -> ClauseSearcher:
    law = document("社会救助法")
    return searcher(tmp_path, clause(law, "第二条", TEXT), clause(law, "第三条", "医疗救助由医疗保障部门负责"),
                    clause(law, "第四条", "临时救助可以采取一事一议"))


def test_coverage_is_one_when_the_clause_speaks_of_all_that_was_asked(covering: ClauseSearcher) -> None:
    assert coverage(covering, "最低生活保障审核") == pytest.approx(1.0)


def test_a_folk_word_is_covered_by_what_it_means(covering: ClauseSearcher) -> None:
    assert coverage(covering, "低宝审核") == pytest.approx(1.0)


def test_a_question_about_something_else_is_hardly_covered(covering: ClauseSearcher) -> None:
    assert coverage(covering, "公积金贷款利率审核") < 0.4 < coverage(covering, "医疗救助找哪个部门")


def test_coverage_of_one_clause_does_not_depend_on_the_limit_or_the_other_results(covering: ClauseSearcher) -> None:
    one = {p.clause.clause_id: p.why["coverage"] for p in covering.search("医疗救助", on=DAY, region=REGION, limit=1)}
    all_ = {p.clause.clause_id: p.why["coverage"] for p in covering.search("医疗救助", on=DAY, region=REGION, limit=9)}
    assert one.items() <= all_.items()


def test_equal_scores_come_in_clause_id_order(tmp_path: Path) -> None:
    titles = (("丙", "x"), ("甲", "y"), ("乙", "z"))
    same = [clause(document(title), "第一条", f"最低生活保障{letter}") for title, letter in titles]
    of = searcher(tmp_path, *same, embedder=NoEmbedder())
    assert found(of, "最低生活保障") == sorted(c.clause_id for c in same)


def test_a_search_repeats(covering: ClauseSearcher) -> None:
    first, second = (covering.search("低保救助", on=DAY, region=REGION, limit=3) for _ in range(2))
    assert first == second


def test_without_embeddings_words_alone_decide(tmp_path: Path) -> None:
    law = document("社会救助法")
    of = searcher(tmp_path, clause(law, "第二条", TEXT), clause(law, "第三条", "慈善募捐"), embedder=NoEmbedder())
    (only,) = of.search("最低生活保障", on=DAY, region=REGION, limit=5)
    assert (only.clause.article, only.score, only.why["dense"]) == ("第二条", 1.0, 0.0)
    assert "cosine" not in only.why


# --- bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("question", ["", "   ", "\n\u200b", "？！…", "🙏🙏"])
def test_an_empty_question_finds_nothing(covering: ClauseSearcher, question: str) -> None:
    assert covering.search(question, on=DAY, region=REGION, limit=5) == []


@pytest.mark.parametrize("question", ["低" * 10_000, "\x00\x01低保\x7f", "'; DROP TABLE --", "a" * 5000])
def test_odd_questions_do_no_harm(covering: ClauseSearcher, question: str) -> None:
    assert len(covering.search(question, on=DAY, region=REGION, limit=5)) <= 3


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_below_one_is_refused_with_an_example(covering: ClauseSearcher, limit: int) -> None:
    with pytest.raises(ValueError, match=rf"{limit}.*limit=5"):
        covering.search("低保", on=DAY, region=REGION, limit=limit)


def test_an_empty_release_finds_nothing(tmp_path: Path) -> None:
    assert found(searcher(tmp_path), "低保") == []


def test_an_index_of_another_release_is_refused(tmp_path: Path) -> None:
    of = searcher(tmp_path, clause(document("法"), "第一条", TEXT))
    with pytest.raises(ValueError, match="1 entries, the release 0 clauses"):
        ClauseSearcher(release(), of._index, 0.5)


def test_a_clause_of_punctuation_only_is_no_double_of_another(tmp_path: Path) -> None:
    blank: list[Clause] = [clause(document("低保附件"), f"表{n}", "……") for n in (1, 2)]
    assert len(found(searcher(tmp_path, *blank, embedder=LetterEmbedder()), "低保附件")) == 2
