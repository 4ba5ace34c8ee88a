"""The same inputs give the same run: byte for byte, whatever executes it and whatever is cached."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from emu import Machine

Timeline = tuple[list[tuple[int, int]], int, int]


def story(**options: Any) -> Timeline:
    """UART bytes with their times, instructions executed and the time at the end of the built-in story."""
    sent: list[tuple[int, int]] = []
    with Machine.load(**options) as machine:
        machine.uart0.listeners.append(lambda time_ns, byte: sent.append((time_ns, byte)))
        machine.run_until_text("atcmd init finished")
        return sent, machine.executed, machine.now_ns


def test_engine_and_translation_cache_do_not_change_the_story(tmp_path: Path) -> None:
    cold, warm = story(cache=tmp_path), story(cache=tmp_path)
    interpreted = story(engine="interpreter")
    assert len(cold[0]) > 400
    assert warm == cold
    assert interpreted == cold
