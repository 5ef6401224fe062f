"""The index of a release, built once, kept on disk, and built again only when something that decides it changed."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from knowledge.knowledge_base import KnowledgeBase
from knowledge.lexicon import Term
from retrieval.backends import Indexes
from retrieval.embedding import Embedder
from retrieval.embedding_store import EmbeddingStore, Progress
from retrieval.entries import Entry
from retrieval.hybrid import HybridIndex, embedded_texts
from retrieval.index import ClauseSearcher, entries_of
from retrieval.kept_cuts import remembered_cuts
from retrieval.kept_folder import keep_folder
from retrieval.lexical_fields import LexicalFields
from retrieval.ranking import Ranker, bundled_model
from retrieval.reranking import Reranker
from retrieval.wheel_weights import file_sha256
from retrieval.words import Words

log = logging.getLogger(__name__)

FORM = 2                # raised whenever the files of an index change
KEPT_INDEXES = 4        # the release in force, the draft, and two to roll back to
VECTORS, MANIFEST = "vectors.npy", "manifest.json"


def open_searcher(
    knowledge_base: KnowledgeBase,
    embedder: Embedder,
    data_dir: Path,
    *,
    dense_weight: float,
    lexicon: Iterable[Term] | None = None,
    progress: Progress | None = None,
    indexes: Indexes | None = None,
    reranker: Reranker | None = None,
) -> ClauseSearcher:
    """The searcher of a release, from where its index is kept, else built (and kept).

    lexicon None: the release's own. progress is told how many of how many new texts are embedded. indexes None: those in memory,
    kept in data_dir/index. A folder that cannot be read is built again with a warning; one that cannot be written costs the next
    start some time, nothing else. reranker: looks again at the first passages. Raises SearchError for indexes in a database.
    """
    words = Words(knowledge_base.catalogue.lexicon if lexicon is None else lexicon)
    backend = indexes or MemoryIndexes(embedder, data_dir)
    index = backend.open_index(entries_of(knowledge_base), words, release=knowledge_base.release, digest=knowledge_base.digest,
                               progress=progress)
    words.load()
    ranker = Ranker(bundled_model(), index.entries)
    return ClauseSearcher(knowledge_base, index, dense_weight, ranker=ranker, reranker=reranker)


class MemoryIndexes:
    """Indexes in this process, as retrieval.backends.Indexes says."""

    def __init__(self, embedder: Embedder, data_dir: Path) -> None:
        self._embedder, self._data_dir = embedder, data_dir

    def open_index(
        self, entries: Sequence[Entry], words: Words, *, release: int = 0, digest: str = "", progress: Progress | None = None
    ) -> HybridIndex:
        return open_index(entries, words, self._embedder, self._data_dir, release=release, digest=digest, progress=progress)

    def close(self) -> None:
        """There is nothing to give back."""


def open_index(
    entries: Sequence[Entry],
    words: Words,
    embedder: Embedder,
    data_dir: Path,
    *,
    release: int = 0,
    digest: str = "",
    progress: Progress | None = None,
) -> HybridIndex:
    """The hybrid index of these entries, kept or built. release and digest only name it in its manifest and folder."""
    folder = data_dir / "index" / index_key(entries, words, embedder, digest)
    if (kept := _load(folder, entries, words, embedder)) is not None:
        return kept
    started = time.monotonic()
    vectors = EmbeddingStore(embedder, data_dir).embed(embedded_texts(entries), progress)
    with remembered_cuts(words, data_dir):
        fields = LexicalFields.build(entries, words)

    def fill(place: Path) -> None:
        fields.save(place)
        np.save(place / VECTORS, vectors, allow_pickle=False)
        files = {str(path.relative_to(place)): file_sha256(path) for path in sorted(place.rglob("*")) if path.is_file()}
        manifest = {"form": FORM, "release": release, "release_digest": digest, "embedder": embedder.name,
                    "embedder_digest": embedder.digest, "entries": len(entries), "vectors": len(vectors), "files": files}
        (place / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")

    try:
        keep_folder(folder, fill, lambda place: _fault(place) is None)
        _drop_old(folder)
    except OSError as error:
        log.warning("the index cannot be kept in %s and will be built again at the next start: %s", folder, error)
    seconds = time.monotonic() - started
    log.info("index of release %s built: %d entries, %d vectors, %.1f s", release, len(entries), len(vectors), seconds)
    return HybridIndex.of(entries, words, embedder, fields, vectors)


def index_key(entries: Sequence[Entry], words: Words, embedder: Embedder, digest: str) -> str:
    """Names an index by everything that decides it. Entries count by the texts indexed: the handbook's change with the day."""
    key = hashlib.sha256(f"{FORM} {digest} {words.digest} {embedder.digest} {len(entries)}".encode())
    for text in (*(entry.said for entry in entries), *(entry.context for entry in entries), *embedded_texts(entries)):
        key.update(repr(text).encode("utf-8", "surrogatepass"))
    return key.hexdigest()[:24]


def _load(folder: Path, entries: Sequence[Entry], words: Words, embedder: Embedder) -> HybridIndex | None:
    if not folder.exists():
        return None
    if (fault := _fault(folder)) is not None:
        log.warning("the index in %s is damaged (%s) and is built again", folder, fault)
        return None
    vectors = np.load(folder / VECTORS, allow_pickle=False)
    (folder / MANIFEST).touch()             # the last use decides which indexes are dropped
    return HybridIndex.of(entries, words, embedder, LexicalFields.load(folder, entries), vectors)


def _fault(folder: Path) -> str | None:
    """What is wrong with a kept index; None when every file is there with the bytes that were written."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        for name, sha256 in manifest["files"].items():
            if file_sha256(folder / name) != sha256:
                return f"{name} was changed"
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return f"{type(error).__name__}: {error}"
    return None


def _drop_old(used: Path) -> None:
    """Keeps the last few indexes by use; one in use elsewhere is in memory there and may go."""
    def last_use(folder: Path) -> float:
        manifest = folder / MANIFEST
        return manifest.stat().st_mtime if manifest.exists() else 0.0

    others = sorted((f for f in used.parent.iterdir() if f.is_dir() and f != used and not f.name.startswith(".")), key=last_use)
    for folder in others[:max(0, len(others) - KEPT_INDEXES + 1)]:
        shutil.rmtree(folder, ignore_errors=True)
