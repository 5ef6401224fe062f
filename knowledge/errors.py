"""Failures that a person at the studio or the command line reads."""

from __future__ import annotations

from knowledge.wording import say


class KnowledgeError(Exception):
    """Something asked of the knowledge base cannot be done. str() is the Chinese sentence for the person who asked.

    key: which sentence of release_wording.yaml, for callers that react to the kind of failure; values: what fills its places."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(say(key, **values))
        self.key = key
        self.values = values


class UnreadableDocumentError(KnowledgeError):
    """A file holds no document that we can read: wrong format, broken, empty, encrypted, too large."""


class ManifestError(KnowledgeError):
    """A manifest is not as wanted."""


class EmptyDraftError(KnowledgeError):
    """Nothing to publish."""


class UnknownReleaseError(KnowledgeError):
    """No release with that number."""


class UnknownDocumentError(KnowledgeError):
    """No document with that id."""


class CorrectionError(KnowledgeError):
    """A correction cannot be taken as given."""


class UnknownClauseError(KnowledgeError):
    """No clause with that id in the draft."""


class HandbookUpgradeError(KnowledgeError):
    """A newer bundled handbook cannot be merged as asked."""


class UnapprovedDraftError(KnowledgeError):
    """Nobody but its last changer has looked at the draft."""


class SevereFindingsError(KnowledgeError):
    """Checks of the draft found something that would lead to wrong answers."""
