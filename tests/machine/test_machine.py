"""A machine runs, stops, crashes, restarts, and can be looked at."""

from __future__ import annotations

import re

import pytest
from cpu.program import code, op
from machine.device import (
    FLASH_SIZE,
    HANDLER,
    PREPARE_UART0,
    SPIN,
    UART0,
    WATCHDOG,
    machine_of,
    send,
    set_register,
    store_word,
)  # fmt: skip

from emu.isa.state import Psr
from emu.loader import LoadError
from emu.machine.errors import MachineError
from emu.machine.expectation import ExpectationError
from emu.machine.machine import Machine
from emu.memory_map import FLASH_BASE, SRAM_BASE
from emu.report.crash import CrashKind, CrashReport
from emu.report.run_result import RunEnd
from emu.report.tasks import Task, TaskList, TaskState
from peripherals.flash_operation import Phase
from peripherals.framework.errors import BusError
from peripherals.framework.reset import ResetCause
from peripherals.nor_flash import FlashCommand

HELLO = code(PREPARE_UART0, send("Hello, world\r\n"), SPIN)
CHARACTER_NS = 86_750  # 10 bits of 16 * 21 + 11 clocks at 40 MHz
WAIT_FOR_EVER = code(op("wait"), SPIN)


def test_the_time_limit_ends_a_run() -> None:
    machine = machine_of(SPIN)
    result = machine.run(max_time_ns=1000)
    assert (result.end, result.time_ns, machine.now_ns) == (RunEnd.TIME_UP, 1000, 1000)
    assert str(result).startswith("the time is up after 0.000001 s, at pc 0x08000000 (main)")


@pytest.mark.parametrize("engine", ["interpreter", "translator"])
def test_expect_stops_in_time_and_loses_nothing(engine: str) -> None:
    machine = machine_of(HELLO, engine=engine)
    assert machine.uart0.expect("H(.*)l")[1] == "e"
    first_l = machine.now_ns
    assert first_l == pytest.approx(3 * CHARACTER_NS, abs=1000)
    assert machine.uart0.text == "Hel"
    assert machine.run_until_text(r"world\r\n")[0] == "world\r\n"
    assert machine.now_ns == pytest.approx(first_l + 11 * CHARACTER_NS, abs=100)


def test_expect_tells_why_nothing_came() -> None:
    machine = machine_of(code(PREPARE_UART0, send("Hi\n"), op("bkpt")))
    with pytest.raises(ExpectationError, match="'bye' did not appear on uart0: breakpoint instruction at pc"):
        machine.uart0.expect("bye")


def test_what_is_typed_reaches_the_firmware() -> None:
    machine = machine_of(code(PREPARE_UART0, SPIN))
    machine.run(10_000)
    machine.uart0.write("ok")
    machine.run_for(200e-6)
    assert machine.read(UART0 + 0x30, 4) == b"o\0\0\0"
    assert machine.read(UART0 + 0x30, 4) == b"k\0\0\0"


def test_a_listener_may_stop_the_run() -> None:
    machine = machine_of(HELLO)
    machine.uart0.listeners.append(lambda time_ns, byte: machine.stop() if byte == ord(",") else None)
    assert machine.run().end is RunEnd.STOPPED
    assert machine.now_ns == pytest.approx(14 * CHARACTER_NS, abs=2000)
    assert machine.run_for(0.001).end is RunEnd.TIME_UP


def test_a_run_until_an_address_stops_there() -> None:
    machine = machine_of(code(set_register(3, 7), SPIN))
    result = machine.run_until_address(FLASH_BASE + 8)
    assert (result.end, machine.registers["pc"], machine.registers["r3"]) == (
        RunEnd.ADDRESS,
        FLASH_BASE + 8,
        7,
    )
    assert machine.run_until_address("main", timeout_s=1e-6).end is RunEnd.TIME_UP


def test_an_unknown_symbol_is_an_error_with_a_hint() -> None:
    with pytest.raises(LoadError, match="did you mean main"):
        machine_of(SPIN).run_until_address("mian")


def test_hooks_are_called_each_time_and_may_change_registers() -> None:
    machine = machine_of(code(op("addi", rz=3, oimm=1), op("br", offset=-2)))
    seen: list[int] = []

    def skip(machine: Machine) -> None:
        seen.append(machine.registers["r3"])
        machine.registers["r3"] += 10

    machine.hook("main", skip)
    machine.run(100)
    assert seen == [0, 11, 22, 33]
    machine.unhook("main")
    machine.run(100)
    assert len(seen) == 4


