"""Printing: an HTML file to PDF by a headless Chromium of the machine, and where its chapters begin."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
"""Names of the programs that print alike, looked for in this order."""

FLAGS = (
    "--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-pdf-header-footer", "--generate-pdf-document-outline",
    # Without its own sandbox because containers and root have none for it; what it opens is one page of ours without script.
    "--no-sandbox",
)
LONGEST_SECONDS = 180
COMPLAINT_SHOWN = 400


class PrintingError(Exception):
    """The browser was there and did not print. Read by operators."""


@dataclass(frozen=True, slots=True)
class Print:
    """What is in a printed file. begins: element ids that links lead to, with the page each is on, counted from 1."""

    pages: int
    begins: dict[str, int]


def browser_of_machine() -> str | None:
    """Path of a browser that prints; None when the machine has none."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def print_pdf(html: Path, pdf: Path, browser: str) -> Print:
    """Prints a file; PrintingError says what the browser said."""
    with tempfile.TemporaryDirectory(prefix="yibentong-print-", ignore_cleanup_errors=True) as profile:
        command = [browser, *FLAGS, f"--user-data-dir={profile}", f"--print-to-pdf={pdf.resolve()}", html.resolve().as_uri()]
        try:
            done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=LONGEST_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            raise PrintingError(f"{browser} 打印超过 {LONGEST_SECONDS} 秒还没有完成") from None
        except OSError as error:
            raise PrintingError(f"{browser} 打不开：{error.strerror}") from None
    if done.returncode or not pdf.exists():
        raise PrintingError(f"{browser} 没有打印成功（退出码 {done.returncode}）：{done.stderr.strip()[-COMPLAINT_SHOWN:]}")
    return read_print(pdf)


def read_print(pdf: Path) -> Print:
    with pypdfium2.PdfDocument(pdf) as document:
        found = range(pdfium.FPDF_CountNamedDests(document.raw))
        return Print(len(document), dict(_named_place(document, index) for index in found))


def _named_place(document: pypdfium2.PdfDocument, index: int) -> tuple[str, int]:
    """One named destination: Chromium makes one, by element id, for everything a link of the file leads to."""
    length = ctypes.c_long()
    pdfium.FPDF_GetNamedDest(document.raw, index, None, length)
    buffer = ctypes.create_string_buffer(max(length.value, 2))
    place = pdfium.FPDF_GetNamedDest(document.raw, index, buffer, length)
    name = buffer.raw[: max(length.value - 2, 0)].decode("utf-16-le", errors="replace")
    return name, pdfium.FPDFDest_GetDestPageIndex(document.raw, place) + 1
