"""Wording: the Chinese sentences of pages and API that are not part of one template, read once from wording.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

WORDING: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "wording.yaml").read_text(encoding="utf-8"))
