"""LangChain sees the same clauses and vectors as we do."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from langchain_core.documents import Document
from langchain_core.runnables import RunnableLambda
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


def test_a_document_says_all_that_a_citation_needs_as_plain_values(tmp_path: Path) -> None:
    law = document("社会救助法", until=date(2030, 1, 1))
    of = searcher(tmp_path, clause(law, "第九条", "最低生活保障", until=date(2028, 7, 1)))
    (found_document,) = PolicyRetriever(searcher=of, on=DAY, region=REGION).invoke("最低生活保障")
    assert json.loads(json.dumps(found_document.metadata)) == found_document.metadata
    assert found_document.metadata | {"score": None, "why": None} == {
        "clause_id": "社会救助法#第九条", "score": None, "why": None, "article": "第九条", "headings": [],
        "document_id": "社会救助法", "document": "社会救助法", "number": None, "issuer": None, "rank": "law", "kind": "law",
        "region": "", "issued_on": None, "in_force_from": "2020-01-01", "in_force_until": "2028-07-01", "displaced": False,
        "as_of": DAY.isoformat(), "source": "社会救助法.md",
    }


async def test_a_chain_that_does_not_wait_finds_the_same(tmp_path: Path) -> None:
    law = document("社会救助法")
    of = searcher(tmp_path, clause(law, "第九条", "最低生活保障"), clause(law, "第十条", "医疗救助"))
    retriever = PolicyRetriever(searcher=of, on=DAY, region=REGION)

    def ids(documents: list[Document]) -> list[str | None]:
        return [found_document.id for found_document in documents]

    chain = retriever | RunnableLambda(ids)
    assert await chain.ainvoke("医疗救助") == chain.invoke("医疗救助") == found(of, "医疗救助", limit=8)
    assert await chain.abatch(["医疗救助", "最低生活保障"]) == chain.batch(["医疗救助", "最低生活保障"])


async def test_embeddings_are_the_same_in_a_chain_that_does_not_wait() -> None:
    wrapped = PolicyEmbeddings(LetterEmbedder())
    assert await wrapped.aembed_query("低保") == wrapped.embed_query("低保")
    assert await wrapped.aembed_documents(["低保", "医疗"]) == wrapped.embed_documents(["低保", "医疗"])


def test_the_example_in_the_documentation_runs(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    (example,) = re.findall(r"```python\n(.*?)```", (root / "docs" / "langchain.md").read_text(encoding="utf-8"), re.DOTALL)
    settings = {"YIBENTONG_DATA_DIR": str(tmp_path), "YIBENTONG_EMBEDDING": "none"}
    shown = subprocess.run([sys.executable, "-W", "ignore", "-c", example], capture_output=True, text=True, timeout=120,
                           check=False, cwd=root, env=settings)
    assert shown.returncode == 0, shown.stderr
    assert "一本通" in shown.stdout
