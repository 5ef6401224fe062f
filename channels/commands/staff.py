"""user add | passwd | list: who may sign in."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import typer

from bot.clock import now
from bot.staff import Role
from bot.staff_storage import StaffStore
from channels.commands.opening import WRONG_USAGE, fail, print_json, read_settings, run
from knowledge.database import Sessions, open_engine
from migrations.running import upgrade

app = typer.Typer(help="工作人员账号：添加、改密码、列出")
AsJson = Annotated[bool, typer.Option("--json", help="标准输出只有一个 JSON")]
ROLES = "advisor 顾问、editor 业务科室、supervisor 督导、admin 管理员"


@asynccontextmanager
async def opened_staff() -> AsyncIterator[StaffStore]:
    settings = read_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    await asyncio.to_thread(upgrade, settings.database)
    engine = open_engine(settings.database)
    try:
        yield StaffStore(Sessions(engine))
    finally:
        await engine.dispose()


@app.command()
def add(
    name: str,
    role: Annotated[list[str], typer.Option("--role", help=ROLES)],
    subdistrict: Annotated[
        list[str] | None, typer.Option("--subdistrict", help="只看这个街镇的个案，可写几次；不写看全区")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """添加账号，密码随机，只显示一次。例：yibentong user add 李顾问 --role advisor --subdistrict 新泾镇"""
    run(_add(name, role, subdistrict or [], as_json))


async def _add(name: str, roles: list[str], subdistricts: list[str], as_json: bool) -> None:
    wrong = [role for role in roles if role not in {known.value for known in Role}]
    if wrong:
        fail(f"没有“{wrong[0]}”这种身份；可选：{ROLES}", WRONG_USAGE)
    password = secrets.token_urlsafe(9)
    async with opened_staff() as staff:
        try:
            await staff.add(name, password, [Role(role) for role in roles], subdistricts, at=now())
        except ValueError as error:
            fail(str(error))
    print_json({"name": name, "password": password}) if as_json else typer.echo(f"{name}  密码（只显示这一次）：{password}")


@app.command()
def passwd(name: str, as_json: AsJson = False) -> None:
    """换一个随机密码，只显示一次。例：yibentong user passwd 李顾问"""
    run(_passwd(name, as_json))


async def _passwd(name: str, as_json: bool) -> None:
    password = secrets.token_urlsafe(9)
    async with opened_staff() as staff:
        try:
            await staff.set_password(name, password)
        except (LookupError, ValueError) as error:
            fail(str(error))
    print_json({"name": name, "password": password}) if as_json else typer.echo(f"{name}  新密码（只显示这一次）：{password}")


@app.command("list")
def list_staff(as_json: AsJson = False) -> None:
    """列出账号。例：yibentong user list"""
    run(_list(as_json))


async def _list(as_json: bool) -> None:
    async with opened_staff() as staff:
        people = await staff.list()
    rows = [
        {"name": person.name, "roles": sorted(role.value for role in person.roles), "subdistricts": sorted(person.subdistricts)}
        for person in people
    ]
    if as_json:
        print_json({"users": rows})
        return
    for row in rows:
        typer.echo(f"{row['name']}  {'、'.join(row['roles'])}  {'、'.join(row['subdistricts']) or '全区'}")
