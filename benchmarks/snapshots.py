"""What snapshots take: python -m benchmarks.snapshots [--sdk DIR].

Taking one and putting it back, with the firmware at its prompt; the memory of 1,000 of the whole update
story; what snapshots on the way, and a recording, cost a run; how long it takes to go one virtual
millisecond back. CPU time, minima.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.idle import READY, idle_machine
from emu.history.snapshot import Snapshot
from emu.machine import Machine
from peripherals.framework.page_copies import PAGE_BYTES

STORY_NS = 3_000_000_000
STEP_NS = STORY_NS // 1000


def ms(action: Callable[[], object], times: int = 20, rounds: int = 5) -> float:
    """CPU milliseconds, the least of some rounds."""
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        for _ in range(times):
            action()
        best = min(best, (time.process_time() - start) / times)
    return best * 1e3


def story() -> list[Snapshot]:
    """Snapshots all the way from power-on to the firmware that the update installs."""
    machine = Machine.load(cache=False)
    snapshots = []
    for _ in range(1000):
        machine.run(STEP_NS)
        snapshots.append(machine.snapshot())
    return snapshots


def own_bytes(snapshots: list[Snapshot]) -> int:
    """The memory pages that they hold together."""
    return PAGE_BYTES * len(frozenset[int]().union(*(one.pages() for one in snapshots)))


def run_s(prepare: Callable[[Machine], object]) -> float:
    """CPU seconds of the story, with a machine prepared like this."""
    machine = Machine.load()
    prepare(machine)
    start = time.process_time()
    machine.run(STORY_NS)
    return time.process_time() - start


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sdk", type=Path, help="the folder of a WM IoT SDK, for its own firmware")
    with idle_machine(parser.parse_args().sdk) as machine:
        snapshot = machine.snapshot()
        print(f"taking a snapshot       {ms(machine.snapshot):8.3f} ms")
        print(f"putting it back         {ms(lambda: machine.restore(snapshot)):8.3f} ms")
        machine.keep_history()
        machine.run(STORY_NS)

        def back() -> None:
            machine.go_to(machine.now_ns / 1e9 - 1e-3)

        print(f"going back 1 ms         {ms(back, 1, 20):8.3f} ms   (after {READY!r} and 3 s)")
    print(f"1,000 snapshots of the story {own_bytes(story()) / 1e6:6.1f} MB in memory pages")
    prepared = (lambda _: None, Machine.record, Machine.keep_history)
    rounds = [[run_s(prepare) for prepare in prepared] for _ in range(15)]
    alone, recorded, kept = (min(times) for times in zip(*rounds, strict=True))
    print(f"a recording             {100 * (recorded / alone - 1):+8.1f} %    of the story's {alone:.2f} s")
    print(f"a snapshot each 200 ms  {100 * (kept / alone - 1):+8.1f} %")


if __name__ == "__main__":
    main()
