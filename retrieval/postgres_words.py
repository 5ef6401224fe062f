"""The lexical fields in PostgreSQL: the same BM25 as in memory, its postings fetched by word when a question needs them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from threading import Lock

import numpy as np

from retrieval.lexical import Floats, LexicalIndex, Positions, Postings
from retrieval.postgres_kept import KeptIndex
from retrieval.postgres_tables import Connection

REMEMBERED_BYTES = 64_000_000
"""Postings kept in each worker. The words of questions repeat, so at a city's size nearly all that is asked for stays here."""
OVERHEAD_BYTES = 300            # of the objects around one posting
CHUNK = 2_000                   # words written together

Posting = tuple[Positions, Floats]
"""Texts that hold a word, ascending, and what the word adds to the BM25 of each."""
NOTHING: Posting = np.zeros(0, np.int32), np.zeros(0, np.float32)


class PostingsOfIndex:
    """Every field's postings of one index by word, those last used in memory. Safe to share between threads."""

    def __init__(self, kept: KeptIndex, fields: Sequence[str], remembered_bytes: int) -> None:
        self._kept, self._fields, self._limit = kept, tuple(fields), remembered_bytes
        self._known: OrderedDict[str, dict[str, Posting]] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def of(self, tokens: Sequence[str]) -> dict[str, dict[str, Posting]]:
        """By word and field; a field that does not hold the word is left out. All words that are missing come in one query."""
        with self._lock:
            known = {token: self._known[token] for token in tokens if token in self._known}
            for token in known:
                self._known.move_to_end(token)
        missing = sorted({*tokens} - known.keys())
        if not missing:
            return known
        fetched = self._fetch(missing)
        with self._lock:
            for token, postings in fetched.items():
                if token not in self._known:
                    self._known[token] = postings
                    self._bytes += _size(postings)
            while self._bytes > self._limit:
                self._bytes -= _size(self._known.popitem(last=False)[1])
        return known | fetched

    def _fetch(self, tokens: list[str]) -> dict[str, dict[str, Posting]]:
        found: dict[str, dict[str, Posting]] = {token: {} for token in tokens}
        with self._kept.searching() as (connection, stored):
            rows = connection.execute(
                "SELECT token, field, positions, impacts FROM search_posting WHERE index_id = %s AND token = ANY(%s)",
                (stored.index_id, tokens), binary=True,
            )
            for token, field, positions, impacts in rows:
                found[token][field] = np.frombuffer(positions, "<i4"), np.frombuffer(impacts, "<f4")
        return found


class PostgresTokens:
    """One field, as retrieval.lexical_fields.TokenIndex says.

    Sums are made here and not by the server: a question has some fifty words and characters, the commonest in half of all texts,
    and numpy adds them up many times faster than a GROUP BY does.
    """

    def __init__(self, postings: PostingsOfIndex, field: str, size: int) -> None:
        self._postings, self._field, self.size = postings, field, size

    def postings(self, tokens: Sequence[str]) -> Postings:
        found = self._postings.of(tokens)
        each = [found[token].get(self._field, NOTHING) for token in tokens]
        counts = np.array([len(positions) for positions, _ in each], np.int32)
        return Postings(
            np.repeat(np.arange(len(tokens), dtype=np.int32), counts),
            np.concatenate([NOTHING[0], *(positions for positions, _ in each)]),
            np.concatenate([NOTHING[1], *(impacts for _, impacts in each)]),
            counts, self.size,
        )


def _size(postings: Mapping[str, Posting]) -> int:
    return OVERHEAD_BYTES + sum(positions.nbytes + impacts.nbytes + OVERHEAD_BYTES for positions, impacts in postings.values())


def write_postings(connection: Connection, index_id: int, fields: Mapping[str, LexicalIndex]) -> None:
    """Adds the words of an index, inside the caller's transaction."""
    with connection.cursor() as cursor, cursor.copy(
        "COPY search_posting (index_id, token, field, positions, impacts) FROM STDIN (FORMAT BINARY)"
    ) as copy:
        copy.set_types(["int8", "text", "text", "bytea", "bytea"])
        for field, index in fields.items():
            for token, (positions, impacts) in _each(index):
                copy.write_row((index_id, token, field, positions.astype("<i4").tobytes(), impacts.astype("<f4").tobytes()))


def _each(index: LexicalIndex) -> Iterator[tuple[str, Posting]]:
    """Every word of an index in memory with its posting."""
    vocabulary = index.vocabulary
    for start in range(0, len(vocabulary), CHUNK):
        tokens = vocabulary[start:start + CHUNK]
        chunk = index.postings(tokens)
        ends = np.cumsum(chunk.counts)
        for token, end, count in zip(tokens, ends.tolist(), chunk.counts.tolist(), strict=True):
            if count:
                yield token, (chunk.positions[end - count:end], chunk.impacts[end - count:end])
