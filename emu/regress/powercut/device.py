"""The device of a scenario: lives through the story once, and is started again from what cuts leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count

from emu.machine import CrashReport, ExpectationError, MachineError
from emu.machine.flash_use import FlashUse
from emu.regress.powercut.cut import Cut, Left, cuts_of
from emu.regress.powercut.known_state import KnownState
from emu.regress.powercut.known_states import KnownStates
from emu.regress.powercut.options import CutOptions
from emu.regress.powercut.outcome import Outcome, Verdict
from emu.regress.powercut.story import (
    FlashState,
    OperationLog,
    StoryOperation,
    flash_state,
    with_flash,
)
from emu.regress.scenario import Scenario
from peripherals.flash_operation import FlashOperation, Phase
from peripherals.framework.reset import ResetCause


class _BootLoop(Exception):  # noqa: N818 - an event, not a mistake
    """The chip resets itself again and again."""


class _Enough(Exception):  # noqa: N818 - an event, not a mistake
    """The operation that was waited for has come."""


class StoryError(MachineError):
    """The story itself does not succeed, without any cut."""


class ScenarioError(MachineError):
    """The scenario is not what it should be."""


class Device:
    """One machine for all runs, on its power-on state or another flash each time."""

    def __init__(self, scenario: Scenario, options: CutOptions) -> None:
        self.scenario = scenario
        self.options = options
        self.machine = scenario.load()
        self.use = FlashUse(self.machine.board)
        self.off = self.machine.snapshot()
        """Before it is switched on for the first time."""
        self._known = KnownStates(self.machine) if options.merge else None
        self._outcomes: dict[bytes, Outcome] = {}  # by what cuts have left
        self._numbers = count()  # of runs: one that fails keeps its own
        self._of_runs: dict[int, Outcome] = {}
        self._crash: CrashReport | None = None  # the latest since the start
        self._unstable: Left | None = None
        self._starts = 0
        self.machine.on_reset(self._was_reset)
        self.machine.on_crash(self._crashed)
        self.machine.flash.observers.append(self._operated)
        self.operations = self._live_through()
        """Of the story."""
        self.latest_operations: Sequence[StoryOperation] = ()
        """Of the latest recovery that was asked for."""

    def close(self) -> None:
        """Keep translations."""
        self.machine.close()

    # ---- the story ---------------------------------------------------------------------------------

    def _live_through(self) -> list[StoryOperation]:
        """StoryError if the story fails, or the check behind it."""
        log = OperationLog(self.machine, self.use)
        try:
            self.scenario.story(self.machine)
        except (AssertionError, MachineError, _BootLoop) as error:
            raise StoryError(f"{self.scenario.name}: the story fails without a power cut: {error}") from None
        finally:
            log.close()
        outcome = self.outcome(flash_state(self.machine))
        if outcome.verdict is not Verdict.GOOD:
            raise StoryError(f"{self.scenario.name}: the check fails without a power cut: {outcome.detail}")
        return log.operations

    def lefts(self) -> list[Left]:
        """What the first cuts of the story leave, in their order."""
        return list(cuts_of(self.operations, self.options.models, seed=self.options.seed))

    def left(self, cut: Cut) -> Left:
        """What a cut leaves; MachineError for one that cannot be here."""
        operations: Sequence[StoryOperation] = self.operations
        if cut.earlier is not None:
            operations = self.operations_after(self.left(cut.earlier), until=cut.number)
        near = [one for one in operations if one.place.number == cut.number]
        for left in cuts_of(near, self.options.models, cut.earlier, self.options.seed):
            if left.cut == cut:
                return left
        raise MachineError(f"{cut}: there is no such cut: there are {len(operations)} operations")

    def operations_after(self, left: Left, until: int | None = None) -> list[StoryOperation]:
        """The flash operations of a device that is started again, to the end of the check or that number."""
        self._start(left, run=-1)
        log = OperationLog(self.machine, self.use)

        def count(operation: FlashOperation) -> None:
            if until is not None and len(log.operations) >= until and operation.phase is Phase.AFTER:
                raise _Enough

        self.machine.flash.observers.append(count)
        try:
            self.check()
        except _Enough:
            pass
        finally:
            self.machine.flash.observers.remove(count)
            log.close()
        self.latest_operations = log.operations
        return log.operations

    # ---- starting again ----------------------------------------------------------------------------

    def digest(self, left: Left) -> bytes:
        """Equal for cuts that leave the same."""
        pages = left.state.pages
        own = b"" if left.torn is None or not left.torn.is_unstable else str(left.cut).encode()
        if self._known is not None:
            return self._known.digests.of_all(pages) + own
        return b"".join(pages) + own

    def outcome_of(self, left: Left) -> Outcome:
        """Start the device from what a cut has left, and check it; or know what became of an equal one."""
        digest = self.digest(left)
        if digest not in self._outcomes:
            self._outcomes[digest] = self._run(left)
        return self._outcomes[digest]

    def _run(self, left: Left) -> Outcome:
        number, is_over = next(self._numbers), False
        try:
            self._start(left, number)
            outcome = self.check()
            is_over = True
        finally:
            if self._known is not None:
                self._known.end(is_over=is_over)
        is_shortened = self._known is not None and self._known.has_leapt
        self._of_runs[number] = outcome = replace(outcome, shortened=is_shortened)
        return outcome

    def is_known(self, left: Left) -> bool:
        """Whether an equal one was started before."""
        return self.digest(left) in self._outcomes

    def outcome(self, state: FlashState) -> Outcome:
        """Start the device from a flash, and check it."""
        self._start(Left(Cut(0, "before"), state), run=-1)
        return self.check()

    def start(self, left: Left) -> None:
        """Have the device as it is when the power comes back, recording what is done to it from there on."""
        self._start(left, run=-1)
        self.machine.record()

    def _start(self, left: Left, run: int) -> None:
        self._unstable = left if left.torn is not None and left.torn.is_unstable else None
        self._starts, self._crash = 0, None
        state = left.state
        if self._known is not None:
            self._known.begin(run, state.pages, None if self._unstable is None else self._unstable.torn_range)
        self.machine.restore(with_flash(self.off, state.tree()))

    def check(self) -> Outcome:
        """Check the device that was started, and tell what came of it."""
        uart = self.machine.uart0
        try:
            self.scenario.check(self.machine)
        except KnownState as known:
            return replace(self._of_runs[known.run], merged=True)
        except _BootLoop:
            return Outcome(Verdict.RESET_LOOP, str(self.machine.last_reset), uart.text)
        except (AssertionError, MachineError) as error:
            return self._failed(error)
        except _Enough:
            raise
        except Exception as error:
            where = self.scenario.source or self.scenario.name
            raise ScenarioError(f"{where}: check: {type(error).__name__}: {error}") from error
        if self.machine.refusal is not None:
            return self._failed(AssertionError(""))
        return Outcome(Verdict.GOOD)

    def _failed(self, error: Exception) -> Outcome:
        machine, text = self.machine, str(error).partition("\n")[0]
        if machine.refusal is not None:
            verdict, text = Verdict.BRICK, machine.refusal
        elif self._crash is not None:
            verdict, text = Verdict.CRASH, str(self._crash)
        elif isinstance(error, ExpectationError):
            verdict = Verdict.HANG
        else:
            verdict = Verdict.BROKEN
        return Outcome(verdict, text, machine.uart0.text)

    def _crashed(self, report: CrashReport) -> None:
        self._crash = report

    def _operated(self, operation: FlashOperation) -> None:
        """Whatever is written again reads the same each time."""
        if self._unstable is not None and self._unstable.is_touched_by(operation):
            self._unstable = None
            if self._known is not None:
                self._known.is_stable()

    def _was_reset(self, cause: ResetCause) -> None:
        self._starts += 1
        if self._unstable is not None:
            self.machine.flash.load(*self._unstable.redrawn(self._starts))
        last = self.machine.last_reset
        if last is not None and last.is_boot_loop and cause is not ResetCause.POWER_ON:
            raise _BootLoop
