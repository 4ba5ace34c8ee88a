"""Finds out where the firmware is, and what it waits for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from itertools import takewhile
from typing import TypeVar

from emu.inspect.back_trace import BackTrace
from emu.inspect.free_rtos import running_task_name
from emu.inspect.program_view import ProgramView
from emu.inspect.short_loop import find_short_loop
from emu.isa.state import Psr
from emu.machine.board import ROM_BASE, ROM_SIZE_BYTES, Board
from emu.report.calls import Frame, ShortLoop
from emu.report.whereabouts import Activity, Whereabouts
from emu.soc.irq import Irq

T = TypeVar("T")


def look(board: Board, view: Callable[[], ProgramView]) -> Whereabouts:
    """Where the CPU is. Whatever is damaged, names or stack, costs what depends on it, and nothing else."""
    core, clock = board.core, board.clock
    pc = core.engine.current_pc
    names = _known(view, None) or ProgramView(board.bus, ())
    awake = Activity.SLEEPING if core.is_sleeping else Activity.EXECUTING
    activity = Activity.CHIP_ASLEEP if core.is_halted else awake
    loop = None
    if activity is Activity.EXECUTING:
        loop = _known(lambda: find_short_loop(names, pc, core.state), None)
    next_ns = clock.next_alarm_ns
    vic = board.soc.vic
    return Whereabouts(
        activity=activity,
        pc=pc,
        location=_known(lambda: names.describe(pc), "") or _rom(pc),
        line=_known(lambda: names.line(pc), ""),
        callers=_known(lambda: _callers(names, pc, core.state.r), ()),
        handlers=core.active_handlers,
        task=_known(lambda: running_task_name(names), ""),
        interrupts_off=core.state.psr & Psr.DELIVERY != Psr.DELIVERY,
        pending=_lines(vic.set_pending.lines & vic.set_enable.lines),
        loop=loop,
        polled=_known(lambda: _name(board, names, loop), ""),
        wakes=_lines(vic.set_enable.lines | vic.set_wake_up.lines),
        next_event_ns=None if next_ns is None else max(next_ns - clock.now_ns, 0),
    )


def _known(find: Callable[[], T], otherwise: T) -> T:
    with suppress(Exception):  # debug information and memory hold anything; the rest is worth telling
        return find()
    return otherwise


def _callers(view: ProgramView, pc: int, registers: list[int]) -> tuple[Frame, ...]:
    frames = BackTrace(view).find(pc, dict(enumerate(registers)))[1:]
    return tuple(takewhile(lambda frame: frame.is_certain, frames))


def _rom(pc: int) -> str:
    return "mask ROM" if ROM_BASE <= pc < ROM_BASE + ROM_SIZE_BYTES else ""


def _name(board: Board, view: ProgramView, loop: ShortLoop | None) -> str:
    """The register or variable that a loop reads."""
    if loop is None or loop.reads is None:
        return ""
    found = board.soc.device_at(loop.reads)
    if found is None:
        return view.describe(loop.reads)
    device, offset = found
    names = {register.offset: register.name for register in device.registers()}
    return f"{device.name}.{names[offset & ~3]}" if offset & ~3 in names else device.name


def _lines(bits: int) -> tuple[str, ...]:
    return tuple(irq.name for irq in Irq if bits >> irq & 1)
