"""How long users wait for a command, with the start of Python: python benchmarks/startup.py.

Of the built-in demo cold is: nothing translated on disk, warm: everything the run needs is there. Python
finds compiled modules, as from an installed package. Wall time; the best of some runs counts.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

RUNS = 10
NO_BYTE_CODE = "PYTHONDONTWRITEBYTECODE"
COMMANDS = {
    "w800emu --help": (["--help"], 0.08),
    "the demo, cold": (["run", "--no-cache"], 0.40),
    "the demo, warm": (["run"], 0.30),
}
"""What each is called, its arguments, and the seconds that are wanted."""


def run(arguments: list[str]) -> float:
    """Wall time of one run."""
    environment = {name: value for name, value in os.environ.items() if name != NO_BYTE_CODE}
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "emu.cli", *arguments],
        check=True,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    return time.perf_counter() - start


def main() -> None:
    """Measure and print."""
    for name, (arguments, wanted_s) in COMMANDS.items():
        run(arguments)  # compiles modules, and fills the cache
        best = min(run(arguments) for _ in range(RUNS))
        print(f"{name:<16} {best:.3f} s   ({wanted_s:.2f} s wanted)", flush=True)


if __name__ == "__main__":
    main()
