"""The vector index in PostgreSQL: pgvector compares one by one while vectors are few, and along a graph (HNSW) above."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from psycopg import sql

from retrieval.embedding import Vectors
from retrieval.lexical import Floats, Positions
from retrieval.postgres_kept import KeptIndex, StoredIndex, VectorRows
from retrieval.postgres_tables import Connection
from retrieval.vectors import Moments

EXACT_UP_TO = 10_000
"""Vectors that the server compares one by one. Above, the graph is quicker and misses 2 or 3 of a hundred."""

FEW_ROWS = 300          # named one by one; more are marked in a string of bits, which the server checks while it reads the table

NEIGHBOURS, BUILD_BREADTH = 16, 128         # HNSW: links of a vector, candidates kept while linking


class PostgresVectors:
    """Passages or questions of an index, as retrieval.vectors.NearestVectors says. part: which of the two."""

    def __init__(self, kept: KeptIndex, part: Callable[[StoredIndex], VectorRows], exact_up_to: int) -> None:
        self._kept, self._part, self._exact_up_to = kept, part, exact_up_to

    def nearest(self, question: NDArray[np.float32], allowed: NDArray[np.bool_], limit: int) -> dict[int, float]:
        with self._kept.searching() as (connection, stored):
            part = self._part(stored)
            rows = np.unique(part.rows[allowed[part.owners]])
            if not len(rows):
                return {}
            # One owner's vectors may fill many places, so ask for enough that `limit` owners remain in all but odd cases.
            count = min(len(rows), limit * min(part.most_per_owner, 4))
            order = EXACTLY if len(rows) <= self._exact_up_to else ALONG_GRAPH
            best = part.best_by_owner(*_cosines(connection, part, question, rows, order, count))
        best[~allowed[:len(best)]] = -np.inf
        owners = np.lexsort((np.arange(len(best)), -best))[:limit]
        return {int(owner): float(best[owner]) for owner in owners if best[owner] > -np.inf}

    def usual(self, question: NDArray[np.float32]) -> tuple[float, float]:
        moments = self._part(self._kept.stored).moments
        return moments.of_cosines(question) if moments is not None else (0.0, 1.0)

    def cosines(self, question: NDArray[np.float32], owners: Sequence[int]) -> NDArray[np.float32]:
        wanted = np.asarray(owners, np.int32)
        found = np.full(len(wanted), np.nan, np.float32)
        with self._kept.searching() as (connection, stored):
            part = self._part(stored)
            rows = np.unique(part.rows[np.isin(part.owners, wanted)])
            if len(rows):
                best = part.best_by_owner(*_cosines(connection, part, question, rows, NO_ORDER, len(rows)))
                known = wanted < len(best)
                found[known] = np.where(np.isneginf(best[wanted[known]]), np.nan, best[wanted[known]])
        return found

    def cosine(self, question: NDArray[np.float32], owner: int) -> float | None:
        best = float(self.cosines(question, [owner])[0])
        return None if np.isnan(best) else best


EXACTLY = sql.SQL("ORDER BY (vector <#> %(question)s) + 0, id LIMIT %(count)s")
"""Adding nothing keeps the server off the graph, which knows the bare distance only: everything chosen is compared."""
ALONG_GRAPH = sql.SQL("ORDER BY vector <#> %(question)s LIMIT %(count)s")
NO_ORDER = sql.SQL("LIMIT %(count)s")

NAMED = sql.SQL("id = ANY(%(rows)s)")
MARKED = sql.SQL("CASE WHEN id < %(span)s THEN get_bit(%(bits)s, id) ELSE 0 END = 1")
"""Rows that came with later releases lie beyond the bits and are not ours."""


def _cosines(
    connection: Connection, part: VectorRows, question: Floats, rows: Positions, order: sql.SQL, count: int
) -> tuple[Positions, Floats]:
    """The chosen rows with their cosines, in the server's order."""
    values: dict[str, object] = {"question": question, "count": count}
    if len(rows) <= FEW_ROWS:
        chosen, values["rows"] = NAMED, rows.tolist()
    else:
        bits = np.zeros(part.span, np.bool_)
        bits[rows] = True
        chosen, values["bits"], values["span"] = MARKED, np.packbits(bits, bitorder="little").tobytes(), part.span
    query = sql.SQL("SELECT id, -(vector <#> %(question)s) FROM {} WHERE {} {}").format(sql.Identifier(part.table), chosen, order)
    found = connection.execute(query, values, binary=True).fetchall()
    return np.array([row for row, _ in found], np.int32), np.array([cosine for _, cosine in found], np.float32)


def stored_rows(connection: Connection, table: str, keys: Sequence[bytes]) -> dict[bytes, int]:
    """The rows that the table already has, by key of the text."""
    query = sql.SQL("SELECT text_key, id FROM {} WHERE text_key = ANY(%s)").format(sql.Identifier(table))
    return {bytes(key): int(row) for key, row in connection.execute(query, (list(keys),), binary=True)}


def add_rows(connection: Connection, table: str, keys: Sequence[bytes], vectors: Vectors) -> None:
    """Adds texts that are not there yet, inside the caller's transaction."""
    with connection.cursor() as cursor, cursor.copy(
        sql.SQL("COPY {} (text_key, vector) FROM STDIN (FORMAT BINARY)").format(sql.Identifier(table))
    ) as copy:
        copy.set_types(["bytea", "vector"])
        for key, vector in zip(keys, vectors, strict=True):
            copy.write_row((key, vector))


def link(connection: Connection, table: str, exact_up_to: int) -> None:
    """Makes the graph over a table that has grown beyond comparing one by one; later rows join it as they are added."""
    name = sql.Identifier(table)
    (count,) = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(name)).fetchone() or (0,)
    if int(count) > exact_up_to:
        connection.execute(
            sql.SQL("CREATE INDEX IF NOT EXISTS {} ON {} USING hnsw (vector vector_ip_ops) WITH (m = {}, ef_construction = {})")
            .format(sql.Identifier(f"{table}_near"), name, sql.Literal(NEIGHBOURS), sql.Literal(BUILD_BREADTH))
        )
    connection.execute(sql.SQL("ANALYZE {}").format(name))


def forget(connection: Connection, table: str, used: Positions, spare: int) -> None:
    """Drops the texts that no kept index has, once the table holds more than `spare` times as many as they have."""
    name = sql.Identifier(table)
    (count,) = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(name)).fetchone() or (0,)
    if int(count) > spare * len(used):
        connection.execute(sql.SQL("DELETE FROM {} WHERE id <> ALL(%s)").format(name), (used.tolist(),))


def moments_of(connection: Connection, table: str, rows: Positions, dimension: int) -> bytes:
    """Mean and covariance of these rows' vectors, a row that is named twice counting twice; empty for none."""
    if not len(rows) or not dimension:
        return b""
    wanted, times = np.unique(rows, return_counts=True)
    vectors = np.empty((len(wanted), dimension), np.float32)
    query = sql.SQL("SELECT id, vector FROM {} WHERE id = ANY(%s)").format(sql.Identifier(table))
    for row, vector in connection.execute(query, (wanted.tolist(),), binary=True):
        vectors[np.searchsorted(wanted, row)] = vector.to_numpy()
    moments = Moments.of(np.repeat(vectors, times, axis=0))
    return moments.mean.astype("<f4").tobytes() + moments.covariance.astype("<f4").tobytes()


def read_moments(stored: bytes, dimension: int) -> Moments | None:
    numbers = np.frombuffer(stored, "<f4").astype(np.float32)
    return Moments(numbers[:dimension], numbers[dimension:].reshape(dimension, dimension)) if len(numbers) else None
