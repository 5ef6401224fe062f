"""The searcher and the embedder in LangChain's interfaces, for whoever builds a chain around them.

Both work in chains that wait (invoke) and in those that do not (ainvoke): the latter run our calls in a thread. docs/langchain.md
shows a whole chain.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict, Field

from retrieval.embedding import Embedder
from retrieval.searcher import Passage, Searcher


class PolicyRetriever(BaseRetriever):
    """Clauses in force on a day for a region, as LangChain documents; the metadata holds what a citation needs."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    # Any: pydantic would check the protocol with isinstance, which a protocol of methods alone does not allow.
    searcher: Any = Field(description="a retrieval.searcher.Searcher")
    on: date
    region: str
    limit: int = Field(8, ge=1)

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        searcher: Searcher = self.searcher
        passages = searcher.search(query, on=self.on, region=self.region, limit=self.limit)
        return [document_of(passage, self.on) for passage in passages]


def document_of(passage: Passage, on: date) -> Document:
    """The passage with all that a citation needs, as values that JSON has too: days as ISO text, None where nothing is known."""
    clause = passage.clause
    document = clause.document
    until = min((day for day in (clause.in_force_until, document.in_force_until) if day is not None), default=None)
    return Document(
        id=clause.clause_id,
        page_content=clause.text,
        metadata={
            "clause_id": clause.clause_id, "score": passage.score, "why": dict(passage.why), "article": clause.article,
            "headings": list(clause.heading_path), "document_id": document.document_id, "document": document.title,
            "number": document.number, "issuer": document.issuer, "rank": document.rank.value, "kind": document.kind.value,
            "region": document.region, "issued_on": _day(document.issued_on), "in_force_from": _day(document.in_force_from),
            "in_force_until": _day(until), "displaced": clause.displaced(on), "as_of": _day(on), "source": document.source,
        },
    )


def _day(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


class PolicyEmbeddings(Embeddings):
    """Our embedder where LangChain wants one."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        rows: list[list[float]] = self._embedder.embed_passages(texts).tolist()
        return rows

    def embed_query(self, text: str) -> list[float]:
        row: list[float] = self._embedder.embed_queries([text])[0].tolist()
        return row
