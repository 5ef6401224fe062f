"""Texts cut into words, kept by content: cutting takes most of the time to build an index, and a release changes few texts."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from retrieval.embedding_store import text_key
from retrieval.kept_folder import keep_file
from retrieval.words import Words

log = logging.getLogger(__name__)

SPARE = 4               # the file may hold so many times what one release needs before old texts are dropped
KEPT_FILES = 2          # of lexicons: the one in use, and the one before


class KeptCuts:
    """One file a lexicon: data_dir/cuts/<digest of the words>.json, words by key of the text. Words never hold a space."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known = _read(path)
        self._used: dict[str, str] = {}
        self._new = 0

    def of(self, plain: str, cut: Callable[[str], list[str]]) -> list[str]:
        """As retrieval.words.Cuts says."""
        key = text_key(plain).hex()
        line = self._used.get(key, self._known.get(key))
        if line is None:
            self._new += 1
            line = " ".join(cut(plain))
        self._used[key] = line
        return line.split()

    def keep(self) -> None:
        """Writes what was cut. A place that cannot be written costs the next building some seconds, nothing else."""
        if not self._new:
            return
        together = self._known | self._used
        kept = together if len(together) <= SPARE * len(self._used) else self._used
        try:
            keep_file(self._path, lambda stream: stream.write(json.dumps(kept, ensure_ascii=False).encode("utf-8", "replace")))
            files = sorted(self._path.parent.glob("*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
            for old in files[KEPT_FILES:]:
                old.unlink(missing_ok=True)
        except OSError as error:
            log.warning("texts cut into words cannot be kept in %s and are cut again next time: %s", self._path, error)


@contextmanager
def remembered_cuts(words: Words, data_dir: Path) -> Iterator[None]:
    """Inside, words takes the texts it has cut before from data_dir; the others are kept there at the end."""
    cuts = KeptCuts(data_dir / "cuts" / f"{words.digest}.json")
    with words.remembering(cuts):
        yield
    cuts.keep()


def _read(path: Path) -> dict[str, str]:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(kept, dict) or not all(isinstance(line, str) for line in kept.values()):
            raise ValueError("no words by text")
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        log.warning("words kept in %s cannot be used and are cut again: %s", path, error)
        return {}
    return kept
