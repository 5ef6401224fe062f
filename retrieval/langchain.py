"""The searcher and the embedder in LangChain's interfaces, for whoever builds a chain around them."""

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
        return [document_of(passage) for passage in searcher.search(query, on=self.on, region=self.region, limit=self.limit)]


def document_of(passage: Passage) -> Document:
    clause = passage.clause
    document = clause.document
    return Document(
        id=clause.clause_id,
        page_content=clause.text,
        metadata={
            "clause_id": clause.clause_id, "score": passage.score, "why": dict(passage.why), "article": clause.article,
            "headings": list(clause.heading_path), "document": document.title, "number": document.number,
            "rank": document.rank.value, "kind": document.kind.value, "region": document.region,
            "in_force_from": document.in_force_from.isoformat() if document.in_force_from else None,
        },
    )


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
