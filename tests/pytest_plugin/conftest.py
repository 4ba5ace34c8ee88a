"""What every test of the plugin needs."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def at_a_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pytest prints every message a second time, whole, where it believes to be on a CI service."""
    for name in ("CI", "BUILD_NUMBER"):
        monkeypatch.delenv(name, raising=False)
