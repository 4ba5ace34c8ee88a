"""Snapshots at random instructions of a run, and whether each leads to the same end again.

As a program it goes on from state files, as another process: FOLDER ENGINE ON_NS prints the end of each.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from hashlib import sha256
from pathlib import Path
from random import Random

from emu import Machine
from emu.options import EngineName

Make = Callable[[EngineName], Machine]
TESTS = Path(__file__).parents[1]


def end_of(machine: Machine, on_ns: int) -> str:
    """Run on: the hash of the state that this ends in, of all that has been sent, and when on the way."""
    heard: list[tuple[int, int, int]] = []
    with ExitStack() as stack:
        for number, port in enumerate(machine.uarts):
            listener = partial(_hear, heard, number)
            port.listen(listener)
            stack.callback(port.unlisten, listener)
        machine.run(on_ns)
    sent = sha256(repr(([port.data for port in machine.uarts], heard)).encode())
    return f"{machine.snapshot().state_hash()} {sent.hexdigest()}"


def _hear(heard: list[tuple[int, int, int]], number: int, time_ns: int, byte: int) -> None:
    heard.append((number, time_ns, byte))


def check_random_places(
    make: Make, last: int, places: int, on_ns: int, folder: Path | None = None, seed: int = 1
) -> None:
    """Snapshots at `places` instructions up to number `last`: from each, all ways on for `on_ns` end the same.

    These are on, back and on again; the other engine; and with a `folder` for state files, another process.
    """
    rng, machine, other = Random(seed), make("translator"), make("interpreter")
    ends: dict[int, str] = {}
    for count in sorted(rng.sample(range(1, last), places)):
        machine.run_until_executed(count)
        snapshot = machine.snapshot()
        if folder:
            machine.save_state(folder / f"{count}.state")
        ends[count] = end_of(machine, on_ns)
        machine.restore(snapshot)
        assert machine.snapshot().state_hash() == snapshot.state_hash()
        assert end_of(machine, on_ns) == ends[count], f"again from instruction {count}"
        machine.restore(snapshot)
        other.restore(snapshot)
        assert end_of(other, on_ns) == ends[count], f"the interpreter from instruction {count}"
    if folder:
        for engine in ("translator", "interpreter"):
            assert _ends_elsewhere(folder, engine, on_ns) == ends, f"{engine} in another process"


def _ends_elsewhere(folder: Path, engine: str, on_ns: int) -> dict[int, str]:
    command = [sys.executable, "-m", "support.going_back", str(folder), engine, str(on_ns)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=TESTS)
    return {int(count): end for count, end in (line.split(maxsplit=1) for line in done.stdout.splitlines())}


def _tell_ends(folder: Path, engine: EngineName, on_ns: int) -> None:
    for file in folder.glob("*.state"):
        cache = folder / "translations"
        with Machine.load_state(file, engine=engine, cache=cache, on_crash="continue") as machine:
            sys.stdout.write(f"{file.stem} {end_of(machine, on_ns)}\n")


if __name__ == "__main__":
    engine: EngineName = "interpreter" if sys.argv[2] == "interpreter" else "translator"
    _tell_ends(Path(sys.argv[1]), engine, int(sys.argv[3]))
