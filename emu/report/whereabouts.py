"""Where the firmware is, and what it waits for: for whoever wonders why nothing comes any more."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from emu.report.calls import Frame, ShortLoop
from emu.report.data import Reported
from emu.report.phrases import place, vector_name

CALLERS_SHOWN = 4


class Activity(StrEnum):
    """What the CPU is at."""

    EXECUTING = "executing"
    SLEEPING = "sleeping"
    CHIP_ASLEEP = "the chip is asleep"
    MASK_ROM = "the mask ROM waits for a download"
    BOOTING = "in the boot code, before the first instruction"
    NOT_STARTED = "not started"
    POWER_OFF = "the power is off"


@dataclass(frozen=True, slots=True)
class Whereabouts(Reported):
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
        parts = [
            f"at {place(self.pc, self.location, self.line)}",
            self._callers_text,
            self.context and f"in {self.context}",
        ]
        parts += [self._sleep_text if self.activity is not Activity.EXECUTING else self._loop_text]
        parts += ["interrupts off" if self.interrupts_off else ""]
        parts += [f"{', '.join(self.pending)} pending" if self.pending else ""]
        return ", ".join(part for part in parts if part)

    def __str__(self) -> str:
        return self.text

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


def context(handlers: tuple[int, ...], task: str) -> str:
    """Which handlers interrupt which task, in words; empty if neither is known."""
    texts = [f"the handler of {vector_name(vector)}" for vector in handlers[::-1]]
    return " over ".join([*texts, *([f"task {task}"] if task else [])])
