"""The WeChat channel put together from settings: one router, one worker, one client for the platform's API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.channel_state import ChannelState
from bot.clock import now as system_now
from bot.consultations import Consultations
from bot.outbox import Outbox
from bot.privacy import FieldCipher
from bot.settings import Settings
from channels.wechat.answering import AnswersUnderWay
from channels.wechat.api import WeChatApi
from channels.wechat.callback import wechat_router
from channels.wechat.delivery import PushPermission, WeChatDelivery
from channels.wechat.plain_text import PlainText
from channels.wechat.wording import Wording
from channels.wechat.worker import WeChatWorker


class WeChatChannel:
    """router goes into the app, worker.run(stop) into a task of it, close() at its end. The keyword arguments are for tests."""

    def __init__(self, settings: Settings, consultations: Consultations, sessions: async_sessionmaker[AsyncSession],
                 cipher: FieldCipher, *, clock: Callable[[], datetime] = system_now, poll_seconds: float = 1.0,
                 rescue_after_seconds: float = 6.0, lease: timedelta = timedelta(seconds=60), call_seconds: float = 5.0) -> None:
        self.is_on = bool(settings.wechat_app_id)
        if self.is_on and not settings.wechat_app_secret:
            raise ValueError("YIBENTONG_WECHAT_APP_SECRET is empty although YIBENTONG_WECHAT_APP_ID is set: copy AppSecret of "
                             "the WeChat console, e.g. YIBENTONG_WECHAT_APP_SECRET=0123456789abcdef0123456789abcdef")
        outbox, state, wording = Outbox(sessions, cipher), ChannelState(sessions, cipher), Wording.load()
        permission, plain_text = PushPermission(state), PlainText(wording, settings.public_base_url)
        self._answers = AnswersUnderWay(consultations)
        self._api = WeChatApi(settings.wechat_api_base, settings.wechat_app_id, settings.wechat_app_secret, state, clock,
                              call_seconds=call_seconds)
        self.worker = WeChatWorker(consultations, outbox, self._answers, self._api, state, permission, plain_text, clock=clock,
                                   poll_seconds=poll_seconds, rescue_after_seconds=rescue_after_seconds, lease=lease)
        self._answers.finished = self.worker.wake
        self._delivery = WeChatDelivery(
            consultations, outbox, self._answers, self._api, permission, plain_text, wording,
            deadline_seconds=settings.wechat_reply_deadline_seconds, clock=clock)
        self.router = wechat_router(settings, self._delivery, state, clock)

    async def close(self) -> None:
        """Stops what is under way in this process; stored messages and replies are taken up at the next start."""
        await self._answers.stop()
        await self._delivery.stop()
        await self._api.close()
