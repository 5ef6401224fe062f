"""The tables of search in PostgreSQL: which indexes are kept, their words, and the vectors that all of them share.

They belong to this backend alone and are made by it, not by the migrations: a product that searches in memory needs neither
the tables nor the extension pgvector.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from pgvector.psycopg import register_vector
from psycopg import sql
from psycopg_pool import ConnectionPool, PoolTimeout
from sqlalchemy import make_url

from retrieval.searcher import SearchError

Connection = psycopg.Connection[tuple[Any, ...]]

CONNECT_SECONDS = 5
SEARCH_SECONDS = 3              # one statement of a search; a resident waits
BUILD_SECONDS = 1800            # one statement of a building, or waiting for another worker's
MOST_CONNECTIONS = 8            # of one worker; a search holds one for a few milliseconds
BUILD_MEMORY_MEGABYTES = 256    # for linking the graph of vectors

BUILD_LOCK = 8_214_003
"""Any number, but the same in every worker: one of them builds or drops indexes at a time."""

SEARCH_BREADTH = 400
"""Candidates kept while walking the graph of vectors (hnsw.ef_search); the scan goes on until enough allowed ones are found."""

VECTORS = "search_vectors"     # what the names of vector tables begin with

TABLES = """
CREATE TABLE IF NOT EXISTS search_index (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key text NOT NULL UNIQUE,
    release integer NOT NULL,
    release_digest text NOT NULL,
    embedder text NOT NULL,
    entries integer NOT NULL,
    passages bytea NOT NULL,
    passage_moments bytea NOT NULL,
    questions bytea NOT NULL,
    question_moments bytea NOT NULL,
    question_weights bytea NOT NULL,
    built_at timestamptz NOT NULL DEFAULT now(),
    used_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS search_posting (
    index_id bigint NOT NULL REFERENCES search_index ON DELETE CASCADE,
    token text NOT NULL,
    field text NOT NULL,
    positions bytea NOT NULL,
    impacts bytea NOT NULL,
    PRIMARY KEY (index_id, token, field)
);
"""
"""search_index: one row an index. passages, questions: the row of the vector table for each entry, and for each question of the
entries in turn (little-endian 32-bit numbers). moments: mean and covariance of those vectors; question_weights: how much the
words of each question say (32-bit floats).
search_posting: for each word and field of an index, which texts hold it and what it adds to the BM25 of each."""


class SearchDatabase:
    """Connections for searching and building. Raises SearchError for whatever the server or the network says."""

    def __init__(self, address: str) -> None:
        url = make_url(address)
        if url.get_backend_name() != "postgresql":
            raise SearchError(f"YIBENTONG_RETRIEVAL is 'postgres', but the database is {url.get_backend_name()}: set "
                              "YIBENTONG_DATABASE_URL, e.g. postgresql+psycopg://yibentong@127.0.0.1/yibentong, or "
                              "YIBENTONG_RETRIEVAL=memory")
        self._shown = url.render_as_string()            # without the password
        self._address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._make_tables()
        self._pool: ConnectionPool[Connection] = ConnectionPool(
            self._address, min_size=1, max_size=MOST_CONNECTIONS, timeout=CONNECT_SECONDS, open=True, configure=_for_searching,
            kwargs={"autocommit": True, "connect_timeout": CONNECT_SECONDS},
        )

    def close(self) -> None:
        self._pool.close()

    @contextmanager
    def searching(self) -> Iterator[Connection]:
        """A connection of the pool whose statements are cut off after a few seconds."""
        with self._errors("searched"), self._pool.connection() as connection:
            yield connection

    @contextmanager
    def building(self) -> Iterator[Connection]:
        """A connection of its own, as the only one in all workers that builds; others wait for their turn here."""
        with self._errors("used to build an index"), psycopg.connect(
            self._address, autocommit=True, connect_timeout=CONNECT_SECONDS
        ) as connection:
            register_vector(connection)
            _limit(connection, BUILD_SECONDS)
            connection.execute(f"SET maintenance_work_mem = '{BUILD_MEMORY_MEGABYTES}MB'")
            connection.execute("SELECT pg_advisory_lock(%s)", (BUILD_LOCK,))
            yield connection                    # closing it gives the lock back, also when we die

    def _make_tables(self) -> None:
        with self._errors("prepared for searching"), psycopg.connect(
            self._address, connect_timeout=CONNECT_SECONDS
        ) as connection:
            _limit(connection, BUILD_SECONDS)
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (BUILD_LOCK,))
            connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
            connection.execute(TABLES)

    @contextmanager
    def _errors(self, done: str) -> Iterator[None]:
        try:
            yield
        except psycopg.errors.FeatureNotSupported as error:
            raise SearchError(f"the server of {self._shown} lacks pgvector ({_first_line(error)}): install the extension "
                              "'vector' 0.8 or newer there, or set YIBENTONG_RETRIEVAL=memory") from error
        except (psycopg.Error, PoolTimeout) as error:
            raise SearchError(f"the database {self._shown} cannot be {done}: {_first_line(error)}") from error


def vector_table(kind: str, embedder: str) -> str:
    """The name of the table that holds every passage, or every question, that an embedder (by its digest) ever saw here."""
    return f"{VECTORS}_{kind}_{hashlib.sha256(embedder.encode()).hexdigest()[:16]}"


def create_vectors(connection: Connection, table: str, dimension: int) -> None:
    """Makes a vector table where it is absent. Rows keep their number: a release that changes a document adds that one's."""
    columns = "id integer GENERATED ALWAYS AS IDENTITY (MINVALUE 0 START 0) PRIMARY KEY, text_key bytea NOT NULL UNIQUE"
    connection.execute(sql.SQL("CREATE TABLE IF NOT EXISTS {} (" + columns + ", vector vector({}) NOT NULL)").format(
        sql.Identifier(table), sql.Literal(dimension)))


def drop_vectors(connection: Connection, embedders: Iterable[str], kinds: Sequence[str]) -> None:
    """Drops the vector tables of all but these embedders."""
    kept = [vector_table(kind, embedder) for embedder in embedders for kind in kinds]
    names = connection.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace "
        "AND relname LIKE %s AND relname <> ALL(%s)", (VECTORS + r"\_%", kept),
    ).fetchall()
    for (name,) in names:
        connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(name)))


def _for_searching(connection: Connection) -> None:
    register_vector(connection)
    _limit(connection, SEARCH_SECONDS)
    connection.execute(f"SET hnsw.ef_search = {SEARCH_BREADTH}")
    # Strict: what is filtered out is made up for by going on, and the order stays exact.
    connection.execute("SET hnsw.iterative_scan = strict_order")
    # Planning and compiling would take longer than the search itself.
    connection.execute("SET jit = off")


def _limit(connection: Connection, seconds: int) -> None:
    connection.execute(f"SET statement_timeout = '{seconds}s'")


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
