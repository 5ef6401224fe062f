"""One consultation: from a message to a reply, step by step. Pure but for the searcher it is handed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from bot.answering.checks import Known, check, parameter_numbers
from bot.answering.drafts import Draft, Statement, to_reply
from bot.answering.fixed import crisis_draft, fixed_draft
from bot.answering.from_assessments import assessment_draft
from bot.answering.from_clauses import clause_draft, sections_that_answer, with_clause_quoted
from bot.answering.from_conflicts import with_conflict
from bot.answering.from_handbook import handbook_draft, process_draft, section_statements
from bot.answering.numbers import Measure, numbers_in
from bot.conversation import ConversationState, ToldAnew
from bot.eligibility.answers import answered
from bot.eligibility.assessments import Assessment, Likelihood, assess_all
from bot.eligibility.next_question import next_question
from bot.handoff import decide_handoff
from bot.messages import Ask, Handoff, Reply, Status
from bot.safety import Danger, Level, find_danger
from bot.situation import Situation, Told
from bot.situation_merging import agreement
from bot.understanding.facts_told import FactTold, read_facts
from bot.understanding.needs_asked import needs_asked
from bot.understanding.plain import normalise, squeeze
from bot.understanding.routing import Route, route_message
from bot.understanding.topics import Topics, topics_of
from knowledge.catalogue import Catalogue
from knowledge.knowledge_base import KnowledgeBase
from knowledge.parameters import Reference
from knowledge.policy_documents import Kind
from knowledge.processes import PROCESSES_ID, Process
from knowledge.programmes import Need
from retrieval.searcher import Passage, Searcher

FOLLOW_UP_LENGTH = 14
"""A question so short that names no programme goes on about the last one: 要带什么材料, 那要多久."""
PASSAGES = 60
"""The handbook's sections, near to everyday words, would crowd the law out of a short list."""
_BACKGROUND = ("relation_to_asker", "lives_in", "lives_in_subdistrict", "receives", "event.kind")
"""Ends of names of facts that colour a question more often than they ask for an assessment."""
_HELP_AT_ONCE = {"no_shelter": "liulang"}
_REPORT_WORDS = ("工作要点", "工作计划", "工作总结", "落实情况", "汇报", "报道", "做了哪些工作", "重点工作")
_ACCEPTS = re.compile(
    r"(好|可以|要|行|嗯|是)(的|啊|呀|吧|嗯)?|需要|同意|麻烦(了|你|您)|(好的?)?(请|帮我|麻烦)?(找|联系)(一下|顾问)?(吧)?"
)


@dataclass(frozen=True, slots=True)
class Office:
    """What a consultation may use: the current release, its searcher, the region whose rules answer, the longest message read."""

    knowledge: KnowledgeBase
    searcher: Searcher
    region: str
    longest_message: int = 2000


@dataclass(frozen=True, slots=True)
class Understood:
    """What the words mean. told: facts read from them. needs: what is asked. topics: programmes and places named. length: in
    characters, without blanks and punctuation."""

    route: Route
    danger: Danger | None
    topics: Topics
    needs: tuple[Need, ...]
    told: tuple[FactTold, ...]
    accepts_offer: bool
    length: int

    @property
    def certain_facts(self) -> tuple[FactTold, ...]:
        return tuple(fact for fact in self.told if fact.certain)


@dataclass(frozen=True, slots=True)
class Consulted:
    """The outcome: what to say, what to remember, and the evidence it rests on (ids, scores, trace; no personal data)."""

    reply: Reply
    state: ConversationState
    assessments: tuple[Assessment, ...] = ()
    evidence: dict[str, Any] = field(default_factory=dict)


def consult(text: str, state: ConversationState, office: Office, *, on: date, at: datetime) -> Consulted:
    """Answers one message. on: the Shanghai day whose rules apply; at: when the message came (UTC).

    1 protect · 2 safety · 3 route · 4 understand · 5 retrieve · 6 assess · 7 answer · 8 check · 9 hand off · 10 (keep) is the
    caller's, in one transaction.
    """
    text = _tapped(text, state)
    words = normalise(text)
    danger = find_danger(words)
    route = _route(words, office)
    understood = _understand(text, route, danger, state, office, on)
    before, state = state, _remember(state, understood, text, at)
    passages = _retrieve(words, understood, office, on)
    assessments = _assess(state, office, on)
    ask = _next_question(understood, state, assessments, office, on)
    draft = _draft(words, understood, state, passages, assessments, ask, office, on)
    draft = with_conflict(draft, office.knowledge, on)
    draft = _with_told_anew(draft, state.told_anew[len(before.told_anew) :], office.knowledge.catalogue)
    draft, refused = _checked(draft, state, assessments, office, on)
    handoff = _handoff(understood, draft, state, assessments)
    reply = replace(to_reply(draft, on), handoff=handoff, release=office.knowledge.release)
    evidence = _evidence(understood, passages, reply, refused)
    return Consulted(reply, _after(state, reply, understood), assessments, evidence)


