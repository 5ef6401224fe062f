"""The embedder behind an address, against a real small server: vectors come back right, and every trouble is explained."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from retrieval.cache import open_searcher
from retrieval.embedding import EmbeddingError, open_embedder
from retrieval.remote_embedding import BATCH_TEXTS, QUERY_TRIES, REST_SECONDS, RemoteEmbedder
from tests.retrieval.small_release import LetterEmbedder, clause, document, found, release

KEY = "sk-test"
LETTERS = LetterEmbedder(dimension=16)


class FakeEndpoint:
    """An embeddings endpoint that counts characters. troubles: answers given instead, one a request, before the right ones."""

    def __init__(self) -> None:
        self.troubles: list[Response] = []
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.delay_seconds = 0.0
        self.dimension = 16
        self.app = FastAPI()
        self.app.post("/v1/embeddings")(self._embed)

    def _embed(self, request: Request, body: dict[str, Any]) -> Response:
        self.asked.append(body)
        self.keys.append(request.headers.get("authorization"))
        if self.troubles:
            return self.troubles.pop(0)
        time.sleep(self.delay_seconds)
        vectors = LetterEmbedder(dimension=self.dimension).embed_queries(body["input"]) * 7      # not of length 1
        rows = [{"index": i, "embedding": vector.tolist()} for i, vector in enumerate(vectors)]
        return JSONResponse({"data": rows[::-1]})                           # nor in order

    @property
    def texts(self) -> list[str]:
        return [text for body in self.asked for text in body["input"]]


@pytest.fixture
def endpoint() -> FakeEndpoint:
    return FakeEndpoint()


@pytest.fixture
def base(endpoint: FakeEndpoint) -> Iterator[str]:
    """The address of the endpoint, served for the length of a test."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(endpoint.app, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
    server.should_exit = True
    thread.join()
    listening.close()


class Watch:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def opened(base: str, *, model: str = "letters", api_key: str = KEY, timeout_seconds: float = 5.0,
           pauses: list[float] | None = None, clock: Watch | None = None) -> RemoteEmbedder:
    """Waits nowhere; what it would have waited is added to pauses."""
    noted = pauses if pauses is not None else []
    return RemoteEmbedder(f"{base}#{model}", api_key=api_key, timeout_seconds=timeout_seconds, pause=noted.append,
                          clock=clock or Watch())


def test_vectors_have_length_one_and_come_in_the_order_of_the_texts(base: str, endpoint: FakeEndpoint) -> None:
    embedder = opened(base)
    texts = [f"第{n}条 医疗救助" for n in range(2 * BATCH_TEXTS + 3)]
    assert embedder.embed_passages(texts) == pytest.approx(LETTERS.embed_passages(texts), abs=1e-6)
    assert embedder.embed_queries(["低保"]) == pytest.approx(LETTERS.embed_queries(["低保"]), abs=1e-6)
    assert embedder.dimension == 16
    assert embedder.embed_passages([]).shape == embedder.embed_queries([]).shape == (0, 16)


def test_passages_go_in_small_batches_with_model_and_key(base: str, endpoint: FakeEndpoint) -> None:
    opened(base).embed_passages(["字"] * (BATCH_TEXTS + 1))
    assert [len(body["input"]) for body in endpoint.asked] == [1, BATCH_TEXTS, 1]
    assert {body["model"] for body in endpoint.asked} == {"letters"}
    assert set(endpoint.keys) == {f"Bearer {KEY}"}


def test_without_a_key_none_is_sent(base: str, endpoint: FakeEndpoint) -> None:
    opened(base, api_key="")
    assert endpoint.keys == [None]


def test_a_question_asked_again_is_not_sent_again(base: str, endpoint: FakeEndpoint) -> None:
    embedder = opened(base)
    embedder.embed_queries(["低保", "医疗", "低保"])
    assert endpoint.texts[1:] == ["低保", "医疗"]


def test_an_empty_text_is_sent_as_something(base: str, endpoint: FakeEndpoint) -> None:
    assert np.isfinite(opened(base).embed_passages(["", " "])).all()
    assert all(text.strip() for text in endpoint.texts)


def test_a_model_of_the_e5_family_gets_its_words_in_front(base: str, endpoint: FakeEndpoint) -> None:
    embedder = opened(base, model="intfloat/multilingual-e5-large")
    embedder.embed_queries(["低保"])
    embedder.embed_passages(["条文"])
    assert endpoint.texts[1:] == ["query: 低保", "passage: 条文"]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_passing_trouble_is_tried_again(base: str, endpoint: FakeEndpoint, status: int) -> None:
    pauses: list[float] = []
    embedder = opened(base, pauses=pauses)
    endpoint.troubles = [PlainTextResponse("busy", status), PlainTextResponse("busy", status, {"Retry-After": "3"})]
    assert embedder.embed_passages(["条文"]).shape == (1, 16)
    assert pauses == [0.25, 3.0]


def test_a_trouble_that_stays_is_reported_with_what_to_set(base: str, endpoint: FakeEndpoint) -> None:
    embedder = opened(base)
    endpoint.troubles = [PlainTextResponse("overloaded", 503)] * 10
    with pytest.raises(EmbeddingError, match=r"answered 503: overloaded.*YIBENTONG_EMBEDDING=builtin"):
        embedder.embed_passages(["条文"])


