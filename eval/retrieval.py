"""Retrieval figures: any folder in BEIR form, or residents' questions on the real documents (policy_qa).

python -m eval.retrieval --dataset DIR [--limit N] [--json]
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeVar

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from bot.settings import Settings
from eval.beir import Dataset, DatasetError, read_beir
from eval.metrics import Figure, Judgements, hit_at, mean_with_interval, ndcg_at, recall_at, reciprocal_rank
from eval.policy_questions import PolicyQuestion, corpus_knowledge, read_policy_questions, unit_ranking
from knowledge.knowledge_base import KnowledgeBase
from retrieval.cache import open_searcher
from retrieval.embedding import Embedder, EmbeddingError, open_embedder
from retrieval.embedding_store import EmbeddingStore, Progress
from retrieval.fusion import Fused
from retrieval.hybrid import HybridIndex
from retrieval.searcher import Searcher
from retrieval.words import Words

Q = TypeVar("Q")
R = TypeVar("R")

DEPTH = 100
"""Places of a ranking that are looked at."""


@dataclass(frozen=True, slots=True)
class Report:
    """Figures by run ("lexical", "dense", "fused"), and times. milliseconds: of one search, embedding included."""

    dataset: str
    texts: int
    questions: int
    embedder: str
    dense_weight: float
    runs: Mapping[str, Sequence[Figure]]
    milliseconds: Mapping[str, float]
    index_seconds: float


def evaluate(
    folder: Path,
    *,
    corpus: Path | None = None,
    split: str | None = None,
    limit: int | None = None,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """The report on a folder as plain values, with the embedder and weight of the settings. Raises DatasetError, EmbeddingError.

    A folder with questions*.jsonl is policy_qa and wants the real documents; corpus None: the folder "corpus" two levels up.
    """
    chosen = settings or Settings()
    asked = sorted(folder.glob("questions*.jsonl"))
    if not asked:
        dataset = read_beir(folder, split=split, limit=limit)
        embedder = _embedder(chosen)
        return asdict(evaluate_dataset(dataset, embedder, chosen.data_dir, dense_weight=chosen.dense_weight, progress=progress))
    documents = corpus or folder.resolve().parent.parent / "corpus"
    if not (documents / "manifest.yaml").is_file():
        raise DatasetError(f"policy_qa wants the folder of real documents; '{documents}' holds no manifest.yaml: give --corpus")
    questions = read_policy_questions(asked[0])[:limit]
    return asdict(evaluate_policy_questions(questions, corpus_knowledge(documents), _embedder(chosen), chosen, progress=progress))


def _embedder(settings: Settings) -> Embedder:
    return open_embedder(settings.embedding, settings.data_dir, settings.embedding_threads)


def evaluate_dataset(
    dataset: Dataset, embedder: Embedder, data_dir: Path, *, dense_weight: float, progress: Progress | None = None
) -> Report:
    """Figures of words alone, meaning alone and both, over every question of the set."""
    started = time.monotonic()
    store = EmbeddingStore(embedder, data_dir)
    index = HybridIndex.build(dataset.entries, Words(), embedder, lambda texts: store.embed(texts, progress))
    index_seconds = time.monotonic() - started
    everything = np.ones(len(dataset.entries), np.bool_)
    found, times = _timed(lambda text: index.rank(text, everything, dense_weight).fused, list(dataset.questions.values()))
    judged = list(dataset.judged.values())
    runs = {}
    for name, share in _shares(embedder, dense_weight).items():
        rankings = [[dataset.ids[position] for position in _reordered(fused, share)] for fused in found]
        runs[name] = _figures(rankings, judged)
    return Report(dataset.name, len(dataset.ids), len(found), embedder.name, dense_weight, runs, times, index_seconds)


def evaluate_policy_questions(
    questions: Sequence[PolicyQuestion], knowledge: KnowledgeBase, embedder: Embedder, settings: Settings,
    *, progress: Progress | None = None,
) -> Report:
    """Figures on residents' questions, each asked on its own day in the settings' region, through the product's own searcher.

    Only units that answer by themselves count. "wrong_first": share of questions where a unit that looks right and is wrong
    stands before every unit that answers.
    """
    runs: dict[str, Sequence[Figure]] = {}
    times: dict[str, float] = {}
    started = time.monotonic()
    index_seconds = 0.0
    for name, share in _shares(embedder, settings.dense_weight).items():
        searcher = open_searcher(knowledge, embedder, settings.data_dir, dense_weight=share, progress=progress)
        index_seconds = index_seconds or time.monotonic() - started
        rankings, times = _timed(partial(_units_found, searcher, settings.region), questions)
        wrong = [question.wrong_first(ranking) for question, ranking in zip(questions, rankings, strict=True)]
        runs[name] = [*_figures(rankings, [q.answering for q in questions]), mean_with_interval("wrong_first", wrong)]
    return Report("policy_qa", len(knowledge.clauses), len(questions), embedder.name, settings.dense_weight, runs, times,
                  index_seconds)


def _units_found(searcher: Searcher, region: str, question: PolicyQuestion) -> list[str]:
    passages = searcher.search(question.text, on=question.on, region=region, limit=4 * DEPTH)   # the handbook's are left out
    return unit_ranking(question, [passage.clause for passage in passages])


def _shares(embedder: Embedder, dense_weight: float) -> dict[str, float]:
    return {"lexical": 0.0} if embedder.dimension == 0 else {"lexical": 0.0, "dense": 1.0, "fused": dense_weight}


def _timed(search: Callable[[Q], R], questions: Sequence[Q]) -> tuple[list[R], dict[str, float]]:
    """What each search gave, and the middle and the slowest hundredth of their times in milliseconds."""
    results, times = [], []
    for question in questions:
        began = time.perf_counter()
        results.append(search(question))
        times.append((time.perf_counter() - began) * 1000)
    return results, {"p50": float(np.percentile(times, 50)), "p99": float(np.percentile(times, 99))}


def _reordered(fused: Sequence[Fused], dense_weight: float) -> list[int]:
    """The same candidates by another share; texts that this share gives nothing are not found at all."""
    scores = {f.position: (1 - dense_weight) * f.lexical + dense_weight * f.dense for f in fused}
    return sorted((p for p, score in scores.items() if score > 0), key=lambda p: (-scores[p], p))[:DEPTH]


def _figures(rankings: Sequence[Sequence[str]], judged: Sequence[Judgements]) -> list[Figure]:
    pairs = list(zip(rankings, judged, strict=True))
    figures = [mean_with_interval(f"recall@{k}", [recall_at(k, r, j) for r, j in pairs]) for k in (1, 5, 10, 50, 100)]
    figures += [mean_with_interval(f"hit@{k}", [hit_at(k, r, j) for r, j in pairs]) for k in (1, 5, 10, 50)]
    figures.append(mean_with_interval("mrr@10", [reciprocal_rank(10, r, j) for r, j in pairs]))
    figures.append(mean_with_interval("ndcg@10", [ndcg_at(10, r, j) for r, j in pairs]))
    return figures


def show(report: Mapping[str, Any], console: Console) -> None:
    """Draws a report as a table: each figure in percent with its 95 % interval."""
    table = Table("figure", *report["runs"], title="{dataset}: {texts} texts, {questions} questions, {embedder}".format(**report))
    for figures in zip(*report["runs"].values(), strict=True):
        cells = (f"{f['value'] * 100:5.1f}  [{f['low'] * 100:.0f}–{f['high'] * 100:.0f}]" for f in figures)
        table.add_row(figures[0]["name"], *cells)
    console.print(table)
    times = "dense weight {dense_weight}; index {index_seconds:.1f} s; search p50 {p50:.1f} ms, p99 {p99:.1f} ms"
    console.print(times.format(**report, **report["milliseconds"]))


def main(
    dataset: Annotated[Path, typer.Option(help="folder in BEIR form, or of policy_qa")],
    corpus: Annotated[Path | None, typer.Option(help="policy_qa: folder of the real documents")] = None,
    split: Annotated[str | None, typer.Option(help="which judgements, e.g. dev")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="only so many questions")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on stdout")] = False,
) -> None:
    """Example: python -m eval.retrieval --dataset ../shared/bench/ncp_passage --limit 200"""
    said = Console(stderr=True)
    try:
        with said.status("embedding") as status:
            report = evaluate(dataset, corpus=corpus, split=split, limit=limit,
                              progress=lambda done, total: status.update(f"embedding {done}/{total}"))
    except (DatasetError, EmbeddingError) as error:
        said.print(str(error), style="red", markup=False, soft_wrap=True)
        raise typer.Exit(1) from error
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
    else:
        show(report, Console())


if __name__ == "__main__":
    typer.run(main)