def _tapped(text: str, state: ConversationState) -> str:
    """A bare number stands for the option of that number where options were offered (WeChat shows them numbered)."""
    words = normalise(text)
    number = int(words) if re.fullmatch(r"[1-9]", words) else 0
    return state.options[number - 1] if 0 < number <= len(state.options) else text


# ---- 3, 4: what is meant -------------------------------------------------------------------------------------------


def _route(words: str, office: Office) -> Route:
    route = route_message(words, longest=office.longest_message)
    if route is Route.QUESTION and topics_of(words, office.knowledge.catalogue).other_region:
        return Route.OTHER_REGION
    return route


def _understand(text: str, route: Route, danger: Danger | None, state: ConversationState, office: Office, on: date) -> Understood:
    catalogue = office.knowledge.catalogue
    readable = text[: office.longest_message]
    words = normalise(readable)
    told: Sequence[FactTold] = ()
    if route not in (Route.TOO_LONG, Route.EMPTY, Route.ABUSE, Route.INSTRUCTIONS, Route.OTHER_REGION):
        told = read_facts(
            readable,
            asked=state.asked,
            situation=state.situation,
            today=on,
            facts=catalogue.facts,
            subdistricts=catalogue.subdistricts,
        )
    return Understood(
        route=route,
        danger=danger,
        topics=topics_of(words, catalogue),
        needs=needs_asked(words),
        told=tuple(told),
        accepts_offer=state.offered and state.asked is None and _ACCEPTS.fullmatch(squeeze(words)) is not None,
        length=len(squeeze(words)),
    )


def _remember(state: ConversationState, understood: Understood, text: str, at: datetime) -> ConversationState:
    """The state with the facts told now; a fact told again replaces the older reading, with its own words and time."""
    if understood.route in (Route.RESTART, Route.FORGET):
        return ConversationState(case_id=state.case_id)
    situation, anew = state.situation, state.told_anew
    for fact in understood.told:
        if fact.refused:
            situation = situation.with_refused(fact.name)
        elif fact.value is not None and (fact.certain or situation.value(fact.name) is None):
            told = Told(fact.words, at, confirmed=fact.name == state.asked)
            anew = (*anew, *_told_anew(situation, fact))
            situation = answered(situation, fact.name, fact.value, told)
    state = replace(state, situation=situation, told_anew=anew, care=state.care or understood.danger is not None)
    tells_or_asks = understood.route in (Route.QUESTION, Route.WANTS_PERSON) and not understood.accepts_offer
    return state.with_wish(text.strip()) if understood.danger or (tells_or_asks and len(squeeze(text)) > 4) else state


def _told_anew(situation: Situation, fact: FactTold) -> tuple[ToldAnew, ...]:
    """The fact, when what was told of it before cannot be true beside what is told now."""
    known, told = situation.value(fact.name), situation.told.get(fact.name)
    if known is None or fact.value is None or told is None or told.words == fact.words:
        return ()
    return () if agreement(known, fact.value) is not None else (ToldAnew(fact.name, told.words, fact.words),)


# ---- 5, 6: what is found and what the rules say ---------------------------------------------------------------------


def _retrieve(words: str, understood: Understood, office: Office, on: date) -> tuple[Passage, ...]:
    if understood.route not in (Route.QUESTION, Route.CASE_STATE, Route.PROMISE) or understood.accepts_offer:
        return ()
    return tuple(office.searcher.search(words, on=on, region=office.region, limit=PASSAGES))


def _assess(state: ConversationState, office: Office, on: date) -> tuple[Assessment, ...]:
    """Every programme with rules, once anything is known of the household; nothing can be said of an empty one."""
    if state.situation == Situation():
        return ()

    def clause_id(reference: Reference) -> str | None:
        clause = office.knowledge.resolve(reference, on)
        return clause.clause_id if clause else None

    return tuple(assess_all(state.situation, office.knowledge.catalogue, on, clause_id))


