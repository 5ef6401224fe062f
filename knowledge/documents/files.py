"""Which files an import takes: those named, and everything below the folders named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from knowledge.manifest import Manifest
from knowledge.wording import say

MANIFEST_NAMES = frozenset({"manifest.yaml", "manifest.yml"})


@dataclass(frozen=True, slots=True)
class FoundFiles:
    """files: in the order of import. failures: a path with the reason why nothing can be taken from it. All words Chinese."""

    files: tuple[Path, ...]
    failures: tuple[tuple[Path, str], ...] = ()
    remarks: tuple[str, ...] = ()


def files_in(paths: Sequence[Path], manifest: Manifest | None) -> FoundFiles:
    """Each file once, folders in order of name. Hidden files and manifests are no documents; a file named twice counts once."""
    files: dict[Path, Path] = {}
    failures: list[tuple[Path, str]] = []
    for path in paths:
        below = _below(path, manifest)
        if not path.exists():
            failures.append((path, say("unreadable.missing", name=path)))
        elif not below:
            failures.append((path, say("unreadable.no_files", name=path)))
        for file in below:
            files.setdefault(file.resolve(), file)
    return FoundFiles(tuple(files.values()), tuple(failures), _unused(paths, manifest, frozenset(files)))


def _below(path: Path, manifest: Manifest | None) -> list[Path]:
    if path.is_file():
        return [path]
    listed = manifest.path.resolve() if manifest else None
    return sorted(
        file for file in path.rglob("*")
        if file.is_file() and not _is_hidden(file, path) and file.name not in MANIFEST_NAMES and file.resolve() != listed
    )


def _is_hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith((".", "~$")) for part in file.relative_to(folder).parts)


def _unused(paths: Sequence[Path], manifest: Manifest | None, taken: frozenset[Path]) -> tuple[str, ...]:
    """Entries of the manifest that lie in an imported folder but not on disk: a misspelt path would otherwise go unnoticed."""
    if manifest is None:
        return ()
    folders = [path.resolve() for path in paths if path.is_dir()]
    wanted = [(entry.path, (manifest.folder / entry.path).resolve()) for entry in manifest.entries]
    return tuple(
        say("manifest.unused", path=shown) for shown, file in wanted
        if file not in taken and not file.exists() and any(file.is_relative_to(folder) for folder in folders)
    )
