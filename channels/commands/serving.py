"""serve: the whole product on one address."""

from __future__ import annotations

import secrets
import socket
from typing import Annotated

import typer
import uvicorn

from bot.clock import now
from bot.settings import Settings
from bot.staff import Role
from channels.commands.opening import ERRORS, fail, opened_product, read_settings, run
from channels.commands.staff import opened_staff

app = typer.Typer()
FIRST_STAFF = "admin"


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="监听地址，默认按设置")] = None,
    port: Annotated[int | None, typer.Option(help="监听端口，默认按设置")] = None,
    workers: Annotated[int, typer.Option(min=1, help="工作进程数")] = 1,
) -> None:
    """启动全部：居民网页、微信回调、顾问工作台、内容工作室。例：yibentong serve --port 8000"""
    settings = read_settings()
    host, port = host or settings.host, settings.port if port is None else port
    _check_free(host, port)
    run(_prepare(settings))
    _print_addresses(settings, host, port)
    uvicorn.run(
        "channels.app:app_from_settings",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        log_config=None,
        proxy_headers=True,
        timeout_graceful_shutdown=5,
    )


def _check_free(host: str, port: int) -> None:
    """Says at once that the address is taken, not after the index was built."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            fail(f"地址 {host}:{port} 用不了（{error.strerror}）；换一个端口，例如 yibentong serve --port {port + 1}")


async def _prepare(settings: Settings) -> None:
    """Database, first sign-in, model and index are made before the first request, with a progress bar."""
    ready = settings.data_dir / "models"
    if not ready.exists():
        ERRORS.print("第一次启动：建数据库、内置模型和索引，大约半分钟……", markup=False)
    async with opened_staff() as staff:
        if not await staff.list():
            password = secrets.token_urlsafe(12)
            await staff.add(FIRST_STAFF, password, [Role.ADMIN, Role.ADVISOR, Role.EDITOR], at=now())
            typer.echo(f"第一个登录名：{FIRST_STAFF}    密码（只显示这一次）：{password}")
    async with opened_product(settings):
        pass


def _print_addresses(settings: Settings, host: str, port: int) -> None:
    base = f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{port}"  # noqa: S104  # compared, not bound
    typer.echo(f"居民网页  {base}/")
    typer.echo(f"顾问工作台  {base}/desk")
    typer.echo(f"内容工作室  {base}/studio")
    typer.echo(f"微信回调  {base}/wechat" + ("" if settings.wechat_app_id else "  （未设置公众号，没有打开）"))
