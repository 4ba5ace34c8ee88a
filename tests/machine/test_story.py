"""The built-in firmware on the whole machine: update, restart, update again, and what may go wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cpu.program import code, op

from emu.machine import CrashReport, ExpectationError, Machine, RunEnd
from emu.memory_map import FLASH_BASE
from peripherals.flash_operation import FlashOperation, Phase
from peripherals.framework.reset import ResetCause

END_OF_STORY = r"atcmd init finished\.\r\n"
STORY = re.compile(
    r"\[I\] \(\d+\) main: ver: .* build at .*\r\n"
    r"\.{100}\r\n"
    r"\[I\] \((\d+)\) example: This example succeeds in running\.\r\n"
    r"\[I\] \(\d+\) ota_ops: ota reboot, please wait for the restart\.\.\.\r\n"
    r"start unxz, please wait\.\.\.\r\n"
    r"\.+\r\n"
    r"unxz succeed\r\n"
    r"\[I\] \(\d+\) main: ver: .* build at .*\r\n"
    r"\[I\] \(\d+\) atcmd: set default wifi config\r\n"
    r"\[I\] \(\d+\) atcmd: set default tcpip config\r\n"
    r"\[I\] \(\d+\) atcmd: atcmd init finished\.\r\n"
)
TRIAL_CODE = 0x2004_0000
STACK_FREE_TRIAL = code(op("ld.w", rz=0, rx=1, offset=0), op("br", offset=0))


def device(**options: Any) -> Machine:
    return Machine.load(cache=False, **options)


@pytest.fixture(scope="module")
def told() -> Machine:
    """The device at the end of the story. Tests only look at it."""
    machine = device()
    machine.uart0.expect(END_OF_STORY)
    return machine


@pytest.fixture
def at_prompt() -> Machine:
    """A device whose second firmware waits for commands."""
    machine = device()
    machine.uart0.expect(END_OF_STORY)
    return machine


@pytest.fixture(scope="module")
def waiting_update(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The flash at the moment of the restart, with the update in app_ota."""
    path = tmp_path_factory.mktemp("flash") / "waiting.bin"
    machine = device()
    machine.on_reset(lambda cause: machine.stop())
    assert machine.run().end is RunEnd.STOPPED
    machine.save_flash(path)
    return path


def at(machine: Machine, command: str, answer: str = r"\+OK") -> str:
    machine.uart1.write(command + "\r\n")
    return machine.uart1.expect(answer + r".*\r\n", timeout_s=2)[0]


def test_the_story_is_told(told: Machine) -> None:
    story = STORY.fullmatch(told.uart0.text)
    assert story
    assert 1000 < int(story[1]) < 10_000


def test_both_engines_tell_it_at_the_same_times(told: Machine) -> None:
    slow = device(engine="interpreter")
    slow.uart0.expect(END_OF_STORY)
    assert slow.uart0.text == told.uart0.text
    assert (slow.now_ns, slow.executed) == (told.now_ns, told.executed)
    assert slow.board.core.state == told.board.core.state


def test_looking_at_it_in_small_steps_changes_nothing(told: Machine) -> None:
    machine = device()
    machine.hook("log_line", lambda machine: None)
    while machine.now_ns < told.now_ns - 10_000_000:
        machine.run_for(0.0123)
    machine.uart0.expect(END_OF_STORY)
    assert (machine.now_ns, machine.executed) == (told.now_ns, told.executed)
    assert machine.board.core.state == told.board.core.state


def test_a_second_update_in_the_same_run_replaces_the_first(at_prompt: Machine) -> None:
    causes: list[ResetCause] = []
    at_prompt.on_reset(causes.append)
    assert at(at_prompt, "AT+QVER").endswith(",0\r\n")
    at(at_prompt, "AT+OTA")
    at_prompt.uart0.expect(END_OF_STORY)
    assert causes == [ResetCause.WATCHDOG]
    assert at(at_prompt, "AT+QVER").endswith(",1\r\n")
    assert at(at_prompt, "AT+QBOOT").endswith("=5\r\n")


@pytest.fixture(scope="module")
def operations_of_the_copy(waiting_update: Path) -> int:
    """How often the bootloader programs or erases to install the update."""
    machine = device(flash_file=waiting_update)
    operations: list[FlashOperation] = []
    machine.flash.observers.append(operations.append)
    machine.uart0.expect("unxz succeed")
    return sum(operation.phase is Phase.BEFORE for operation in operations)


@pytest.mark.parametrize(
    ("part", "phase"),
    [(0.0, Phase.BEFORE), (0.1, Phase.BEFORE), (0.1, Phase.AFTER), (0.5, Phase.AFTER), (1.0, Phase.AFTER)],
)
def test_a_power_cut_in_the_bootloaders_copy_is_survived(
    waiting_update: Path, operations_of_the_copy: int, part: float, phase: Phase
) -> None:
    number = max(1, round(part * operations_of_the_copy))
    machine = device(flash_file=waiting_update)
    machine.cut_power_at_flash_operation(number, phase)
    assert machine.run().end is RunEnd.POWER_CUT
    machine.power_cycle()
    machine.uart0.expect(END_OF_STORY)
    assert at(machine, "AT+QVER").startswith("+OK=1.1.0")