def test_a_hook_may_stop_the_run() -> None:
    machine = machine_of(code(op("movi", rz=1, imm=1), SPIN))
    machine.hook(FLASH_BASE + 2, Machine.stop)
    assert machine.run().end is RunEnd.STOPPED
    assert (machine.registers["pc"], machine.executed) == (FLASH_BASE + 2, 1)


def crash_of(program: bytes) -> CrashReport:
    machine = machine_of(program)
    result = machine.run(max_time_ns=100_000_000)
    assert result.end is RunEnd.CRASH
    assert machine.registers["pc"] == HANDLER
    assert result.crash is not None
    return result.crash


def test_a_wild_jump_is_reported_with_where_it_went() -> None:
    report = crash_of(code(set_register(4, 0x1234_5678), op("jsr", rx=4)))
    assert report.text == "access error at pc 0x12345678, address 0x12345678, after 0.000000 s"
    assert "called from main+0xa" in report.details


def test_an_unaligned_access_is_reported() -> None:
    report = crash_of(code(set_register(4, SRAM_BASE + 1), op("ld.w", rz=0, rx=4, offset=0)))
    assert report.text.startswith("unaligned access at pc 0x08000008 (main+0x8), address 0x20000001")


def test_an_access_to_nothing_is_reported_with_all_registers() -> None:
    report = crash_of(code(set_register(4, 0x6000_0000), op("st.w", rz=0, rx=4, offset=8)))
    assert report.text.startswith("access error at pc 0x08000008 (main+0x8), address 0x60000008")
    assert "  r4 60000000" in report.details
    assert f"pc {FLASH_BASE + 8:08x}" in report.details


def test_a_crash_in_a_program_with_debug_information_names_the_lines() -> None:
    reports: list[CrashReport] = []
    with Machine.load(cache=False) as machine:
        machine.on_crash(reports.append)
        machine.hook("wm_ota_ops_begin", lambda machine: machine.registers.update(pc=0x6000_0000))
        assert machine.run().end is RunEnd.CRASH
    assert (reports[0].line, reports[0].vector) == ("", 2)
    assert re.search(
        r"\ncalled from ota_update\+0x\w+, roms/firmware/ota/ota_update\.c:\d+\n", reports[0].details
    )
    assert re.search(
        r"\n. 0x\w{8} ota_update\+0x\w+ at roms/firmware/ota/ota_update\.c:\d+\n", reports[0].details
    )


def test_the_trap_of_failed_assertions_is_a_crash() -> None:
    report = crash_of(op("trap", number=0))
    assert (report.kind.value, report.vector) == ("trap 0 (failed assertion or stack overflow)", 16)


def test_a_crash_in_a_handler_says_so() -> None:
    machine = machine_of(op("trap", number=1), handler=op("bkpt"), grace_ns=None)
    reports: list[CrashReport] = []
    machine.on_crash(reports.append)
    machine.run(1000)
    assert reports[0].handlers == (17,)
    assert "\nin the handler of exception 17\n" in reports[0].details


def test_a_crash_names_task_and_interrupt() -> None:
    running = TaskList((Task("worker", TaskState.RUNNING, 3, SRAM_BASE, SRAM_BASE),))
    report = CrashReport(CrashKind.ACCESS_ERROR, 0, FLASH_BASE, "", handlers=(48, 32 + 40), tasks=running)
    assert (
        report.context
        == "the handler of interrupt 40 over the handler of interrupt 16 (UART0) over task worker"
    )


def test_after_a_crash_the_handler_may_print_for_a_while() -> None:
    printing = code(PREPARE_UART0, send("oops"), SPIN)
    machine = machine_of(op("bkpt"), handler=printing, grace_ns=500_000)
    reports: list[CrashReport] = []
    machine.on_crash(reports.append)
    result = machine.run()
    assert (machine.uart0.text, result.crash, result.time_ns) == ("oops", reports[0], 500_000)