def _next_question(
    understood: Understood, state: ConversationState, assessments: Sequence[Assessment], office: Office, on: date
) -> Ask | None:
    if not assessments or not _tells_facts(understood, state):
        return None
    focus = understood.topics.programmes or state.topic
    return next_question(
        state.situation,
        office.knowledge.catalogue,
        on,
        _worth_asking_for(assessments, focus),
        focus=focus,
        just_asked=state.asked_before,
    )


def _worth_asking_for(assessments: Sequence[Assessment], focus: Sequence[str]) -> list[Assessment]:
    """The open programmes the talk is about; else those that something told speaks for and nothing against."""
    still_open = [a for a in assessments if a.likelihood is Likelihood.CANNOT_TELL]
    named = [a for a in still_open if a.programme in focus]
    promising = [a for a in still_open if {r.result for r in a.trace} & {True} and False not in {r.result for r in a.because}]
    return named or promising


# ---- 7: what to say ---------------------------------------------------------------------------------------------------

_FIXED_ROUTES = {
    Route.EMPTY: Status.CLARIFY_EMPTY,
    Route.TOO_LONG: Status.CLARIFY_TOO_LONG,
    Route.GREETING: Status.ANSWERED_GREETING,
    Route.THANKS: Status.ANSWERED_THANKS,
    Route.RESTART: Status.ANSWERED_RESTART,
    Route.INSTRUCTIONS: Status.REFUSED_INSTRUCTIONS,
    Route.FRAUD: Status.REFUSED_FRAUD,
    Route.ACCOUNT_DATA: Status.REFUSED_ACCOUNT_DATA,
    Route.CASE_STATE: Status.UNANSWERED_CASE_STATE,
    Route.PROMISE: Status.REFUSED_PROMISE,
    Route.ABUSE: Status.REFUSED_ABUSE,
    Route.MEDICAL_ADVICE: Status.REFUSED_MEDICAL,
    Route.LEGAL_ADVICE: Status.REFUSED_LEGAL,
    Route.GOSSIP: Status.REFUSED_OFF_TOPIC,
    Route.OFF_TOPIC: Status.REFUSED_OFF_TOPIC,
}


def _draft(
    words: str,
    understood: Understood,
    state: ConversationState,
    passages: Sequence[Passage],
    assessments: Sequence[Assessment],
    ask: Ask | None,
    office: Office,
    on: date,
) -> Draft:
    """Ladder: danger → fixed wordings → rule result → handbook → quoted clause → careful refusal."""
    knowledge, catalogue = office.knowledge, office.knowledge.catalogue
    if understood.danger is not None:
        return _danger_draft(understood.danger, office, on)
    if understood.route is Route.WANTS_PERSON or understood.accepts_offer:
        return _handoff_draft(state, office)
    if understood.route is Route.OTHER_REGION:
        return fixed_draft(Status.REFUSED_OTHER_REGION, catalogue, region=understood.topics.other_region or "")
    if understood.route is Route.FORGET:
        return fixed_draft(Status.ANSWERED_FORGOTTEN_BUT_CASE if state.case_id else Status.ANSWERED_FORGOTTEN, catalogue)
    if understood.route in _FIXED_ROUTES:
        return fixed_draft(_FIXED_ROUTES[understood.route], catalogue)
    programmes, needs = _subject(understood, state, passages, office, on)
    if _tells_facts(understood, state):
        # What search finds for bare facts is chance; only what was spoken of or asked goes first.
        spoken_of = programmes if understood.topics.programmes or understood.needs else state.topic
        draft = assessment_draft(knowledge, assessments, spoken_of, ask, on, state.situation)
        if draft is not None:
            return draft
    process = _process_asked(understood, state, passages, office, on)
    if process is not None:
        draft = process_draft(knowledge, process, understood.topics.programmes, on)
        if draft is not None:
            return with_clause_quoted(draft, passages, words, catalogue, on)
    if programmes:
        draft = handbook_draft(knowledge, programmes, needs, on)
        if draft is not None:
            return with_clause_quoted(draft, passages, words, catalogue, on)
    draft = clause_draft(passages, words, catalogue, on, about_reports=_about_reports(words))
    return draft or fixed_draft(Status.UNANSWERED_NO_CLAUSE, catalogue)


