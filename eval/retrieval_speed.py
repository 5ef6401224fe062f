"""Benchmark: our search and others' on the same texts and questions in one run: how good, how fast, how large.

Every system runs in a process of its own, so that one's memory is not counted as another's, and with one thread.
"""

from __future__ import annotations

import multiprocessing
import os
import platform
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from bot.assembly import embedder_of
from bot.settings import Settings
from eval.beir import Dataset, DatasetError
from eval.metrics import mean_with_interval, ndcg_at, recall_at
from eval.retrieval_corpus import bench_dataset, filled, filling, knowledge_of
from eval.retrieval_peers import PEERS, PLACES, Peer, Search
from knowledge.catalogue import Catalogue
from retrieval.cache import open_searcher
from retrieval.embedding import BUILTIN
from retrieval.embedding_store import EmbeddingStore

SIZES = (5_000, 62_000)
WARM_UP = 10
EMBEDDED_SAMPLE = 100           # texts embedded anew to tell how long a thousand take
REGION = "上海市长宁区"
LIMITS: Mapping[int, Mapping[str, float]] = {
    5_000: {"p50_ms": 8, "p99_ms": 25, "peak_megabytes": 700, "load_seconds": 3},
    62_000: {"p50_ms": 15, "p99_ms": 40, "peak_megabytes": 1000, "load_seconds": 3},
}
"""What ours may take, by size; between them the larger size's count."""

OURS = "yibentong"
COMPARED = ("recall@1", "recall@5", "ndcg@10", "p50_ms", "p99_ms")
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
Said = Callable[[str], None]
"""Told in a few words what is being done, for whoever waits."""


def run(
    sizes: Sequence[int] = SIZES, *, dataset: Path | None = None, split: str | None = None, filler: Path | None = None,
    settings: Settings | None = None, said: Said = lambda _: None,
) -> dict[str, Any]:
    """The report as plain values. Raises DatasetError, EmbeddingError."""
    given = settings or Settings()
    catalogue = Catalogue.bundled()
    judged = bench_dataset(catalogue, dataset, split)
    fillers = filling(catalogue, filler, max(sizes))
    largest = filled(judged, fillers, max(sizes))
    with _scratch(given.data_dir) as folder:
        chosen = given.model_copy(update={"embedding_threads": 1, "retrieval": "memory", "data_dir": folder})
        seconds_per_1000 = _embedding_seconds(judged, chosen)
        _embed(largest, given, said)
        rounds = [_round(filled(judged, fillers, size), chosen, said) for size in sizes]
    return {
        "bench": "retrieval", "dataset": judged.name, "questions": len(judged.questions), "filler": fillers.name,
        # Our adaptation was trained with the handbook's questions: with it, vectors know them, ours and the peers' alike.
        "questions_seen_in_training": dataset is None and given.embedding == BUILTIN,
        "embedding": given.embedding, "embedding_seconds_per_1000": round(seconds_per_1000, 1), "rounds": rounds,
        "machine": f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}",
        "command": "yibentong bench retrieval",
    }


@contextmanager
def _scratch(data_dir: Path) -> Iterator[Path]:
    """A data folder with the models and embeddings of the given one and no index of its: ours are built, none is pushed out."""
    with tempfile.TemporaryDirectory() as name:
        for part in ("models", "embeddings"):
            (data_dir / part).mkdir(parents=True, exist_ok=True)
            (Path(name) / part).symlink_to((data_dir / part).resolve(), target_is_directory=True)
        yield Path(name)


def _round(texts: Dataset, settings: Settings, said: Said) -> dict[str, Any]:
    size = len(texts.ids)
    systems = {OURS: _ours_apart(texts, settings, partial(_say, said, size, OURS))}
    for peer in PEERS:
        systems[peer.name] = _peer_apart(peer, texts, settings, partial(_say, said, size, peer.name))
    return {"texts": size, "systems": systems, "ours_to_theirs": ratios(systems), "limits": verdicts(size, systems[OURS])}


def _say(said: Said, size: int, system: str) -> None:
    said(f"{size} texts: {system}")


