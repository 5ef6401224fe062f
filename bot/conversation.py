"""What the bot remembers of one conversation: the situation told, the topic, what it asked, whether a person was called."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from bot.situation import Situation
from bot.situation_files import situation_from_dict, situation_to_dict
from knowledge.programmes import Need


@dataclass(frozen=True, slots=True)
class ToldAnew:
    """A fact told a second time in a way that cannot be true beside the first; both in the resident's words."""

    name: str
    earlier: str
    later: str


@dataclass(frozen=True, slots=True)
class ConversationState:
    """topic: programme ids last spoken of. asked: the fact the bot asked for last. offered: a person was offered in the last
    reply. unanswered: questions in a row without an answer. care: a danger was spoken of; the thread stays gentle. wishes: what
    the resident came for, in their words, oldest first, at most five. options: what could be tapped last,
    for who types its number. case_id: the open case, if any. told_anew: what was told in two ways, oldest first; the later one
    counts, and both are said back and shown to the advisor."""

    situation: Situation = field(default_factory=Situation)
    topic: tuple[str, ...] = ()
    need: Need | None = None
    asked: str | None = None
    asked_before: frozenset[str] = frozenset()
    offered: bool = False
    unanswered: int = 0
    care: bool = False
    wishes: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    case_id: str | None = None
    consent: dict[str, str] = field(default_factory=dict)
    told_anew: tuple[ToldAnew, ...] = ()

    def with_wish(self, words: str) -> ConversationState:
        kept = (*self.wishes, words[:300])
        return replace(self, wishes=kept[:1] + kept[1:][-4:])

    def to_json(self) -> str:
        return json.dumps(
            {
                "situation": situation_to_dict(self.situation),
                "topic": list(self.topic),
                "need": self.need.value if self.need else None,
                "asked": self.asked,
                "asked_before": sorted(self.asked_before),
                "offered": self.offered,
                "unanswered": self.unanswered,
                "care": self.care,
                "wishes": list(self.wishes),
                "options": list(self.options),
                "case_id": self.case_id,
                "consent": self.consent,
                "told_anew": [asdict(told) for told in self.told_anew],
            },
            ensure_ascii=False,
        )

    @classmethod
    def from_json(cls, text: str | None) -> ConversationState:
        if not text:
            return cls()
        kept: dict[str, Any] = json.loads(text)
        return cls(
            situation=situation_from_dict(kept["situation"]),
            topic=tuple(kept["topic"]),
            need=Need(kept["need"]) if kept["need"] else None,
            asked=kept["asked"],
            asked_before=frozenset(kept["asked_before"]),
            offered=kept["offered"],
            unanswered=kept["unanswered"],
            care=kept["care"],
            wishes=tuple(kept["wishes"]),
            options=tuple(kept.get("options", ())),
            case_id=kept["case_id"],
            consent=kept["consent"],
            told_anew=tuple(ToldAnew(**told) for told in kept.get("told_anew", ())),
        )
