"""Search in PostgreSQL finds what search in memory finds; an index appears whole, once, for all workers, and is kept in order."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest

from knowledge.catalogue import Catalogue
from knowledge.clauses import Clause
from knowledge.knowledge_base import KnowledgeBase
from retrieval import postgres
from retrieval.backends import open_indexes
from retrieval.cache import MemoryIndexes, open_searcher
from retrieval.embedding import Embedder, NoEmbedder
from retrieval.index import ClauseSearcher
from retrieval.postgres import PostgresIndexes
from retrieval.postgres_kept import NOTED_EVERY_SECONDS
from retrieval.postgres_tables import SearchDatabase
from retrieval.searcher import Passage, SearchError
from tests.knowledge.databases import postgres_url
from tests.product import opened as product_in
from tests.retrieval.small_release import DAY, REGION, LetterEmbedder, clause, document, found, release

pytestmark = pytest.mark.postgres

LAW, CITY = document("社会救助法"), document("上海市办法", region="上海市")
OTHER = document("浙江省办法", region="浙江省")
ENDED = document("旧办法", until=date(2025, 1, 1))
CLAUSES = (
    clause(LAW, "第一条", "最低生活保障的标准每年公布"), clause(LAW, "第二条", "医疗救助按比例给予"),
    clause(LAW, "第三条", "临时救助当天办理"), clause(CITY, "第一条", "低保家庭的医疗救助比例不低于七成"),
    clause(CITY, "第二条", "医疗救助按比例给予。"), clause(OTHER, "第一条", "医疗救助由省里规定"),
    clause(ENDED, "第一条", "医疗救助的旧比例"),
)
ASKED_AS = {"社会救助法#第三条": ("急用钱怎么办", "能不能马上给钱"), "上海市办法#第一条": ("低保户看病报多少",)}
QUESTIONS = ("医疗救助比例多少", "吃低保的标准", "急用钱", "铜钿勿够", "低宝", "完全无关的天气")


@pytest.fixture
def url() -> Iterator[str]:
    yield from postgres_url("yibentong_test_search")


@pytest.fixture
def database(url: str) -> Iterator[SearchDatabase]:
    opened = SearchDatabase(url)
    yield opened
    opened.close()


@pytest.fixture
def rows(url: str) -> Iterator[Callable[[str], list[tuple[object, ...]]]]:
    """Asks the database something, or changes something in it."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:

        def ask(query: str) -> list[tuple[object, ...]]:
            cursor = connection.execute(query)
            return cursor.fetchall() if cursor.description else []

        yield ask


def indexes(database: SearchDatabase, folder: Path, embedder: Embedder | None = None, **limits: Any) -> PostgresIndexes:
    return PostgresIndexes(database, embedder or LetterEmbedder(), folder, **limits)


def opened(
    database: SearchDatabase, folder: Path, *clauses: Clause, embedder: Embedder | None = None, digest: str = "d1", **limits: Any
) -> ClauseSearcher:
    used = embedder or LetterEmbedder()
    return open_searcher(release(*(clauses or CLAUSES), digest=digest, asked_as=ASKED_AS), used, folder, dense_weight=0.45,
                         indexes=indexes(database, folder, used, **limits))


def in_memory(folder: Path, *clauses: Clause, embedder: Embedder | None = None) -> ClauseSearcher:
    base = release(*(clauses or CLAUSES), asked_as=ASKED_AS)
    return open_searcher(base, embedder or LetterEmbedder(), folder, dense_weight=0.45)


def searched(of: ClauseSearcher, question: str, on: date = DAY, region: str = REGION) -> Sequence[Passage]:
    return of.search(question, on=on, region=region, limit=10)


# --- the same answers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("embedder", [LetterEmbedder(), NoEmbedder()], ids=["with vectors", "words alone"])
def test_the_same_clauses_come_in_the_same_order_with_the_same_scores(
    database: SearchDatabase, tmp_path: Path, embedder: Embedder
) -> None:
    memory, stored = in_memory(tmp_path, embedder=embedder), opened(database, tmp_path, embedder=embedder)
    for question in QUESTIONS:
        for on, region in ((DAY, REGION), (date(2024, 6, 1), "上海市"), (DAY, "浙江省杭州市")):
            ours, theirs = searched(stored, question, on, region), searched(memory, question, on, region)
            assert [p.clause.clause_id for p in ours] == [p.clause.clause_id for p in theirs]
            for one, other in zip(ours, theirs, strict=True):
                assert one.score == pytest.approx(other.score, abs=1e-5)
                assert one.why == pytest.approx(other.why, abs=1e-4)