def ratios(systems: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    """Our figures divided by each other system's, where both have them; a time below 1 means that we are quicker."""
    ours = systems[OURS]
    return {
        name: {figure: round(_value(ours[figure]) / _value(theirs[figure]), 3) for figure in COMPARED
               if figure in theirs and _value(theirs[figure]) > 0}
        for name, theirs in systems.items() if name != OURS
    }


def verdicts(size: int, ours: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Each limit for this size with what was measured and "ok" or "over"; none above the largest size with limits."""
    limits = next((LIMITS[least] for least in sorted(LIMITS) if size <= least), {})
    return {name: {"limit": limit, "measured": ours[name], "verdict": "ok" if ours[name] <= limit else "over"}
            for name, limit in limits.items()}


def _value(figure: Any) -> float:
    return float(figure["value"] if isinstance(figure, Mapping) else figure)


def _embedding_seconds(dataset: Dataset, settings: Settings) -> float:
    """How long a thousand texts like these take to embed, from the first few; 0 without an embedder."""
    embedder = embedder_of(settings)
    if not embedder.dimension:
        return 0.0
    texts = [entry.passage for entry in dataset.entries[:EMBEDDED_SAMPLE]]
    started = time.perf_counter()
    embedder.embed_passages(texts)
    return (time.perf_counter() - started) / len(texts) * 1000


def _embed(dataset: Dataset, settings: Settings, said: Said) -> None:
    """All texts of the largest size at once: the store keeps about as many as it was last asked for."""
    texts = [entry.passage for entry in dataset.entries]
    EmbeddingStore(embedder_of(settings), settings.data_dir).embed(texts, lambda done, all_: said(f"embedding {done}/{all_}"))


# --- each system in its own process ------------------------------------------------------------------------------------


def _apart(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Does the work in a fresh process and gives its result, or raises its error. The numeric libraries there use one thread."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))       # read by them when they are loaded
    try:
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            return pool.submit(work).result()
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _ours_apart(dataset: Dataset, settings: Settings, said: Callable[[], None]) -> dict[str, Any]:
    """Built in one process, loaded and searched in another, as a worker does after a release was published."""
    said()
    built = _apart(partial(build_ours, dataset, settings))
    return {**built, **_apart(partial(search_ours, dataset, settings))}


def build_ours(dataset: Dataset, settings: Settings) -> dict[str, Any]:
    """Seconds to index, without embedding: the vectors are kept already."""
    knowledge, embedder = knowledge_of(dataset), embedder_of(settings)
    started = time.perf_counter()
    open_searcher(knowledge, embedder, settings.data_dir, dense_weight=settings.dense_weight)
    return {"index_seconds_per_1000": round((time.perf_counter() - started) / len(dataset.ids) * 1000, 2)}


def search_ours(dataset: Dataset, settings: Settings) -> dict[str, Any]:
    knowledge, embedder = knowledge_of(dataset), embedder_of(settings)
    started = time.perf_counter()
    searcher = open_searcher(knowledge, embedder, settings.data_dir, dense_weight=settings.dense_weight)
    loaded = time.perf_counter() - started

    def search(question: str) -> list[str]:
        passages = searcher.search(question, on=knowledge.built_on, region=REGION, limit=PLACES)
        return [passage.clause.clause_id for passage in passages]

    return {"load_seconds": round(loaded, 2), **figures_of(search, dataset)}


def _peer_apart(peer: Peer, dataset: Dataset, settings: Settings, said: Callable[[], None]) -> dict[str, Any]:
    if missing := peer.missing():
        return {"left_out": f"not installed: pip install {' '.join(missing)}"}
    if peer.most_texts is not None and len(dataset.ids) > peer.most_texts:
        return {"left_out": f"more than {peer.most_texts} texts: one question would take seconds"}
    said()
    try:
        return _apart(partial(measure_peer, PEERS.index(peer), dataset, settings))
    except BrokenProcessPool:       # what others need must not cost us the figures of the rest
        return {"left_out": "its process ended abruptly: too little memory?"}


def measure_peer(number: int, dataset: Dataset, settings: Settings) -> dict[str, Any]:
    """PEERS[number] on these texts. Seconds to index count no embedding, as with ours."""
    peer, embedder = PEERS[number], embedder_of(settings)
    store = EmbeddingStore(embedder, settings.data_dir)
    peer.build(dataset, embedder, store, None)      # embeds what is new
    started = time.perf_counter()
    search = peer.build(dataset, embedder, store, None)
    seconds = (time.perf_counter() - started) / len(dataset.ids) * 1000
    return {"index_seconds_per_1000": round(seconds, 2), **figures_of(search, dataset)}


def figures_of(search: Search, dataset: Dataset) -> dict[str, Any]:
    """Quality with 95 % intervals, milliseconds a question (its embedding included), the most memory this process ever had."""
    questions = list(dataset.questions.values())
    for question in questions[:WARM_UP]:
        search(f"{question} ")                  # not the question itself: its vector would be remembered
    found, taken, computed = [], [], []
    for question in questions:
        started, working = time.perf_counter(), time.process_time()
        found.append(search(question))
        taken.append((time.perf_counter() - started) * 1000)
        computed.append((time.process_time() - working) * 1000)
    pairs = list(zip(found, dataset.judged.values(), strict=True))
    figures = [mean_with_interval(f"recall@{k}", [recall_at(k, ranking, judged) for ranking, judged in pairs]) for k in (1, 5)]
    figures.append(mean_with_interval("ndcg@10", [ndcg_at(10, ranking, judged) for ranking, judged in pairs]))
    return {
        **{f.name: {"value": round(f.value, 4), "low": round(f.low, 4), "high": round(f.high, 4)} for f in figures},
        "p50_ms": round(float(np.percentile(taken, 50)), 2), "p99_ms": round(float(np.percentile(taken, 99)), 2),
        # Of the processor alone, for machines that others work on at the same time.
        "cpu_p50_ms": round(float(np.percentile(computed, 50)), 2), "cpu_p99_ms": round(float(np.percentile(computed, 99)), 2),
        "peak_megabytes": _peak_megabytes(),
    }


def _peak_megabytes() -> int:
    """The most memory this process ever had. getrusage would count the parent's, which a started process inherits."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text(encoding="utf-8").splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 * 1024)      # bytes, on a Mac


def show(report: Mapping[str, Any], console: Console) -> None:
    """Draws a report: for each size a table of all systems, how we compare, and which limits we keep."""
    for part in report["rounds"]:
        head = "{dataset}, filled up with {filler} to {texts} texts; {questions} questions; {embedding}"
        table = Table("", "R@1", "R@5", "nDCG@10", "p50 ms", "p99 ms", "index s/1000", "MB", title=head.format(**report, **part))
        for name, system in part["systems"].items():
            if "left_out" in system:
                table.add_row(name, system["left_out"])
                continue
            quality = (f"{system[f]['value'] * 100:.1f} [{system[f]['low'] * 100:.0f}–{system[f]['high'] * 100:.0f}]"
                       for f in ("recall@1", "recall@5", "ndcg@10"))
            rest = (str(system[f]) for f in ("p50_ms", "p99_ms", "index_seconds_per_1000", "peak_megabytes"))
            table.add_row(name, *quality, *rest)
        for name, compared in part["ours_to_theirs"].items():
            if compared:
                table.add_row(f"{OURS} / {name}", *(f"× {compared[f]:.2f}" for f in COMPARED))
        console.print(table)
        for name, limit in part["limits"].items():
            console.print(f"{name}: {limit['measured']} (at most {limit['limit']}) {limit['verdict']}")
    if report["questions_seen_in_training"]:
        console.print("the model was trained with these questions: judge quality with --dataset or with builtin-plain")
    console.print("embedding: {embedding_seconds_per_1000} s per 1,000 texts; {machine}".format(**report))


def sizes_of(text: str) -> tuple[int, ...]:
    """Sizes as typed: "5000,62000". Raises DatasetError."""
    try:
        sizes = tuple(int(part) for part in text.split(","))
    except ValueError:
        sizes = ()
    if not sizes or min(sizes) < 1:
        raise DatasetError(f"'{text}' names no sizes: give numbers of texts with commas between, e.g. 5000,62000")
    return sizes
