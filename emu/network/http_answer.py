"""`HttpAnswer`: what a virtual web server answers, faults included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What a path gives; the fields after `headers` are faults of servers and of the way to them."""

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

    def plain(self) -> dict[str, Any]:
        """It as plain data."""
        given = {each.name: getattr(self, each.name) for each in fields(self)}
        return {**given, "headers": dict(self.headers), "body": bytes(self.body)}
