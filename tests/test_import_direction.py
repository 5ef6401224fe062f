"""Imports run one way: channels -> bot -> retrieval -> knowledge; eval may import the lower three; nobody imports eval."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "knowledge": {"knowledge"},
    "retrieval": {"retrieval", "knowledge"},
    "bot": {"bot", "retrieval", "knowledge"},
    "channels": {"channels", "bot", "retrieval", "knowledge", "migrations"},
    "eval": {"eval", "bot", "retrieval", "knowledge", "migrations"},
    "migrations": {"migrations", "bot", "knowledge"},
}
OURS = {*MAY_IMPORT, "tests"}
HEAVY = ("torch", "transformers", "sentence_transformers", "langchain_openai", "rapidocr")


def imported_rooms(source: str) -> set[str]:
    rooms = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            rooms |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            rooms.add(node.module.split(".")[0])
    return rooms & OURS


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_a_room_imports_only_what_lies_below_it(room: str) -> None:
    wrong = {
        str(path.relative_to(ROOT)): sorted(bad)
        for path in (ROOT / room).rglob("*.py")
        if (bad := imported_rooms(path.read_text(encoding="utf-8")) - MAY_IMPORT[room])
    }
    assert not wrong, f"imports against the direction: {wrong}"


def test_the_check_sees_an_import_against_the_direction() -> None:
    assert imported_rooms("from channels.app import create_app\nimport bot.tables") == {"channels", "bot"}


def test_starting_the_web_application_loads_no_model_library() -> None:
    code = f"import sys, channels.app; print([m for m in {HEAVY!r} if m in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True, timeout=60)
    assert shown.stdout.strip() == "[]"