def test_what_is_out_of_force_or_of_another_region_never_takes_a_place(database: SearchDatabase, tmp_path: Path) -> None:
    ids = found(opened(database, tmp_path), "医疗救助")
    assert ids
    assert not {"浙江省办法#第一条", "旧办法#第一条"} & {*ids}


def test_on_the_handbook_at_least_nine_of_the_first_ten_are_the_same(database: SearchDatabase, tmp_path: Path) -> None:
    catalogue = Catalogue.bundled()
    base = KnowledgeBase(0, "h", catalogue)
    embedder = LetterEmbedder()
    memory = open_searcher(base, embedder, tmp_path, dense_weight=0.45)
    stored = open_searcher(base, embedder, tmp_path, dense_weight=0.45, indexes=indexes(database, tmp_path, embedder))
    asked = [question for section in base.clauses for question in catalogue.asked_as(section.clause_id)][::120]
    common = [len({*found(memory, question)} & {*found(stored, question)}) / len(found(memory, question)) for question in asked]
    assert len(common) > 15
    assert np.mean(common) >= 0.9


async def test_the_whole_product_answers_from_it_by_one_setting(
    url: str, tmp_path: Path, rows: Callable[[str], list[tuple[object, ...]]]
) -> None:
    async with product_in(tmp_path, database_url=url, retrieval="postgres") as product:
        reply = await product.consultations.ask("低保要带什么材料？")
    assert reply.status.value.startswith("answered")
    assert reply.citations
    assert rows("SELECT count(*) FROM search_index") == [(1,)]


def test_an_empty_release_finds_nothing(database: SearchDatabase, tmp_path: Path) -> None:
    nothing = open_searcher(release(), LetterEmbedder(), tmp_path, dense_weight=0.45, indexes=indexes(database, tmp_path))
    assert found(nothing, "低保") == []


def test_words_beyond_what_a_worker_remembers_are_fetched_again(database: SearchDatabase, tmp_path: Path) -> None:
    stored, memory = opened(database, tmp_path, remembered_bytes=2_000), in_memory(tmp_path)
    for question in QUESTIONS * 2:
        assert found(stored, question) == found(memory, question)


def test_many_vectors_are_searched_along_a_graph_that_misses_few(
    database: SearchDatabase, tmp_path: Path, rows: Callable[[str], list[tuple[object, ...]]]
) -> None:
    random = np.random.default_rng(5)
    letters = [chr(code) for code in range(0x4E00, 0x4E80)]
    texts = ["".join(random.choice(letters, 30)) for _ in range(1500)]
    clauses = [clause(LAW if n % 3 else OTHER, f"第{n}条", text) for n, text in enumerate(texts)]
    base, embedder = release(*clauses), LetterEmbedder()
    memory = open_searcher(base, embedder, tmp_path, dense_weight=1.0)
    graph = open_searcher(base, embedder, tmp_path, dense_weight=1.0,
                          indexes=indexes(database, tmp_path, embedder, exact_up_to=100))
    assert any("hnsw" in str(definition) for (definition,) in rows("SELECT indexdef FROM pg_indexes"))
    common = [len({*found(memory, text)} & {*found(graph, text)}) / 10 for text in texts[:25]]
    assert np.mean(common) >= 0.9
    assert not any(name.startswith("浙江省") for name in found(graph, texts[0]))


# --- one index for all workers ------------------------------------------------------------------------------------------


def test_a_second_worker_embeds_nothing_and_finds_the_same(database: SearchDatabase, url: str, tmp_path: Path) -> None:
    first = found(opened(database, tmp_path / "one"), "医疗救助")
    there = SearchDatabase(url)
    embedder = LetterEmbedder()
    assert found(opened(there, tmp_path / "two", embedder=embedder), "医疗救助") == first
    assert embedder.passages_embedded == 0
    there.close()


