"""The re-ranker through sentence-transformers: any cross-encoder that lies on this machine."""

from __future__ import annotations

import importlib
import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.reranking import RerankingError

LONGEST_PAIR_TOKENS = 512
BATCH_TEXTS = 8         # larger ones spill out of the processor's cache


class CrossEncoderReranker:
    """Question and text together through one model. Opens no connection: the model must lie on this machine."""

    def __init__(self, model: str) -> None:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        try:
            library = importlib.import_module("sentence_transformers")
        except ImportError as error:
            raise RerankingError(f"YIBENTONG_RERANKER is '{model}', and for that sentence-transformers is needed: "
                                 "pip install 'yibentong[transformers]', or set YIBENTONG_RERANKER=none") from error
        try:
            self._model: Any = library.CrossEncoder(model, device="cpu", max_length=LONGEST_PAIR_TOKENS)
        except Exception as error:              # the library raises whatever its parts raise
            raise RerankingError(f"'{model}' cannot be opened as a cross-encoder: {error}. Give a model folder that lies on "
                                 "this machine, e.g. /srv/models/bge-reranker-base") from error
        self.name = model

    def scores(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """As retrieval.reranking.Reranker says. Raises RerankingError, also for a model that gives several numbers a pair."""
        if not texts:
            return np.zeros(0, np.float32)
        try:
            raw = self._model.predict([(question, text) for text in texts], batch_size=BATCH_TEXTS, show_progress_bar=False)
        except Exception as error:
            raise RerankingError(f"the re-ranker '{self.name}' failed on {len(texts)} texts: {error}") from error
        found = np.asarray(raw, np.float32)
        if found.shape != (len(texts),) or not np.isfinite(found).all():
            raise RerankingError(f"the re-ranker '{self.name}' gave {found.shape} for {len(texts)} texts; one finite number a "
                                 "text is wanted: choose a model with one label, e.g. bge-reranker-base")
        return found
