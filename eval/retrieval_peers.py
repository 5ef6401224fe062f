"""What others do with the same texts and the same embedder: LangChain's usual chain, and two packages for BM25.

LangChain's tutorials split documents with RecursiveCharacterTextSplitter and put the pieces into a vector store. Its FAISS store
lives in langchain-community, which is no longer developed; the store that langchain-core itself brings (InMemoryVectorStore)
finds the same pieces. So its quality is measured with that one, and its time twice: with that one, and with faiss as the FAISS
store calls it, lest a slow store flatter us.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from langchain_core.documents import Document
from langchain_core.vectorstores import InMemoryVectorStore

from eval.beir import Dataset
from retrieval.embedding import Embedder
from retrieval.embedding_store import EmbeddingStore, Progress
from retrieval.entries import Entry
from retrieval.langchain import PolicyEmbeddings
from retrieval.vectors import faiss
from retrieval.words import Words

CHUNK_CHARS, OVERLAP_CHARS = 1000, 200      # as LangChain's tutorials have it
PLACES = 10
MOST_IN_MEMORY = 10_000         # the store compares Python lists; beyond this a question takes seconds

Search = Callable[[str], Sequence[str]]
"""The ids of the first texts for a question, best first, each once."""


@dataclass(frozen=True, slots=True)
class Peer:
    """build makes the search of a data set. needs: packages to import; an install command names them as pip does."""

    name: str
    needs: tuple[str, ...]
    build: Callable[[Dataset, Embedder, EmbeddingStore, Progress | None], Search]
    most_texts: int | None = None

    def missing(self) -> list[str]:
        return [name for name in self.needs if importlib.util.find_spec(name.replace("-", "_")) is None]


class KeptEmbeddings(PolicyEmbeddings):
    """Passages through the store of embeddings, so that a text embedded once is not embedded again at the next run."""

    def __init__(self, embedder: Embedder, store: EmbeddingStore, progress: Progress | None) -> None:
        super().__init__(embedder)
        self._store, self._progress = store, progress

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        rows: list[list[float]] = self._store.embed(texts, self._progress).tolist()
        return rows


def _pieces(dataset: Dataset) -> list[Document]:
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(chunk_size=CHUNK_CHARS, chunk_overlap=OVERLAP_CHARS)
    # The very text that we embed, so that no difference comes from what stands before it.
    whole = [Document(entry.passage, metadata={"id": key}) for key, entry in zip(dataset.ids, dataset.entries, strict=True)]
    pieces: list[Document] = splitter.split_documents(whole)
    return pieces


def _langchain(dataset: Dataset, embedder: Embedder, kept: EmbeddingStore, progress: Progress | None) -> Search:
    store = InMemoryVectorStore.from_documents(_pieces(dataset), KeptEmbeddings(embedder, kept, progress))
    return lambda question: _once(piece.metadata["id"] for piece in store.similarity_search(question, k=2 * PLACES))


def _langchain_faiss(dataset: Dataset, embedder: Embedder, kept: EmbeddingStore, progress: Progress | None) -> Search:
    pieces = _pieces(dataset)
    vectors = kept.embed([piece.page_content for piece in pieces], progress)
    index = faiss.IndexFlatL2(vectors.shape[1])
    index.add(vectors)

    def search(question: str) -> Sequence[str]:
        _, rows = index.search(embedder.embed_queries([question]), 2 * PLACES)
        return _once(pieces[row].metadata["id"] for row in rows[0].tolist() if row >= 0)

    return search


def _rank_bm25(dataset: Dataset, *_: object) -> Search:
    from rank_bm25 import BM25Okapi

    index = BM25Okapi([_cut(_plain(entry)) for entry in dataset.entries])

    def search(question: str) -> Sequence[str]:
        scores = index.get_scores(_cut(question))
        return [dataset.ids[row] for row in np.argsort(-scores, kind="stable")[:PLACES].tolist()]

    return search


def _bm25s(dataset: Dataset, *_: object) -> Search:
    import bm25s

    index = bm25s.BM25()
    index.index([_cut(_plain(entry)) for entry in dataset.entries], show_progress=False)

    def search(question: str) -> Sequence[str]:
        known = [word for word in _cut(question) if word in index.vocab_dict]
        if not known:
            return []
        rows, _ = index.retrieve([known], k=min(PLACES, len(dataset.ids)), show_progress=False)
        return [dataset.ids[row] for row in rows[0].tolist()]

    return search


PEERS = (
    Peer("langchain", ("langchain-text-splitters",), _langchain, MOST_IN_MEMORY),
    Peer("langchain+faiss", ("langchain-text-splitters",), _langchain_faiss),
    Peer("rank-bm25", ("rank-bm25",), _rank_bm25),
    Peer("bm25s", ("bm25s",), _bm25s),
)


def _plain(entry: Entry) -> str:
    """Title and headings before the text: what we index of it, others may read too."""
    return "\n".join(filter(None, (entry.title, *entry.headings, entry.article, entry.text)))


def _cut(text: str) -> list[str]:
    words: list[str] = _jieba().lcut(text)
    return words


@cache
def _jieba() -> Any:
    Words().load()              # brings the package in without the warnings of its age
    return importlib.import_module("jieba")


def _once(ids: Any) -> list[str]:
    return list(dict.fromkeys(ids))[:PLACES]
