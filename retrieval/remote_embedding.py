"""The embedder behind an address: any endpoint that speaks OpenAI's embeddings interface."""

from __future__ import annotations

import hashlib
import time
import weakref
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urldefrag, urlsplit

import httpx
import numpy as np

from retrieval.embedding import EmbeddingError, RememberedQueries, Vectors

EXAMPLE = "http://127.0.0.1:8080/v1#bge-m3"
BATCH_TEXTS = 10                # the least that a well-known provider accepts in one request
QUERY_TRIES, PASSAGE_TRIES = 2, 5
QUERY_SECONDS = 1.5
"""A resident waits for a question's vector, nobody for a passage's."""
REST_SECONDS = 20.0
"""After a question's vector could not be had, so long no other question waits for one: search goes on by words alone."""
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.25, 30.0
TRY_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
SHOWN_CHARS = 200               # of a foreign error text


class RemoteEmbedder:
    """Vectors from POST <base>/embeddings, checked and scaled to length 1. Safe to share between threads.

    address: "<base>#<model>", e.g. http://127.0.0.1:8080/v1#bge-m3. Opening asks for one vector, to learn their length and to
    stop a wrong address, key or model at the start. The key appears in no message. Raises EmbeddingError, as every call does
    when the endpoint stays unreachable, refuses, or gives what are no vectors.
    """

    def __init__(
        self, address: str, *, api_key: str = "", timeout_seconds: float = 10.0, pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        base, model = urldefrag(address.strip())
        parts = urlsplit(base)
        if parts.scheme not in ("http", "https") or not parts.hostname or not model or parts.username or parts.password:
            raise EmbeddingError(f"YIBENTONG_EMBEDDING is '{_without_secret(address)}': give an http(s) address and the model "
                                 f"after a '#', e.g. {EXAMPLE}; a key goes to YIBENTONG_EMBEDDING_API_KEY")
        self._url, self._model, self._pause, self._clock = f"{base.rstrip('/')}/embeddings", model, pause, clock
        self._rests_until, self._last_trouble = clock(), ""
        if not api_key.isascii():
            raise EmbeddingError("YIBENTONG_EMBEDDING_API_KEY holds characters that no key has: copy it again, without spaces "
                                 "and quotation marks around it")
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._client = httpx.Client(headers=headers, timeout=timeout_seconds)
        weakref.finalize(self, self._client.close)      # embedders live as long as the process, or a test: nobody closes them
        self._timeout_seconds = timeout_seconds
        # Models of the e5 family want these words in front; a server does not add them.
        self._query, self._passage = ("query: ", "passage: ") if "e5" in PurePosixPath(model).name.lower() else ("", "")
        self.dimension = 0
        self.dimension = self._ask([f"{self._query}长度"], QUERY_TRIES).shape[1]
        self.name = f"{model} ({parts.hostname})"
        self.digest = hashlib.sha256(f"{base.rstrip('/')} {model} {self.dimension}".encode()).hexdigest()[:24]
        self._queries = RememberedQueries(self._ask_query)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self._queries(text) for text in texts]) if texts else np.zeros((0, self.dimension), np.float32)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for start in range(0, len(texts), BATCH_TEXTS):
            batch = [self._passage + text for text in texts[start:start + BATCH_TEXTS]]
            vectors[start:start + len(batch)] = self._ask(batch, PASSAGE_TRIES)
        return vectors

    def _ask_query(self, text: str) -> Vectors:
        if self._clock() < self._rests_until:
            raise EmbeddingError(f"{self._last_trouble} (not asked again so soon)")
        try:
            vector: Vectors = self._ask([self._query + text], QUERY_TRIES, QUERY_SECONDS)[0]
        except EmbeddingError as error:
            self._rests_until, self._last_trouble = self._clock() + REST_SECONDS, str(error)
            raise
        return vector

    def _ask(self, texts: list[str], tries: int, most_seconds: float = float("inf")) -> Vectors:
        # Endpoints refuse an empty text; a stop alone means as little.
        wanted = {"model": self._model, "input": [text if text.strip() else "。" for text in texts], "encoding_format": "float"}
        failed = ""
        timeout = min(self._timeout_seconds, most_seconds)
        for attempt in range(tries):
            wait = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**attempt)
            try:
                response = self._client.post(self._url, json=wanted, timeout=timeout)
            except httpx.TimeoutException:
                failed = f"gave no answer within {timeout:g} s"
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                failed = f"cannot be reached: {error or type(error).__name__}"
            else:
                if response.is_success:
                    return self._vectors(response, len(texts))
                failed = f"answered {response.status_code}: {response.text[:SHOWN_CHARS]}"
                if response.status_code not in TRY_AGAIN:
                    break
                wait = max(wait, _asked_pause(response))
            if attempt + 1 < tries:
                self._pause(wait)
        raise EmbeddingError(f"the embedding endpoint {self._url} {failed}. Check YIBENTONG_EMBEDDING (e.g. {EXAMPLE}) and "
                             "YIBENTONG_EMBEDDING_API_KEY, or set YIBENTONG_EMBEDDING=builtin")

    def _vectors(self, response: httpx.Response, count: int) -> Vectors:
        try:
            rows: list[dict[str, Any]] = sorted(response.json()["data"], key=lambda row: int(row["index"]))
            vectors = np.array([row["embedding"] for row in rows], np.float32)
            lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
            right = vectors.shape == (count, self.dimension or vectors.shape[1])
        except (ValueError, KeyError, TypeError, AttributeError, IndexError):
            right = False
        if not (right and bool((np.isfinite(lengths) & (lengths > 0)).all())):
            wanted = f"one vector of {self.dimension} numbers" if self.dimension else "one vector"
            raise EmbeddingError(f"the embedding endpoint {self._url} gave '{response.text[:SHOWN_CHARS]}' for {count} texts: "
                                 f'{wanted} a text is wanted, e.g. {{"data": [{{"index": 0, "embedding": [0.1, 0.2]}}]}}. '
                                 f"Is this an endpoint for embeddings, and '{self._model}' a model for them?")
        unit: Vectors = vectors / lengths
        return unit


def _asked_pause(response: httpx.Response) -> float:
    """Seconds that the endpoint asks us to wait, within reason; 0 when it says nothing or gives a date."""
    try:
        return min(LONGEST_PAUSE_SECONDS, max(0.0, float(response.headers.get("retry-after", "0"))))
    except ValueError:
        return 0.0


def _without_secret(address: str) -> str:
    """The address as it may be shown: without a user name and password somebody wrote into it."""
    scheme, mark, rest = address.partition("://")
    return f"{scheme}{mark}{rest.rpartition('@')[2]}"
