"""Files of strangers are read apart: what bursts, hangs or breaks there becomes one failure here."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge.documents import reader_worker
from knowledge.documents.blocks import Block, Source, table_block
from knowledge.documents.positions import Counted, at
from knowledge.documents.printed_tables import PrintedTable
from knowledge.documents.reader_messages import source_from, source_record
from knowledge.documents.reader_process import LIMITS, Limits, ReaderProcess, read_apart
from knowledge.documents.readers import MAX_BYTES, read_source
from knowledge.errors import UnreadableDocumentError
from tests.knowledge.made_documents import NOTICE, docx_of
from tests.knowledge.paper import pdf

PAGES = pdf(*[[(62, 700, words)] for words in ("各街镇做好救助工作。", "按月走访困难家庭。", "及时纳入动态监测。")])


@pytest.fixture
def process() -> Iterator[ReaderProcess]:
    process = ReaderProcess()
    yield process
    process.end()


def read(process: ReaderProcess, content: bytes, name: str, limits: Limits = LIMITS) -> Source:
    return process.read(content, name, MAX_BYTES, lambda done, of: None, limits)


def test_what_is_read_apart_is_what_is_read_here(process: ReaderProcess) -> None:
    for content, name in ((docx_of(), "通知.docx"), (PAGES, "说明.pdf")):
        assert read(process, content, name) == read_source(content, name)


def test_pages_are_told_while_they_are_read(process: ReaderProcess) -> None:
    told: list[tuple[int, int]] = []
    process.read(PAGES, "说明.pdf", MAX_BYTES, lambda done, of: told.append((done, of)), LIMITS)
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_after_a_failure_the_same_process_reads_the_next_file(process: ReaderProcess) -> None:
    with pytest.raises(UnreadableDocumentError) as caught:
        read(process, b"PK\x03\x04" + bytes(500), "坏.docx")
    assert (caught.value.key, process.is_alive) == ("unreadable.broken_office", True)
    assert read(process, PAGES, "说明.pdf").blocks


def test_a_file_that_takes_too_long_fails_and_ends_its_process(process: ReaderProcess) -> None:
    with pytest.raises(UnreadableDocumentError, match=r"说明\.pdf.*时限"):
        read(process, PAGES, "说明.pdf", Limits(a_page=0.0))
    assert not process.is_alive


def test_a_process_that_breaks_is_one_failure(process: ReaderProcess) -> None:
    process.end()
    with pytest.raises(UnreadableDocumentError, match="中途退出"):
        read(process, PAGES, "说明.pdf")


def test_whoever_stops_watching_does_not_spoil_the_next_file() -> None:
    class Stopped(Exception):
        pass

    def stop(done: int, of: int) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        read_apart(PAGES, "说明.pdf", progress=stop)
    assert read_apart(docx_of(), "通知.docx").blocks[0].text == NOTICE[0]


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc to look into another process")
def test_no_secret_is_handed_to_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIBENTONG_SECRET_KEY", "0123456789")
    process = ReaderProcess()
    try:
        assert read(process, PAGES, "说明.pdf").blocks
        environment = Path(f"/proc/{process.pid}/environ").read_bytes()
    finally:
        process.end()
    assert (b"PYTHONPATH=" in environment, b"YIBENTONG" in environment) == (True, False)


# -- the worker's own answers --------------------------------------------------------------------------------


def answer(monkeypatch: pytest.MonkeyPatch, error: Exception) -> dict[str, object]:
    def fail(*_: object) -> Source:
        raise error

    monkeypatch.setattr(reader_worker, "read_source", fail)
    out = io.BytesIO()
    reader_worker.answer({"name": "文件.docx", "max_bytes": 10}, b"", out)
    message: dict[str, object] = json.loads(out.getvalue())
    return message


def test_memory_that_runs_out_is_a_failure_with_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    assert answer(monkeypatch, MemoryError()) == {"failure": "unreadable.too_heavy", "values": {"name": "文件.docx"}}


def test_what_nobody_thought_of_is_told_with_its_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    message = answer(monkeypatch, ZeroDivisionError("x"))
    assert (message["unexpected"], "ZeroDivisionError: x" in str(message["trace"])) == ("ZeroDivisionError", True)


def test_every_part_of_a_source_survives_the_way_between_the_processes() -> None:
    table = PrintedTable((("项目", "标准"), ("低保", "1510")), 1, "标准表", "单位：元")
    blocks = (
        Block("标题", 1, positions=at(Counted.PAGE, 1)),
        Block("粗体", bold=True, confidence=0.91),
        table_block(table, at(Counted.ROW, 2, "表1")),
    )
    source = Source(blocks, {"title": "标题"}, 1, ("说明",))
    assert source_from(json.loads(json.dumps(source_record(source)))) == source


def test_reading_loads_no_library_of_a_format_here() -> None:
    heavy = "docx", "openpyxl", "trafilatura", "pdfplumber", "pypdfium2", "rapidocr", "cv2", "PIL"
    code = f"import sys, knowledge.documents.reading; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
