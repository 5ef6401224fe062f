"""Every sentence that the code asks for is in the file, with the places that the code fills."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from knowledge.wording import places_of, sentences

KNOWLEDGE = Path(__file__).parents[2] / "knowledge"
SPEAKERS = (
    "say",
    "KnowledgeError",
    "UnreadableDocumentError",
    "ManifestError",
    "EmptyDraftError",
    "UnknownReleaseError",
    "UnknownDocumentError",
)


def calls() -> Iterator[tuple[str, str, frozenset[str]]]:
    """File, key and places of every sentence asked for by its literal key."""
    for path in (*KNOWLEDGE.glob("*.py"), *KNOWLEDGE.glob("documents/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SPEAKERS and node.args:
                key = node.args[0]
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield path.name, key.value, frozenset(keyword.arg for keyword in node.keywords if keyword.arg)


def test_every_key_exists_and_its_places_are_filled() -> None:
    asked = list(calls())
    assert len(asked) > 30
    for file, key, given in asked:
        assert key in sentences(), (file, key)
        assert places_of(key) <= given, (file, key)


def test_every_failure_says_what_to_do_next() -> None:
    for key, sentence in sentences().items():
        if key.startswith(("unreadable.", "release.unknown", "release.empty")):
            assert sentence.endswith(("。", "”", ")", "。{existing}", "{existing}", "txt", "/")), key
            assert any(word in sentence for word in ("请", "例如", "可以", "{existing}")), key
