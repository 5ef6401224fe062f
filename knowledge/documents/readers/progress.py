"""Progress (进度) of reading one file, and the limits within which it is read."""

from __future__ import annotations

from collections.abc import Callable

from knowledge.errors import UnreadableDocumentError

Progress = Callable[[int, int], None]
"""Told after each page: how many are done, how many there are. Formats without pages tell once, at the end."""

MOST_PAGES = 3_000
MOST_PICTURED_PAGES = 300
"""Pages whose words have to be read from a picture take seconds each."""


def unwatched(done: int, of: int) -> None:
    """For callers that need no progress."""


def check_pages(pages: int, name: str, limit: int = MOST_PAGES) -> None:
    if pages > limit:
        raise UnreadableDocumentError("unreadable.too_many_pages", name=name, pages=pages, limit=limit)
