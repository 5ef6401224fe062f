"""The adaptation as the product carries it: its strength fixed, and vectors of a few texts to check every set-up by."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from eval.encoder_training.pairs import PairsError
from retrieval.adaptation import FIRST, SECOND, Adaptation, Reference, write_adaptation
from retrieval.builtin_model import ensure_builtin_model
from retrieval.embedding import BuiltinEmbedder, Embedder

QUESTIONS = ("我下岗两个月了，房租交不出，能先借一点吗", "老娘八十六岁独居，有人上门照看伐？")
PASSAGES = (
    "家庭成员人均收入低于标准、财产符合规定的，可以向户籍所在地街道提出申请。",
    "对遭遇火灾、急病等意外，生活一时过不下去的家庭，给予一次性的应急帮助。",
)
"""Sentences of our own, in the two voices that the model is asked to bring together."""


def bundle_adaptation(adaptation: Adaptation, out: Path, *, strength: float, figures: Path | None = None) -> None:
    """Writes the adaptation at that strength into out, with references and, if given, the figures of a file.

    Raises AdaptationError, BuiltinModelError, and PairsError for a file of figures that is no JSON object.
    """
    chosen = adaptation.at(strength)
    training = dict(chosen.training) | ({} if figures is None else {"figures": _figures(figures)})
    with tempfile.TemporaryDirectory() as scratch:
        references = references_of(BuiltinEmbedder(ensure_builtin_model(Path(scratch), chosen), threads=1))
    changes = {name + FIRST: first for name, (first, _) in chosen.changes.items()}
    changes |= {name + SECOND: second for name, (_, second) in chosen.changes.items()}
    write_adaptation(out, changes, strength=strength, references=references, training=training)


def references_of(embedder: Embedder) -> tuple[Reference, ...]:
    """The adapted vectors of the texts above, each computed alone."""
    asked = (Reference("query", text, tuple(map(float, embedder.embed_queries([text])[0]))) for text in QUESTIONS)
    told = (Reference("passage", text, tuple(map(float, embedder.embed_passages([text])[0]))) for text in PASSAGES)
    return (*asked, *told)


def _figures(path: Path) -> dict[str, object]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PairsError(f"'{path}' cannot be read as JSON: {error}") from error
    if not isinstance(found, dict):
        raise PairsError(f"'{path}' holds no JSON object, e.g. {{\"policy_qa\": {{\"dense\": 0.5}}}}")
    return found
