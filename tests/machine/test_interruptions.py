"""Whatever exception ends a run, the machine goes on as if nothing had happened."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from cpu.program import ENGINES, code, op
from machine.device import PREPARE_UART0, SPIN, machine_of, send

from emu.bus import Bus
from emu.machine import Machine
from emu.signal_gate import SignalGate

TASKS = Path(__file__).parents[1] / "firmware" / "programs" / "tasks.elf"
HELLO = code(PREPARE_UART0, send("Hello, world, this is more than the FIFO holds\r\n"), op("wait"), SPIN)
LIMIT_NS = 5_000_000
OURS = tuple(str(Path(__file__).parents[2] / folder) for folder in ("emu", "peripherals", "roms"))
POINTS = 40


class TimeIsUpError(BaseException):
    """What a test's time limit raises, as pytest's own exceptions are: no Exception."""


def out_of_time(_number: int, _frame: FrameType | None) -> None:
    raise TimeIsUpError


def go_on(machine: Machine, end_ns: int = LIMIT_NS) -> tuple[object, ...]:
    """Run to the end, and give what there is to compare."""
    if machine.now_ns < end_ns:
        machine.run(end_ns - machine.now_ns)
    state = machine.board.core.state
    memory = [bytes(region.buffer) for region in machine.board.bus.regions if region.name == "sram"]
    return machine.uart0.data, machine.executed, machine.now_ns, state.pc, state.psr, tuple(state.r), memory


@contextmanager
def called_at_line(wanted: int, action: Callable[[], None]) -> Iterator[list[int]]:
    """Call `action` at the `wanted`-th line of ours that is executed; the list gets how many there were."""
    count = [0]

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        if event == "call" and not frame.f_code.co_filename.startswith(OURS):
            return None
        if event == "line":
            count[0] += 1
            if count[0] == wanted:
                action()
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield count
    finally:
        sys.settrace(before)


@contextmanager
def handled(number: int, handler: Callable[[int, FrameType | None], object]) -> Iterator[None]:
    before = signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, before)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_signal_at_any_line_of_a_run_leaves_a_machine_that_goes_on_exactly(engine: str) -> None:
    machine = machine_of(HELLO, engine=engine)
    with called_at_line(0, lambda: None) as count:
        expected = go_on(machine)
    interrupted = 0
    with handled(signal.SIGINT, out_of_time):
        for point in range(1, count[0], max(count[0] // POINTS, 1)):
            machine = machine_of(HELLO, engine=engine)
            try:
                with called_at_line(point, lambda: signal.raise_signal(signal.SIGINT)):
                    machine.run(LIMIT_NS)
            except TimeIsUpError:
                interrupted += 1
            assert go_on(machine) == expected, f"interrupted at line {point}"
    assert interrupted > POINTS // 2


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="interval timers are POSIX")
def test_a_storm_of_real_signals_leaves_no_trace() -> None:
    def loaded() -> Machine:
        return Machine.load(TASKS, cache=False)

    def calm_down(number: int, frame: FrameType | None) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)  # a second one could meet a finalizer
        out_of_time(number, frame)

    end_ns = 250_000_000  # before the crash that the program ends with
    expected = go_on(loaded(), end_ns)
    machine = loaded()
    with handled(signal.SIGALRM, calm_down):
        for _ in range(50):
            with suppress(TimeIsUpError):
                signal.setitimer(signal.ITIMER_REAL, 0.002, 0.001)
                try:
                    machine.run(end_ns - machine.now_ns)
                finally:
                    signal.setitimer(signal.ITIMER_REAL, 0)
            if machine.now_ns >= end_ns:
                break
    assert go_on(machine, end_ns) == expected


@pytest.mark.parametrize("engine", ENGINES)
def test_the_exception_of_a_listener_passes_and_changes_nothing(engine: str) -> None:
    expected = go_on(machine_of(HELLO, engine=engine))
    for number in (1, 5, 32):
        machine = machine_of(HELLO, engine=engine)
        heard: list[int] = []

        def fail(_time_ns: int, byte: int, number: int = number, heard: list[int] = heard) -> None:
            heard.append(byte)
            if len(heard) == number:
                raise TimeIsUpError

        machine.uart0.listeners.append(fail)
        with pytest.raises(TimeIsUpError):
            machine.run(LIMIT_NS)
        assert go_on(machine) == expected
        assert bytes(heard) == expected[0]


def test_the_exception_of_a_hook_passes_and_the_others_there_are_called() -> None:
    machine = machine_of(HELLO)
    calls: list[str] = []

    def fail(_: Machine) -> None:
        calls.append("first")
        raise TimeIsUpError

    machine.hook("main", fail)
    machine.hook("main", lambda _: calls.append("second"))
    with pytest.raises(TimeIsUpError):
        machine.run(LIMIT_NS)
    assert calls == ["first", "second"]
    assert go_on(machine) == go_on(machine_of(HELLO))
    assert calls == ["first", "second"]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_exception_of_what_is_connected_passes_and_its_access_is_made_again(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = go_on(machine_of(HELLO, engine=engine))
    write, failures = Bus.write, [TimeIsUpError(), ValueError("broken")]

    def fail(bus: Bus, address: int, value: int, size_bytes: int) -> None:
        if failures:
            raise failures.pop()
        write(bus, address, value, size_bytes)

    monkeypatch.setattr(Bus, "write", fail)  # before a machine has it
    machine = machine_of(HELLO, engine=engine)
    with pytest.raises(ValueError, match=r"^broken$"):
        machine.run(LIMIT_NS)
    with pytest.raises(TimeIsUpError):
        machine.run(LIMIT_NS)
    assert go_on(machine) == expected


def test_an_alarm_that_fails_fires_again() -> None:
    machine = machine_of(SPIN)
    fired: list[int] = []

    def fire() -> None:
        fired.append(machine.now_ns)
        if len(fired) == 1:
            raise TimeIsUpError

    machine.board.clock.alarm(fire).schedule(1_000)
    with pytest.raises(TimeIsUpError):
        machine.run(10_000)
    machine.run(10_000)
    assert len(fired) == 2
    assert fired[0] == fired[1]


def test_a_handler_that_raises_nothing_is_called_and_the_run_goes_on() -> None:
    machine = machine_of(HELLO)
    calls: list[int] = []

    def interrupt_at_w(_time_ns: int, byte: int) -> None:
        if byte == ord("w"):
            signal.raise_signal(signal.SIGINT)

    machine.uart0.listeners.append(interrupt_at_w)
    with handled(signal.SIGINT, lambda number, _: calls.append(number)):
        assert go_on(machine) == go_on(machine_of(HELLO))
    assert calls == [signal.SIGINT]


def test_the_handlers_are_those_of_before_after_a_run() -> None:
    before = signal.getsignal(signal.SIGINT)
    machine = machine_of(HELLO)
    machine.uart0.listeners.append(lambda *_: signal.raise_signal(signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        machine.run(LIMIT_NS)
    assert signal.getsignal(signal.SIGINT) is before


def test_a_handler_installed_during_a_run_stays() -> None:
    machine = machine_of(HELLO)
    before = signal.getsignal(signal.SIGINT)
    machine.hook("main", lambda _: signal.signal(signal.SIGINT, out_of_time))
    try:
        machine.run(LIMIT_NS)
        assert signal.getsignal(signal.SIGINT) is out_of_time
    finally:
        signal.signal(signal.SIGINT, before)


def test_every_signal_that_waits_is_heard() -> None:
    heard: list[int] = []

    def fail(number: int, _: FrameType | None) -> None:
        heard.append(number)
        raise TimeIsUpError

    def send_two() -> None:
        with SignalGate():
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGTERM)
            assert not heard

    with handled(signal.SIGINT, fail), handled(signal.SIGTERM, fail), pytest.raises(TimeIsUpError):
        send_two()
    assert heard == [signal.SIGINT, signal.SIGTERM]


@pytest.mark.skipif(sys.platform == "win32", reason="a signal cannot end time.sleep there")
def test_what_hangs_is_ended_all_the_same() -> None:
    def hang() -> None:
        with SignalGate(patience_s=0.01):
            signal.raise_signal(signal.SIGINT)
            time.sleep(1_000)

    with handled(signal.SIGINT, out_of_time), pytest.raises(TimeIsUpError):
        hang()


def test_a_run_in_another_thread_leaves_signals_alone() -> None:
    machine = machine_of(HELLO)
    results: list[object] = []
    thread = threading.Thread(target=lambda: results.append(go_on(machine)))
    thread.start()
    thread.join()
    assert results == [go_on(machine_of(HELLO))]
