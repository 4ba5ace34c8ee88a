"""`Watch`: goes on with a machine until something is wrong with it, and says what."""

from __future__ import annotations

from collections.abc import Callable

from emu.machine import CrashReport, ExpectationError, Machine, MachineError, RunEnd
from emu.regress.powercut.outcome import Outcome, Verdict


class _BadEnd(Exception):  # noqa: N818 - an event, not a mistake
    """The run has ended before its time."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(str(outcome))
        self.outcome = outcome


class Watch:
    """Of one machine."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def run_to(self, time_ns: int) -> None:
        """Run to a virtual time; the end of `outcome_of` where the run ends for good before."""
        machine = self._machine
        while (left_ns := time_ns - machine.now_ns) > 0:
            result = machine.run(left_ns)
            if result.end is RunEnd.CRASH and result.crash is not None:
                raise _BadEnd(self._crashed(result.crash))
            if result.end is RunEnd.DOWNLOAD:
                raise _BadEnd(self._outcome(Verdict.BRICK, machine.refusal or ""))
            last = machine.last_reset
            if last is not None and last.is_boot_loop:
                raise _BadEnd(self._outcome(Verdict.RESET_LOOP, str(last)))

    def outcome_of(self, go_on: Callable[[], None], name: str) -> Outcome:
        """What comes of it, also of what it raises; MachineError for a mistake in the scenario `name`."""
        crashes: list[CrashReport] = []
        hear = crashes.append
        self._machine.on_crash(hear)
        try:
            go_on()
        except _BadEnd as end:
            return end.outcome
        except (AssertionError, MachineError) as error:
            return self._crashed(crashes[0]) if crashes else self._failed(error)
        except Exception as error:
            raise MachineError(f"{name}: {type(error).__name__}: {error}") from error
        finally:
            self._machine._crashes.observers.remove(hear)
        return self._crashed(crashes[0]) if crashes else Outcome(Verdict.GOOD)

    def _crashed(self, crash: CrashReport) -> Outcome:
        """Where it is; jumps into nothing land anywhere."""
        where = crash.location or "an address without a name"
        return self._outcome(Verdict.CRASH, f"{crash.kind.value} at {where}")

    def _failed(self, error: Exception) -> Outcome:
        """What an `alive` that has failed says."""
        if self._machine.refusal is not None:
            return self._outcome(Verdict.BRICK, self._machine.refusal)
        verdict = Verdict.HANG if isinstance(error, ExpectationError) else Verdict.BROKEN
        return self._outcome(verdict, str(error).partition("\n")[0])

    def _outcome(self, verdict: Verdict, detail: str) -> Outcome:
        return Outcome(verdict, detail, self._machine.uart0.text)
