"""All that comes into the machine from outside, each thing at its moment: so it can come again.

What comes while the CPU runs, from a call-back, waits for the next check point: there a replay can let it
in, too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from emu.machine.board import Board
from emu.machine.errors import MachineError
from emu.machine.power import Power


class Input(NamedTuple):
    """One thing that came in."""

    now_ns: int
    executed: int
    """Instructions executed until then."""
    at_check_point: bool
    """Whether it came where runs end by themselves; else it was at a breakpoint, or behind a step."""
    is_powered: bool
    """Whether the chip had power; it is cut off in the middle of an instruction."""
    door: str
    arguments: tuple[Any, ...]

    def __str__(self) -> str:
        return f"{self.door} at {self.now_ns / 1e9:.9f} s, instruction {self.executed:,}"


class Inputs:
    """Lets things in through doors, keeps them while it records, and lets them in again behind a restore."""

    def __init__(self, board: Board, power: Power) -> None:
        self.is_recording = False
        self.is_core_running = False
        """What comes has to wait."""
        self._board = board
        self._power = power
        self._doors: dict[str, Callable[..., object]] = {}
        self._waiting: list[tuple[str, tuple[Any, ...]]] = []
        self._known: list[Input] = []
        self._position = 0  # in `_known`: those before have come
        self._branched_ns: int | None = None

    def door(
        self, name: str, let_in: Callable[..., object], *, is_prompt: bool = False
    ) -> Callable[..., None]:
        """Make a door: it is called with plain data, as `let_in` takes them.

        What comes through one that `is_prompt` does not wait, for somebody may look for it at once.
        """
        self._doors[name] = let_in
        return lambda *arguments: self._come(name, arguments, may_wait=not is_prompt)

    def record(self, known: list[Input] | None = None) -> None:
        """Forget what has come, and keep what comes from now on; `known` will come again at its moments."""
        self.is_recording = True
        self._known, self._position = list(known or ()), 0

    @property
    def recorded(self) -> list[Input]:
        """What has come since `record`."""
        return self._known[: self._position]

    @property
    def position(self) -> int:
        """How many of the things known have come."""
        return self._position

    def go_back(self, position: int) -> None:
        """Behind a restore: so many have come, the others are ahead again."""
        self._position = position

    def take_branch_ns(self) -> int | None:
        """When something new came in first since the last call: what was known behind it is over."""
        branched_ns, self._branched_ns = self._branched_ns, None
        return branched_ns

    @property
    def next(self) -> Input | None:
        """What is known to come next."""
        return self._known[self._position] if self._position < len(self._known) else None

    def let_in(self) -> None:
        """Between runs of the core: let in what waits, and what is known to come now.

        MachineError if the moment of something known has been missed.
        """
        waiting, self._waiting = self._waiting, []
        for name, arguments in waiting:
            self._come(name, arguments, may_wait=False)
        while (one := self.next) is not None and self._is_due(one):
            self._position += 1
            self._doors[one.door](*one.arguments)

    def come_again(self, one: Input) -> None:
        """Let in now, between runs, what has come before at another time or in another machine."""
        self._come(one.door, one.arguments, may_wait=False)

    def _is_due(self, one: Input) -> bool:
        now_ns, executed = self._board.clock.now_ns, self._board.core.engine.executed
        if (now_ns, executed) == (one.now_ns, one.executed):
            return one.is_powered == self._power.is_on
        if now_ns < one.now_ns and executed <= one.executed:
            return False
        here = f"{now_ns / 1e9:.9f} s, instruction {executed:,}"
        raise MachineError(f"the run has left its recording: {one} was missed, here is {here}")

    def _come(self, name: str, arguments: tuple[Any, ...], *, may_wait: bool) -> None:
        if self.is_core_running and may_wait:
            self._waiting.append((name, arguments))
            self._board.core.stop()
            return
        if not self.is_recording:
            self._doors[name](*arguments)
            return
        core = self._board.core
        moment = self._board.clock.now_ns, core.engine.executed, core.is_at_check_point, self._power.is_on
        if self._position < len(self._known):  # this is another future
            del self._known[self._position :]
        self._branched_ns = min(moment[0], self._branched_ns or 1 << 64)
        one = Input(*moment, name, arguments)
        self._known.append(one)
        self._position += 1
        try:
            self._doors[name](*arguments)
        except Exception:  # it was refused: nothing has come in
            if self._known[-1] is one:
                self._known.pop()
                self._position -= 1
            raise