def test_a_handler_that_fails_again_and_again_is_one_crash() -> None:
    failing = code(op("psrset", bits=Psr.EE), op("bkpt"))
    machine = machine_of(op("bkpt"), handler=failing, grace_ns=50_000)
    reports: list[CrashReport] = []
    machine.on_crash(reports.append)
    result = machine.run()
    assert result.crash is not None
    assert reports == [result.crash]


def test_short_runs_see_the_crash_when_the_handler_had_its_time() -> None:
    machine = machine_of(op("bkpt"))
    ends = [machine.run(15_000).end for _ in range(5)]
    assert ends == [RunEnd.TIME_UP, RunEnd.TIME_UP, RunEnd.TIME_UP, RunEnd.CRASH, RunEnd.TIME_UP]


def test_a_crash_ends_the_run_at_once_when_the_handler_resets_the_chip() -> None:
    barking = code(store_word(WATCHDOG, 40), store_word(WATCHDOG + 8, 3), SPIN)
    machine = machine_of(op("bkpt"), handler=barking)
    assert machine.run().end is RunEnd.CRASH
    assert machine.now_ns < 5_000


def test_an_exception_between_arming_the_watchdog_and_its_reset_is_no_crash() -> None:
    """The SDK's reboot returns to its caller, which need not have anywhere to go."""
    arming = code(store_word(WATCHDOG, 0x100), store_word(WATCHDOG + 8, 3), op("bkpt"))
    machine = machine_of(arming)
    reports: list[CrashReport] = []
    causes: list[ResetCause] = []
    machine.on_crash(reports.append)
    machine.on_reset(causes.append)
    machine.on_reset(lambda _: machine.stop())
    assert machine.run(max_time_ns=1_000_000).end is RunEnd.STOPPED
    assert (reports, causes) == ([], [ResetCause.WATCHDOG])


def test_an_exception_long_before_the_watchdog_would_bark_is_a_crash() -> None:
    arming = code(store_word(WATCHDOG, 40_000), store_word(WATCHDOG + 8, 3), op("bkpt"))
    assert machine_of(arming).run(max_time_ns=1_000_000).end is RunEnd.CRASH


def test_crashes_may_be_reported_only() -> None:
    machine = machine_of(op("bkpt"), grace_ns=None)
    reports: list[CrashReport] = []
    machine.on_crash(reports.append)
    assert machine.run(max_time_ns=1000).end is RunEnd.TIME_UP
    assert [report.kind.value for report in reports] == ["breakpoint instruction"]


def test_sleeping_for_ever_is_a_crash() -> None:
    result = machine_of(WAIT_FOR_EVER).run()
    assert result.crash is not None
    assert str(result).startswith("sleeps forever at pc 0x08000004 (main+0x4)")


def test_sleeping_until_the_time_is_up_is_none() -> None:
    machine = machine_of(WAIT_FOR_EVER)
    assert machine.run_for(2.0).end is RunEnd.TIME_UP
    assert machine.now_ns == 2_000_000_000


def test_a_locked_up_cpu_ends_the_run() -> None:
    result = machine_of(op("bkpt"), handler=b"\xff\xff\xff\xff").run()
    assert result.crash is not None
    assert result.crash.kind.value == "breakpoint instruction"
    assert result.time_ns == 0


def test_the_watchdog_restarts_the_chip_with_its_ram() -> None:
    program = code(store_word(SRAM_BASE, 0xCAFE), store_word(WATCHDOG, 40), store_word(WATCHDOG + 8, 3), SPIN)
    machine = machine_of(program)
    causes: list[ResetCause] = []
    machine.on_reset(causes.append)
    machine.on_reset(lambda cause: machine.stop())
    assert machine.run().end is RunEnd.STOPPED
    assert causes == [ResetCause.WATCHDOG]
    assert (machine.registers["r1"], machine.board.soc.watchdog.control.enable) == (0, 0)
    assert machine.read(SRAM_BASE, 4) == (0xCAFE).to_bytes(4, "little")
    assert machine.run().end is RunEnd.STOPPED


def program_flash(machine: Machine, offset: int, data: bytes) -> None:
    machine.flash.execute(FlashCommand(0x06, time_ns=machine.now_ns))
    machine.flash.execute(FlashCommand(0x02, offset, data, time_ns=machine.now_ns))


