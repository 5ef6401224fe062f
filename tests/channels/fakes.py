"""Small working stand-ins for what the pages ask: a bot that answers by keyword, a queue that keeps cases in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.casework.cases import Case, CaseConflictError, CaseEvent, CaseNotFoundError, CaseSummary
from bot.consultations import Line, Receipt
from bot.messages import Ask, Citation, Handoff, InboundMessage, Reply, Status
from bot.staff import Staff
from knowledge.clauses import Clause
from knowledge.policy_documents import Kind, PolicyDocument, Rank

MONDAY = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)

MEASURE = PolicyDocument(
    document_id="长民发〔2025〕7号",
    title="长宁区最低生活保障审核确认办法",
    kind=Kind.NORMATIVE,
    rank=Rank.DISTRICT,
    region="上海市长宁区",
    issuer="长宁区民政局",
    number="长民发〔2025〕7号",
    in_force_from=date(2025, 3, 1),
)
ARTICLE = Clause(
    clause_id="长民发〔2025〕7号#第九条",
    document=MEASURE,
    article="第九条",
    text="街道办事处应当自受理之日起二十个工作日内办结审核确认。情况复杂的，可以延长至四十五个工作日，并告知申请人。",
    heading_path=("第三章 审核确认",),
)
CLAUSES = {ARTICLE.clause_id: ARTICLE}


def clause_of(clause_id: str, on: date) -> Clause | None:
    return CLAUSES.get(clause_id)


@dataclass
class Clock:
    """Time that moves when told to."""

    at: datetime = MONDAY

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, **duration: float) -> None:
        self.at += timedelta(**duration)


HOW_LONG = Reply(
    status=Status.ANSWERED,
    text="一般 20 个工作日内办好。\n情况复杂的，最长 45 个工作日，会先告诉您。\n带上身份证和户口簿到街镇社区事务受理服务中心。",
    headline="一般 20 个工作日内办好。",
    points=("情况复杂的，最长 45 个工作日，会先告诉您。",),
    next_steps=("带上身份证和户口簿到街镇社区事务受理服务中心。",),
    marks=((0, 0), (0,)),
    citations=(
        Citation(
            ARTICLE.clause_id, MEASURE.title, MEASURE.number, "第九条", "自受理之日起二十个工作日内办结审核确认",
            date(2025, 3, 1), "district_normative", "上海市长宁区",
        ),
    ),
    programmes=("dibao",),
    options=("要带什么材料", "去哪儿办", "找顾问"),
    handoff=Handoff(offered=True, reason="always_possible", priority="R"),
    release=3,
    as_of=date(2026, 11, 23),
)
ASSESSED = Reply(
    status=Status.ANSWERED_ASSESSMENT,
    text="听下来，您妈妈可能符合最低生活保障。\n妈妈平时和谁一起住、一起吃？",
    headline="听下来，您妈妈可能符合最低生活保障。",
    points=("收入 900 元，低于标准。", "存款要不超过规定的数，才能享受。"),
    assessments=(
        {
            "programme": "dibao", "name": "最低生活保障", "likelihood": "likely",
            "because": [
                {"condition": "income", "result": True, "clause_id": ARTICLE.clause_id, "said": "收入 900 元，低于标准。"},
                {"condition": "hukou", "result": True, "clause_id": None, "said": "是上海户籍。"},
                {"condition": "assets", "result": None, "clause_id": None, "said": "存款有多少还不清楚。"},
            ],
            "missing": ["household.financial_assets_yuan"], "near_miss": None, "judged": ["实际生活是否困难"],
            "benefit": {"amount_yuan": 690, "per": "month", "working": "标准 1590 元 − 收入 900 元"},
        },
        {
            "programme": "dibao_bianyuan", "name": "最低生活保障边缘家庭", "likelihood": "unlikely",
            "because": [{"condition": "income", "result": False, "clause_id": None, "said": "收入没有高过低保标准。"}],
            "missing": [], "near_miss": {"condition": "income", "said": "超出标准 86 元。"}, "judged": [], "benefit": None,
        },
        {
            "programme": "linshi", "name": "临时救助", "likelihood": "cannot_tell",
            "because": [{"condition": "event", "result": None, "clause_id": None, "said": "最近有没有大的支出还不清楚。"}],
            "missing": ["event.kind"], "near_miss": None, "judged": [], "benefit": None,
        },
    ),
    asks=Ask("household.size", "妈妈平时和谁一起住、一起吃？", (("1", "一个人住"), ("2", "和我一起"), ("unknown", "不清楚"))),
    options=("一个人住", "和我一起", "不清楚"),
    handoff=Handoff(offered=True, reason="likely", priority="P2"),
    release=3,
    as_of=date(2026, 11, 23),
)
CRISIS = Reply(
    status=Status.CRISIS,
    text="您现在一定很难受，先别一个人扛着。\n请马上打 12356 心理援助热线，有人 24 小时接听。\n有危险请打 110 或 120。",
    headline="您现在一定很难受，先别一个人扛着。",
    points=("请马上打 12356 心理援助热线，有人 24 小时接听。", "有危险请打 110 或 120。"),
    options=("找顾问",),
    handoff=Handoff(offered=True, required=True, reason="danger_suicide", priority="S"),
)
HANDED_OVER = Reply(
    status=Status.HANDOFF,
    text="好的，已经请顾问来看，两个工作日内回复您。",
    headline="好的，已经请顾问来看，两个工作日内回复您。",
    handoff=Handoff(offered=True, required=True, reason="asked_for", priority="P2"),
)
PARTIAL = replace(HOW_LONG, status=Status.ANSWERED_PARTIAL)
UNKNOWN = Reply(
    status=Status.UNANSWERED_NO_CLAUSE,
    text="手头的政策文件里没有查到依据。换个说法再问问，或者点“找顾问”。",
    headline="手头的政策文件里没有查到依据。换个说法再问问，或者点“找顾问”。",
    options=("找顾问",),
)
EMPTY = Reply(status=Status.CLARIFY_EMPTY, text="您还没有写内容。", headline="您还没有写内容。")
SAID_TO_REPLY: tuple[tuple[str, Reply], ...] = (
    ("不想活", CRISIS), ("人工", HANDED_OVER), ("顾问", HANDED_OVER), ("部分", PARTIAL), ("多久", HOW_LONG), ("我妈", ASSESSED),
)

RECORD: dict[str, Any] = {
    "version": "1.0",
    "created_at": "2026-11-23T01:30:00+00:00",
    "wish": "我妈72岁，一个人住，退休金900块，能不能吃低保",
    "wishes": ["我妈72岁，一个人住，退休金900块，能不能吃低保", "还要多久"],
    "urgency": {"priority": "P2", "reason": "asked_for"},
    "channel": "web",
    "subdistrict": "新泾镇",
    "area": {"hukou": "shanghai", "hukou_subdistrict": "江苏路街道", "lives_in": "changning", "lives_in_subdistrict": "新泾镇"},
    "facts": [
        {
            "fact": "self.age", "label": "年龄", "value_text": "72岁", "words": "72岁",
            "told_at": "2026-11-23T01:20:00+00:00", "confirmed": True,
        },
        {
            "fact": "self.income_yuan", "label": "本人月收入", "value_text": "900元", "words": "退休金900块",
            "told_at": None, "confirmed": False,
        },
    ],
    "refused": ["存款"],
    "assessments": list(ASSESSED.assessments),
    "missing": [{"fact": "household.financial_assets_yuan", "label": "存款", "question": "家里存款、理财一共大约有多少？"}],
    "materials": [
        {"programme": "dibao", "name": "户口簿", "only_if": None},
        {"programme": "linshi", "name": "户口簿", "only_if": None},
        {"programme": "dibao", "name": "出院小结", "only_if": "有人住院时"},
    ],
    "circle": {"number": 4, "name": "其他困难家庭", "suggested": True},
    "consent": {"handoff": "2026-11-23T01:30:00+00:00"},
    "contact": {},
    "something_new": {"unknown": "keys are ignored"},
}


@dataclass
class FakeBot:
    """Consultations in memory. slow: seconds an answer takes. broken: answering fails."""

    clock: Clock
    slow: float = 0.0
    broken: bool = False
    conversations: dict[str, str] = field(default_factory=dict)
    lines: dict[str, list[Line]] = field(default_factory=dict)
    received: dict[tuple[str, str], str] = field(default_factory=dict)
    inbox: dict[str, InboundMessage] = field(default_factory=dict)
    replies: dict[str, Reply | None] = field(default_factory=dict)
    held_by: dict[str, str] = field(default_factory=dict)
    queue: FakeQueue | None = None
    _last_line: int = 0

    async def receive(self, message: InboundMessage) -> Receipt:
        conversation = self.conversations.setdefault(message.conversation, f"c{len(self.conversations) + 1}")
        key = (message.conversation, message.dedupe_key)
        if key in self.received:
            return Receipt(self.received[key], conversation, is_new=False)
        inbox_id = f"i{len(self.received) + 1}"
        self.received[key] = inbox_id
        self.inbox[inbox_id] = message
        self.add_line(conversation, "resident", message.text)
        return Receipt(inbox_id, conversation, is_new=True)

    async def respond(self, inbox_id: str) -> Reply | None:
        if self.slow:
            await asyncio.sleep(self.slow)
        if self.broken:
            raise RuntimeError("the bot is broken")
        if inbox_id in self.replies:
            return self.replies[inbox_id]
        message = self.inbox[inbox_id]
        conversation = self.conversations[message.conversation]
        reply = None if conversation in self.held_by else self._reply_to(message.text)
        self.replies[inbox_id] = reply
        if reply is not None:
            self.add_line(conversation, "bot", reply.text, reply.as_dict())
            if reply.handoff.required and self.queue is not None:
                self.queue.open(conversation, reply.handoff.priority or "R", reply.handoff.reason or "")
        return reply

    def _reply_to(self, text: str) -> Reply:
        if not text.strip():
            return EMPTY
        return next((reply for words, reply in SAID_TO_REPLY if words in text), UNKNOWN)

    def add_line(self, conversation: str, author: str, text: str, reply: dict[str, Any] | None = None) -> Line:
        self._last_line += 1
        line = Line(self._last_line, author, text, self.clock(), reply)
        self.lines.setdefault(conversation, []).append(line)
        return line

    async def waiting(self, older_than_seconds: float) -> list[str]:
        return [inbox_id for inbox_id in self.inbox if inbox_id not in self.replies]

    async def ask(self, question: str, *, on: date | None = None, region: str | None = None) -> Reply:
        return self._reply_to(question)

    async def transcript(self, conversation_id: str, after: int = 0) -> list[Line]:
        return [line for line in self.lines.get(conversation_id, []) if line.id > after]

    async def conversation_of(self, channel: str, sender: str, account: str = "") -> str | None:
        return self.conversations.get(sender) if channel == "web" else None


@dataclass
class FakeQueue:
    """Cases in memory; claiming gives the conversation to the advisor."""

    bot: FakeBot
    clock: Clock
    cases: dict[str, Case] = field(default_factory=dict)

    def open(
        self, conversation: str, priority: str, reason: str, record: dict[str, Any] | None = None, **summary: Any
    ) -> str:
        case_id = f"case{len(self.cases) + 1}"
        at = self.clock()
        content = RECORD if record is None else record
        values: dict[str, Any] = {
            "case_id": case_id, "state": "open", "owner": None, "priority": priority, "reason": reason,
            "subdistrict": "新泾镇", "channel": "web", "opened_at": at, "last_event_at": at,
            "wish": content.get("wish", ""), "programmes": ("最低生活保障",),
            **summary,
        }
        event = CaseEvent(1, "opened", at, "bot", {"reason": reason, "priority": priority})
        self.cases[case_id] = Case(CaseSummary(**values), conversation, content, (event,), ())
        return case_id

    async def list_cases(
        self, viewer: Staff, *, state: str = "waiting", limit: int = 50, offset: int = 0
    ) -> Sequence[CaseSummary]:
        shown = [case.summary for case in self.cases.values() if viewer.sees(case.summary.subdistrict)]
        wanted = {
            "waiting": lambda c: c.state != "closed", "open": lambda c: c.state == "open",
            "mine": lambda c: c.state == "claimed" and c.owner == viewer.name, "closed": lambda c: c.state == "closed",
        }[state]
        order = ("S", "P1", "P2", "R")
        return sorted(filter(wanted, shown), key=lambda c: (order.index(c.priority), c.opened_at))[offset:offset + limit]

    async def case(self, case_id: str, viewer: Staff) -> Case:
        case = self._found(case_id, viewer)
        return replace(case, transcript=tuple(await self.bot.transcript(case.conversation_id)))

    async def claim(self, case_id: str, by: Staff) -> None:
        case = self._found(case_id, by)
        if case.summary.state != "open":
            raise CaseConflictError("not open", case.summary.owner)
        self.bot.held_by[case.conversation_id] = by.name
        self._happened(case, "claimed", by, state="claimed", owner=by.name)

    async def release(self, case_id: str, by: Staff) -> None:
        case = self._held(case_id, by)
        del self.bot.held_by[case.conversation_id]
        self._happened(case, "released", by, state="open", owner=None)

    async def reply(self, case_id: str, by: Staff, text: str) -> None:
        case = self._held(case_id, by)
        self.bot.add_line(case.conversation_id, by.name, text.strip())
        self._happened(case, "replied", by)

    async def note(self, case_id: str, by: Staff, text: str) -> None:
        self._happened(self._found(case_id, by), "note_added", by, {"text": text})

    async def close(self, case_id: str, by: Staff, outcome: str, reason: str) -> None:
        case = self._held(case_id, by)
        del self.bot.held_by[case.conversation_id]
        self._happened(case, "closed", by, {"outcome": outcome, "reason": reason}, state="closed")

    def _found(self, case_id: str, viewer: Staff) -> Case:
        case = self.cases.get(case_id)
        if case is None or not viewer.sees(case.summary.subdistrict):
            raise CaseNotFoundError(case_id)
        return case

    def _held(self, case_id: str, by: Staff) -> Case:
        case = self._found(case_id, by)
        if case.summary.state != "claimed" or case.summary.owner != by.name:
            raise CaseConflictError("not held", case.summary.owner)
        return case

    def _happened(self, case: Case, kind: str, by: Staff, data: dict[str, Any] | None = None, **summary: Any) -> None:
        event = CaseEvent(len(case.events) + 1, kind, self.clock(), by.name, data or {})
        changed = replace(case.summary, last_event_at=self.clock(), **summary)
        self.cases[case.summary.case_id] = replace(case, summary=changed, events=(*case.events, event))
