"""Which document ended or was displaced by which, and from which day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import permutations

import pytest

from knowledge.clauses import Clause
from knowledge.documents.succession import (
    Replacement,
    Standing,
    SuccessionTable,
    bundled_table_text,
    parse_table,
    with_succession,
)
from knowledge.errors import KnowledgeError
from knowledge.policy_documents import Kind, PolicyDocument, Rank

EMPTY = SuccessionTable()


def clause(title: str, start: date, text: str = "甲。", kind: Kind = Kind.REGULATION, region: str = "") -> Clause:
    document = PolicyDocument(
        f"{title}({start})", title, kind, Rank.ADMINISTRATIVE, region=region, issued_on=start, in_force_from=start
    )
    return Clause(f"{document.document_id}#第一条", document, "第一条", text)


def after(*clauses: Clause, table: SuccessionTable = EMPTY) -> dict[str, PolicyDocument]:
    return {c.document.document_id: c.document for c in with_succession(clauses, table)}


OLD, NEW = (
    clause("上海市社会救助条例", date(2019, 5, 1), region="上海市"),
    clause("上海市社会救助条例", date(2024, 12, 31), region="上海市"),
)


@pytest.mark.parametrize("order", list(permutations((OLD, NEW))))
def test_an_older_version_is_in_force_until_the_day_before_the_newer_one(order: tuple[Clause, ...]) -> None:
    found = after(*order)
    older, newer = found[OLD.document.document_id], found[NEW.document.document_id]
    assert [older.in_force(d) for d in (date(2019, 4, 30), date(2019, 5, 1), date(2024, 12, 30), date(2024, 12, 31))] == [
        False,
        True,
        True,
        False,
    ]
    assert newer.in_force(date(2024, 12, 31))


def test_three_versions_follow_one_another() -> None:
    days = [date(2010, 1, 1), date(2015, 1, 1), date(2020, 1, 1)]
    found = after(*(clause("某法", day) for day in days))
    assert [d.in_force_until for d in found.values()] == [date(2015, 1, 1), date(2020, 1, 1), None]


def test_the_same_title_in_another_region_is_another_document() -> None:
    found = after(
        clause("社会救助条例", date(2015, 1, 1), region="上海市"), clause("社会救助条例", date(2020, 1, 1), region="浙江省")
    )
    assert all(d.in_force_until is None for d in found.values())


def test_this_year_s_plan_does_not_end_last_year_s() -> None:
    found = after(clause("工作要点", date(2023, 1, 1), kind=Kind.PLAN), clause("工作要点", date(2024, 1, 1), kind=Kind.PLAN))
    assert all(d.in_force_until is None for d in found.values())


def test_a_repealed_document_ends_on_the_first_day_of_the_repealing_one() -> None:
    new = clause(
        "上海市慈善条例", date(2021, 11, 1), "本条例自2021年11月1日起施行。2012年6月7日通过的《上海市募捐条例》同时废止。"
    )
    assert after(new, clause("上海市募捐条例", date(2012, 9, 1)))["上海市募捐条例(2012-09-01)"].in_force_until == date(
        2021, 11, 1
    )


def test_a_repeal_ends_only_what_stands_behind_the_day_of_effect() -> None:
    new = clause("乙办法", date(2020, 1, 1), "《甲条例》自某日起施行，《丙办法》同时废止。")
    found = after(new, clause("甲条例", date(2010, 1, 1)), clause("丙办法", date(2010, 1, 1)))
    assert [found[f"{title}(2010-01-01)"].in_force_until for title in ("甲条例", "丙办法")] == [None, date(2020, 1, 1)]


def test_a_text_that_repeals_its_own_title_means_its_forerunner() -> None:
    new = clause("农村五保供养工作条例", date(2006, 3, 1), "1994年发布的《农村五保供养工作条例》同时废止。")
    found = after(new, clause("农村五保供养工作条例", date(1994, 1, 23)))
    assert [d.in_force_until for d in found.values()] == [None, date(2006, 3, 1)]


DISPLACED = SuccessionTable(displaced=(Replacement("社会救助暂行办法", date(2026, 7, 1), "中华人民共和国社会救助法", "x"),))


def test_a_displaced_document_stays_in_force_and_is_marked_from_its_day() -> None:
    found = after(clause("社会救助暂行办法", date(2019, 3, 2)), table=DISPLACED)["社会救助暂行办法(2019-03-02)"]
    assert [found.displaced(d) for d in (date(2026, 6, 30), date(2026, 7, 1))] == [False, True]
    assert found.in_force(date(2026, 11, 21))
    assert found.displaced_by == "中华人民共和国社会救助法"


def test_a_version_made_after_the_displacing_text_stands() -> None:
    assert (
        after(clause("社会救助暂行办法", date(2027, 1, 1)), table=DISPLACED)["社会救助暂行办法(2027-01-01)"].displaced_from
        is None
    )


def test_an_ended_document_ends() -> None:
    table = SuccessionTable(ended=(Replacement("甲办法", date(2020, 1, 1), "乙办法", "x"),))
    assert after(clause("甲办法", date(2010, 1, 1)), table=table)["甲办法(2010-01-01)"].in_force_until == date(2020, 1, 1)


def test_clauses_keep_their_order_and_words() -> None:
    clauses = (OLD, NEW, clause("某法", date(2010, 1, 1)))
    assert [(c.clause_id, c.text) for c in with_succession(clauses, EMPTY)] == [(c.clause_id, c.text) for c in clauses]


ARTICLES = Replacement("某条例", date(2011, 7, 1), "某法", "x", "y", articles=("第十六条",))


def test_single_articles_are_displaced_from_their_day_with_all_their_parts() -> None:
    articles = ("第十六条第一款", "第十六条第二款", "第十七条", "第十六条之一")
    clauses = [replace(clause("某条例", date(1999, 1, 22)), article=article) for article in articles]
    found = with_succession(clauses, SuccessionTable(displaced=(ARTICLES,)))
    assert [c.displaced(date(2011, 7, 1)) for c in found] == [True, True, False, False]
    assert not any(c.displaced(date(2011, 6, 30)) for c in found)
    assert found[0].displaced_by == "某法"
    assert not found[0].document.displaced(date(2026, 1, 1))


def test_an_article_that_alone_says_what_it_says_still_answers_in_a_displaced_document() -> None:
    entry = replace(DISPLACED.displaced[0], still_standing=(Standing("第六十条", "只有这里写了"),))
    articles = ("第五十九条", "第六十条")
    clauses = [replace(clause("社会救助暂行办法", date(2019, 3, 2)), article=article) for article in articles]
    found = with_succession(clauses, SuccessionTable(displaced=(entry,)))
    assert [c.displaced(date(2026, 7, 1)) for c in found] == [True, False]
    assert all(c.document.displaced(date(2026, 7, 1)) for c in found)


def test_single_articles_end_on_their_day() -> None:
    clauses = [replace(clause("某条例", date(1999, 1, 22)), article=article) for article in ("第十六条", "第十七条")]
    found = with_succession(clauses, SuccessionTable(ended=(ARTICLES,)))
    assert [c.in_force_until for c in found] == [date(2011, 7, 1), None]
    assert [c.in_force(date(2011, 7, 1)) for c in found] == [False, True]


def test_a_document_that_is_said_to_replace_another_ends_it_on_its_first_day() -> None:
    new = clause("新办法", date(2024, 8, 1))
    new = replace(new, document=replace(new.document, replaces=("旧办法",)))
    found = after(new, clause("旧办法", date(2019, 1, 1)))
    assert found["旧办法(2019-01-01)"].in_force_until == date(2024, 8, 1)
    assert found["新办法(2024-08-01)"].in_force_until is None


def test_every_entry_of_the_bundled_table_has_source_and_note() -> None:
    table = parse_table(bundled_table_text())
    whole = {entry.title for entry in table.displaced if not entry.articles}
    single = {entry.title: entry.articles for entry in table.displaced if entry.articles}
    assert whole == {"社会救助暂行办法", "城市居民最低生活保障条例", "农村五保供养工作条例"}
    assert set(single) == {"失业保险条例", "上海市法律援助若干规定"}
    assert single["上海市法律援助若干规定"] == ("第八条",)
    assert [s.article for entry in table.displaced for s in entry.still_standing] == ["第六十条"]
    assert all(entry.source and entry.note for entry in (*table.displaced, *table.ended))
    assert all(standing.note for entry in table.displaced for standing in entry.still_standing)


@pytest.mark.parametrize(
    "text", ["- 1", "displaced: [{title: 甲}]", "displaced: [{title: 甲, from: 明年, by: 乙, source: 丙}]", "displaced: [", "7",
             "displaced: [{title: 甲, from: 2020-01-01, by: 乙, source: 丙, articles: 第十条}]",
             "displaced: [{title: 甲, from: 2020-01-01, by: 乙, source: 丙, still_standing: [{article: 第十条}]}]"]
)
def test_a_wrong_table_is_refused(text: str) -> None:
    with pytest.raises(KnowledgeError, match="文件更替表有误"):
        parse_table(text)
