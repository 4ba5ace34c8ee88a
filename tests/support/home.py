"""A user without a home directory: as in containers that run under any number."""

from __future__ import annotations

import sys
from typing import NoReturn

import pytest

NEEDS_PASSWD = pytest.mark.skipif(sys.platform == "win32", reason="there every user has a profile")


def without_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let neither the environment nor the list of users tell a home directory."""
    import pwd

    def unknown(number: int) -> NoReturn:
        raise KeyError(f"getpwuid(): uid not found: {number}")

    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(pwd, "getpwuid", unknown)
