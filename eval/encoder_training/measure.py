"""What an embedder finds of documents that training never saw: by meaning alone, and together with words."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from eval.beir import Dataset, read_beir
from eval.encoder_training.folds import Fold
from eval.encoder_training.sources import SETS, SPLIT, documents_of, questions_file
from eval.metrics import Figure, Judgements, hit_at, mean_with_interval, ndcg_at, recall_at
from eval.policy_questions import PolicyQuestion, corpus_knowledge, read_policy_questions, unit_ranking
from knowledge.knowledge_base import KnowledgeBase
from retrieval.embedding import Embedder, Vectors
from retrieval.embedding_store import EmbeddingStore, Progress
from retrieval.entries import Entry
from retrieval.hybrid import HybridIndex
from retrieval.index import ClauseSearcher, entries_of
from retrieval.words import Words

DEPTH = 50
REGION = "上海市长宁区"
MOST_OTHERS = 1000      # texts of a set that answer nothing asked here and are searched all the same
MOST_ASKED = 400        # of the questions people ask

Figures = dict[str, dict[str, list[Figure]]]
"""By set, then by run ("dense", "fused")."""


class Measure:
    """The sets and questions of one fold, read once, so that several embedders are measured on the same."""

    def __init__(self, bench: Path, corpus: Path, fold: Fold, *, dense_weight: float, seed: int) -> None:
        self._fold, self._weight = fold, dense_weight
        self._knowledge = corpus_knowledge(corpus)
        self._words = Words(self._knowledge.catalogue.lexicon)
        self._questions = [q for q in read_policy_questions(questions_file(bench)) if self._is_asked_of(q)]
        self._asked = _asked_of(self._knowledge, fold, seed)
        self._sets = [s for name in SETS if (s := smaller(read_beir(bench / name, split=SPLIT), fold, seed)) is not None]

    def _is_asked_of(self, question: PolicyQuestion) -> bool:
        titles = {clause.document.source: clause.document.title for clause in self._knowledge.clauses}
        answering = (file for (file, _), grade in question.units.items() if grade > 1 and file in titles)
        return self._fold.share == 0 or any(self._fold.leaves_out(titles[file]) for file in answering)

    def figures(self, embedder: Embedder, data_dir: Path, progress: Progress | None = None) -> Figures:
        """Figures by set and run; vectors are kept in data_dir."""
        store = EmbeddingStore(embedder, data_dir)

        def embed(texts: Sequence[str]) -> Vectors:
            return store.embed(texts, progress)

        index = HybridIndex.build(self._entries(), self._words, embedder, embed)
        found: Figures = {"policy_qa": self._policy(index), "asked_as": self._asked_figures(index)}
        for dataset in self._sets:
            own = HybridIndex.build(dataset.entries, self._words, embedder, embed)
            found[dataset.name] = self._by_run(partial(_ranked, dataset, own))
        return found

    def _entries(self) -> list[Entry]:
        """Documents left out have none of the questions people ask: unseen ones come without them too."""
        whole = entries_of(self._knowledge)
        return [replace(entry, asked_as=()) if self._fold.share == 0 or self._fold.leaves_out(entry.title) else entry
                for entry in whole]

    def _policy(self, index: HybridIndex) -> dict[str, list[Figure]]:
        def ranked(weight: float) -> Iterable[tuple[list[str], Judgements]]:
            searcher = ClauseSearcher(self._knowledge, index, weight)
            for question in self._questions:
                passages = searcher.search(question.text, on=question.on, region=REGION, limit=4 * DEPTH)
                yield unit_ranking(question, [passage.clause for passage in passages]), question.answering

        return self._by_run(ranked)

    def _asked_figures(self, index: HybridIndex) -> dict[str, list[Figure]]:
        return self._by_run(lambda weight: [([str(p) for p in _places(index, text, weight)], judged)
                                            for text, judged in self._asked.items()])

    def _by_run(self, ranked: Callable[[float], Iterable[tuple[list[str], Judgements]]]) -> dict[str, list[Figure]]:
        return {run: _figures(list(ranked(weight))) for run, weight in (("dense", 1.0), ("fused", self._weight))}


def _ranked(dataset: Dataset, index: HybridIndex, weight: float) -> Iterable[tuple[list[str], Judgements]]:
    for key, text in dataset.questions.items():
        yield [dataset.ids[place] for place in _places(index, text, weight)], dataset.judged[key]


def _asked_of(knowledge: KnowledgeBase, fold: Fold, seed: int) -> Mapping[str, Judgements]:
    """Questions people ask of documents left out, each with the positions of the clauses it is kept for."""
    found: dict[str, dict[str, int]] = {}
    for position, entry in enumerate(entries_of(knowledge)):
        if fold.share == 0 or fold.leaves_out(entry.title):
            for question in entry.asked_as:
                found.setdefault(question, {})[str(position)] = 1
    chosen = random.Random(seed).sample(sorted(found), min(len(found), MOST_ASKED))
    return {question: found[question] for question in chosen}


def smaller(dataset: Dataset, fold: Fold, seed: int) -> Dataset | None:
    """The questions whose answers were left out, with their texts and a thousand others; None for no such question."""
    documents = documents_of(dataset)
    answering = {key: [text for text, grade in judged.items() if grade > 0 and text in documents]
                 for key, judged in dataset.judged.items()}
    questions = {key: text for key, text in dataset.questions.items()
                 if fold.share == 0 or any(fold.leaves_out(documents[answer]) for answer in answering[key])}
    if not questions:
        return None
    wanted = {answer for key in questions for answer in answering[key]}
    others = [i for i, name in enumerate(dataset.ids) if name not in wanted]
    chosen = sorted([*(i for i, name in enumerate(dataset.ids) if name in wanted),
                     *random.Random(seed).sample(others, min(len(others), MOST_OTHERS))])
    return Dataset(dataset.name, tuple(dataset.ids[i] for i in chosen), tuple(dataset.entries[i] for i in chosen), questions,
                   {key: dataset.judged[key] for key in questions})


def _places(index: HybridIndex, question: str, weight: float) -> list[int]:
    everything = np.ones(len(index.entries), np.bool_)
    found = index.find(question, everything, weight, depth=DEPTH)
    order = [row for row in np.argsort(-found.fused, kind="stable") if found.fused[row] > 0]
    return [int(found.positions[row]) for row in order]


def _figures(pairs: Sequence[tuple[Sequence[str], Judgements]]) -> list[Figure]:
    figures = [mean_with_interval(f"recall@{k}", [recall_at(k, r, j) for r, j in pairs]) for k in (1, 5, 10, 50)]
    figures.append(mean_with_interval("hit@1", [hit_at(1, r, j) for r, j in pairs]))
    figures.append(mean_with_interval("ndcg@10", [ndcg_at(10, r, j) for r, j in pairs]))
    return figures
