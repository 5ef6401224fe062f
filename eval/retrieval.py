"""Retrieval figures: any folder in BEIR form, or residents' questions on the real documents (policy_qa).

python -m eval.retrieval --dataset DIR [--limit N] [--noise 0.1] [--unseen] [--json]
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeVar

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from bot.settings import Settings
from eval.beir import Dataset, DatasetError, read_beir
from eval.metrics import Figure, Judgements, hit_at, mean_with_interval, ndcg_at, recall_at, reciprocal_rank
from eval.noise import NoiseMaker
from eval.orderings import DenseOrdering, FusedOrdering, LexicalOrdering, RankFusion
from eval.policy_questions import ANSWERS, PolicyQuestion, corpus_knowledge, read_policy_questions, unit_ranking
from eval.ranking_training.questions_left_out import ForgetfulIndex
from knowledge.catalogue import Catalogue
from knowledge.knowledge_base import KnowledgeBase
from retrieval.cache import open_index
from retrieval.embedding import Embedder, EmbeddingError, open_embedder
from retrieval.embedding_store import EmbeddingStore, Progress
from retrieval.found import Found
from retrieval.hybrid import HybridIndex, embedded_texts
from retrieval.index import ClauseSearcher, entries_of
from retrieval.ranking import Ordering, Ranker, bundled_model
from retrieval.searcher import Searcher
from retrieval.words import Words

Q = TypeVar("Q")
R = TypeVar("R")

DEPTH = 100
"""Places of a ranking that are looked at."""

LISTS = 400             # every text that any of the four lists brought up
PASSAGES = 2 * DEPTH    # half of what is found may be sections of the handbook, which no judgement names


@dataclass(frozen=True, slots=True)
class Report:
    """Figures by run, and times. milliseconds: of one search, embedding included.

    The runs: lexical and dense (one part alone), rrf and fused (both, by place and by score), ranked (what the product does).
    noise: share of the characters of a question that come out wrong. unseen: the documents that answer have no questions that
    people ask, as documents have that an office imports itself.
    """

    dataset: str
    texts: int
    questions: int
    embedder: str
    dense_weight: float
    runs: Mapping[str, Sequence[Figure]]
    milliseconds: Mapping[str, float]
    index_seconds: float
    noise: float = 0.0
    unseen: bool = False


def evaluate(
    folder: Path,
    *,
    corpus: Path | None = None,
    split: str | None = None,
    limit: int | None = None,
    noise: float = 0.0,
    unseen: bool = False,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """The report on a folder as plain values, with the embedder and weight of the settings. Raises DatasetError, EmbeddingError.

    A folder with questions*.jsonl is policy_qa and wants the real documents; corpus None: the folder "corpus" two levels up.
    noise, unseen: as Report says; unseen is for policy_qa only.
    """
    chosen = settings or Settings()
    asked = sorted(folder.glob("questions*.jsonl"))
    noisy = NoiseMaker(Catalogue.bundled().lexicon, share=noise).noisy
    if not asked:
        if unseen:
            raise DatasetError(f"'{folder}' is a set in BEIR's form, whose texts have no questions to leave out: "
                               "--unseen is for policy_qa")
        dataset = read_beir(folder, split=split, limit=limit)
        dataset = replace(dataset, questions={key: noisy(text) for key, text in dataset.questions.items()})
        embedder = _embedder(chosen)
        report = evaluate_dataset(dataset, embedder, chosen.data_dir, dense_weight=chosen.dense_weight, progress=progress)
        return asdict(replace(report, noise=noise))
    documents = corpus or folder.resolve().parent.parent / "corpus"
    if not (documents / "manifest.yaml").is_file():
        raise DatasetError(f"policy_qa wants the folder of real documents; '{documents}' holds no manifest.yaml: give --corpus")
    questions = [replace(question, text=noisy(question.text)) for question in read_policy_questions(asked[0])[:limit]]
    report = evaluate_policy_questions(questions, corpus_knowledge(documents), _embedder(chosen), chosen, unseen=unseen,
                                       progress=progress)
    return asdict(replace(report, noise=noise))


def _embedder(settings: Settings) -> Embedder:
    return open_embedder(settings.embedding, settings.data_dir, settings.embedding_threads)


def evaluate_dataset(
    dataset: Dataset, embedder: Embedder, data_dir: Path, *, dense_weight: float, progress: Progress | None = None
) -> Report:
    """Figures over every question of the set: words alone, meaning alone, and both together in three ways."""
    started = time.monotonic()
    store = EmbeddingStore(embedder, data_dir)
    index = HybridIndex.build(dataset.entries, Words(), embedder, lambda texts: store.embed(texts, progress))
    index_seconds = time.monotonic() - started
    everything = np.ones(len(dataset.entries), np.bool_)
    found, times = _timed(partial(_everything_found, index, everything, dense_weight), list(dataset.questions.values()))
    judged = list(dataset.judged.values())
    runs = {name: _figures([_ids(dataset, each, ordering) for each in found], judged)
            for name, ordering in _orderings(index, embedder).items()}
    return Report(dataset.name, len(dataset.ids), len(found), embedder.name, dense_weight, runs, times, index_seconds)


def _everything_found(index: HybridIndex, everything: NDArray[np.bool_], dense_weight: float, question: str) -> Found:
    return index.find(question, everything, dense_weight, depth=LISTS)


def _ids(dataset: Dataset, found: Found, ordering: Ordering) -> list[str]:
    """The texts found, as this ordering places them; those it gives nothing are not found at all."""
    scores = ordering.scores(found)
    order = np.lexsort((found.positions, -scores))
    return [dataset.ids[found.positions[row]] for row in order if scores[row] > 0][:DEPTH]


def _orderings(index: HybridIndex, embedder: Embedder) -> dict[str, Ordering]:
    if embedder.dimension == 0:
        return {"lexical": LexicalOrdering()}
    return {"lexical": LexicalOrdering(), "dense": DenseOrdering(), "rrf": RankFusion(), "fused": FusedOrdering(),
            "ranked": Ranker(bundled_model(), index.entries)}


def evaluate_policy_questions(
    questions: Sequence[PolicyQuestion], knowledge: KnowledgeBase, embedder: Embedder, settings: Settings,
    *, unseen: bool = False, progress: Progress | None = None,
) -> Report:
    """Figures on residents' questions, each asked on its own day in the settings' region, through the product's own searcher.

    Only units that answer by themselves count. "wrong_first": share of questions where a unit that looks right and is wrong
    stands before every unit that answers.
    """
    started = time.monotonic()
    words = Words(knowledge.catalogue.lexicon)
    entries = entries_of(knowledge)
    index = open_index(entries, words, embedder, settings.data_dir, release=knowledge.release, digest=knowledge.digest,
                       progress=progress)
    asked_by: Callable[[Searcher], Callable[[PolicyQuestion], list[str]]] = partial(partial, _units_found, settings.region)
    if unseen:
        vectors = EmbeddingStore(embedder, settings.data_dir).embed(embedded_texts(entries), progress)
        forgetful = ForgetfulIndex(entries, words, embedder, vectors)
        index, asked_by = forgetful.index, partial(_asked_unseen, settings.region, knowledge, forgetful)
    index_seconds = time.monotonic() - started
    runs: dict[str, Sequence[Figure]] = {}
    times: dict[str, float] = {}
    for name, ordering in _orderings(index, embedder).items():
        searcher = ClauseSearcher(knowledge, index, settings.dense_weight, ranker=ordering)
        rankings, times = _timed(asked_by(searcher), questions)
        wrong = [question.wrong_first(ranking) for question, ranking in zip(questions, rankings, strict=True)]
        runs[name] = [*_figures(rankings, [q.answering for q in questions]), mean_with_interval("wrong_first", wrong)]
    return Report("policy_qa", len(knowledge.clauses), len(questions), embedder.name, settings.dense_weight, runs, times,
                  index_seconds, unseen=unseen)


def _asked_unseen(
    region: str, knowledge: KnowledgeBase, forgetful: ForgetfulIndex, searcher: Searcher
) -> Callable[[PolicyQuestion], list[str]]:
    titles = np.array([clause.document.title for clause in knowledge.clauses])

    def asked(question: PolicyQuestion) -> list[str]:
        answering = [position for position, grade in question.grades(knowledge.clauses).items() if grade >= ANSWERS]
        with forgetful.without(np.isin(titles, titles[answering])[forgetful.owners]):
            return _units_found(region, searcher, question)

    return asked


def _units_found(region: str, searcher: Searcher, question: PolicyQuestion) -> list[str]:
    passages = searcher.search(question.text, on=question.on, region=region, limit=PASSAGES)    # the handbook's are left out
    return unit_ranking(question, [passage.clause for passage in passages])


def _timed(search: Callable[[Q], R], questions: Sequence[Q]) -> tuple[list[R], dict[str, float]]:
    """What each search gave, and the middle and the slowest hundredth of their times in milliseconds."""
    results, times = [], []
    for question in questions:
        began = time.perf_counter()
        results.append(search(question))
        times.append((time.perf_counter() - began) * 1000)
    return results, {"p50": float(np.percentile(times, 50)), "p99": float(np.percentile(times, 99))}


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
    times = ("dense weight {dense_weight}; noise {noise}; unseen {unseen}; index {index_seconds:.1f} s; "
             "search p50 {p50:.1f} ms, p99 {p99:.1f} ms")
    console.print(times.format(**report, **report["milliseconds"]))


def main(
    dataset: Annotated[Path, typer.Option(help="folder in BEIR form, or of policy_qa")],
    corpus: Annotated[Path | None, typer.Option(help="policy_qa: folder of the real documents")] = None,
    split: Annotated[str | None, typer.Option(help="which judgements, e.g. dev")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="only so many questions")] = None,
    noise: Annotated[float, typer.Option(min=0, max=1, help="share of the characters that come out wrong, e.g. 0.1")] = 0.0,
    unseen: Annotated[bool, typer.Option("--unseen", help="policy_qa: nobody wrote questions for what answers")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on stdout")] = False,
) -> None:
    """Example: python -m eval.retrieval --dataset ../shared/bench/ncp_passage --limit 200"""
    said = Console(stderr=True)
    try:
        with said.status("embedding") as status:
            report = evaluate(dataset, corpus=corpus, split=split, limit=limit, noise=noise, unseen=unseen,
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
