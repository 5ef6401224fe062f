"""Embeddings kept by content: a text embedded once is never embedded again, whichever release it appears in."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.embedding import Embedder, Vectors
from retrieval.kept_folder import keep_file

log = logging.getLogger(__name__)

KEY_BYTES = 16
CHUNK = 128             # texts between two reports of progress
SPARE = 4               # the file may hold so many times what one release needs before old texts are dropped

Progress = Callable[[int, int], None]
"""Told how many of how many texts are embedded; the caller draws the bar."""


class EmbeddingStore:
    """One file a model: data_dir/embeddings/<digest of the embedder>.npy, rows of (key of the text, vector)."""

    def __init__(self, embedder: Embedder, data_dir: Path) -> None:
        self._embedder = embedder
        self.path = data_dir / "embeddings" / f"{embedder.digest}.npy"
        self._form = np.dtype([("key", f"V{KEY_BYTES}"), ("vector", "<f4", (embedder.dimension,))])

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Vectors of passages, one row a text; only texts not seen before are computed, and kept for the next time."""
        if self._embedder.dimension == 0 or not texts:
            return np.zeros((len(texts), self._embedder.dimension), np.float32)
        rows = self._read()
        known = {row.tobytes(): i for i, row in enumerate(rows["key"])}
        keys = [text_key(text) for text in texts]
        missing = list({key: text for key, text in zip(keys, texts, strict=True) if key not in known}.items())
        if missing:
            rows = np.concatenate([rows, self._compute(missing, progress)])
            known.update({key: len(known) + i for i, (key, _) in enumerate(missing)})
            self._write(rows if len(rows) <= SPARE * len(set(keys)) else rows[[known[key] for key in dict.fromkeys(keys)]])
        vectors: Vectors = np.ascontiguousarray(rows["vector"][[known[key] for key in keys]])
        return vectors

    def _compute(self, missing: Sequence[tuple[bytes, str]], progress: Progress | None) -> NDArray[np.void]:
        fresh = np.empty(len(missing), self._form)
        # Long and short texts apart: a chunk then holds texts of one length and little padding is computed.
        order = sorted(range(len(missing)), key=lambda i: len(missing[i][1]))
        for start in range(0, len(order), CHUNK):
            chunk = order[start:start + CHUNK]
            fresh["vector"][chunk] = self._embedder.embed_passages([missing[i][1] for i in chunk])
            if progress is not None:
                progress(start + len(chunk), len(missing))
        fresh["key"] = np.array([key for key, _ in missing], f"V{KEY_BYTES}")
        return fresh

    def _read(self) -> NDArray[np.void]:
        try:
            rows: NDArray[np.void] = np.load(self.path, allow_pickle=False)
            if rows.dtype != self._form:
                raise ValueError(f"holds {rows.dtype}")
        except FileNotFoundError:
            return np.empty(0, self._form)
        except (OSError, ValueError, EOFError) as error:
            log.warning("kept embeddings in %s cannot be used and are computed again: %s", self.path, error)
            return np.empty(0, self._form)
        return rows

    def _write(self, rows: NDArray[np.void]) -> None:
        """Two processes may write at once: the later file stays, and what only the other knew is computed again some day."""
        try:
            keep_file(self.path, lambda stream: np.save(stream, rows, allow_pickle=False))
        except OSError as error:
            log.warning("embeddings cannot be kept in %s and will be computed again at the next start: %s", self.path, error)


def text_key(text: str) -> bytes:
    """Names a text by its words; equal texts have equal keys."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=KEY_BYTES).digest()
