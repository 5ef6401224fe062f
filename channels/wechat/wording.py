"""The fixed words of the channel around a reply, kept as data beside this file."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import yaml

FILE = Path(__file__).with_name("wording.yaml")


@dataclass(frozen=True, slots=True)
class Wording:
    """Chinese phrases by use; see wording.yaml. cited has {citations}, rest_with_link has {link}."""

    ai_label: str
    cited: str
    next_steps: str
    options: str
    advisor: str
    rest_with_link: str
    rest_without_link: str
    more_waiting: str
    divider: str

    @classmethod
    def load(cls, path: Path = FILE) -> Wording:
        """ValueError names what is missing or not known, with the file."""
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
        wanted = {field.name for field in fields(cls)}
        if not isinstance(found, dict) or set(found) != wanted or not all(isinstance(v, str) and v for v in found.values()):
            got = set(found) if isinstance(found, dict) else set()
            raise ValueError(f"{path.name}: wanted is one line of text each for {sorted(wanted)}, e.g. 'divider: ————'; "
                             f"missing {sorted(wanted - got)}, not known {sorted(map(str, got - wanted))}")
        return cls(**found)