def test_a_wrong_key_stops_at_once_and_is_not_shown(base: str, endpoint: FakeEndpoint) -> None:
    endpoint.troubles = [JSONResponse({"error": "invalid key"}, 401)]
    with pytest.raises(EmbeddingError, match=r"401: .*invalid key.*EMBEDDING_API_KEY") as raised:
        opened(base)
    assert len(endpoint.asked) == 1
    assert KEY not in str(raised.value)


def test_an_endpoint_that_is_not_there_is_named() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))               # bound, and listening to nothing
        with pytest.raises(EmbeddingError, match=r"127\.0\.0\.1:\d+/v1/embeddings cannot be reached"):
            opened(f"http://127.0.0.1:{nobody.getsockname()[1]}/v1")


def test_an_answer_that_does_not_come_in_time_is_given_up(base: str, endpoint: FakeEndpoint) -> None:
    embedder = opened(base, timeout_seconds=0.05)
    endpoint.delay_seconds = 0.2
    with pytest.raises(EmbeddingError, match=r"no answer within 0\.05 s"):
        embedder.embed_queries(["低保"])


def test_after_a_failure_questions_do_not_wait_for_a_while_and_passages_are_tried(base: str, endpoint: FakeEndpoint) -> None:
    watch = Watch()
    embedder = opened(base, clock=watch)
    endpoint.troubles = [PlainTextResponse("down", 503)] * QUERY_TRIES
    for _ in range(3):
        with pytest.raises(EmbeddingError, match="answered 503: down"):
            embedder.embed_queries(["低保"])
    assert len(endpoint.asked) == 1 + QUERY_TRIES           # one at opening
    assert embedder.embed_passages(["条文"]).shape == (1, 16)
    watch.seconds += REST_SECONDS
    assert embedder.embed_queries(["低保"]).shape == (1, 16)


@pytest.mark.parametrize(
    "answer",
    [PlainTextResponse("<html>"), JSONResponse({"data": []}), JSONResponse([1]), JSONResponse({"data": [{"index": 0}]}),
     JSONResponse({"data": [{"index": 0, "embedding": [0.0] * 16}]}), JSONResponse({"data": [{"index": 0, "embedding": [1.0]}]}),
     JSONResponse({"data": [{"index": 0, "embedding": [1.0] * 16}, {"index": 1, "embedding": [1.0] * 16}]})],
    ids=["no JSON", "nothing", "a list", "no vector", "of length 0", "too short", "too many"],
)
def test_what_are_no_vectors_is_refused_and_quoted(base: str, endpoint: FakeEndpoint, answer: Response) -> None:
    embedder = opened(base)
    endpoint.troubles = [answer]
    with pytest.raises(EmbeddingError, match="one vector of 16 numbers a text is wanted"):
        embedder.embed_queries(["低保"])


@pytest.mark.parametrize("address", ["http://127.0.0.1:8080/v1", "ftp://a/v1#m", "http://#m", "http://me:secret@127.0.0.1/v1#m"])
def test_an_address_that_cannot_be_meant_is_quoted_with_an_example_and_without_a_password(address: str, tmp_path: Path) -> None:
    with pytest.raises(EmbeddingError, match=r"e\.g\. http://127\.0\.0\.1:8080/v1#bge-m3") as raised:
        open_embedder(address, tmp_path)
    assert "secret" not in str(raised.value)


def test_a_key_that_cannot_be_sent_is_refused_without_being_shown() -> None:
    with pytest.raises(EmbeddingError, match="YIBENTONG_EMBEDDING_API_KEY") as raised:
        RemoteEmbedder("http://127.0.0.1:1/v1#m", api_key="钥匙")
    assert "钥匙" not in str(raised.value)


def test_the_setting_opens_it_and_a_release_is_searched_through_it(base: str, endpoint: FakeEndpoint, tmp_path: Path) -> None:
    embedder = open_embedder(f" {base}/#letters ", tmp_path, api_key=KEY)
    law = document("社会救助法")
    clauses = (clause(law, "第一条", "最低生活保障"), clause(law, "第二条", "医疗救助"))
    of = open_searcher(release(*clauses), embedder, tmp_path, dense_weight=0.45)
    assert found(of, "医疗救助")[0] == clauses[1].clause_id


def test_vectors_of_another_model_or_length_are_never_mixed(base: str, endpoint: FakeEndpoint, tmp_path: Path) -> None:
    """An index and its vectors belong to one address, model and length; any other embeds everything anew."""
    first, other_model = opened(base), opened(base, model="words")
    endpoint.dimension = 32
    longer = opened(base)
    assert len({embedder.digest for embedder in (first, other_model, longer)}) == 3
    endpoint.dimension = 16
    law = document("社会救助法")
    for embedder in (first, other_model):
        of = open_searcher(release(clause(law, "第一条", "医疗救助")), embedder, tmp_path, dense_weight=1.0)
        assert found(of, "医疗救助")
    assert len(list((tmp_path / "index").iterdir())) == 2
    assert {body["model"] for body in endpoint.asked if len(body["input"]) == 1} == {"letters", "words"}