def _danger_draft(danger: Danger, office: Office, on: date) -> Draft:
    """The crisis wording; for urgent need also what can be had at once, in the handbook's words."""
    draft = crisis_draft(danger, office.knowledge.catalogue, on)
    if danger.level is Level.SAFETY:
        return draft
    programme = office.knowledge.catalogue.programmes[_HELP_AT_ONCE.get(danger.kind, "xiao_e")]
    section = programme.section(Need.HOW_MUCH)
    more = section_statements(office.knowledge, programme, section, on)[:1] if section else []
    return replace(draft, points=(*draft.points, *more), programmes=(programme.id,))


def _handoff_draft(state: ConversationState, office: Office) -> Draft:
    status = Status.HANDOFF_ALREADY if state.case_id else Status.HANDOFF
    draft = fixed_draft(status, office.knowledge.catalogue)
    name = "self.lives_in_subdistrict"
    known = state.situation.value(name) or state.situation.value("self.hukou_subdistrict")
    definition = office.knowledge.catalogue.facts.get(name)
    if known or state.case_id or definition is None:
        return replace(draft, options=())
    asks = Ask(name, definition.question, tuple((o.value, o.label) for o in definition.options))
    return replace(draft, asks=asks, options=tuple(o.label for o in definition.options))


def _tells_facts(understood: Understood, state: ConversationState) -> bool:
    """Facts were told that rules weigh, and the message does not mainly ask for something else (papers, place, time)."""
    if state.asked is not None and any(fact.name == state.asked for fact in understood.told):
        return True
    weighed = {fact.name for fact in understood.told if fact.certain and not fact.name.endswith(_BACKGROUND)}
    other = set(understood.needs) - {Need.WHO, Need.HOW_MUCH, Need.OVERVIEW}
    return (len(weighed) >= 2 and not other) or (len(weighed) == 1 and not understood.needs)


def _subject(
    understood: Understood, state: ConversationState, passages: Sequence[Passage], office: Office, on: date
) -> tuple[tuple[str, ...], tuple[Need, ...]]:
    """Programmes and needs the message is about: named ones, else the section found first, else (with a need) the last topic."""
    needs = understood.needs
    if understood.topics.programmes:
        return understood.topics.programmes, needs or _need_found(understood.topics.programmes, passages)
    if needs and state.topic and not understood.told and understood.length <= FOLLOW_UP_LENGTH:
        return state.topic[:1], needs
    section = next((_section_of(passage) for passage in sections_that_answer(passages, on)), None)
    if section is not None:
        programme, need = section
        return (programme,), (need, *(n for n in needs if n is not need))
    if needs and state.topic and not understood.told:
        return state.topic[:1], needs
    return (), needs


def _section_of(passage: Passage) -> tuple[str, Need] | None:
    """The programme and need a section of the handbook answers; None for a process, which belongs to no programme."""
    programme, _, need = passage.clause.clause_id.removeprefix("一本通:").partition("#")
    return None if programme == PROCESSES_ID else (programme, Need(need))


def _process_asked(
    understood: Understood, state: ConversationState, passages: Sequence[Passage], office: Office, on: date
) -> Process | None:
    """The process the message asks about: found before every section of a programme, and near enough; a short question that
    goes on about the programme just spoken of stays with it."""
    names_none = not understood.topics.programmes
    if names_none and understood.needs and state.topic and not understood.told and understood.length <= FOLLOW_UP_LENGTH:
        return None
    first = next((p for p in passages if p.clause.document.kind is Kind.HANDBOOK), None)
    if first is None or first not in sections_that_answer(passages, on):
        return None
    return office.knowledge.catalogue.process(first.clause.clause_id)


def _need_found(programmes: Sequence[str], passages: Sequence[Passage]) -> tuple[Need, ...]:
    """The section of a named programme that was found first, when the words show no need."""
    for passage in passages:
        if passage.clause.document.kind is Kind.HANDBOOK:
            section = _section_of(passage)
            if section is not None and section[0] in programmes:
                return (section[1],)
    return ()


def _about_reports(words: str) -> bool:
    return any(word in words for word in _REPORT_WORDS)


