"""Search in PostgreSQL: words and vectors of every kept release lie in tables that all workers share.

Candidates and their figures come from there; what is made of them is the same as for an index in memory.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from retrieval.cache import index_key
from retrieval.embedding import Embedder
from retrieval.embedding_store import EmbeddingStore, Progress, text_key
from retrieval.entries import Entry
from retrieval.hybrid import HybridIndex, embedded_texts
from retrieval.kept_cuts import remembered_cuts
from retrieval.lexical import LexicalIndex, Positions
from retrieval.lexical_fields import ASKED, CONTEXT, TEXT, LexicalFields, owners_of
from retrieval.postgres_kept import KeptIndex, StoredIndex, VectorRows
from retrieval.postgres_tables import Connection, SearchDatabase, create_vectors, drop_vectors, vector_table
from retrieval.postgres_vectors import (
    EXACT_UP_TO,
    PostgresVectors,
    add_rows,
    forget,
    link,
    moments_of,
    read_moments,
    stored_rows,
)
from retrieval.postgres_words import REMEMBERED_BYTES, PostgresTokens, PostingsOfIndex, write_postings
from retrieval.words import Words

log = logging.getLogger(__name__)

PASSAGES, QUESTIONS = "passages", "questions"
KEPT_INDEXES = 4                # the release in force, the draft, and two to roll back to
KEPT_UNUSED_HOURS = 24          # an index used since then is kept beyond that number
SPARE = 4                       # the vector tables may hold so many times what the kept indexes need before old texts are dropped


class _Wanted(NamedTuple):
    """An index as it is asked for."""

    key: str
    entries: Sequence[Entry]
    words: Words
    release: int
    digest: str
    progress: Progress | None


class PostgresIndexes:
    """Opens the indexes of releases in one database, building what is not there. Safe to share between threads and workers.

    exact_up_to: vectors that are compared one by one. remembered_bytes: postings kept in this worker, an index. clock: seconds.
    """

    def __init__(
        self, database: SearchDatabase, embedder: Embedder, data_dir: Path, *, exact_up_to: int = EXACT_UP_TO,
        remembered_bytes: int = REMEMBERED_BYTES, clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database, self._embedder, self._data_dir = database, embedder, data_dir
        self._exact_up_to, self._remembered_bytes, self._clock = exact_up_to, remembered_bytes, clock

    def open_index(
        self, entries: Sequence[Entry], words: Words, *, release: int = 0, digest: str = "", progress: Progress | None = None
    ) -> HybridIndex:
        """The hybrid index of these entries; release and digest only name it. Raises SearchError.

        Whichever worker comes first builds; the others wait and then use the same. Nobody sees an index half built. A text that
        any release of this embedder held before is not embedded again.
        """
        wanted = _Wanted(index_key(entries, words, self._embedder, digest), entries, words, release, digest, progress)
        kept = KeptIndex(self._database, self._stored(wanted), lambda: self._stored(wanted), self._clock)
        postings = PostingsOfIndex(kept, (TEXT, CONTEXT, ASKED), self._remembered_bytes)
        owners = owners_of(entries)
        fields = LexicalFields(
            PostgresTokens(postings, TEXT, len(entries)), PostgresTokens(postings, CONTEXT, len(entries)),
            PostgresTokens(postings, ASKED, len(owners)), owners, kept.stored.question_weights,
        )
        passages = PostgresVectors(kept, lambda stored: stored.passages, self._exact_up_to)
        questions = PostgresVectors(kept, lambda stored: stored.questions, self._exact_up_to)
        return HybridIndex(entries, words, self._embedder, fields, passages, questions)

    def close(self) -> None:
        self._database.close()

    def _stored(self, wanted: _Wanted) -> StoredIndex:
        with self._database.searching() as connection:
            if (stored := self._read(connection, wanted)) is not None:
                return stored
        with self._database.building() as connection:
            if (stored := self._read(connection, wanted)) is not None:
                return stored               # another worker was first
            return self._build(connection, wanted)

    def _read(self, connection: Connection, wanted: _Wanted) -> StoredIndex | None:
        row = connection.execute(
            "UPDATE search_index SET used_at = now() WHERE key = %s RETURNING id, passages, passage_moments, questions, "
            "question_moments, question_weights", (wanted.key,), binary=True,
        ).fetchone()
        if row is None:
            return None
        index_id, passages, passage_moments, questions, question_moments, question_weights = row
        everyone = np.arange(len(wanted.entries), dtype=np.int32)
        return StoredIndex(
            index_id, self._rows(PASSAGES, passages, everyone, passage_moments),
            self._rows(QUESTIONS, questions, owners_of(wanted.entries), question_moments),
            np.frombuffer(question_weights, "<f4").astype(np.float32),
        )

    def _rows(self, kind: str, rows: bytes, owners: Positions, moments: bytes) -> VectorRows:
        dimension = self._embedder.dimension
        return VectorRows(vector_table(kind, self._embedder.digest), np.frombuffer(rows, "<i4").astype(np.int32),
                          owners if dimension else owners[:0], read_moments(moments, dimension))

    def _build(self, connection: Connection, wanted: _Wanted) -> StoredIndex:
        started = time.monotonic()
        with remembered_cuts(wanted.words, self._data_dir):
            fields = LexicalFields.build(wanted.entries, wanted.words)
        texts = embedded_texts(wanted.entries)
        parts = {PASSAGES: texts[:len(wanted.entries)], QUESTIONS: texts[len(wanted.entries):]}
        rows = {kind: self._add_vectors(connection, kind, some, wanted.progress) for kind, some in parts.items()}
        with connection.transaction():
            self._write(connection, wanted, fields, rows)
            self._drop_old(connection, wanted.key)
        stored = self._read(connection, wanted)
        if stored is None:
            raise RuntimeError(f"index {wanted.key} was written and is not there")
        log.info("index of release %s built: %d entries, %d vectors, %.1f s", wanted.release, len(wanted.entries), len(texts),
                 time.monotonic() - started)
        return stored

    def _add_vectors(self, connection: Connection, kind: str, texts: Sequence[str], progress: Progress | None) -> Positions:
        """The row of each text in the table of its kind, after adding those that no release had before."""
        dimension = self._embedder.dimension
        if not dimension:
            return np.zeros(0, np.int32)
        table = vector_table(kind, self._embedder.digest)
        create_vectors(connection, table, dimension)
        keys = [text_key(text) for text in texts]
        known = stored_rows(connection, table, keys)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if missing:
            vectors = EmbeddingStore(self._embedder, self._data_dir).embed(list(missing.values()), progress)
            with connection.transaction():
                add_rows(connection, table, list(missing), vectors)
                link(connection, table, self._exact_up_to)
            known = stored_rows(connection, table, keys)
        return np.array([known[key] for key in keys], np.int32)

    def _write(self, connection: Connection, wanted: _Wanted, fields: LexicalFields, rows: dict[str, Positions]) -> None:
        values: list[bytes] = []
        for kind, of in rows.items():
            table = vector_table(kind, self._embedder.digest)
            values += [of.astype("<i4").tobytes(), moments_of(connection, table, of, self._embedder.dimension)]
        inserted = connection.execute(
            "INSERT INTO search_index (key, release, release_digest, embedder, entries, passages, passage_moments, questions, "
            "question_moments, question_weights) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
            (wanted.key, wanted.release, wanted.digest, self._embedder.digest, len(wanted.entries), *values,
             fields.asked_weights.astype("<f4").tobytes()),
        ).fetchone()
        written = {name: index for name, index in ((TEXT, fields.text), (CONTEXT, fields.context), (ASKED, fields.asked))
                   if isinstance(index, LexicalIndex)}
        write_postings(connection, inserted[0] if inserted else 0, written)

    def _drop_old(self, connection: Connection, used: str) -> None:
        """Keeps the last few indexes by use and all that were used lately; drops vectors that none of the kept ones needs."""
        connection.execute(
            "DELETE FROM search_index WHERE key <> %s AND used_at < now() - make_interval(hours => %s) AND id NOT IN "
            "(SELECT id FROM search_index ORDER BY used_at DESC, id DESC LIMIT %s)", (used, KEPT_UNUSED_HOURS, KEPT_INDEXES),
        )
        embedders = connection.execute("SELECT DISTINCT embedder FROM search_index").fetchall()
        drop_vectors(connection, [embedder for (embedder,) in embedders], (PASSAGES, QUESTIONS))
        if self._embedder.dimension:
            kept = connection.execute("SELECT passages, questions FROM search_index WHERE embedder = %s",
                                      (self._embedder.digest,), binary=True).fetchall()
            for kind, column in ((PASSAGES, 0), (QUESTIONS, 1)):
                rows = np.unique(np.concatenate([np.frombuffer(row[column], "<i4") for row in kept]))
                forget(connection, vector_table(kind, self._embedder.digest), rows, SPARE)
