"""Re-ranking: a second, slower look at the few texts that search put first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

RERANKED = 20           # texts looked at again; a cross-encoder needs some 30 ms for each on a processor


class RerankingError(Exception):
    """The wanted re-ranker cannot be opened or used. Read by operators; says what to set instead."""


class Reranker(Protocol):
    """Reads a question and a text together and says how well the one answers the other."""

    @property
    def name(self) -> str: ...

    def scores(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """One number a text, in their order: larger is better, comparable within this call only. Raises RerankingError."""
        ...


def reordered(scores: Sequence[float], fresh: NDArray[np.float32]) -> list[tuple[int, float]]:
    """Positions and scores of a ranking whose first len(fresh) places are ordered anew; the rest keep place and score.

    scores: of the ranking, best first. The scores themselves stay where they were, so that they still fall from place to place
    and keep their meaning for whoever reads them; only which text has which changes. Equal fresh scores keep their old order.
    """
    first = np.argsort(-fresh, kind="stable").tolist()
    return [(position, scores[place]) for place, position in enumerate([*first, *range(len(fresh), len(scores))])]


def open_reranker(setting: str) -> Reranker | None:
    """The re-ranker a setting names: "none" (None), or a model folder or name for sentence-transformers' CrossEncoder.

    Raises RerankingError.
    """
    wanted = setting.strip()
    if wanted == "none":
        return None
    if not wanted or "://" in wanted:
        raise RerankingError(f"YIBENTONG_RERANKER is '{setting}': give none, or the folder or name of a cross-encoder, "
                             "e.g. /srv/models/bge-reranker-base")
    from retrieval.cross_encoder import CrossEncoderReranker

    return CrossEncoderReranker(wanted)
