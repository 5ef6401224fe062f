"""A PostgreSQL server for the whole run, where a wheel brings one: otherwise the PostgreSQL half of storage tests skips."""

from __future__ import annotations

import os
import tempfile
import warnings

import pytest

NAMED = "YIBENTONG_TEST_POSTGRES"
_servers: list[tuple[object, tempfile.TemporaryDirectory[str]]] = []


def pytest_sessionstart(session: pytest.Session) -> None:
    """Names the server for tests/knowledge/databases.py and others, unless somebody named one already. Each process of a parallel
    run has its own, since its tests empty the database."""
    is_worker = hasattr(session.config, "workerinput")
    only_hands_out_work = bool(getattr(session.config.option, "numprocesses", None)) and not is_worker
    if os.environ.get(NAMED) or only_hands_out_work:
        return
    # Under /tmp: a socket's path may have about a hundred characters.
    folder = tempfile.TemporaryDirectory(prefix="pg", dir="/tmp", ignore_cleanup_errors=True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pgserver

            server = pgserver.get_server(folder.name)
    except Exception as error:
        # Any machine where the wheel's server does not run: the tests that want it say so and skip.
        folder.cleanup()
        session.config.stash[_reason] = str(error)
        return
    os.environ[NAMED] = f"postgresql+psycopg://postgres@/postgres?host={folder.name}"
    _servers.append((server, folder))


_reason = pytest.StashKey[str]()


def pytest_report_header(config: pytest.Config) -> str:
    return f"PostgreSQL: {config.stash.get(_reason, 'from a wheel, or named by ' + NAMED)}"


def pytest_sessionfinish() -> None:
    for server, folder in _servers:
        server.cleanup()  # type: ignore[attr-defined]
        folder.cleanup()
        os.environ.pop(NAMED, None)
