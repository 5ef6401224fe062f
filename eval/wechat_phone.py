"""A resident's phone in the terminal: write to a running server as WeChat would deliver it, see what comes back."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import httpx
import typer

from bot.settings import Settings
from eval.fake_wechat import Bubble, Delivered, FakeWeChat, Phone

HELP = """Commands: /follow [SCENE]  /scan SCENE  /menu KEY  /voice [WORDS]  /image  /place LATITUDE LONGITUDE  /unfollow
/help  /quit. Anything else is sent as text."""


def simulate(
    server: Annotated[str, typer.Option(help="callback of the running server")] = "http://127.0.0.1:8000/wechat",
    token: Annotated[str | None, typer.Option(help="its YIBENTONG_WECHAT_TOKEN; default: our own setting")] = None,
    app_id: Annotated[str | None, typer.Option(help="its YIBENTONG_WECHAT_APP_ID; default: our own setting")] = None,
    app_secret: Annotated[str | None, typer.Option(help="its YIBENTONG_WECHAT_APP_SECRET; default: our own setting")] = None,
    aes_key: Annotated[str | None, typer.Option(help="its YIBENTONG_WECHAT_AES_KEY, '' for plain mode; default: our own "
                                                     "setting")] = None,
    api_port: Annotated[int, typer.Option(help="port of the fake WeChat API")] = 8901,
) -> None:
    """Play a resident's phone against a running server.

    The server must have been started with YIBENTONG_WECHAT_API_BASE=http://127.0.0.1:8901 so that pushed messages come here.

    Example: yibentong wechat simulate --server http://127.0.0.1:8000/wechat --token yibentong2026 --app-id wx0123456789abcdef
    """
    account = Account.of(Settings(), token, app_id, app_secret, aes_key)
    wechat = FakeWeChat(port=api_port, app_id=account.app_id, app_secret=account.app_secret)
    try:
        wechat.start()
    except OSError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    try:
        phone = wechat.phone(callback_address(server), account.token, aes_key=account.aes_key)
        phone.on_show = _print_bubble
        typer.echo(f"fake WeChat API on {wechat.base_url}; callbacks go to {phone.callback_url}\n{HELP}", err=True)
        _talk(phone)
    finally:
        wechat.stop()


@dataclass(frozen=True, slots=True)
class Account:
    """What the running server and the platform must have in common."""

    token: str
    app_id: str
    app_secret: str
    aes_key: str

    @classmethod
    def of(cls, settings: Settings, token: str | None, app_id: str | None, app_secret: str | None,
           aes_key: str | None) -> Account:
        """What was given, else the setting; BadParameter names what neither has."""
        found = cls(
            settings.wechat_token if token is None else token,
            settings.wechat_app_id if app_id is None else app_id,
            settings.wechat_app_secret if app_secret is None else app_secret,
            settings.wechat_aes_key if aes_key is None else aes_key)
        wanted = {"--token": found.token, "--app-id": found.app_id, "--app-secret": found.app_secret}
        missing = [name for name, value in wanted.items() if not value]
        if missing:
            raise typer.BadParameter(f"{', '.join(missing)} missing: give the values the server was started with, "
                                     "e.g. --token yibentong2026")
        return found


def callback_address(server: str) -> str:
    """The address of the callback, given it or the server's root."""
    url = httpx.URL(server)
    if url.scheme not in ("http", "https") or not url.host:
        raise typer.BadParameter(f"'{server}' is not an address: give e.g. http://127.0.0.1:8000/wechat")
    return str(url.copy_with(path="/wechat") if url.path == "/" else url)


def perform(phone: Phone, line: str) -> Delivered | None:
    """Does what one line asks; None when it asks for nothing to be sent. ValueError says how it should read."""
    word, _, rest = line.strip().partition(" ")
    if not word.startswith("/"):
        return phone.send_text(line) if line.strip() else None
    if word not in ACTS:
        raise ValueError(f"'{word}' is not a command.\n{HELP}")
    return ACTS[word](phone, rest.strip())


def _talk(phone: Phone) -> None:
    for line in sys.stdin:
        if line.strip() == "/quit":
            return
        try:
            done = perform(phone, line.rstrip("\n"))
        except ValueError as error:
            typer.echo(str(error), err=True)
            continue
        if done is not None:
            typer.echo(f"  [{_outcome(done)}]", err=True)


def _outcome(done: Delivered) -> str:
    tries = f"try {done.tries}"
    if done.failed:
        return f"{tries}: no usable answer"
    return f"{tries}: success, the answer may be pushed" if done.passive is None else f"{tries}: direct answer"


def _print_bubble(bubble: Bubble) -> None:
    if bubble.by != "me":
        typer.echo(f"{bubble.by}> {bubble.text}")


def _place(phone: Phone, rest: str) -> Delivered:
    try:
        latitude, longitude = (float(number) for number in rest.split())
    except ValueError as error:
        raise ValueError(f"'{rest}' is not a place: write e.g. /place 31.22 121.42") from error
    return phone.send_location(latitude, longitude)


def _named(rest: str, example: str) -> str:
    if not rest:
        raise ValueError(f"a name is missing: write e.g. {example}")
    return rest


def _help(_phone: Phone, _rest: str) -> None:
    typer.echo(HELP, err=True)


ACTS: dict[str, Callable[[Phone, str], Delivered | None]] = {
    "/follow": lambda phone, rest: phone.follow(rest),
    "/unfollow": lambda phone, rest: phone.unfollow(),
    "/scan": lambda phone, rest: phone.scan(_named(rest, "/scan tianshan")),
    "/menu": lambda phone, rest: phone.tap_menu(_named(rest, "/menu office")),
    "/voice": lambda phone, rest: phone.send_voice(rest or None),
    "/image": lambda phone, rest: phone.send_image(),
    "/place": _place,
    "/help": _help,
}
