"""The retrieval benchmark: the same texts for all, fillers that answer nothing, and figures that can be compared."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.settings import Settings
from eval import commands, retrieval_speed
from eval.beir import Dataset, DatasetError
from eval.retrieval_corpus import Filling, bench_dataset, filled, filling, knowledge_of
from eval.retrieval_peers import PEERS, Peer
from eval.retrieval_speed import figures_of, measure_peer, ratios, run, search_ours, sizes_of, verdicts
from knowledge.catalogue import Catalogue
from retrieval.embedding_store import EmbeddingStore
from retrieval.entries import Entry
from tests.retrieval.small_release import LetterEmbedder

TEXTS = ("最低生活保障的审核", "医疗救助的比例", "临时救助的程序", "残疾人两项补贴", "住房救助的方式")
FILLERS = Filling("fillers", tuple(Entry("填充", f"天气预报第{n}号") for n in range(50)))


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.bundled()


def dataset(**changes: object) -> Dataset:
    whole = Dataset("small", tuple(f"d{n}" for n in range(len(TEXTS))), tuple(Entry("办法", text) for text in TEXTS),
                    {"q1": "医疗救助比例多少", "q2": "残疾人补贴"}, {"q1": {"d1": 1}, "q2": {"d3": 1}})
    return replace(whole, **changes)


def settings(folder: Path) -> Settings:
    return Settings(_env_file=None, data_dir=folder, embedding="none")


# --- texts --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [2, 4, 5, 20])
def test_every_answering_text_is_kept_at_any_size(size: int) -> None:
    texts = filled(dataset(), FILLERS, size)
    assert len(texts.ids) == len(texts.entries) == size
    assert {"d1", "d3"} <= {*texts.ids}


def test_the_same_texts_are_chosen_every_time() -> None:
    assert filled(dataset(), FILLERS, 4) == filled(dataset(), FILLERS, 4)


def test_a_filler_that_repeats_a_judged_text_is_left_out() -> None:
    fillers = Filling("f", (Entry("别处", TEXTS[1]), *FILLERS.entries))
    texts = filled(dataset(), fillers, 20)
    assert [entry.text for entry in texts.entries].count(TEXTS[1]) == 1


def test_too_few_texts_are_counted() -> None:
    with pytest.raises(DatasetError, match="hold 55 texts together, 60 are wanted"):
        filled(dataset(), FILLERS, 60)


def test_a_size_below_the_answers_is_refused() -> None:
    with pytest.raises(DatasetError, match="2 texts that answer a question, more than the 1 wanted"):
        filled(dataset(), FILLERS, 1)


def test_an_answer_that_is_not_among_the_texts_is_named() -> None:
    with pytest.raises(DatasetError, match="names the text 'd9'"):
        filled(dataset(judged={"q1": {"d9": 1}, "q2": {"d3": 1}}), FILLERS, 5)


def test_without_a_folder_the_handbook_asks_and_fills(catalogue: Catalogue) -> None:
    judged = bench_dataset(catalogue, None)
    assert len(judged.questions) == 300
    assert not any(entry.asked_as for entry in judged.entries)          # no question is indexed
    assert all(key in judged.ids for answers in judged.judged.values() for key in answers)
    made = filling(catalogue, None, 30)
    assert len({entry.text for entry in made.entries}) == 30
    assert made == filling(catalogue, None, 30)


def test_the_release_of_a_set_holds_its_texts_and_no_handbook() -> None:
    base = knowledge_of(dataset())
    assert [clause.clause_id for clause in base.clauses] == ["d0", "d1", "d2", "d3", "d4"]
    assert len(base.documents) == 1


# --- systems ------------------------------------------------------------------------------------------------------------


def test_ours_is_measured_through_the_products_own_search(tmp_path: Path) -> None:
    figures = search_ours(dataset(), settings(tmp_path))
    assert figures["recall@1"]["value"] == figures["ndcg@10"]["value"] == 1.0
    assert {"p50_ms", "p99_ms", "peak_megabytes", "load_seconds"} <= figures.keys()
    assert figures["peak_megabytes"] > 10


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_every_peer_finds_what_is_plain(peer: Peer, tmp_path: Path) -> None:
    if missing := peer.missing():
        pytest.skip(f"needs the extra bench: {missing}")
    embedder = LetterEmbedder(256)
    search = peer.build(dataset(), embedder, EmbeddingStore(embedder, tmp_path), None)
    assert search("医疗救助比例")[0] == "d1"
    assert len({*search("医疗救助比例")}) == len(search("医疗救助比例"))


def test_a_question_of_unknown_words_finds_nothing_by_words(tmp_path: Path) -> None:
    embedder = LetterEmbedder()
    peer = next(peer for peer in PEERS if peer.name == "bm25s")
    assert peer.build(dataset(), embedder, EmbeddingStore(embedder, tmp_path), None)("Ω") == []


def test_a_missing_package_is_left_out_with_the_command_that_installs_it(tmp_path: Path) -> None:
    absent = Peer("absent", ("no-such-package",), PEERS[0].build)
    assert retrieval_speed._peer_apart(absent, dataset(), settings(tmp_path), lambda: None) == {
        "left_out": "not installed: pip install no-such-package"}


def test_a_store_too_slow_for_the_size_is_left_out(tmp_path: Path) -> None:
    slow = Peer("slow", ("bm25s",), PEERS[0].build, most_texts=4)
    assert "more than 4 texts" in retrieval_speed._peer_apart(slow, dataset(), settings(tmp_path), lambda: None)["left_out"]


def test_quality_is_that_of_the_ranking() -> None:
    figures = figures_of(lambda question: ["d0", "d1"] if "医疗" in question else ["d3"], dataset())
    assert figures["recall@1"]["value"] == 0.5
    assert figures["recall@5"]["value"] == 1.0
    assert figures["recall@1"]["low"] <= 0.5 <= figures["recall@1"]["high"]


def test_ratios_compare_only_what_both_have() -> None:
    def system(recall: float, p50: float) -> dict[str, object]:
        quality = {name: {"value": recall} for name in ("recall@1", "recall@5", "ndcg@10")}
        return {**quality, "p50_ms": p50, "p99_ms": p50}

    out = {"left_out": "not installed"}
    compared = ratios({"yibentong": system(0.6, 5.0), "other": system(0.3, 10.0), "none": system(0.0, 1.0), "out": out})
    assert compared["other"] == {"recall@1": 2.0, "recall@5": 2.0, "ndcg@10": 2.0, "p50_ms": 0.5, "p99_ms": 0.5}
    assert compared["none"] == {"p50_ms": 5.0, "p99_ms": 5.0}
    assert compared["out"] == {}


@pytest.mark.parametrize(("size", "limit"), [(100, 8), (5_000, 8), (5_001, 15), (62_000, 15)])
def test_limits_are_those_of_the_next_larger_size(size: int, limit: float) -> None:
    ours = {"p50_ms": limit, "p99_ms": 99.0, "peak_megabytes": 300, "load_seconds": 1.0}
    verdict = verdicts(size, ours)
    assert verdict["p50_ms"] == {"limit": limit, "measured": limit, "verdict": "ok"}
    assert verdict["p99_ms"]["verdict"] == "over"


def test_above_the_largest_size_nothing_is_promised() -> None:
    assert verdicts(62_001, {}) == {}


# --- the whole ----------------------------------------------------------------------------------------------------------


def in_this_process(work: Callable[[], dict[str, object]]) -> dict[str, object]:
    return work()


def test_a_run_reports_each_size_and_leaves_the_data_folders_indexes_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrieval_speed, "_apart", in_this_process)
    monkeypatch.setattr(retrieval_speed, "PEERS", tuple(peer for peer in PEERS if peer.name == "bm25s"))
    (tmp_path / "index" / "kept").mkdir(parents=True)
    said: list[str] = []
    report = run((400,), settings=settings(tmp_path), said=said.append)
    assert [part["texts"] for part in report["rounds"]] == [400]
    assert {"yibentong", "bm25s"} == report["rounds"][0]["systems"].keys()
    assert said == ["400 texts: yibentong", "400 texts: bm25s"]
    assert [path.name for path in (tmp_path / "index").iterdir()] == ["kept"]
    assert json.loads(json.dumps(report)) == report


def test_a_process_of_its_own_gives_the_same_figures(tmp_path: Path) -> None:
    number = next(at for at, peer in enumerate(PEERS) if peer.name == "bm25s")
    apart = retrieval_speed._peer_apart(PEERS[number], dataset(), settings(tmp_path), lambda: None)
    assert apart["ndcg@10"] == measure_peer(number, dataset(), settings(tmp_path))["ndcg@10"]


def test_sizes_that_cannot_be_meant_are_quoted() -> None:
    assert sizes_of("5000,62000") == (5_000, 62_000)
    for wrong in ("", "many", "0", "5;6"):
        with pytest.raises(DatasetError, match=r"names no sizes.*e\.g\. 5000,62000"):
            sizes_of(wrong)


def test_the_command_fails_with_one_sentence_for_a_wrong_folder(tmp_path: Path) -> None:
    outcome = CliRunner().invoke(commands.app, ["bench", "retrieval", "--dataset", str(tmp_path / "nowhere"), "--json"])
    assert (outcome.exit_code, outcome.stdout) == (1, "")
    assert "is no folder" in outcome.stderr