def test_workers_that_start_at_once_build_once(
    database: SearchDatabase, tmp_path: Path, rows: Callable[[str], list[tuple[object, ...]]]
) -> None:
    embedders = [LetterEmbedder() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        workers = pool.map(lambda at: opened(database, tmp_path / str(at), embedder=embedders[at]), range(4))
        answers = [found(worker, "医疗救助") for worker in workers]
    assert len({tuple(answer) for answer in answers}) == 1
    assert sum(embedder.passages_embedded > 0 for embedder in embedders) == 1
    assert rows("SELECT count(*) FROM search_index") == [(1,)]


def test_a_new_release_embeds_only_what_changed_also_on_another_machine(database: SearchDatabase, tmp_path: Path) -> None:
    opened(database, tmp_path / "one")
    embedder = LetterEmbedder()
    changed = (CLAUSES[0], CLAUSES[1].with_text("医疗救助全额给予"), *CLAUSES[2:])
    of = opened(database, tmp_path / "two", *changed, embedder=embedder, digest="d2")
    assert embedder.passages_embedded == 1
    assert found(of, "医疗救助全额给予")[0] == CLAUSES[1].clause_id


def test_the_release_before_is_searched_unchanged_while_the_next_is_there(database: SearchDatabase, tmp_path: Path) -> None:
    before = opened(database, tmp_path)
    first = found(before, "医疗救助比例")
    opened(database, tmp_path, CLAUSES[0], clause(LAW, "第九条", "医疗救助比例提高"), digest="d2")
    assert found(before, "医疗救助比例") == first


def test_a_building_that_fails_leaves_no_index(
    database: SearchDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: Callable[[str], list[tuple[object, ...]]]
) -> None:
    def full(*_: object) -> None:
        raise psycopg.errors.DiskFull("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(postgres, "write_postings", full)
        with pytest.raises(SearchError, match="no space left"):
            opened(database, tmp_path)
    assert rows("SELECT count(*) FROM search_index") == rows("SELECT count(*) FROM search_posting") == [(0,)]
    assert found(opened(database, tmp_path), "医疗救助")


# --- what is kept -------------------------------------------------------------------------------------------------------


def test_the_last_few_indexes_are_kept_and_all_that_were_used_lately(
    database: SearchDatabase, tmp_path: Path, rows: Callable[[str], list[tuple[object, ...]]]
) -> None:
    for number in range(postgres.KEPT_INDEXES + 2):
        opened(database, tmp_path, CLAUSES[0].with_text(f"第{number}版"), digest=f"d{number}")
    assert rows("SELECT count(*) FROM search_index") == [(postgres.KEPT_INDEXES + 2,)]
    rows(f"UPDATE search_index SET used_at = used_at - interval '{postgres.KEPT_UNUSED_HOURS + 1} hours'")
    opened(database, tmp_path, CLAUSES[0].with_text("新版"), digest="new")
    assert [digest for (digest,) in rows("SELECT release_digest FROM search_index ORDER BY id")] == ["d3", "d4", "d5", "new"]
    assert rows("SELECT count(DISTINCT index_id) FROM search_posting") == [(postgres.KEPT_INDEXES,)]


def test_vectors_that_no_kept_index_needs_are_dropped_once_they_are_many(
    database: SearchDatabase, tmp_path: Path, rows: Callable[[str], list[tuple[object, ...]]]
) -> None:
    opened(database, tmp_path, *(clause(LAW, f"第{n}条", f"旧文{n}") for n in range(postgres.SPARE * 3)))
    rows("UPDATE search_index SET used_at = used_at - interval '9 days'")
    for number in range(postgres.KEPT_INDEXES):
        opened(database, tmp_path, CLAUSES[0], digest=f"d{number}")
    ((table,),) = rows("SELECT relname FROM pg_class WHERE relname LIKE 'search_vectors_passages%' AND relkind = 'r'")
    assert rows(f"SELECT count(*) FROM {table}") == [(1,)]
    assert found(opened(database, tmp_path, CLAUSES[0], digest="d3"), "最低生活保障") == [CLAUSES[0].clause_id]


def test_another_embedder_gets_its_own_vectors_and_old_ones_go_with_their_last_index(
    database: SearchDatabase, tmp_path: Path, rows: Callable[[str], list[tuple[object, ...]]]
) -> None:
    tables = "SELECT count(*) FROM pg_class WHERE relname LIKE 'search_vectors%' AND relkind = 'r'"
    opened(database, tmp_path)
    other = LetterEmbedder(dimension=32, name="short")
    assert found(opened(database, tmp_path, embedder=other), "医疗救助")
    assert other.passages_embedded > 0
    assert rows(tables) == [(4,)]
    rows("DELETE FROM search_index WHERE embedder LIKE 'letters%'")
    opened(database, tmp_path, CLAUSES[0], embedder=other, digest="d2")
    assert rows(tables) == [(2,)]


class Watch:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_an_index_in_use_is_noted_as_used_now_and_then(
    database: SearchDatabase, tmp_path: Path, rows: Callable[[str], list[tuple[object, ...]]]
) -> None:
    watch = Watch()
    of = opened(database, tmp_path, clock=watch)
    rows("UPDATE search_index SET used_at = used_at - interval '2 days'")
    recent = "SELECT count(*) FROM search_index WHERE used_at > now() - interval '1 hour'"
    found(of, "医疗救助")
    assert rows(recent) == [(0,)]
    watch.seconds += NOTED_EVERY_SECONDS + 1
    found(of, "医疗救助")
    assert rows(recent) == [(1,)]


def test_an_index_that_was_dropped_is_made_again_by_the_next_search(
    database: SearchDatabase, tmp_path: Path, rows: Callable[[str], list[tuple[object, ...]]]
) -> None:
    watch = Watch()
    of = opened(database, tmp_path, clock=watch, remembered_bytes=0)
    first = found(of, "医疗救助")
    rows("DELETE FROM search_index")
    opened(database, tmp_path, CLAUSES[0], digest="d2")      # whose vectors take other rows meanwhile
    watch.seconds += NOTED_EVERY_SECONDS + 1
    assert found(of, "医疗救助") == first


# --- trouble ------------------------------------------------------------------------------------------------------------


def test_a_database_that_cannot_hold_it_is_named_with_an_example(tmp_path: Path) -> None:
    with pytest.raises(SearchError, match=r"the database is sqlite: set YIBENTONG_DATABASE_URL, e\.g\. postgresql"):
        open_indexes("postgres", NoEmbedder(), tmp_path, "sqlite+aiosqlite:///x.sqlite3")


def test_a_server_that_is_not_there_is_named_without_the_password(tmp_path: Path) -> None:
    with pytest.raises(SearchError, match=r"cannot be prepared") as raised:
        open_indexes("postgres", NoEmbedder(), tmp_path, "postgresql+psycopg://me:secret@127.0.0.1:9/none")
    assert "secret" not in str(raised.value)


def test_a_setting_that_cannot_be_meant_is_quoted(tmp_path: Path) -> None:
    with pytest.raises(SearchError, match="YIBENTONG_RETRIEVAL is 'elastic': give memory, or postgres"):
        open_indexes("elastic", NoEmbedder(), tmp_path, "")


def test_a_missing_extra_is_named_with_the_command_that_installs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("retrieval.postgres")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pgvector.psycopg", None)
    monkeypatch.setitem(sys.modules, "pgvector", None)
    with pytest.raises(SearchError, match=r"pip install 'yibentong\[postgres\]'"):
        open_indexes("postgres", NoEmbedder(), tmp_path, "postgresql://127.0.0.1/none")


def test_memory_is_the_other_choice(tmp_path: Path) -> None:
    assert isinstance(open_indexes(" memory ", NoEmbedder(), tmp_path, ""), MemoryIndexes)


def test_a_database_that_goes_away_is_an_error_of_ours_and_not_an_empty_answer(database: SearchDatabase, tmp_path: Path) -> None:
    of = opened(database, tmp_path)
    database.close()
    with pytest.raises(SearchError, match="cannot be searched"):
        searched(of, "医疗救助")
