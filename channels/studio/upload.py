"""What an upload form says of its files, beyond what the files say themselves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TypedDict

from channels.wording import WORDING
from knowledge.policy_documents import Kind


class Known(TypedDict):
    """What the form says; None: let the file say it. region "" is the whole country."""

    title: str | None
    number: str | None
    kind: Kind | None
    region: str | None
    issued_on: date | None
    in_force_from: date | None
    in_force_until: date | None


class UploadFormError(ValueError):
    """A field of the form is not usable; str() is the Chinese sentence for the editor."""


def known_of(form: Mapping[str, str], files: int) -> Known:
    """The form's fields; an empty one is left for the file to say. UploadFormError for a field that cannot be meant."""
    title, number = _text(form, "title"), _text(form, "number")
    if files > 1 and (title or number):
        raise UploadFormError(WORDING["studio"]["several_titles"].format(count=files))
    region = _text(form, "region")
    return Known(
        title=title,
        number=number,
        kind=_kind(form),
        region="" if region == WORDING["studio"]["whole_country"] else region,
        issued_on=_day(form, "issued_on"),
        in_force_from=_day(form, "in_force_from"),
        in_force_until=_day(form, "in_force_until"),
    )


def _text(form: Mapping[str, str], name: str) -> str | None:
    return form.get(name, "").strip() or None


def _kind(form: Mapping[str, str]) -> Kind | None:
    given = _text(form, "kind")
    if given is None:
        return None
    try:
        return Kind(given)
    except ValueError:
        raise UploadFormError(WORDING["studio"]["bad_kind"].format(given=given[:40])) from None


def _day(form: Mapping[str, str], name: str) -> date | None:
    given = _text(form, name)
    if given is None:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError:
        words = WORDING["studio"]
        raise UploadFormError(words["bad_day"].format(field=words["fields"][name], given=given[:40])) from None
