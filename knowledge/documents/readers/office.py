"""Old Word and WPS files (DOC, WPS, RTF, ODT), made DOCX by a LibreOffice that is installed beside us."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path, PurePath

from knowledge.documents.blocks import Source
from knowledge.documents.readers.progress import Progress, unwatched
from knowledge.documents.readers.signatures import found_in
from knowledge.documents.readers.word import read_docx
from knowledge.errors import UnreadableDocumentError
from knowledge.wording import say

PROGRAMS = ("soffice", "libreoffice")
TIMEOUT_SECONDS = 80
TAKEN = {
    ".doc": ("old_office", "rich_text", "html"),
    ".wps": ("old_office", "rich_text"),
    ".rtf": ("rich_text",),
    ".odt": ("zip",),
}
"""What a file of that ending may be inside: Word itself saved pages and rich text as .doc."""


def office_program() -> str | None:
    """LibreOffice's program, None where it is not installed."""
    return next((found for program in PROGRAMS if (found := shutil.which(program))), None)


def read_office(content: bytes, name: str, progress: Progress = unwatched) -> Source:
    """Blocks of the DOCX that LibreOffice makes of it. Raises UnreadableDocumentError: none installed, wrong ending, broken."""
    ending = PurePath(name).suffix.lower()
    found = found_in(content)
    if found == "locked_office":
        raise UnreadableDocumentError("unreadable.locked_office", name=name)
    if found not in TAKEN[ending]:
        raise UnreadableDocumentError("unreadable.not_office", name=name, ending=ending, found=say(f"found.{found or 'unknown'}"))
    program = office_program()
    if program is None:
        raise UnreadableDocumentError("unreadable.no_libreoffice", name=name, stem=PurePath(name).stem)
    # A profile of its own: two conversions at once must not share one, and nothing a file does to it may stay.
    with tempfile.TemporaryDirectory(prefix="yibentong-office-") as folder:
        converted = _converted(program, content, ending, Path(folder), name)
        return read_docx(converted, name, progress)


def _converted(program: str, content: bytes, ending: str, folder: Path, name: str) -> bytes:
    given, made = folder / f"given{ending}", folder / "made"
    given.write_bytes(content)
    command = [
        program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--norestore", "--nolockcheck",
        "--convert-to", "docx:MS Word 2007 XML", "--outdir", str(made), str(given),
    ]
    environment = {**os.environ, "HOME": str(folder)}
    process = subprocess.Popen(
        command, env=environment, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    try:
        process.wait(TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise UnreadableDocumentError("unreadable.too_slow", name=name, seconds=TIMEOUT_SECONDS) from error
    finally:
        # soffice starts a second program; both belong to the session made above.
        _end(process)
    target = made / "given.docx"
    if not target.is_file():
        raise UnreadableDocumentError("unreadable.broken_office", name=name)
    return target.read_bytes()


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
