"""The handbook bound: the whole book as one HTML text that needs nothing beside it, with what its print needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from channels.handbook.edition import Edition
from channels.templates import FOLDER, render_text
from knowledge.book import Book, ProgrammePage
from knowledge.flow_charts import PAPER, PHONE, flow_chart

STYLES = ("web/static/page.css", "handbook/static/handbook.css", "handbook/static/bound.css")
OTHER_CHAPTERS = {"processes": "办理流程", "resources": "服务和慈善项目", "contacts": "电话和部门"}


def bound_html(book: Book, edition: Edition, page_numbers: Mapping[str, int] | None = None) -> str:
    """page_numbers: element ids of chapters to the page they begin on, for the contents of a print; None: contents without."""
    groups = book.groups()
    pages = [page for group in groups for named in group.programmes if (page := book.programme(named.id)) is not None]
    context = {
        "book": book,
        "edition": edition,
        "groups": groups,
        "pages": pages,
        "charts": {page.programme.id: (flow_chart(page.flow, PHONE), flow_chart(page.flow, PAPER)) for page in pages},
        "processes": book.processes(),
        "resources": book.resources(),
        "page_numbers": page_numbers or {},
        "style": "\n".join((*_style_sheets(), *_running_heads(book, pages))),
    }
    return render_text("handbook/bound.html", context)


def _style_sheets() -> Iterator[str]:
    for name in STYLES:
        yield (FOLDER / name).read_text(encoding="utf-8")


def _running_heads(book: Book, pages: list[ProgrammePage]) -> Iterator[str]:
    """On paper every chapter has the book's name on the left and its own on the right at the head of its pages."""
    heads = [(str(number), page.programme.name) for number, page in enumerate(pages, 1)]
    for name, title in (*heads, *OTHER_CHAPTERS.items()):
        look = "font: 9pt sans-serif; color: #5c6470;"
        yield (
            f"@page chapter-{name} {{ @top-left {{ content: {_css_text(book.title)}; {look} }} "
            f"@top-right {{ content: {_css_text(title)}; {look} }} }}\n.chapter-{name} {{ page: chapter-{name}; }}"
        )


def _css_text(text: str) -> str:
    """A CSS string; whatever is no letter or digit is escaped, so that no text ends the string or the style element."""
    return '"' + "".join(letter if letter.isalnum() else f"\\{ord(letter):x} " for letter in text) + '"'
