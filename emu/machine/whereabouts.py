"""Where the firmware is, and what it waits for: for whoever wonders why nothing comes any more."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile
from typing import TypeVar

from emu.isa.ops import Vector
from emu.isa.state import LINK, SP, Psr
from emu.machine.back_trace import BackTrace, Frame
from emu.machine.board import ROM_BASE, ROM_SIZE_BYTES, Board
from emu.machine.free_rtos import running_task_name
from emu.machine.program_view import ProgramView
from emu.machine.short_loop import ShortLoop, find_short_loop
from emu.soc.irq import Irq

CALLERS_SHOWN = 4
_DELIVERY = Psr.IE | Psr.EE
T = TypeVar("T")


class Activity(StrEnum):
    """What the CPU is at."""

    EXECUTING = "executing"
    SLEEPING = "sleeping"
    CHIP_ASLEEP = "the chip is asleep"
    MASK_ROM = "the mask ROM waits for a download"
    NOT_STARTED = "not started"
    POWER_OFF = "the power is off"


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The place of the next instruction and what is going on there; all names are empty if unknown."""

    activity: Activity
    pc: int
    location: str = ""
    """Symbol and offset of pc."""
    line: str = ""
    """`file:line` of pc."""
    callers: tuple[Frame, ...] = ()
    """The calls that led here as far as they are certain, innermost first; without pc itself."""
    handlers: tuple[int, ...] = ()
    """Vectors of the exceptions and interrupts being handled, the innermost last."""
    task: str = ""
    """Of FreeRTOS: the one that runs, or that was interrupted."""
    interrupts_off: bool = False
    """Whether PSR keeps interrupts out; so it is in a handler, too, unless it lets others in."""
    pending: tuple[str, ...] = ()
    """The enabled interrupts that wait to be taken."""
    loop: ShortLoop | None = None
    """The short loop that pc is in."""
    polled: str = ""
    """The name of what that loop reads."""
    wakes: tuple[str, ...] = ()
    """The interrupts that would end the sleep."""
    next_event_ns: int | None = None
    """The time to the next event of the hardware; None if only input from outside can come."""

    @property
    def context(self) -> str:
        """Which handler and which task; empty if unknown."""
        return context(self.handlers, self.task)

    @property
    def text(self) -> str:
        """One line."""
        if self.activity not in (Activity.EXECUTING, Activity.SLEEPING, Activity.CHIP_ASLEEP):
            return self.activity.value
        parts = [f"at {self._place}", self._callers_text, self.context and f"in {self.context}"]
        parts += [self._sleep_text if self.activity is not Activity.EXECUTING else self._loop_text]
        parts += ["interrupts off" if self.interrupts_off else ""]
        parts += [f"{', '.join(self.pending)} pending" if self.pending else ""]
        return ", ".join(part for part in parts if part)

    def __str__(self) -> str:
        return self.text

    @property
    def _place(self) -> str:
        names = ", ".join(name for name in (self.location, self.line) if name)
        return f"pc {self.pc:#010x}" + (f" ({names})" if names else "")

    @property
    def _callers_text(self) -> str:
        names = (frame.name or f"{frame.address:#010x}" for frame in self.callers[:CALLERS_SHOWN])
        return f"called from {' < '.join(names)}" if self.callers else ""

    @property
    def _loop_text(self) -> str:
        if self.loop is None:
            return ""
        what = "an endless loop" if self.loop.is_endless else "a loop"
        count = self.loop.instructions
        size = "" if self.loop.is_endless else f" of {count} instruction{'s' * (count != 1)}"
        reads = "" if self.loop.reads is None else f" that reads {self.loop.reads:#010x}"
        return f"in {what}{size}{reads}" + (f" ({self.polled})" if reads and self.polled else "")

    @property
    def _sleep_text(self) -> str:
        if self.activity is Activity.CHIP_ASLEEP:
            text = self.activity.value
        else:
            text = f"sleeping until {' or '.join(self.wakes) or 'no interrupt is enabled: for ever'}"
        if self.next_event_ns is None:
            return f"{text}, with no event ahead"
        return f"{text}, next event in {self.next_event_ns / 1e6:.3f} ms"


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
        interrupts_off=core.state.psr & _DELIVERY != _DELIVERY,
        pending=_lines(vic.set_pending.lines & vic.set_enable.lines),
        loop=loop,
        polled=_known(lambda: _name(board, names, loop), ""),
        wakes=_lines(vic.set_enable.lines | vic.set_wake_up.lines),
        next_event_ns=None if next_ns is None else max(next_ns - clock.now_ns, 0),
    )


def context(handlers: tuple[int, ...], task: str) -> str:
    """Which handlers interrupt which task, in words; empty if neither is known."""
    texts = [f"the handler of {_vector_name(vector)}" for vector in handlers[::-1]]
    return " over ".join([*texts, *([f"task {task}"] if task else [])])


def _known(find: Callable[[], T], otherwise: T) -> T:
    with suppress(Exception):  # debug information and memory hold anything; the rest is worth telling
        return find()
    return otherwise


def _callers(view: ProgramView, pc: int, registers: list[int]) -> tuple[Frame, ...]:
    frames = BackTrace(view).find(pc, registers[LINK], registers[SP])[1:]
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


def _vector_name(vector: int) -> str:
    if vector < Vector.INTERRUPT0:
        return f"exception {vector}"
    number = vector - Vector.INTERRUPT0
    return f"interrupt {number} ({Irq(number).name})" if number in set(Irq) else f"interrupt {number}"
