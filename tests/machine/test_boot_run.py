"""Boot code that was left in the middle is given back."""

from __future__ import annotations

import weakref

from emu.clock import VirtualClock
from emu.machine.boot_run import BootRun


class Kept:
    """Something that the code holds."""


def test_code_that_does_not_go_on_is_forgotten() -> None:
    clock = VirtualClock(1_000_000_000)
    run = BootRun[str](clock)
    held: list[weakref.ref[Kept]] = []

    def code() -> str:
        kept = Kept()
        held.append(weakref.ref(kept))
        run.ask(lambda: run.wait_until(100))
        return "done"

    assert run.go_on(code, until_ns=10) is None
    assert held[0]() is not None
    run.begin()
    assert held[0]() is None
    assert run.go_on(code, until_ns=200) == "done"
