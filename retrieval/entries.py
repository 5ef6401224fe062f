"""Entries: what is indexed of a text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """What is indexed of one text. asked_as: questions that people ask and this text answers."""

    title: str
    text: str
    headings: tuple[str, ...] = ()
    article: str = ""
    asked_as: tuple[str, ...] = ()

    @property
    def context(self) -> str:
        """Where the text stands: its document's title, its headings and its numbering."""
        return "\n".join(filter(None, (self.title, *self.headings, self.article)))

    @property
    def said(self) -> str:
        """All the words of the text itself, the context before it."""
        return "\n".join(filter(None, (self.context, self.text)))

    @property
    def passage(self) -> str:
        """What is embedded: the text with just enough context to know what it is about. Headings such as 总则 blur it."""
        return "\n".join(filter(None, (f"{self.title} {self.article}".strip(), self.text)))
