"""The residents' API: send a message, read the conversation, follow it as a stream."""

# No postponed annotations here: FastAPI reads the types of the routes below, which name things local to one function.

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, Field

from bot.messages import Reply
from channels.doors import Doors
from channels.errors import RefusedRequestError
from channels.same_origin import require_same_origin
from channels.web.conversation_cookie import conversation_token, keep_conversation
from channels.web.lines import line_dict, line_of_reply, resident_line_before
from channels.web.talk import Talk
from channels.wording import WORDING

RETRY_MILLISECONDS = 1500


class NewMessage(BaseModel):
    """text: what the resident says, any length (the bot itself asks to shorten). key: made by the page, the same for a repeated
    sending of the same message."""

    text: str
    key: str = Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")


def api_router(doors: Doors, talk: Talk) -> APIRouter:
    """/api/v1/messages, /api/v1/messages/stream, /api/v1/stream. A conversation is the one of the cookie."""
    router = APIRouter(prefix="/api/v1", tags=["resident"])

    async def writer(request: Request, response: Response) -> str:
        """The conversation that wants to write, after the checks that apply to writing."""
        require_same_origin(request, doors.settings.public_base_url)
        given = request.headers.get("content-type", "")
        if given.partition(";")[0].strip().lower() != "application/json":
            # A form of another site can post text or form fields, but not this type without asking first.
            raise RefusedRequestError("not_json", given=given[:60] or "–")
        token, new = conversation_token(request)
        await talk.limit(request, token)
        if new:
            keep_conversation(response, token, request, doors)
        return token

    Writer = Annotated[str, Depends(writer)]

    @router.post("/messages", summary="Say something and get the reply")
    async def post_message(message: NewMessage, token: Writer, cards: bool = False) -> dict[str, Any]:
        """The *reply* with `line`, its id in the transcript, and `resident_line`, that of the message itself.

        `silent: true` and nothing else of a reply: an advisor has taken over and will answer.
        """
        said = await talk.say(token, message.text, message.key)
        return await _reply_dict(doors, talk, token, said.reply, cards)

    @router.post("/messages/stream", response_class=EventSourceResponse, summary="Say something and follow the answer")
    async def stream_message(message: NewMessage, token: Writer, cards: bool = False) -> AsyncIterator[ServerSentEvent]:
        """Events: `status` {text} while it works, `part` {kind, text} piece by piece, then `reply` as POST /messages gives it.

        `too_slow` {text} ends the stream instead when patience is over; the answer then arrives on GET /stream. `failed` carries
        the error shape.
        """
        receipt = await talk.store(token, message.text, message.key)
        task = talk.answer(receipt)
        yield ServerSentEvent(event="status", data={"text": WORDING["progress"]["looking"]})
        first, last = doors.patience_seconds
        if not await _done(task, first):
            yield ServerSentEvent(event="status", data={"text": WORDING["progress"]["still_looking"]})
            if not await _done(task, last - first):
                yield ServerSentEvent(event="too_slow", data={"text": WORDING["progress"]["too_slow"]})
                return
        if task.exception() is not None:
            message_shown = WORDING["errors"]["internal"]["message"]
            yield ServerSentEvent(event="failed", data={"error": {"code": "internal", "message": message_shown}})
            return
        reply = task.result()
        for kind, text in _parts(reply):
            yield ServerSentEvent(event="part", data={"kind": kind, "text": text})
        yield ServerSentEvent(event="reply", data=await _reply_dict(doors, talk, token, reply, cards))

    @router.get("/messages", summary="Lines of this conversation")
    async def get_messages(request: Request, after: Annotated[int, Query(ge=0)] = 0, cards: bool = False) -> dict[str, Any]:
        """Lines with an id above `after`, oldest first: for browsers without streams."""
        token, new = conversation_token(request)
        lines = [] if new else await talk.lines(token, after)
        return {"lines": [line_dict(line, doors, cards) for line in lines]}

    @router.get("/stream", response_class=EventSourceResponse, summary="Follow this conversation")
    async def follow(
        request: Request,
        after: Annotated[int, Query(ge=0)] = 0,
        cards: bool = False,
        last_event_id: Annotated[str | None, Header()] = None,
    ) -> AsyncIterator[ServerSentEvent]:
        """One `line` event per new line, its id as event id. A comment keeps the connection alive; it ends after about a minute
        and the browser resumes with Last-Event-ID."""
        token, new = conversation_token(request)
        position = int(last_event_id) if last_event_id and last_event_id.isdecimal() else after
        conversation = None
        yield ServerSentEvent(comment="follows", retry=RETRY_MILLISECONDS)
        for _ in range(max(1, round(doors.stream_seconds / doors.stream_poll_seconds))):
            # Asked for until there is one, then kept: an open page costs one small read a round.
            conversation = conversation or (None if new else await talk.conversation(token))
            for line in [] if conversation is None else await doors.consultations.transcript(conversation, position):
                position = line.id
                yield ServerSentEvent(event="line", id=str(line.id), data=line_dict(line, doors, cards))
            await asyncio.sleep(doors.stream_poll_seconds)

    return router


async def _done(task: asyncio.Task[Reply | None], seconds: float) -> bool:
    done, _ = await asyncio.wait({task}, timeout=seconds)
    return bool(done)


def _parts(reply: Reply | None) -> list[tuple[str, str]]:
    if reply is None:
        return []
    parts = [("headline", reply.headline or reply.text)]
    parts += [("point", text) for text in reply.points]
    return parts + [("next_step", text) for text in reply.next_steps]


async def _reply_dict(doors: Doors, talk: Talk, token: str, reply: Reply | None, cards: bool) -> dict[str, Any]:
    lines = await talk.lines(token)
    line = None if reply is None else line_of_reply(lines, reply)
    own = resident_line_before(lines, line.id if line else None)
    content: dict[str, Any] = {"silent": True} if reply is None else {"silent": False, **reply.as_dict()}
    content["line"] = line.id if line else None
    content["resident_line"] = own.id if own else None
    if cards and line is not None:
        content["html"] = line_dict(line, doors, cards=True)["html"]
    return content
