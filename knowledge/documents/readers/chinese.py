"""Is it Chinese that was read? A policy document is; a listing, a foreign text or rubble is not."""

from __future__ import annotations

import re

from knowledge.documents.blocks import Source
from knowledge.errors import UnreadableDocumentError

CJK = re.compile(r"[\u3400-\u9fff]")
STRANGE = re.compile(
    r"[^\s\x21-\x7e\u00a0-\u00ff\u0391-\u03c9\u2000-\u27ff\u3000-\u303f\u3200-\u33ff\u3400-\u9fff\ufe30-\ufe6f\uff00-\uffef]"
)
"""Characters that no Chinese document holds in number: other scripts, private ones."""
LEAST_CHINESE = 0.05
"""Of all characters. A table of telephone numbers has few words, but its header is Chinese."""
MOST_STRANGE = 0.15


def check_chinese(source: Source, name: str) -> None:
    """Raises UnreadableDocumentError: nothing to read at all, rubble, next to no Chinese."""
    text = re.sub(r"\s", "", "".join(block.text for block in source.blocks))
    if not text:
        raise UnreadableDocumentError("unreadable.no_clauses", name=name)
    if len(STRANGE.findall(text)) > MOST_STRANGE * len(text):
        raise UnreadableDocumentError("unreadable.garbled", name=name)
    share = len(CJK.findall(text)) / len(text)
    if share < LEAST_CHINESE:
        raise UnreadableDocumentError("unreadable.not_chinese", name=name, share=round(share * 100))