@pytest.mark.parametrize(("phase", "content"), [(Phase.BEFORE, b"\xff\xff"), (Phase.AFTER, b"22")])
def test_the_power_goes_at_the_flash_operation_asked_for(phase: Phase, content: bytes) -> None:
    machine = machine_of(code(op("addi", rz=3, oimm=1), SPIN))

    def write(machine: Machine) -> None:
        program_flash(machine, 0x8000, b"11")
        machine.board.clock.idle_until(machine.flash.ready_at_ns)
        program_flash(machine, 0x9000, b"22")

    machine.hook(FLASH_BASE + 2, write)
    machine.cut_power_at_flash_operation(2, phase)
    machine.write(SRAM_BASE, b"gone")
    assert machine.run().end is RunEnd.POWER_CUT
    with pytest.raises(MachineError, match="call power_cycle"):
        machine.run()
    machine.power_cycle()
    assert machine.run(0).end is RunEnd.TIME_UP
    assert (machine.registers["r3"], machine.read(SRAM_BASE, 4)) == (0, b"\0\0\0\0")
    assert machine.read(FLASH_BASE + 0x8000, 2) == b"11"
    assert machine.read(FLASH_BASE + 0x9000, 2) == content


@pytest.mark.parametrize("engine", ["interpreter", "translator"])
def test_code_in_flash_that_is_rewritten_is_executed_anew(engine: str) -> None:
    machine = machine_of(code(op("movi", rz=3, imm=1), op("br", offset=-2)), engine=engine)
    machine.run(1000)
    machine.flash.load(0, op("movi", rz=3, imm=2))
    machine.run(1000)
    assert machine.registers["r3"] == 2


def test_registers_have_names_and_aliases() -> None:
    machine = machine_of(SPIN)
    machine.registers["sp"] = 0x2000_1000
    machine.registers.update(lr=5, vbr=0x2000_0400)
    assert (machine.registers["r14"], machine.registers["r15"], machine.registers["vbr"]) == (
        0x2000_1000,
        5,
        0x2000_0400,
    )
    assert {"r0", "pc", "psr", "epc"} <= set(machine.registers)
    with pytest.raises(KeyError):
        machine.registers["r32"]


def test_memory_can_be_changed_but_flash_not_by_writing() -> None:
    machine = machine_of(SPIN)
    machine.write(SRAM_BASE + 1, b"abc")
    assert machine.read(SRAM_BASE, 5) == b"\0abc\0"
    with pytest.raises(BusError, match="flash cannot be written"):
        machine.write(FLASH_BASE, b"x")


def test_the_flash_is_saved_whole(tmp_path: pytest.TempPathFactory) -> None:
    path = tmp_path / "flash.bin"  # type: ignore[operator]
    machine = machine_of(SPIN)
    machine.save_flash(path)
    assert path.read_bytes() == bytes(machine.flash.contents)
    assert len(path.read_bytes()) == FLASH_SIZE


def test_tracing_takes_the_interpreter() -> None:
    lines: list[str] = []
    machine = machine_of(code(op("movi", rz=3, imm=1), SPIN))
    machine.trace(lines.append)
    machine.run(20)
    assert lines[0].split() == [
        "12",
        "08000000",
        "main",
        "movi",
        "r3,",
        "1",
        "r3=00000001",
        "r14=20008000",
        "psr=80000100",
    ]
    with pytest.raises(MachineError, match='engine="interpreter"'):
        machine_of(SPIN, engine="translator").trace(lines.append)


def test_two_machines_are_strangers() -> None:
    first, second = machine_of(HELLO), machine_of(HELLO)
    first.uart0.expect("Hello")
    assert (second.uart0.text, second.executed, second.now_ns) == ("", 0, 0)


def test_closing_runs_what_was_left_to_do() -> None:
    done: list[str] = []
    with machine_of(SPIN) as machine:
        machine.on_close(lambda: done.append("saved"))
    assert done == ["saved"]


@pytest.mark.parametrize("engine", ["interpreter", "translator"])
def test_hardware_without_a_model_is_counted_by_name(engine: str) -> None:
    machine = machine_of(code(store_word(0x4000_2400, 1), store_word(0x4000_2400, 1), SPIN), engine=engine)
    machine.run(1000)
    assert str(machine.board.log.uses["sdio_slave+0x0"]) == (
        "2 times, first write 0x1, 4 bytes at 0x08000010 (main+0x10)"
    )
