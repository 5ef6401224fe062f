"""Reading apart: files of strangers are parsed in a process of their own, which can burst, hang or break without harm to us."""

from __future__ import annotations

import atexit
import json
import logging
import os
import select
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from typing import IO, Any

from knowledge.documents.blocks import Source
from knowledge.documents.reader_messages import source_from
from knowledge.documents.readers import MAX_BYTES, format_of, read_source
from knowledge.documents.readers.progress import Progress, unwatched
from knowledge.errors import UnreadableDocumentError

log = logging.getLogger("knowledge")

WORKER = "knowledge.documents.reader_worker"
LEFT_TO_THE_WORKER = ("PATH", "LANG", "LC_ALL", "TMPDIR", "OMP_NUM_THREADS", "SYSTEMROOT")
"""The only variables it gets: neither keys nor the address of the database are among them."""
MOST_IDLE = 2
CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds from one page to the next, and for a whole file."""

    a_page: float = 120.0
    a_file: float = 1_800.0


LIMITS = Limits()


class _Lost(Exception):
    """The process ended without an answer."""


class ReaderProcess:
    """One process that reads one file after another. Not for two threads at once."""

    def __init__(self) -> None:
        environment = {name: os.environ[name] for name in LEFT_TO_THE_WORKER if name in os.environ}
        environment |= {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "HOME": tempfile.gettempdir(), "PYTHONUTF8": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", WORKER],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment,
        )
        self._kept = b""

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def read(self, content: bytes, name: str, max_bytes: int, progress: Progress, limits: Limits) -> Source:
        """Raises UnreadableDocumentError; after one for time or a lost process, this one has ended."""
        started = time.monotonic()
        try:
            self._send(content, name, max_bytes)
            while True:
                left = limits.a_file - (time.monotonic() - started)
                message = self._message(min(limits.a_page, max(left, 0.0)))
                if "progress" not in message:
                    return _source_of(message, name)
                done, of = message["progress"]
                progress(int(done), int(of))
        except TimeoutError as error:
            self.end()
            seconds = round(time.monotonic() - started)
            raise UnreadableDocumentError("unreadable.too_slow", name=name, seconds=seconds) from error
        except (_Lost, OSError) as error:
            self.end()
            raise UnreadableDocumentError("unreadable.reader_lost", name=name) from error

    def end(self) -> None:
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            _close(pipe)
        self._process.wait()

    def _send(self, content: bytes, name: str, max_bytes: int) -> None:
        pipe = self._process.stdin
        if pipe is None or pipe.closed:
            raise _Lost
        request = {"name": name, "size": len(content), "max_bytes": max_bytes}
        pipe.write(json.dumps(request).encode("ascii") + b"\n")
        pipe.write(content)
        pipe.flush()

    def _message(self, seconds: float) -> dict[str, Any]:
        """The next line it says. Raises TimeoutError, _Lost."""
        pipe = self._process.stdout
        if pipe is None:
            raise _Lost
        deadline = time.monotonic() + seconds
        parts = [self._kept]
        while b"\n" not in parts[-1]:
            ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError
            part = os.read(pipe.fileno(), CHUNK)
            if not part:
                raise _Lost
            parts.append(part)
        line, _, self._kept = b"".join(parts).partition(b"\n")
        message = json.loads(line.decode("utf-8", "surrogatepass"))
        if not isinstance(message, dict):
            raise _Lost
        return message


def _close(pipe: IO[bytes] | None) -> None:
    try:
        if pipe is not None:
            pipe.close()
    except BrokenPipeError:
        log.debug("the reading process ended before it took all of its file")


def _source_of(message: dict[str, Any], name: str) -> Source:
    if "source" in message:
        return source_from(message["source"])
    if "failure" in message:
        raise UnreadableDocumentError(message["failure"], **message["values"])
    log.error("reading %s failed in the reading process:\n%s", name, message.get("trace"))
    raise UnreadableDocumentError("unreadable.unexpected", name=name, reason=message.get("unexpected"))


class _Idle:
    """Processes that wait for their next file: starting one takes half a second."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[ReaderProcess] = []

    def take(self) -> ReaderProcess:
        with self._lock:
            while self._waiting:
                process = self._waiting.pop()
                if process.is_alive:
                    return process
                process.end()
        return ReaderProcess()

    def give_back(self, process: ReaderProcess) -> None:
        with self._lock:
            if process.is_alive and len(self._waiting) < MOST_IDLE:
                self._waiting.append(process)
                return
        process.end()

    def end(self) -> None:
        with self._lock:
            while self._waiting:
                self._waiting.pop().end()


_IDLE = _Idle()
atexit.register(_IDLE.end)


def read_apart(
    content: bytes, name: str, max_bytes: int = MAX_BYTES, progress: Progress = unwatched, limits: Limits = LIMITS,
) -> Source:
    """The blocks of a file, parsed in a process of its own where its format calls for one; waits until it is read.

    Raises UnreadableDocumentError, whose text is for the person who imports."""
    if not format_of(content, name, max_bytes).apart:
        return read_source(content, name, max_bytes, progress)
    process = _IDLE.take()
    try:
        source = process.read(content, name, max_bytes, progress, limits)
    except UnreadableDocumentError:
        _IDLE.give_back(process)
        raise
    except BaseException:
        # Whoever watched the progress gave up in the middle of a file: its rest must not be taken for the next answer.
        process.end()
        raise
    _IDLE.give_back(process)
    return source
