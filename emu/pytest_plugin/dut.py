"""The device under test, as tests like to use it."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import pytest

from emu.options import suggestion
from emu.pytest_plugin.spent import Spent, spent

if TYPE_CHECKING:
    from emu.machine import CrashReport, Machine, ResetReport, UartPort
    from emu.machine.wifi import Wifi
    from emu.pytest_plugin.settings import Settings


class Waiting(TypedDict, total=False):
    """More that `expect` takes, as pytest-embedded names it."""

    not_matching: Any
    """What must not appear first: like the pattern."""
    expect_all: bool
    """Whether all patterns of a list have to appear, in any order."""
    return_what_before_match: bool
    """Whether to return what came before the match instead of the match."""


class Dut:
    """The device under test: its machine, and its UARTs as tests like to use them."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.crashes: list[CrashReport] = []
        """All crashes of the firmware so far."""
        self.resets: list[ResetReport] = []
        """All resets so far that the chip has made by itself; a wake-up from standby is none."""
        self._port = machine.uart0  # of the last wait
        self._booted_ns: int | None = None
        self._told_crashes = self._told_resets = self._told_violations = 0
        machine.on_crash(self.crashes.append)
        machine.on_reset(self._note_reset)

    @property
    def wifi(self) -> Wifi:
        """The networks around it: faults, servers, who has joined; the marker's `network` says which."""
        return self.machine.wifi

    def assert_image(self, part: str, path: Path | str) -> None:
        """Fail unless a display shows the picture of a file; what it shows is written as `*.actual.png`."""
        __tracebackhide__ = True
        from emu.machine.pictures import assert_image

        assert_image(self.machine, part, path)

    def has_booted(self) -> None:
        """Take the present for the end of the boot."""
        self._booted_ns = self.machine.now_ns

    def expect(
        self, pattern: Any, timeout: float | None = 10.0, uart: int = 0, **more: Unpack[Waiting]
    ) -> Any:
        """Run until a regular expression, or one of a list, matches on the UART behind its previous match.

        `timeout` is in virtual seconds, None for no limit. After it, and at once if something of
        `not_matching` appears first, the test fails. Text is matched as UTF-8, bytes as they are.
        Returns the match; with `expect_all`, when all have appeared, those of all patterns in their order.
        """
        __tracebackhide__ = True
        return self._wait(self._uart(uart), "expect", pattern, timeout, more)

    def expect_exact(
        self, pattern: Any, timeout: float | None = 10.0, uart: int = 0, **more: Unpack[Waiting]
    ) -> Any:
        """Like `expect`, for text or bytes as they are; so is what must not come."""
        __tracebackhide__ = True
        return self._wait(self._uart(uart), "expect_exact", pattern, timeout, more)

    def write(self, data: str | bytes, uart: int = 0) -> None:
        """Send to the firmware; text goes as UTF-8."""
        __tracebackhide__ = True
        port = self._uart(uart)
        _without_frames(lambda: port.write(data))

    @property
    def match(self) -> re.Match[Any] | None:
        """Of the last `expect`; None after a failure."""
        return self._port.match

    @property
    def match_index(self) -> int | None:
        """Which pattern of a list it belongs to."""
        return self._port.match_index

    @property
    def before(self) -> str | bytes:
        """What came between the last two matches; after a failure, all behind the last match."""
        return self._port.before

    def spent(self, *functions: str) -> AbstractContextManager[Spent]:
        """Measure what the device does inside of a `with` statement, with calls of these functions."""
        return spent(self.machine, functions)

    @property
    def boot_time_s(self) -> float:
        """When `booted_dut` had booted, in virtual seconds from power-on; MachineError for another device."""
        from emu import MachineError

        if self._booted_ns is None:
            raise MachineError("boot_time_s: only booted_dut knows when it has booted")
        return self._booted_ns / 1e9

    def stack_use(self, task: str) -> int:
        """The most bytes that a task has ever used of its stack: of FreeRTOS, or of an array of that name.

        MachineError if nobody knows.
        """
        from emu import MachineError
        from emu.machine.memory_use import stacks

        known = stacks(self.machine)
        if task not in known:
            raise MachineError(f"stack_use: {task!r} is none of {', '.join(known) or 'no stacks at all'}")
        return known[task]

    def heap_left(self) -> int:
        """The least bytes that were ever free of the heap; MachineError if it is none that is known."""
        from emu import MachineError
        from emu.machine.memory_use import heap

        if (found := heap(self.machine)) is None:
            raise MachineError("heap_left: there is no heap of FreeRTOS or of the IoT SDK yet")
        return found.least_free

    def run_on(self, duration_s: float) -> None:
        """Let a device that runs go on for some virtual time: what goes wrong may take a moment to show."""
        if duration_s and not self._new_crashes() and not self.machine.is_at_rest:
            self.machine.run_for(duration_s)

    def check(self, settings: Settings) -> None:
        """Fail the test for what is not allowed and has not been told yet."""
        crashes, resets = self._new_crashes(), self.resets[self._told_resets :]
        violations = self.machine.flash_violations[self._told_violations :]
        self.forget()
        if crashes and not settings.allow_crash:
            pytest.fail(
                f"the firmware crashed: {crashes[0].details}\n(a test may allow_crash)", pytrace=False
            )
        if resets and not settings.allow_reset:
            told = "\n".join(map(str, resets))
            pytest.fail(f"the chip was reset: {told}\n(a test may allow_reset)", pytrace=False)
        if violations and not settings.allow_flash_violation:
            told = "\n".join(map(str, violations))
            pytest.fail(f"{told}\n(a test may allow_flash_violation)", pytrace=False)

    def forget(self) -> None:
        """Take all crashes, resets and broken rules so far for told."""
        self._told_crashes, self._told_resets = len(self.crashes), len(self.resets)
        self._told_violations = len(self.machine.flash_violations)

    def _new_crashes(self) -> list[CrashReport]:
        return self.crashes[self._told_crashes :]

    def _note_reset(self, _cause: object) -> None:
        from peripherals.framework.reset import ResetCause

        latest = self.machine.last_reset
        is_ordered = latest is None or (self.resets and latest is self.resets[-1])
        if latest is not None and not is_ordered and latest.cause is not ResetCause.WAKE_UP:
            self.resets.append(latest)

    def _uart(self, number: int) -> UartPort:
        __tracebackhide__ = True
        from emu import MachineError

        if not isinstance(number, int) or number not in range(len(self.machine.uarts)):
            raise MachineError(f"uart: {number!r} is none of 0 to {len(self.machine.uarts) - 1}")
        return self.machine.uarts[number]

    def _wait(self, port: UartPort, how: str, pattern: Any, timeout: float | None, more: Waiting) -> Any:
        __tracebackhide__ = True
        from emu import MachineError

        for name in more.keys() - Waiting.__annotations__.keys():
            raise MachineError(
                f"{how}: there is no argument {name}{suggestion(name, Waiting.__annotations__)}"
            )
        returns_before = more.pop("return_what_before_match", False)
        if returns_before and more.get("expect_all"):
            raise MachineError("return_what_before_match: with expect_all there is more than one match")
        self._port = port
        wait = getattr(port, how)
        found = _without_frames(lambda: wait(pattern, timeout, **more))
        return port.before if returns_before else found


def _without_frames(action: Callable[[], Any]) -> Any:
    """What went wrong shows at the line of the test, without the emulator's frames."""
    __tracebackhide__ = True
    from emu import ExpectationError, MachineError

    try:
        return action()
    except (ExpectationError, MachineError) as error:
        raise type(error)(*error.args) from None
