"""`HttpAnswer`: what a virtual web server answers, faults included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final

from emu.network.errors import NetworkError

_MOST_S: Final = 86400


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What a path gives; the fields after `headers` are faults of servers and of the way to them.

    NetworkError for a status, delay, rate or place that cannot be.
    """

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_s: float = 0
    """How long the server thinks before it answers, in virtual seconds."""
    bytes_per_second: int | None = None
    """How slowly the body comes; None: as fast as the device takes it."""
    reset_after_bytes: int | None = None
    """Break the connection off when so much of the body has arrived."""
    claimed_bytes: int | None = None
    """The Content-Length, if it is not to be the true one."""

    def __post_init__(self) -> None:
        if self.status not in range(100, 1000):
            raise NetworkError(f"status: {self.status} is none of 100 to 999")
        if not 0 <= self.delay_s <= _MOST_S:
            raise NetworkError(f"delay_s: {self.delay_s} is not 0 to {_MOST_S}")
        if self.bytes_per_second is not None and self.bytes_per_second < 1:
            raise NetworkError(f"bytes_per_second: {self.bytes_per_second} is less than 1")
        if self.reset_after_bytes is not None and self.reset_after_bytes < 0:
            raise NetworkError(f"reset_after_bytes: {self.reset_after_bytes} is less than 0")

    def plain(self) -> dict[str, Any]:
        """It as plain data."""
        given = {each.name: getattr(self, each.name) for each in fields(self)}
        return {**given, "headers": dict(self.headers), "body": bytes(self.body)}
