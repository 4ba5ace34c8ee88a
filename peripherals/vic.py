"""Vector interrupt controller of the XT804. Registers: VIC_Type of core_804.h (wm_iot_sdk).

The header does not tell how pending, active and priority work together; that follows the model in T-Head's
own emulator (hw/intc/csky_tcip_v1.c of XuanTie QEMU).
"""

from __future__ import annotations

from collections.abc import Callable

from peripherals.framework.environment import Environment, Line
from peripherals.framework.fields import reserved, ro, rw, unmodelled
from peripherals.framework.peripheral import Peripheral, on_read, on_write
from peripherals.framework.register import Register, at
from peripherals.framework.reset import ResetCause
from peripherals.interrupt_faults import InterruptFaults

LINES = 32
TASK_SWITCH = 22  # the exception vector of tspend
FIRST_VECTOR = 32  # the exception vector of line 0
_MOST_NESTED = 64  # handlers that have not returned; some firmware leaves them without an rte for ever


class VectorInterruptController(Peripheral):
    """Latches 32 level lines and the task switch request, and offers the CPU the most urgent one.

    Priority 0 is the most urgent of four; among equals the lower line goes first, tspend last. An interrupt
    preempts active ones of a less urgent priority only.
    """

    # fmt: off
    class SetEnable(Register):
        lines     = ro(31, 0, "reads what is enabled; writing 1 enables")

    class SetWakeUp(Register):
        lines     = ro(31, 0, "reads what wakes the CPU from low power; writing 1 adds")

    class ClearEnable(Register):
        lines     = ro(31, 0, "reads as its counterpart; writing 1 takes away")

    class ClearWakeUp(Register):
        lines     = ro(31, 0, "reads as its counterpart; writing 1 takes away")

    class SetPending(Register):
        lines     = ro(31, 0, "reads what is pending; writing 1 raises by software")

    class ClearPending(Register):
        lines     = ro(31, 0, "reads as its counterpart; writing 1 takes away")

    class Secure(Register):
        lines     = unmodelled(31, 0, "there is no trusted execution environment")

    class Active(Register):
        lines     = ro(31, 0, "any write clears all")

    class Priority(Register):
        line3     = rw(31, 30)
        line2     = rw(23, 22)
        line1     = rw(15, 14)
        line0     = rw(7, 6)

    class State(Register):
        pending   = ro(20, 12, "vector that waits")
        active    = ro(8, 0, "vector being served")

    class Threshold(Register):
        enable    = rw(31, doc="until the interrupt of that vector returns")
        vector    = rw(15, 8)
        priority  = rw(7, 6, "only more urgent interrupts preempt")

    class TaskPending(Register):
        request   = rw(0)

    class TaskActive(Register):
        whatever  = reserved(31, 1)
        active    = ro(0, doc="any write clears it")

    class TaskPriority(Register):
        priority  = rw(7, 6)
        finer     = reserved(5, 0, "there are four priorities; cpu_init.c writes ones")

    set_enable    = at(0x000, SetEnable, "ISER")
    set_wake_up   = at(0x040, SetWakeUp, "IWER")
    clear_enable  = at(0x080, ClearEnable, "ICER")
    clear_wake_up = at(0x0C0, ClearWakeUp, "IWDR")
    set_pending   = at(0x100, SetPending, "ISPR")
    set_secure    = at(0x140, Secure, "ISSR")
    clear_pending = at(0x180, ClearPending, "ICPR")
    clear_secure  = at(0x1C0, Secure, "ICSR")
    active        = at(0x200, Active, "IABR")
    priority      = at(0x300, Priority, "IPR", count=LINES // 4)
    state         = at(0xB00, State, "ISR")
    threshold     = at(0xB04, Threshold, "IPTR")
    task_pending  = at(0xB08, TaskPending, "TSPEND")
    task_active   = at(0xB0C, TaskActive, "TSABR")
    task_priority = at(0xB10, TaskPriority, "TSPR")
    # fmt: on

    saved_state = ("_sources", "_high", "_nesting", "_deliverable", "faults")

    def __init__(self, name: str, environment: Environment) -> None:
        super().__init__(name, environment)
        self.on_change: Callable[[], None] = lambda: None
        self.on_look: Callable[[], None] = lambda: None
        self.faults = InterruptFaults(environment.clock, self._rise)
        self._sources: set[tuple[int, str]] = set()  # that hold their lines high
        self._high = 0
        self._nesting: list[int] = []
        self._deliverable: int | None = None

    def line(self, number: int, source: str) -> Line:
        """Give the input of line `number` for one source; the line is high while any of its sources is."""

        number, one = int(number), (int(number), source)

        def set_level(level: bool) -> None:
            sources = self._sources
            is_high = one in sources
            if self.faults.is_active and not is_high and self.faults.takes(*one, level=level):
                return
            if level == is_high:
                return
            if level:
                self._rise(*one)
            else:  # what it has latched stays pending
                sources.remove(one)
                if not sources or all(other != number for other, _ in sources):
                    self._high &= ~(1 << number)

        return set_level

    def _rise(self, number: int, source: str) -> None:
        self.on_look()
        self._sources.add((number, source))
        self._high |= 1 << number
        self._update()
        if self._high & self.active.value:  # it will wait again when its handler returns
            self.on_change()

    def pending_vector(self) -> int | None:
        """Name the vector the CPU has to take now, if its PSR lets it: 32 + line, 22 for tspend, or None."""
        return self._deliverable

    def wakeup_pending(self) -> bool:
        """Tell whether `wait`, `doze` and `stop` have to end."""
        # GUESS: enabled lines wake as well. The SDK leaves out the wake-up bit of the core timer's line, and
        # its idle task sleeps with `wait`.
        wakes = self.set_wake_up.value | self.set_enable.value
        return bool(self.set_pending.value & wakes or self.task_pending.value)

    def acknowledge(self, vector: int) -> None:
        """Learn that the CPU has entered the handler of `vector`; call it for interrupts and tspend only."""
        self._enter(vector)
        self._update()

    def complete(self) -> None:
        """Learn that the CPU left the handler entered last; call it for interrupts and tspend only."""
        if self._nesting:
            self._leave()
            self._update()

    def chain(self, vector: int) -> None:
        """Learn that the CPU left the handler entered last for that of `vector`."""
        if self._nesting:
            self._leave()
            self._enter(vector)
            self._update()

    @property
    def completes_quietly(self) -> bool:
        """Tell whether nothing comes of `complete` until `on_change`: a task switch was acknowledged last."""
        return not (self.set_pending.value & self.set_enable.value or self.threshold.value)

    @property
    def chains_quietly(self) -> bool:
        """Tell whether a task switch follows the handler that runs, and no more until `on_change`."""
        is_alone = len(self._nesting) == 1 and not self._high & self.active.value
        return bool(self.task_pending.value) and is_alone and self.completes_quietly

    @on_write(SetEnable)
    def _enable(self, lines: int) -> None:
        self.set_enable.lines |= lines
        self._reconsider()

    @on_write(ClearEnable)
    def _disable(self, lines: int) -> None:
        self.set_enable.lines &= ~lines
        self._reconsider()

    @on_read(ClearEnable, steady=True)
    def _enabled(self) -> int:
        return self.set_enable.lines

    @on_write(SetWakeUp)
    def _set_wake_up(self, lines: int) -> None:
        self.set_wake_up.lines |= lines

    @on_write(ClearWakeUp)
    def _clear_wake_up(self, lines: int) -> None:
        self.set_wake_up.lines &= ~lines

    @on_read(ClearWakeUp, steady=True)
    def _wake_up(self) -> int:
        return self.set_wake_up.lines

    @on_write(SetPending)
    def _raise(self, lines: int) -> None:
        self.set_pending.lines |= lines
        self._reconsider()

    @on_write(ClearPending)
    def _clear_pending(self, lines: int) -> None:
        self.set_pending.lines &= ~lines
        self._reconsider()

    @on_read(ClearPending, steady=True)
    def _pending(self) -> int:
        return self.set_pending.lines

    @on_read(Active, steady=True)
    def _active(self) -> int:
        self.on_look()
        return self.active.value

    @on_read(TaskPending, steady=True)
    def _task_pending(self) -> int:
        self.on_look()
        return self.task_pending.value

    @on_read(TaskActive, steady=True)
    def _task_active(self) -> int:
        self.on_look()
        return self.task_active.value

    @on_write(Active)
    def _clear_active(self, _: int) -> None:
        self.on_look()
        self.active.lines = 0
        self._nesting = [vector for vector in self._nesting if vector == TASK_SWITCH]
        self._update()

    @on_write(TaskActive)
    def _clear_task_active(self, _: int) -> None:
        self.on_look()
        self.task_active.active = 0
        self._nesting = [vector for vector in self._nesting if vector != TASK_SWITCH]
        self._update()

    @on_write(TaskPending)
    def _request(self, request: int) -> None:
        self.on_look()  # which may end a request of before
        self.task_pending.value = request & 1
        self._change()

    @on_write(Threshold)
    def _hold_back(self, threshold: int) -> None:
        self.on_look()  # which may end that of before
        self.threshold.value = threshold & self.Threshold.written
        self._change()

    @on_write(Priority, TaskPriority)
    def _reconsider(self, *_: int) -> None:
        self.on_look()
        self._change()

    @on_read(State, steady=True)
    def _state(self) -> int:
        self.on_look()
        shown = self.State()
        shown.active = self._nesting[-1] if self._nesting else 0
        shown.pending = self._most_urgent() or 0
        return shown.value

    def _enter(self, vector: int) -> None:
        self._nesting.append(vector)
        if len(self._nesting) > _MOST_NESTED:
            del self._nesting[0]
        if vector == TASK_SWITCH:
            self.task_pending.value = 0
            self.task_active.value = 1
        else:
            line = 1 << vector - FIRST_VECTOR
            self.set_pending.value &= ~line
            self.active.value |= line

    def _leave(self) -> None:
        vector = self._nesting.pop()
        if vector == TASK_SWITCH:
            self.task_active.value = 0
        else:
            self.active.value &= ~(1 << vector - FIRST_VECTOR)
        if self.threshold.value and vector == self.threshold.vector:
            self.threshold.enable = 0

    def _change(self) -> None:
        self._update()
        if self._nesting:  # something may wait for a return
            self.on_change()

    def _update(self) -> None:
        """Latch the lines that are high, unless they are being served, and see what the CPU has to do now."""
        pending, vector_before = self.set_pending, self._deliverable
        lines_before = pending.value
        lines = pending.value = (lines_before | self._high) & ~self.active.value
        vector = self._most_urgent() if lines or self.task_pending.value else None
        if vector is not None and self._nesting and not self._preempts(vector):
            vector = None
        self._deliverable = vector
        if (vector != vector_before or lines != lines_before) and (lines or vector is not None):
            self.on_change()

    def _most_urgent(self) -> int | None:
        requests, task = self.set_pending.value & self.set_enable.value, self.task_pending.value
        if not requests:
            return TASK_SWITCH if task else None
        if not requests & requests - 1 and not task:
            return FIRST_VECTOR + requests.bit_length() - 1
        vectors = [TASK_SWITCH] if task else []
        while requests:
            vectors.insert(0, FIRST_VECTOR + requests.bit_length() - 1)
            requests ^= 1 << requests.bit_length() - 1
        return min(vectors, key=self._priority_of)

    def _preempts(self, vector: int) -> bool:
        """Whether it is more urgent than all that are active, of which there are some."""
        priority = self._priority_of(vector)
        if self.threshold.value and self.threshold.enable and priority >= self.threshold.priority:
            return False
        return priority < min(map(self._priority_of, self._nesting))

    def _priority_of(self, vector: int) -> int:
        if vector == TASK_SWITCH:
            return self.task_priority.value >> 6 & 3
        group, byte = divmod(vector - FIRST_VECTOR, 4)
        return self.priority[group].value >> 8 * byte + 6 & 3

    def _on_reset(self, cause: ResetCause) -> None:
        self._nesting.clear()
        self.faults.reset()
        self._update()
