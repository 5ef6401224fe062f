"""Questions as people ask them, for articles of documents that an office imports: the bridge to the law's words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from knowledge.catalogue_entries import CatalogueError, Entry

_PARAGRAPH = re.compile(r"^(第[^条]+条)第[^款]+款$")


def bare_title(title: str) -> str:
    """A title as people quote it: without 中华人民共和国 in front, brackets and spaces."""
    return title.replace(" ", "").strip("《》").removeprefix("中华人民共和国")


class AskedAs:
    """Questions by document title and article. They attach when a document of that title is imported, whatever its version."""

    def __init__(self, files: Mapping[str, Any]) -> None:
        self._by_article: dict[tuple[str, str], tuple[str, ...]] = {}
        for name, data in files.items():
            self._read(name, data)

    def of(self, title: str, article: str) -> tuple[str, ...]:
        """The questions an article answers; those of the whole article for one of its paragraphs (第十八条第二款)."""
        key = bare_title(title)
        found = self._by_article.get((key, article))
        if found is None and (paragraph := _PARAGRAPH.match(article)):
            found = self._by_article.get((key, paragraph[1]))
        return found or ()

    def __len__(self) -> int:
        return len(self._by_article)

    def _read(self, name: str, data: Any) -> None:
        entry = Entry(name, data)
        title = bare_title(entry.text("document", "中华人民共和国社会救助法"))
        entry.raw("version")  # says which text the questions were written from; they serve later versions too
        articles = entry.entry("articles")
        for article in articles.names():
            questions = articles.texts(article)
            if not questions:
                raise articles.wrong(article, "at least one question", f"{article}: [没批要给我书面理由吗]")
            if (title, article) in self._by_article:
                raise CatalogueError(f"{name}: '{article}' of {title} stands in another file too; keep one of them")
            self._by_article[(title, article)] = questions
        articles.finish()
        entry.finish()
