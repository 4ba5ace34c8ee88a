"""Snapshots at random instructions of a run, and whether each leads to the same end again."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from emu import Machine
from emu.options import EngineName


def check_random_places(
    make: Callable[[EngineName], Machine], last: int, places: int, on_ns: int, seed: int = 1
) -> None:
    """`last`: the highest count of instructions; a run from each place goes on for `on_ns`."""
    rng, machine = Random(seed), make("translator")
    other = make("interpreter")
    for number, count in enumerate(sorted(rng.sample(range(1, last), places))):
        machine.run_until_executed(count)
        snapshot = machine.snapshot()
        ends = []
        for _ in range(2):
            machine.run(on_ns)
            ends.append((machine.snapshot().state_hash(), [port.data for port in machine.uarts]))
            machine.restore(snapshot)
        assert machine.snapshot().state_hash() == snapshot.state_hash()
        if number % 10 == 0:
            other.restore(snapshot)
            other.run(on_ns)
            ends.append((other.snapshot().state_hash(), [port.data for port in other.uarts]))
        assert ends[1:] == ends[:1] * (len(ends) - 1), f"instruction {count}"
