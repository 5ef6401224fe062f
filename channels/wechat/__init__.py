"""The WeChat Official Account (服务号) channel: callback in, direct answers and customer-service messages out."""

from channels.wechat.callback import wechat_router
from channels.wechat.channel import WeChatChannel
from channels.wechat.worker import WeChatWorker

__all__ = ["WeChatChannel", "WeChatWorker", "wechat_router"]
