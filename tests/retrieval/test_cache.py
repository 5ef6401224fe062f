"""An index is built once, kept whole, and built again exactly when something that decides it changed."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from knowledge.clauses import Clause
from knowledge.lexicon import Term, TermKind
from retrieval import cache
from retrieval.cache import KEPT_INDEXES, open_searcher
from retrieval.embedding_store import EmbeddingStore
from tests.retrieval.small_release import LetterEmbedder, clause, document, found, release

LAW = document("社会救助法")
FIRST, SECOND = clause(LAW, "第一条", "最低生活保障"), clause(LAW, "第二条", "医疗救助")


def opened(data_dir: Path, *clauses: Clause, embedder: LetterEmbedder, digest: str = "d1", **catalogue: object) -> list[str]:
    """Opens the searcher and asks it something."""
    of = open_searcher(release(*clauses, digest=digest, **catalogue), embedder, data_dir, dense_weight=0.45)
    return found(of, "医疗救助")


def indexes(data_dir: Path) -> list[Path]:
    return sorted((data_dir / "index").iterdir())


def test_a_second_opening_embeds_nothing_and_finds_the_same(tmp_path: Path) -> None:
    first, second = LetterEmbedder(), LetterEmbedder()
    assert opened(tmp_path, FIRST, SECOND, embedder=first) == opened(tmp_path, FIRST, SECOND, embedder=second)
    assert (first.passages_embedded, second.passages_embedded) == (2, 0)


def test_the_manifest_says_what_it_is(tmp_path: Path) -> None:
    opened(tmp_path, FIRST, SECOND, embedder=LetterEmbedder(), asked_as={FIRST.clause_id: ("吃低保",)})
    (folder,) = indexes(tmp_path)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert {key: manifest[key] for key in ("release", "release_digest", "embedder", "entries", "vectors")} == {
        "release": 1, "release_digest": "d1", "embedder": "letters", "entries": 2, "vectors": 3}


def test_a_new_release_embeds_only_what_changed(tmp_path: Path) -> None:
    embedder = LetterEmbedder()
    opened(tmp_path, FIRST, SECOND, embedder=embedder)
    opened(tmp_path, FIRST, SECOND.with_text("医疗救助按比例给予"), embedder=embedder, digest="d2")
    assert embedder.passages_embedded == 3
    assert len(indexes(tmp_path)) == 2


def test_another_embedder_gets_its_own_index(tmp_path: Path) -> None:
    opened(tmp_path, FIRST, embedder=LetterEmbedder())
    other = LetterEmbedder(dimension=32)
    opened(tmp_path, FIRST, embedder=other)
    assert other.passages_embedded == 1
    assert len(indexes(tmp_path)) == 2


def test_another_lexicon_cuts_again_but_embeds_nothing(tmp_path: Path) -> None:
    embedder = LetterEmbedder()
    opened(tmp_path, FIRST, embedder=embedder)
    opened(tmp_path, FIRST, embedder=embedder, lexicon=(Term("大病卡", "医疗救助证", TermKind.FOLK),))
    assert embedder.passages_embedded == 1
    assert len(indexes(tmp_path)) == 2


def test_a_text_that_changed_under_the_same_digest_is_indexed_again(tmp_path: Path) -> None:
    # The handbook's text depends on the day it is built for, the release's digest does not.
    opened(tmp_path, FIRST, SECOND, embedder=LetterEmbedder())
    assert opened(tmp_path, FIRST.with_text("医疗救助"), embedder=LetterEmbedder()) == [FIRST.clause_id]


@pytest.mark.parametrize("name", ["vectors.npy", "manifest.json", "lexical/data.csc.index.npy", "lexical/vocab.index.json"])
@pytest.mark.parametrize("damage", ["cut", "gone", "other bytes"])
def test_a_damaged_index_is_built_again_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str, damage: str
) -> None:
    expected = opened(tmp_path, FIRST, SECOND, embedder=LetterEmbedder())
    (folder,) = indexes(tmp_path)
    content = (folder / name).read_bytes()
    match damage:
        case "cut":
            (folder / name).write_bytes(content[:len(content) // 2])
        case "gone":
            (folder / name).unlink()
        case _:
            (folder / name).write_bytes(b"\x00" * len(content))
    with caplog.at_level(logging.WARNING):
        assert opened(tmp_path, FIRST, SECOND, embedder=LetterEmbedder()) == expected
    assert "damaged" in caplog.text
    caplog.clear()
    assert opened(tmp_path, FIRST, SECOND, embedder=LetterEmbedder()) == expected
    assert "damaged" not in caplog.text
    assert indexes(tmp_path) == [folder]


def test_only_the_last_few_indexes_are_kept(tmp_path: Path) -> None:
    for number in range(KEPT_INDEXES + 3):
        opened(tmp_path, FIRST.with_text(f"医疗救助第{number}版"), embedder=LetterEmbedder(), digest=f"d{number}")
    assert len(indexes(tmp_path)) == KEPT_INDEXES


def test_a_data_folder_that_cannot_be_written_costs_only_time(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> Path:
        raise OSError("no space left on device")

    monkeypatch.setattr(cache, "keep_folder", full)
    with caplog.at_level(logging.WARNING):
        assert opened(tmp_path, FIRST, SECOND, embedder=LetterEmbedder())[0] == SECOND.clause_id
    assert "no space left" in caplog.text


def test_progress_counts_up_to_all_new_texts(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    clauses = [clause(LAW, f"第{n}条", f"医疗救助第{n}款") for n in range(300)]
    base = release(*clauses)
    open_searcher(base, LetterEmbedder(), tmp_path, dense_weight=0.45, progress=lambda *at: seen.append(at))
    assert seen[-1] == (300, 300)
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})
    seen.clear()
    open_searcher(base, LetterEmbedder(), tmp_path, dense_weight=0.45, progress=lambda *at: seen.append(at))
    assert seen == []


# --- embeddings ------------------------------------------------------------------------------------------------------


def test_kept_vectors_come_back_in_the_order_asked_for(tmp_path: Path) -> None:
    embedder = LetterEmbedder()
    store = EmbeddingStore(embedder, tmp_path)
    texts = ["医疗", "低保", "医疗", "临时救助"]
    assert store.embed(texts).tolist() == embedder.embed_queries(texts).tolist()
    assert EmbeddingStore(embedder, tmp_path).embed(texts[::-1]).tolist() == embedder.embed_queries(texts[::-1]).tolist()
    assert embedder.passages_embedded == 3


def test_a_damaged_store_is_computed_again_with_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    embedder = LetterEmbedder()
    store = EmbeddingStore(embedder, tmp_path)
    store.embed(["低保"])
    store.path.write_bytes(store.path.read_bytes()[:100])
    with caplog.at_level(logging.WARNING):
        assert store.embed(["低保"]).tolist() == embedder.embed_queries(["低保"]).tolist()
    assert "computed again" in caplog.text
    store.embed(["低保"])
    assert embedder.passages_embedded == 2


def test_the_store_drops_old_texts_when_it_grows_far_beyond_a_release(tmp_path: Path) -> None:
    embedder = LetterEmbedder()
    store = EmbeddingStore(embedder, tmp_path)
    store.embed([f"旧文{n}" for n in range(20)])
    store.embed(["新文"])
    size = store.path.stat().st_size
    store.embed(["新文"])
    assert store.path.stat().st_size == size < 1000
    assert embedder.passages_embedded == 21


def test_a_store_that_cannot_be_written_still_gives_vectors(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "embeddings").write_text("in the way", encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        assert EmbeddingStore(LetterEmbedder(), tmp_path).embed(["低保"]).shape == (1, 64)
    assert "cannot be kept" in caplog.text
