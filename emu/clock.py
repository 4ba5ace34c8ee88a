"""Virtual time: the cost of retired instructions and idle time, never the host's clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from fractions import Fraction
from heapq import heapify, heappop, heappush
from typing import Any, Protocol

from emu.engine.contract import ElapsedCount, ReadOutlook
from peripherals.framework.environment import NS_PER_SECOND
from peripherals.framework.outlook import Outlook

_Entry = tuple[int, int, "ClockAlarm"]  # due time, number of the alarm, alarm


class Counter(Protocol):
    """What the clock reads: an engine. `end_at` is harmless when nothing runs."""

    def count(self) -> int:
        """The cost of the instructions retired so far."""
        ...

    def end_at(self, elapsed: int) -> None:
        """Let the run under way end when so much has elapsed, if not sooner."""


class _NothingRuns:
    """Stands in for the engine until there is one."""

    def count(self) -> int:
        return 0

    def end_at(self, elapsed: int) -> None:
        pass


class ClockAlarm:
    """A one-shot call-back of a `VirtualClock`."""

    __slots__ = ("_callback", "_clock", "entry", "is_silent", "number")

    def __init__(
        self, clock: VirtualClock, callback: Callable[[], None], number: int, *, is_silent: bool
    ) -> None:
        self.number = number
        self.is_silent = is_silent
        self._clock = clock
        self._callback = callback
        self.entry: _Entry | None = None

    @property
    def due_ns(self) -> int | None:
        """When it fires; None when not scheduled."""
        return None if self.entry is None else self.entry[0]

    def schedule(self, delay_ns: int) -> None:
        """Fire `delay_ns` from now; replaces an earlier time."""
        self._clock.schedule_in(self, delay_ns)

    def schedule_at(self, due_ns: int) -> None:
        """Fire at that time, or at the next opportunity if it has passed; replaces an earlier time."""
        self._clock.schedule(self, due_ns)

    def cancel(self) -> None:
        """Do not fire; harmless when not scheduled."""
        self._clock.cancel(self)

    def restore(self, due_ns: int | None) -> None:
        """Fire at a time of before, also one that has passed; None cancels. It ends no run under way."""
        self.cancel()
        if due_ns is not None:
            self._clock.put_back((due_ns, self.number, self))

    def fire(self) -> None:
        """Call back, once; again at the next opportunity if that raises an exception."""
        entry, self.entry = self.entry, None
        try:
            self._callback()
        except BaseException:
            if self.entry is None and entry is not None:
                self._clock.put_back(entry)
            raise


@dataclass(slots=True)
class ClockState:
    """What changes in a clock, but for its alarms, which belong to those who have them."""

    cpu_hz: int
    base_ns: int = 0
    """The time when so much had elapsed:"""
    base_elapsed: int = 0


class VirtualClock:
    """Nanoseconds since power-on, in integers: what instructions cost, plus idle time.

    An alarm fires at the first end of a run at or after its time; alarms of the same time fire in the order
    in which they were made.
    """

    def __init__(self, cpu_hz: int, cycles_per_unit: int | Fraction = 1) -> None:
        """`cycles_per_unit`: CPU cycles that a cost of 1 stands for."""
        self._cycles_per_unit = Fraction(cycles_per_unit)
        if self._cycles_per_unit <= 0:
            raise ValueError(f"{cycles_per_unit} cycles per unit of cost: must be more than 0")
        self._counter: Counter = _NothingRuns()
        self._state = ClockState(cpu_hz)
        self._heap: list[_Entry] = []
        self._alarm_count = 0
        self.on_rebase: Callable[[], None] | None = None
        """Called when `scale` has changed."""
        self.run_until_ns: int | None = None
        """When the run under way is to end; None: whenever."""
        self._counted: tuple[Outlook, ReadOutlook] | None = None  # the latest, until `scale` changes
        self._next_elapsed: int | None = None
        self._knows_next = False
        self._set_rate(cpu_hz)

    def connect(self, counter: Counter) -> None:
        """Count what the instructions of this engine cost from now on."""
        self._rebase(self.now_ns, counter.count())
        self._counter = counter

    @property
    def now_ns(self) -> int:
        """Virtual nanoseconds since power-on; exact also inside a device access."""
        state = self._state  # as `time_ns_at`, for nothing is asked for as often
        return state.base_ns + (self._counter.count() - state.base_elapsed) * self._ns_per_many // self._many

    @property
    def cpu_hz(self) -> int:
        """What the CPU runs on."""
        return self._state.cpu_hz

    @cpu_hz.setter
    def cpu_hz(self, cpu_hz: int) -> None:
        if cpu_hz != self._state.cpu_hz:
            now_ns = self.now_ns
            self._set_rate(cpu_hz)
            self._rebase(now_ns, self._counter.count())
            self._shorten_run()

    def alarm(self, callback: Callable[[], None], *, is_silent: bool = False) -> ClockAlarm:
        """A new alarm, not yet scheduled; a silent one does nothing that the firmware could notice."""
        self._alarm_count += 1
        return ClockAlarm(self, callback, self._alarm_count, is_silent=is_silent)

    def schedule(self, alarm: ClockAlarm, due_ns: int) -> None:
        """Let `alarm` fire at `due_ns`; what alarms call."""
        if alarm.entry is not None:
            self._knows_next = False
        heap = self._heap
        entry = alarm.entry = due_ns, alarm.number, alarm
        heappush(heap, entry)
        if len(heap) > 2 * self._alarm_count + 16:  # mostly entries of alarms put off since
            heap[:] = [entry for entry in heap if entry[2].entry is entry]
            heapify(heap)
        if heap[0] is entry:
            state = self._state  # as `elapsed_at`, for each byte on a bus comes here
            due = state.base_elapsed - (state.base_ns - due_ns) * self._many // self._ns_per_many
            self._next_elapsed, self._knows_next = due, True
            self._counter.end_at(due)

    def schedule_in(self, alarm: ClockAlarm, delay_ns: int) -> None:
        """Let `alarm` fire `delay_ns` from now; what alarms call."""
        state = self._state  # as `now_ns`
        elapsed = self._counter.count() - state.base_elapsed
        self.schedule(alarm, state.base_ns + elapsed * self._ns_per_many // self._many + delay_ns)

    def cancel(self, alarm: ClockAlarm) -> None:
        """Do not let `alarm` fire; what alarms call."""
        if alarm.entry is not None:
            alarm.entry = None
            self._knows_next = False

    def put_back(self, entry: _Entry) -> None:
        """Let an alarm fire at its time all the same: it has failed, or is restored; what alarms call."""
        entry[2].entry = entry
        heappush(self._heap, entry)
        self._knows_next = False

    @property
    def next_alarm_ns(self) -> int | None:
        """When the earliest alarm is due."""
        return self._next_ns()

    def _next_ns(self) -> int | None:  # a call costs less than a property
        heap = self._heap
        while heap and heap[0][2].entry is not heap[0]:
            heappop(heap)
        return heap[0][0] if heap else None

    @property
    def next_event_ns(self) -> int | None:
        """When the earliest alarm is due that is not silent."""
        next_ns = self._next_ns()
        if next_ns is None or not self._heap[0][2].is_silent:
            return next_ns
        due = (entry[0] for entry in self._heap if entry[2].entry is entry and not entry[2].is_silent)
        return min(due, default=None)

    @property
    def next_alarm_elapsed(self) -> int | None:
        """What the engine will have counted as elapsed when the earliest alarm is due."""
        if not self._knows_next:
            due_ns = self._next_ns()
            self._next_elapsed = None if due_ns is None else self.elapsed_at(due_ns)
            self._knows_next = True
        return self._next_elapsed

    def fire_due(self) -> None:
        """Fire the alarms whose time has come."""
        while (due_ns := self._next_ns()) is not None and due_ns <= self.now_ns:
            self._fire_next()

    def elapsed_at(self, time_ns: int) -> int:
        """What the engine will have counted as elapsed when that time comes, or had when it came."""
        state = self._state
        return state.base_elapsed - (state.base_ns - time_ns) * self._many // self._ns_per_many

    def time_ns_at(self, elapsed: int) -> int:
        """The virtual time when the engine will have counted so much as elapsed, or had."""
        state = self._state
        return state.base_ns + (elapsed - state.base_elapsed) * self._ns_per_many // self._many

    @property
    def scale(self) -> tuple[int, int, int, int]:
        """E, N, A, B of a straight line: it is N + (elapsed - E) * A // B nanoseconds, until time is set."""
        state = self._state
        return state.base_elapsed, state.base_ns, self._ns_per_many, self._many

    def counted(self, outlook: Outlook) -> ReadOutlook:
        """What a block foresees, in what the engine counts as elapsed instead of nanoseconds."""
        if self._counted is None or self._counted[0] is not outlook:
            self._counted = outlook, self._count(outlook)
        return self._counted[1]

    def _count(self, outlook: Outlook) -> ReadOutlook:
        until = None if outlook.until_ns is None else self.elapsed_at(outlook.until_ns)
        if outlook.count is None:
            return ReadOutlook(until)
        start, rate, unit = outlook.count
        since, begun_ns, multiplier, divisor = self.scale
        count = ElapsedCount(since, multiplier, divisor, start + rate * begun_ns, rate, unit)
        return ReadOutlook(until, count)

    def idle_until(self, time_ns: int) -> None:
        """Let time pass without instructions; alarms on the way fire at their own times."""
        self.pass_until(time_ns)
        end_ns, until_ns = self._next_ns(), self.run_until_ns
        if until_ns is not None and (end_ns is None or until_ns < end_ns):
            end_ns = until_ns
        if end_ns is not None:
            self._counter.end_at(self.elapsed_at(end_ns))

    def idle_until_event(self, time_ns: int) -> None:
        """The same, not beyond the next alarm that is not silent."""
        heap = self._heap
        if heap and heap[0][0] < time_ns and (event_ns := self.next_event_ns) is not None:
            time_ns = min(time_ns, event_ns)
        self.idle_until(time_ns)

    def pass_until(self, time_ns: int) -> None:
        """The same between two runs: none has to end the sooner for it."""
        elapsed = self._counter.count()  # no instruction comes in between
        now_ns = self.time_ns_at(elapsed)
        while self._heap and self._heap[0][0] <= time_ns:
            due_ns, _, alarm = entry = heappop(self._heap)
            if alarm.entry is entry:
                if due_ns > now_ns:
                    self._rebase(due_ns, elapsed)
                self._knows_next = False
                alarm.fire()
                now_ns = max(now_ns, self._state.base_ns)
        if time_ns > now_ns:
            self._rebase(time_ns, elapsed)

    def save(self) -> dict[str, Any]:
        """Take a snapshot as plain data; alarms are saved by those who have them."""
        return asdict(self._state)

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Go back to a snapshot, with all alarms off; the engine's count must be back already."""
        for *_, alarm in self._heap:
            alarm.cancel()
        self._heap = []
        self._state = ClockState(**snapshot)
        self._set_rate(self._state.cpu_hz)

    def _fire_next(self) -> None:
        self._knows_next = False
        heappop(self._heap)[2].fire()

    def _set_rate(self, cpu_hz: int) -> None:
        self._state.cpu_hz = cpu_hz
        ns = self._cycles_per_unit * NS_PER_SECOND / cpu_hz
        self._ns_per_many, self._many = ns.numerator, ns.denominator  # many units take a whole number
        self._counted = None
        self._knows_next = False

    def _rebase(self, now_ns: int, elapsed: int) -> None:
        self._state.base_ns, self._state.base_elapsed = now_ns, elapsed
        self._counted = None
        self._knows_next = False
        if self.on_rebase is not None:
            self.on_rebase()

    def _shorten_run(self) -> None:
        if (due := self.next_alarm_elapsed) is not None:
            self._counter.end_at(due)
