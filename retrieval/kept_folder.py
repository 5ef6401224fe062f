"""Files that are expensive to make: they appear whole or not at all, also when several processes make them at once."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO


def keep_folder(wanted: Path, fill: Callable[[Path], None], is_whole: Callable[[Path], bool]) -> Path:
    """The wanted folder; when it is absent or not whole, fill writes its files into one beside it, which then takes its name.

    Whoever finishes first wins, the others' work is thrown away: all of them hold the same. Raises OSError when the place
    cannot be written, and whatever fill raises.
    """
    if is_whole(wanted):
        return wanted
    wanted.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".making-", dir=wanted.parent))
    try:
        fill(aside)
        aside.chmod(0o755)                  # mkdtemp's 700 would lock out a second user of one data folder
        _replace(aside, wanted, is_whole)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return wanted


def keep_file(wanted: Path, fill: Callable[[IO[bytes]], object]) -> None:
    """Writes a file that appears whole or not at all; of several processes that write at once the last one's stays.

    Raises OSError when the place cannot be written, and whatever fill raises.
    """
    wanted.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".writing-", dir=wanted.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            fill(stream)
        os.replace(name, wanted)
    finally:
        Path(name).unlink(missing_ok=True)


def _replace(made: Path, wanted: Path, is_whole: Callable[[Path], bool]) -> None:
    if wanted.exists() and not is_whole(wanted):
        _remove(wanted)
    try:
        os.rename(made, wanted)
    except OSError:
        if not is_whole(wanted):            # else another process was first, and its files are as good as ours
            raise


def _remove(folder: Path) -> None:
    """Takes a broken folder away by one rename, so that nobody sees it half gone."""
    bin_ = Path(tempfile.mkdtemp(prefix=".broken-", dir=folder.parent))
    try:
        folder.replace(bin_ / folder.name)
    except FileNotFoundError:
        return                              # another process took it away first
    finally:
        shutil.rmtree(bin_, ignore_errors=True)
