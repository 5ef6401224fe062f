"""A re-ranker's second look at what was found, and search when a question's vector cannot be had."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from retrieval.cache import open_searcher
from retrieval.embedding import EmbeddingError
from retrieval.reranking import RERANKED, RerankingError
from tests.retrieval.small_release import LetterEmbedder, clause, document, found, release, searcher


class ShortestFirst:
    """A re-ranker that prefers short texts, or fails."""

    name = "shortest"

    def __init__(self, trouble: str = "") -> None:
        self.trouble = trouble
        self.seen = 0

    def scores(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        if self.trouble:
            raise RerankingError(self.trouble)
        self.seen = len(texts)
        return np.array([-len(text) for text in texts], np.float32)


def reranked(tmp_path: Path, reranker: ShortestFirst) -> tuple[list[str], list[str]]:
    """Ids found without and with the re-ranker; its own first RERANKED only may change places."""
    clauses = [clause(document(f"文件{n:02}"), "第一条", "医疗救助" + "的比例" * (30 - n)) for n in range(25)]
    plain = searcher(tmp_path, *clauses)
    looked = open_searcher(release(*clauses), LetterEmbedder(), tmp_path, dense_weight=0.45, reranker=reranker)
    return found(plain, "医疗救助", limit=25), found(looked, "医疗救助", limit=25)


def test_a_reranker_orders_the_first_anew_and_leaves_the_rest(tmp_path: Path) -> None:
    reranker = ShortestFirst()
    plain, looked = reranked(tmp_path, reranker)
    assert reranker.seen == RERANKED
    assert looked[:RERANKED] == sorted(plain[:RERANKED], reverse=True)
    assert looked[RERANKED:] == plain[RERANKED:]


def test_a_reranker_that_fails_costs_only_its_second_look(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        plain, looked = reranked(tmp_path, ShortestFirst("out of memory"))
    assert looked == plain
    assert "out of memory" in caplog.text


class EndpointAway(LetterEmbedder):
    """Embeds passages, and fails on questions."""

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        raise EmbeddingError("the endpoint cannot be reached")

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return LetterEmbedder().embed_passages(texts)


def test_without_a_vector_for_the_question_words_alone_find(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    clauses = (clause(document("法"), "第一条", "医疗救助按比例给予"), clause(document("法"), "第二条", "临时救助"))
    with caplog.at_level(logging.WARNING):
        assert found(searcher(tmp_path, *clauses, embedder=EndpointAway()), "医疗救助")[0] == clauses[0].clause_id
    assert "words alone" in caplog.text