def _with_told_anew(draft: Draft, anew: Sequence[ToldAnew], catalogue: Catalogue) -> Draft:
    """The draft; where something was told otherwise than before, both are said back first, and which one counts."""
    if draft.status.family != "answered":
        return draft
    said = []
    for told in anew:
        definition = catalogue.facts.get(told.name) or catalogue.facts.get("self." + told.name.partition(".")[2])
        if definition is not None and "answer.told_anew" in catalogue.wordings:
            places = {"label": definition.label, "earlier": told.earlier, "later": told.later}
            said.append(Statement(catalogue.wording("answer.told_anew", **places), fixed=True))
    return replace(draft, points=(*said, *draft.points))


# ---- 8: what may be said ----------------------------------------------------------------------------------------------


def _checked(
    draft: Draft, state: ConversationState, assessments: Sequence[Assessment], office: Office, on: date
) -> tuple[Draft, tuple[str, ...]]:
    """The draft with everything unlocked left out; else one rung down: the careful refusal."""
    table = parameter_numbers(office.knowledge.catalogue, on)
    outcome = check(draft, table=table, own=_own_numbers(state, assessments))
    if outcome.draft is not None:
        return outcome.draft, outcome.refused
    return fixed_draft(Status.UNANSWERED_NOT_SUPPORTED, office.knowledge.catalogue), outcome.refused


def _own_numbers(state: ConversationState, assessments: Sequence[Assessment]) -> Known:
    """Numbers that may be said back: those the resident told us, and those worked out from them by a rule."""
    said = [told.words for told in state.situation.told.values()]
    said += [words for told in state.told_anew for words in (told.earlier, told.later)]
    for assessment in assessments:
        written = assessment.as_dict()
        if written["benefit"]:
            said += [written["benefit"]["working"], _amounts(written["benefit"]["amount_yuan"])]
        if written["near_miss"]:
            said.append(written["near_miss"]["said"])
        said += [reason.said for reason in assessment.because if reason.said]
    numbers = {(n.measure, n.value) for text in said for n in numbers_in(text)}
    plain = {(Measure.MONEY, value) for measure, value in numbers if measure is Measure.PLAIN}
    return frozenset(numbers | plain)


def _amounts(amount: Any) -> str:
    return f"{amount.get('min')}元 {amount.get('max')}元" if isinstance(amount, dict) else f"{amount}元"


# ---- 9 and after: a person, and what to remember ------------------------------------------------------------------------


def _handoff(understood: Understood, draft: Draft, state: ConversationState, assessments: Sequence[Assessment]) -> Handoff:
    told = draft.status is Status.ANSWERED_ASSESSMENT
    return decide_handoff(
        route=understood.route,
        danger=understood.danger,
        accepted_offer=understood.accepts_offer,
        likely=tuple(a.programme for a in assessments if a.likelihood is Likelihood.LIKELY)
        if told or understood.accepts_offer or understood.route is Route.WANTS_PERSON
        else (),
        complaint=Need.REFUSED in understood.needs,
        urgent_money="xiao_e" in draft.programmes,
        unanswered_in_row=state.unanswered + (draft.status.family == "unanswered"),
        refused_family=draft.status.family == "refused",
    )


def _after(state: ConversationState, reply: Reply, understood: Understood) -> ConversationState:
    asked = reply.asks.fact if reply.asks else None
    keeps_question = reply.status in (Status.ANSWERED, Status.ANSWERED_PARTIAL) and asked is None
    return replace(
        state,
        topic=reply.programmes or state.topic,
        need=understood.needs[0] if understood.needs else state.need,
        asked=state.asked if keeps_question and state.asked and not understood.told else asked,
        asked_before=state.asked_before | ({asked} if asked else frozenset()),
        offered=reply.handoff.offered and not reply.handoff.required,
        options=reply.options,
        unanswered=state.unanswered + 1 if reply.status.family == "unanswered" else 0,
    )


def _evidence(understood: Understood, passages: Sequence[Passage], reply: Reply, refused: tuple[str, ...]) -> dict[str, Any]:
    return {
        "route": understood.route.value,
        "danger": understood.danger.kind if understood.danger else None,
        "status": reply.status.value,
        "release": reply.release,
        "needs": [need.value for need in understood.needs],
        "programmes": list(understood.topics.programmes),
        "facts": [fact.name for fact in understood.told],
        "passages": [{"clause_id": p.clause.clause_id, "score": round(p.score, 4)} for p in passages[:5]],
        "cited": [citation.clause_id for citation in reply.citations],
        "refused_statements": list(refused),
    }
