"""LangChain sees the same clauses and vectors as we do."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from retrieval.langchain import PolicyEmbeddings, PolicyRetriever
from tests.retrieval.small_release import DAY, REGION, LetterEmbedder, clause, document, found, searcher


def test_a_retriever_gives_the_searchers_passages_with_what_a_citation_needs(tmp_path: Path) -> None:
    law = document("社会救助法")
    of = searcher(tmp_path, clause(law, "第九条", "最低生活保障"), clause(law, "第十条", "医疗救助"))
    documents = PolicyRetriever(searcher=of, on=DAY, region=REGION, limit=2).invoke("医疗救助")
    assert [d.id for d in documents] == found(of, "医疗救助", limit=2)
    first = documents[0]
    assert first.page_content == "医疗救助"
    assert first.metadata["document"] == "社会救助法"
    assert first.metadata["article"] == "第十条"
    assert first.metadata["in_force_from"] == "2020-01-01"
    assert first.metadata["why"]["weight"] == 1.0


def test_a_limit_below_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError):
        PolicyRetriever(searcher=searcher(tmp_path), on=DAY, region=REGION, limit=0)


def test_embeddings_are_the_embedders_own() -> None:
    embedder = LetterEmbedder()
    wrapped = PolicyEmbeddings(embedder)
    assert wrapped.embed_query("低保") == embedder.embed_queries(["低保"])[0].tolist()
    assert wrapped.embed_documents(["低保", "医疗"]) == embedder.embed_passages(["低保", "医疗"]).tolist()
