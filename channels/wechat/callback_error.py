"""Callbacks we refuse: why, and with which HTTP status."""

from __future__ import annotations


class CallbackError(Exception):
    """A callback that is not WeChat's, or that nobody can read. code: a stable word; message: what was wrong, what is wanted.
    Read by operators in the log and by whoever sent the request; it never repeats what a resident wrote."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def as_dict(self) -> dict[str, dict[str, str]]:
        """Our one error shape."""
        return {"error": {"code": self.code, "message": self.message}}


def quoted(value: str, limit: int = 40) -> str:
    """What came, shortened and without control characters, fit for an error message."""
    shown = "".join(c if c.isprintable() else "?" for c in value[:limit])
    return f"'{shown}…'" if len(value) > limit else f"'{shown}'"
