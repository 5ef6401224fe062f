"""The suites' own data: lists of cases in eval/data."""

from __future__ import annotations

from importlib import resources
from typing import Any

import yaml


def cases(name: str) -> list[dict[str, Any]]:
    """The cases of eval/data/<name>.yaml."""
    text = resources.files("eval").joinpath(f"data/{name}.yaml").read_text(encoding="utf-8")
    loaded = yaml.safe_load(text)
    if not isinstance(loaded, list) or not loaded:
        raise ValueError(f"eval/data/{name}.yaml holds no list of cases")
    return loaded
