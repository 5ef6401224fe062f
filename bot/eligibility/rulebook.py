"""What the evaluator needs of a catalogue: programmes, parameters and the dictionary of facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from knowledge.facts import FactDefinition
from knowledge.parameters import Parameter
from knowledge.programmes import Programme


class Rulebook(Protocol):
    """Satisfied by knowledge.catalogue.Catalogue, and by a few programmes written down in a test."""

    def __hash__(self) -> int: ...

    @property
    def programmes(self) -> Mapping[str, Programme]: ...

    @property
    def parameters(self) -> Mapping[str, Parameter]: ...

    @property
    def facts(self) -> Mapping[str, FactDefinition]: ...


class RuleError(ValueError):
    """A rule cannot be evaluated as it is written: an unknown parameter, amounts compared with ages, programmes that wait for
    each other. Read by content staff and developers; a resident's words never cause it."""
