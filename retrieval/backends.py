"""Where indexes lie: in the memory of each worker, or in PostgreSQL for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from retrieval.embedding import Embedder
from retrieval.embedding_store import Progress
from retrieval.entries import Entry
from retrieval.hybrid import HybridIndex
from retrieval.searcher import SearchError
from retrieval.words import Words

MEMORY, POSTGRES = "memory", "postgres"


class Indexes(Protocol):
    """Opens the index of a release, building it when it is not there yet."""

    def open_index(
        self, entries: Sequence[Entry], words: Words, *, release: int = 0, digest: str = "", progress: Progress | None = None
    ) -> HybridIndex:
        """The hybrid index of these entries; release and digest only name it. Raises SearchError."""
        ...

    def close(self) -> None:
        """Gives connections back; indexes opened here can no longer be searched."""
        ...


def open_indexes(setting: str, embedder: Embedder, data_dir: Path, database: str) -> Indexes:
    """The backend a setting names: "memory" (kept in data_dir), or "postgres" (kept in that database). Raises SearchError."""
    wanted = setting.strip()
    if wanted == MEMORY:
        from retrieval.cache import MemoryIndexes

        return MemoryIndexes(embedder, data_dir)
    if wanted != POSTGRES:
        raise SearchError(f"YIBENTONG_RETRIEVAL is '{setting}': give {MEMORY}, or {POSTGRES} together with a PostgreSQL "
                          "YIBENTONG_DATABASE_URL, e.g. postgresql+psycopg://yibentong@127.0.0.1/yibentong")
    try:
        from retrieval.postgres import PostgresIndexes
        from retrieval.postgres_tables import SearchDatabase
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in ("psycopg", "psycopg_pool", "pgvector"):
            raise
        raise SearchError(f"YIBENTONG_RETRIEVAL is '{POSTGRES}', and for that {package} is needed: "
                          "pip install 'yibentong[postgres]', or set YIBENTONG_RETRIEVAL=memory") from error
    return PostgresIndexes(SearchDatabase(database), embedder, data_dir)
