"""How fast loops are that wait for a device: python benchmarks/polls.py.

Each loop waits on a whole chip, alone and beside a tick every millisecond: all rounds executed, and rounds
left out where nothing comes of them (ADR 9). Prints the virtual time over the CPU time of the best of some
runs, loading and translation not counted: 1 is real time. Last what short waits take, one after the other.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from emu.cycles import MEASURED, costs_of
from emu.dbt.engine import TranslatorEngine

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from support.polls import LOOPS, Loop, short_waits, waiting
from support.translator import translator

RUNS = 3
MS = 50
SHORT_WAITS, SHORT_US = 300, (5, 20, 65, 200)
TICK_NS, NO_TICK_NS = 1_000_000, 1_000_000_000


def real_time_share(loop: Loop, ms: int, slice_ns: int, *, skips: bool) -> float:
    """How much faster than a board one run is."""
    wait = waiting(loop, ms, TranslatorEngine, costs_of(MEASURED))
    translator(wait).skips_polls = skips
    wait.board.core.run(100_000)
    begin_ns, start = wait.board.clock.now_ns, time.process_time()
    wait.run(slice_ns)
    return (wait.board.clock.now_ns - begin_ns) / 1e9 / (time.process_time() - start)


def us_a_wait(name: str, wait_us: int) -> float:
    """CPU time of one short wait among others, the first ones not counted."""
    wait = waiting(short_waits(name, wait_us, SHORT_WAITS), 1, TranslatorEngine, costs_of(MEASURED))
    wait.board.core.run(4_000 * wait_us)
    left = wait.board.core.state.r[11]
    start = time.process_time()
    wait.run()
    return (time.process_time() - start) / left * 1e6


def main() -> None:
    """Measure and print."""
    print(f"{'times real time':<36} {'executed':>9} {'with a tick':>12} {'left out':>9} {'with a tick':>12}")
    for name, loop in LOOPS.items():
        shares = [
            max(real_time_share(loop, ms, slice_ns, skips=skips) for _ in range(RUNS))
            for ms, skips in ((2, False), (MS, True))
            for slice_ns in (NO_TICK_NS, TICK_NS)
        ]
        alone, ticking, short, short_ticking = shares
        print(f"{name:<36} {alone:9.3f} {ticking:12.3f} {short:9.1f} {short_ticking:12.1f}", flush=True)
    for name in ("delay", "delay from a start", "timer, through a function"):
        for wait_us in SHORT_US:
            best = min(us_a_wait(name, wait_us) for _ in range(RUNS))
            print(f"{f'{name}, {wait_us} us':<36} {best:9.0f} us", flush=True)


if __name__ == "__main__":
    main()
