"""How long `w800emu run` of the built-in demo takes, with the start of Python: python benchmarks/startup.py.

Cold: nothing translated on disk. Warm: everything the run needs is there. The best of some runs counts.
"""

from __future__ import annotations

import subprocess
import sys
import time

RUNS = 5
DEMO = [sys.executable, "-m", "emu.cli", "run"]


def seconds_of(command: list[str]) -> float:
    """Wall time of the best of `RUNS` runs."""
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    """Measure and print."""
    print(f"cold: {seconds_of([*DEMO, '--no-cache']):.2f} s   (3 s wanted)")
    seconds_of(DEMO)  # fills the cache
    print(f"warm: {seconds_of(DEMO):.2f} s   (1.5 s wanted)")


if __name__ == "__main__":
    main()
