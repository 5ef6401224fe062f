"""Writing a new step from the difference between the tables in code and the steps so far. For developers, from a checkout.

    python -m migrations.writing "case gets a deadline"     a new step
    python -m migrations.writing --first                    the first step anew, as long as nothing was ever delivered
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from migrations.running import configuration, upgrade

VERSIONS = Path(__file__).parent / "versions"
FIRST = "0001"


def write(message: str) -> Path:
    """A new file in versions/ that takes the steps so far to the tables in code; read it before you keep it."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/empty.sqlite3"
        upgrade(url)
        number = len(list(ScriptDirectory.from_config(configuration(url)).walk_revisions())) + 1
        made = command.revision(_tidying(url), message, autogenerate=True, rev_id=f"{number:04d}")
    if made is None or isinstance(made, list):
        raise RuntimeError(f"Alembic made {made!r}; wanted one step. Look at migrations/versions/ for what does not belong")
    step = Path(made.path)
    lines = step.read_text(encoding="utf-8").splitlines(keepends=True)
    step.write_text("".join(line for line in lines if not line.strip().startswith("# ###")), encoding="utf-8")
    return step


def _tidying(url: str) -> Config:
    """Alembic's settings, with ruff run over the new file as over all our code."""
    config = configuration(url)
    hooks = {"format": "format --quiet REVISION_SCRIPT_FILENAME", "sort": "check --quiet --fix REVISION_SCRIPT_FILENAME"}
    config.set_section_option("post_write_hooks", "hooks", ",".join(hooks))
    for name, options in hooks.items():
        for key, value in (("type", "module"), ("module", "ruff"), ("options", options)):
            config.set_section_option("post_write_hooks", f"{name}.{key}", value)
    return config


def write_first() -> Path:
    """The first step anew. Refuses when others stand on it."""
    steps = sorted(VERSIONS.glob("[0-9]*.py"))
    others = [step.name for step in steps if not step.name.startswith(FIRST)]
    if others:
        raise SystemExit(f"{', '.join(others)} stand on the first step: write a new one instead, "
                         'e.g. python -m migrations.writing "case gets a deadline"')
    for step in steps:
        step.unlink()
    return write("all tables")


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] in ("-h", "--help"):
        raise SystemExit(__doc__)
    print(write_first() if sys.argv[1] == "--first" else write(sys.argv[1]))
