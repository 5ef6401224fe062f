"""The settings table of README.md says what Settings reads, no more and no less."""

from __future__ import annotations

import re
from pathlib import Path

from bot.settings import Settings

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def test_every_setting_has_its_line_in_the_readme() -> None:
    listed = set(re.findall(r"^\| `YIBENTONG_([A-Z_]+)` \|", README, flags=re.MULTILINE))
    assert listed == {name.upper() for name in Settings.model_fields}


def test_the_readme_names_each_default() -> None:
    for name, field in Settings.model_fields.items():
        row = re.search(rf"^\| `YIBENTONG_{name.upper()}` \| (.*?) \|", README, flags=re.MULTILINE)
        assert row, name
        default = str(field.default)
        assert (f"`{default}`" if default else "空") == row[1], name
