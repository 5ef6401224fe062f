"""Merging: two accounts of one household into one situation, with what they contradict each other in put beside it, never
decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.eligibility import intervals
from bot.situation import Member, Range, Situation, Told, Value


@dataclass(frozen=True, slots=True)
class Contradiction:
    """One fact told in two ways that cannot both be true. kept: what the merged situation holds, the earlier account; other:
    what the
    later one says. Both with where they came from, None where nobody noted it. To be asked about, or judged by a person."""

    name: str
    kept: Value
    other: Value
    kept_told: Told | None = None
    other_told: Told | None = None


@dataclass(frozen=True, slots=True)
class Merged:
    situation: Situation
    contradictions: tuple[Contradiction, ...] = ()


def merged(earlier: Situation, later: Situation) -> Merged:
    """Everything either account knows. Of two numbers that agree the narrower range is kept; a confirmed fact goes before an
    unconfirmed one where both say the same; what one knows counts even if the other refused it. Members are the same by their
    key,
    events by their kind; programmes received add up."""
    contradictions: list[Contradiction] = []

    def together(prefix: str, before: Mapping[str, Value], after: Mapping[str, Value]) -> dict[str, Value]:
        found = dict(before)
        for short, value in after.items():
            name, known = f"{prefix}{short}", before.get(short)
            agreed = value if known is None else agreement(known, value)
            if agreed is None and known is not None:
                contradictions.append(Contradiction(name, known, value, earlier.told.get(name), later.told.get(name)))
            elif agreed is not None:
                found[short] = agreed
        return found

    facts = together("", earlier.facts, later.facts)
    # The first member is called self.… in provenance, whatever its key.
    members = [Member(m.key, m.relation, together(f"{'self' if not place else m.key}.", m.facts, _facts_of(later, place, m.key)))
               for place, m in enumerate(earlier.members)]
    keys = {member.key for member in members}
    members += [m for place, m in enumerate(later.members) if (place or not keys) and m.key not in keys]
    kinds = {event.get("kind") for event in earlier.events}
    whole = Situation(
        facts=facts,
        members=tuple(members),
        events=(*earlier.events, *(event for event in later.events if event.get("kind") not in kinds)),
        receives=earlier.receives if later.receives is None else (earlier.receives or frozenset()) | later.receives,
    )
    known = {name for name, _ in whole.known()}
    told = _provenance(earlier, later, {one.name for one in contradictions})
    return Merged(replace(whole, refused=(earlier.refused | later.refused) - known, told=told), tuple(contradictions))


def agreement(one: Value, other: Value) -> Value | None:
    """What both say, of two ranges what lies in both; None when they cannot both be true."""
    if isinstance(one, Range) and isinstance(other, Range):
        if intervals.less(one, other) is True or intervals.less(other, one) is True:
            return None
        lows = [end for end in (one.low, other.low) if end is not None]
        highs = [end for end in (one.high, other.high) if end is not None]
        return Range(max(lows, default=None), min(highs, default=None))
    return one if one == other and type(one) is type(other) else None


def _facts_of(situation: Situation, place: int, key: str) -> Mapping[str, Value]:
    member = situation.member("self") if place == 0 else situation.member(key)
    return {} if member is None else member.facts


def _provenance(earlier: Situation, later: Situation, contradicted: set[str]) -> dict[str, Told]:
    told = {**later.told, **earlier.told}
    for name, newer in later.told.items():
        older = earlier.told.get(name)
        if older is not None and newer.confirmed and not older.confirmed and name not in contradicted:
            told[name] = newer
    return told