def test_a_power_cut_that_erases_the_apps_header_is_reported(waiting_update: Path) -> None:
    """The SDK's own bootloader does not find the update any more either."""
    machine = device(flash_file=waiting_update)
    machine.cut_power_at_flash_operation(1, Phase.AFTER)
    machine.run()
    machine.power_cycle()
    result = machine.run()
    assert result.end is RunEnd.DOWNLOAD
    assert "the app at 0x0800f000 is no good: its header has a wrong magic number" in result.reason


def test_without_any_good_image_the_mask_rom_waits_for_a_download(waiting_update: Path) -> None:
    machine = device(flash_file=waiting_update)
    machine.flash.load(0xF400, bytes(4))
    machine.flash.load(0x13_1000, bytes(64))
    result = machine.run()
    assert result.end is RunEnd.DOWNLOAD
    assert str(result).startswith("the mask ROM waits for a download: ")
    with pytest.raises(ExpectationError, match="waits for a download"):
        machine.uart0.expect(END_OF_STORY)


def jump_to(address: int) -> Callable[[Machine], None]:
    def jump(machine: Machine) -> None:
        machine.registers.update(lr=machine.registers["pc"], pc=address)

    return jump


def load_from(address: int) -> Callable[[Machine], None]:
    def load(machine: Machine) -> None:
        machine.write(TRIAL_CODE, STACK_FREE_TRIAL)
        machine.registers.update(r1=address, lr=machine.registers["pc"], pc=TRIAL_CODE)

    return load


@pytest.mark.parametrize(
    ("mistake", "report", "printed"),
    [
        (jump_to(0x1234_5678), "access error at pc 0x12345678, address 0x12345678", "CPU Exception : 2"),
        (load_from(0x7000_0000), "access error at pc 0x20040000, address 0x70000000", "CPU Exception : 2"),
        (
            load_from(0x4001_0602),
            "unaligned access at pc 0x20040000, address 0x40010602",
            "CPU Exception : 1",
        ),
    ],
)
def test_a_crash_is_reported_and_printed_by_the_firmware(
    mistake: Callable[[Machine], None], report: str, printed: str
) -> None:
    machine = device()
    machine.hook("app_main", mistake)
    result = machine.run(max_time_ns=10**9)
    assert result.crash is not None
    assert result.crash.text.startswith(report)
    assert "called from app_main" in result.crash.details
    assert printed in machine.uart0.text


def test_a_crash_after_the_update_is_named_by_the_new_firmware(at_prompt: Machine) -> None:
    reports: list[CrashReport] = []
    at_prompt.on_crash(reports.append)
    at_prompt.uart1.write("AT+CRASH\r\n")
    result = at_prompt.run()
    assert result.crash == reports[0]
    assert result.crash is not None
    assert (result.crash.kind.value, result.crash.location.partition("+")[0]) == (
        "division by zero",
        "divide_by_zero",
    )


def test_an_endless_loop_ends_with_the_time() -> None:
    machine = device()
    machine.hook("app_main", jump_to(TRIAL_CODE))
    machine.write(TRIAL_CODE, op("br", offset=0))
    result = machine.run(max_time_ns=10**9)
    assert (result.end, machine.registers["pc"]) == (RunEnd.TIME_UP, TRIAL_CODE)


def test_a_run_to_a_symbol_stops_in_the_firmware() -> None:
    machine = device()
    assert machine.run_until_address("app_main").end is RunEnd.ADDRESS
    assert machine.describe(machine.registers["pc"]) == "app_main"
    assert machine.read(FLASH_BASE + 0xF000, 4) == b"\x9f\xff\xff\xa0"


def test_two_devices_do_not_notice_each_other(told: Machine) -> None:
    first, second = device(), device()
    while second.now_ns < 500_000_000:
        first.run_for(0.05)
        second.run_for(0.05)
    for machine in (first, second):
        machine.uart0.expect(END_OF_STORY)
        assert (machine.now_ns, machine.executed) == (told.now_ns, told.executed)


def test_standby_ends_with_a_reset_that_finds_the_ram_erased(at_prompt: Machine) -> None:
    causes: list[ResetCause] = []
    at_prompt.on_reset(causes.append)
    at_prompt.write(TRIAL_CODE, b"gone")
    at(at_prompt, "AT+ENTS=2,5")
    before_ns = at_prompt.now_ns
    at_prompt.uart0.expect("main: ver", timeout_s=10)
    assert causes == [ResetCause.WAKE_UP]
    assert at_prompt.now_ns - before_ns == pytest.approx(5 * 10**9, rel=0.05)
    assert at_prompt.read(TRIAL_CODE, 4) == b"\0\0\0\0"
    at_prompt.uart0.expect(END_OF_STORY)
    assert at(at_prompt, "AT+QBOOT") == "+OK=1\r\n"


def test_sleep_until_the_alarm_costs_no_instructions(at_prompt: Machine) -> None:
    at(at_prompt, "AT+ENTS=1,60")
    before = at_prompt.executed
    at_prompt.run_for(59)
    assert at_prompt.executed - before < 100_000
    at_prompt.run_for(2)
    assert at(at_prompt, "AT+") == "+OK\r\n"
