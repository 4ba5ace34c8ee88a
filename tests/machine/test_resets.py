"""Every reset that the chip makes by itself is told with who has asked for it; a run can end for too many."""

from __future__ import annotations

import pytest
from cpu.program import code, op
from machine.device import PREPARE_UART0, SPIN, WATCHDOG, machine_of, store_word

from emu.machine import ExpectationError, Machine, RunEnd
from emu.machine.boot_access import REBOOT_REASON_ADDRESS
from emu.soc.irq import Irq
from emu.soc.w800 import W800
from peripherals.framework.reset import ResetCause

VIC = 0xE000_E100
PMU = W800.rows["pmu"].base


def armed(ticks: int) -> bytes:
    """Starts the watchdog."""
    return code(store_word(WATCHDOG, ticks), store_word(WATCHDOG + 8, 3))


HANGS = code(armed(4_000), SPIN)
REBOOTS = code(armed(0x100), SPIN)


def texts_of_resets(machine: Machine, count: int) -> list[str]:
    """Let so many resets come."""
    texts: list[str] = []

    def note(_cause: ResetCause) -> None:
        texts.append(str(machine.last_reset))
        if len(texts) == count:
            machine.stop()

    machine.on_reset(note)
    assert machine.run_for(1.0).end is RunEnd.STOPPED
    return texts


def test_a_watchdog_that_expires_tells_where_the_firmware_was() -> None:
    machine = machine_of(HANGS)
    (text,) = texts_of_resets(machine, 1)
    assert text == (
        "reset 1 after 0.000201 s: the watchdog expired, "
        "at pc 0x08000024 (main+0x24), in an endless loop, interrupts off"
    )


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (0, "the firmware asked for it"),
        (3, "the watchdog expired, at pc "),
        (4, "the firmware asked for it"),
        (5, "the firmware asked for it, for an update"),
        (0x77, "the firmware asked for it"),
    ],
)
def test_a_count_too_short_to_feed_is_a_reboot_unless_the_firmware_notes_another_reason(
    reason: int, told: str
) -> None:
    machine = machine_of(code(store_word(REBOOT_REASON_ADDRESS, reason), REBOOTS))
    (text,) = texts_of_resets(machine, 1)
    assert text.partition(": ")[2].startswith(told)
    assert ("pc" in text) == ("pc" in told)


def test_a_handler_of_the_watchdog_that_hurries_the_reset_is_no_reboot() -> None:
    """As the SDK's does (wm_hal_wdt.c)."""
    program = code(store_word(VIC, 1 << Irq.WATCHDOG), armed(4_000), op("psrset", bits=1 << 6), SPIN)
    machine = machine_of(program, handler=code(store_word(WATCHDOG, 1), SPIN))
    (text,) = texts_of_resets(machine, 1)
    assert "the watchdog expired, at pc" in text
    assert "in the handler of interrupt 31 (WATCHDOG)" in text


def test_resets_without_progress_are_a_boot_loop() -> None:
    texts = texts_of_resets(machine_of(HANGS), 5)
    assert [text.partition("; ")[2] for text in texts] == [
        *["", "", ""],
        "a boot loop: 4 resets without progress",
        "a boot loop: 5 resets without progress",
    ]


def test_whoever_writes_the_flash_between_two_resets_makes_progress() -> None:
    machine = machine_of(HANGS)

    machine.on_reset(lambda _cause: machine.flash.load(0x8000, b"1"))
    texts_of_resets(machine, 5)
    assert machine.last_reset is not None
    assert (machine.last_reset.number, machine.last_reset.is_boot_loop) == (5, False)


@pytest.mark.parametrize("most", [0, 2])
def test_one_reset_too_many_ends_the_run(most: int) -> None:
    machine = machine_of(HANGS, max_resets=most)
    result = machine.run_for(1.0)
    assert (result.end, result.reset) == (RunEnd.RESET, machine.last_reset)
    assert result.reset is not None
    assert result.reset.number == most + 1
    assert str(result).startswith(f"reset {most + 1} after 0.000")
    assert machine.run_for(1.0).end is RunEnd.RESET  # the next one, too


def test_an_expected_text_that_does_not_come_for_a_reset_is_explained_by_it() -> None:
    machine = machine_of(code(PREPARE_UART0, HANGS), max_resets=0)
    with pytest.raises(ExpectationError, match=r"did not appear on uart0: reset 1 after .* the watchdog"):
        machine.uart0.expect("never")


def test_resets_from_outside_do_not_count() -> None:
    machine = machine_of(SPIN, max_resets=0)
    machine.reset()
    machine.power_cycle()
    assert machine.run(1000).end is RunEnd.TIME_UP
    assert machine.last_reset is None


def test_a_wake_up_from_standby_is_told_and_does_not_count() -> None:
    machine = machine_of(SPIN, max_resets=0)
    machine.run(1000)
    machine.board.soc.on_reset_request(ResetCause.WAKE_UP)
    assert machine.run(1000).end is RunEnd.TIME_UP
    assert str(machine.last_reset) == "wake-up from standby after 0.000001 s"
