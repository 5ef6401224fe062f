"""Pictures (JPEG, PNG, TIFF …) of pages: scans and photos, read by character recognition."""

from __future__ import annotations

import io
import re
import warnings
from dataclasses import replace
from pathlib import PurePath

from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from knowledge.documents.blocks import Source
from knowledge.documents.readers.layout import blocks_on, without_running_heads
from knowledge.documents.readers.progress import MOST_PICTURED_PAGES, Progress, check_pages, unwatched
from knowledge.documents.readers.recognition import in_one_spelling, recogniser
from knowledge.documents.readers.signatures import found_in
from knowledge.errors import UnreadableDocumentError
from knowledge.wording import say

FORMATS = ("JPEG", "PNG", "TIFF", "BMP", "WEBP", "GIF")
MOST_PIXELS = 60_000_000
LONGEST_SIDE = 3_600
"""Pixels; a larger picture is made smaller before it is read, which changes nothing for print of usual size."""
SHORT_SIDE = 1_000
LEAST_CHINESE = 8
"""Fewer Chinese characters on a picture are a sign or a stain, not a document."""
CJK = re.compile(r"[\u3400-\u9fff]")


def read_picture(content: bytes, name: str, progress: Progress = unwatched) -> Source:
    """Blocks of a picture, one a paragraph or table. Raises UnreadableDocumentError: no picture, too large, no text on it."""
    found = found_in(content)
    if found != "image":
        raise UnreadableDocumentError("unreadable.not_picture", name=name, found=say(f"found.{found or 'unknown'}"))
    reader = recogniser()
    if reader is None:
        raise UnreadableDocumentError("unreadable.no_recognition", name=name, stem=PurePath(name).stem)
    pages = []
    pictures = _pictures(content, name)
    for number, picture in enumerate(pictures, start=1):
        read = reader.read(picture, first_page=number == 1)
        pages.append(replace(read, number=number))
        progress(number, len(pictures))
    kept, _ = without_running_heads(in_one_spelling(pages))
    blocks = blocks_on(kept)
    if sum(len(CJK.findall(block.text)) for block in blocks) < LEAST_CHINESE:
        raise UnreadableDocumentError("unreadable.picture_without_text", name=name)
    return Source(tuple(blocks), remarks=(say("remark.recognised"),))


def _pictures(content: bytes, name: str) -> list[Image.Image]:
    """Each page of the picture, upright as the camera meant it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            opened = Image.open(io.BytesIO(content), formats=FORMATS)
            if opened.width * opened.height > MOST_PIXELS:
                raise UnreadableDocumentError("unreadable.too_many_pixels", name=name, width=opened.width, height=opened.height)
            check_pages(getattr(opened, "n_frames", 1), name, MOST_PICTURED_PAGES)
            return [_fitted(ImageOps.exif_transpose(frame).convert("RGB")) for frame in ImageSequence.Iterator(opened)]
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise UnreadableDocumentError("unreadable.broken_picture", name=name) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnreadableDocumentError("unreadable.broken_picture", name=name) from error


def _fitted(picture: Image.Image) -> Image.Image:
    longest = max(picture.size)
    if longest > LONGEST_SIDE:
        return picture.resize(_scaled(picture, LONGEST_SIDE / longest), Image.Resampling.LANCZOS)
    if min(picture.size) < SHORT_SIDE:
        # A picture sent through a chat is made small; twice as large it is read better.
        return picture.resize(_scaled(picture, 2.0), Image.Resampling.LANCZOS)
    return picture


def _scaled(picture: Image.Image, factor: float) -> tuple[int, int]:
    return max(1, round(picture.width * factor)), max(1, round(picture.height * factor))
