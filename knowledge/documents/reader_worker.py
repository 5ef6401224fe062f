"""The process that reads files of strangers: python -m knowledge.documents.reader_worker.

Takes a line {"name", "size", "max_bytes"} and that many bytes; answers with lines {"progress": [done, of]} and at last one of
{"source"}, {"failure", "values"}, {"unexpected", "trace"}. Ends when its input ends or nothing comes for a while. It works under
limits of memory, file size and computing time that it cannot raise, and with an environment that holds no secret.
"""

from __future__ import annotations

import json
import os
import resource
import select
import sys
import traceback
from typing import Any, BinaryIO

from knowledge.documents.reader_messages import source_record
from knowledge.documents.readers import read_source
from knowledge.errors import UnreadableDocumentError

MEMORY_BYTES = 3 * 1024 * 1024 * 1024
WRITTEN_BYTES = 512 * 1024 * 1024
CPU_SECONDS_A_FILE = 3_600
IDLE_SECONDS = 60


def main() -> None:
    incoming, outgoing = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # What a library prints must not mix with our answers.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (WRITTEN_BYTES, WRITTEN_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while (request := _next_request(incoming)) is not None:
        _allow_cpu()
        answer(request, incoming.read(request["size"]), outgoing)


def _next_request(incoming: BinaryIO) -> dict[str, Any] | None:
    ready, _, _ = select.select([incoming], [], [], IDLE_SECONDS)
    line = incoming.readline() if ready else b""
    return json.loads(line) if line else None


def _allow_cpu() -> None:
    """The limit counts from the start of the process; each file gets its share anew."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + CPU_SECONDS_A_FILE
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))


def answer(request: dict[str, Any], content: bytes, outgoing: BinaryIO) -> None:
    """Reads one file and writes what came of it."""
    def say(message: dict[str, Any]) -> None:
        outgoing.write(json.dumps(message, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n")
        outgoing.flush()

    try:
        source = read_source(content, request["name"], request["max_bytes"], lambda done, of: say({"progress": [done, of]}))
        answer: dict[str, Any] = {"source": source_record(source)}
    except UnreadableDocumentError as error:
        answer = {"failure": error.key, "values": {key: str(value) for key, value in error.values.items()}}
    except MemoryError:
        answer = {"failure": "unreadable.too_heavy", "values": {"name": request["name"]}}
    except Exception as error:
        # Told to the process that asked, which logs it: this one has no log.
        answer = {"unexpected": type(error).__name__, "trace": traceback.format_exc()}
    say(answer)


if __name__ == "__main__":
    main()
