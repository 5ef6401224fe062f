"""Where the pairs come from: the folders of questions and documents that a training is given, development parts only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from eval.beir import Dataset, DatasetError, read_beir
from eval.encoder_training.pairs import Pair, pairs_of_dataset, pairs_of_knowledge, pairs_of_questions
from eval.policy_questions import corpus_knowledge, read_policy_questions
from knowledge.knowledge_base import KnowledgeBase
from retrieval.embedding import Embedder, NoEmbedder
from retrieval.embedding_store import EmbeddingStore, Progress
from retrieval.entries import Entry
from retrieval.hybrid import HybridIndex
from retrieval.index import entries_of
from retrieval.words import Words

MOST_EMBEDDED = 10_000  # texts of a set up to which negatives are looked for by meaning too; embedding more takes a quarter hour
SETS = ("stard", "ncp_passage", "ncp_answer", "district_hay")
SPLIT = "dev"


def collect(
    bench: Path, corpus: Path, embedder: Embedder, data_dir: Path, seed: int, say: Callable[[str], None]
) -> list[Pair]:
    """All pairs of the sets below bench, of policy_qa and of the questions people ask. Raises DatasetError, ManifestError.

    embedder: looks for negatives, with vectors kept in data_dir; say is told what is done.
    """
    knowledge = corpus_knowledge(corpus)
    words = Words(knowledge.catalogue.lexicon)
    store = EmbeddingStore(embedder, data_dir)
    pairs: list[Pair] = []
    for name in SETS:
        dataset = read_beir(bench / name, split=SPLIT)
        index = index_of(dataset.entries, words, embedder, store)
        pairs += pairs_of_dataset(dataset, index, documents_of(dataset), seed)
        say(f"{name}: {len(pairs)} pairs so far")
    index = index_of(plain_entries(knowledge), words, embedder, store)
    questions = read_policy_questions(questions_file(bench))
    pairs += pairs_of_knowledge(knowledge, index, seed)
    return [*pairs, *pairs_of_questions(questions, knowledge, index, seed)]


def index_of(entries: list[Entry] | tuple[Entry, ...], words: Words, embedder: Embedder, store: EmbeddingStore,
             progress: Progress | None = None) -> HybridIndex:
    if len(entries) > MOST_EMBEDDED:
        return HybridIndex.build(entries, words, NoEmbedder())
    return HybridIndex.build(entries, words, embedder, lambda texts: store.embed(texts, progress))


def plain_entries(knowledge: KnowledgeBase) -> list[Entry]:
    """The clauses without the questions people ask: a question must find its clause by what the clause says."""
    return [Entry(entry.title, entry.text, entry.headings, entry.article) for entry in entries_of(knowledge)]


def questions_file(bench: Path) -> Path:
    path = bench / "policy_qa" / f"questions.{SPLIT}.jsonl"
    if not path.is_file():
        raise DatasetError(f"'{path}' is missing: give the folder that holds policy_qa and {', '.join(SETS)}")
    return path


def documents_of(dataset: Dataset) -> Mapping[str, str]:
    """The document of each text: its title, or, where a set has none, the text itself."""
    return {name: entry.title or entry.text for name, entry in zip(dataset.ids, dataset.entries, strict=True)}
