"""What the exit codes of `w800emu` mean."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Stable, for scripts and CI."""

    SUCCESS = 0  # the expected end
    FAILURE = 1  # --fail-on text, a crash of the firmware, an internal error
    USAGE = 2  # wrong options or unusable input
    TIME_UP = 42  # --max-time of virtual time has passed
    INTERRUPTED = 130  # Ctrl-C, as shells count it: 128 and the number of the signal, SIGTERM: 143
