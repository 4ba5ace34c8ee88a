"""What long idle runs take: python benchmarks/idle.py [--hours N] [--each HOURS] [--sdk DIR].

The built-in demo idles, or with an SDK its own firmware `atcmd`, unpacked from the update that the example
ota_ops carries. Prints the resident memory, and the wall time of a virtual hour: both have to stay equal.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from emu.loader import Image, unpack_ota
from emu.loader.errors import Origin
from emu.machine import Machine

UPDATE = "examples/ota/ota_ops/main/src/atcmd_ota.img"
READY = "atcmd init finished"
NS_PER_SECOND = 1_000_000_000
SLICE_NS = 60 * NS_PER_SECOND


@contextmanager
def idle_machine(sdk: Path | None) -> Iterator[Machine]:
    """A machine whose firmware has started and waits for commands."""
    with tempfile.TemporaryDirectory() as folder:
        firmware = None
        if sdk is not None:
            update = sdk / UPDATE
            if not update.is_file():
                sys.exit(f"benchmarks/idle.py: there is no {update}: give the folder of a WM IoT SDK")
            firmware = Path(folder, "atcmd.img")
            firmware.write_bytes(unpack_ota(Image.parse(update.read_bytes(), Origin(update.name))).to_bytes())
        with Machine.load(firmware, cache=False) as machine:
            machine.uart0.expect(READY, timeout_s=30)
            yield machine


def resident_mb() -> float:
    """Memory in use; where the system does not tell, the most that has been."""
    statistics = Path("/proc/self/statm")
    if statistics.exists():
        return int(statistics.read_text().split()[1]) * resource.getpagesize() / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def idle(machine: Machine, duration_s: float) -> None:
    """Let virtual time pass, in slices as somebody who watches would."""
    end_ns = machine.now_ns + round(duration_s * NS_PER_SECOND)
    while (left_ns := end_ns - machine.now_ns) > 0:
        if (result := machine.run(min(left_ns, SLICE_NS))).crash is not None:
            sys.exit(f"benchmarks/idle.py: {result}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=8, help="virtual hours (default: %(default)s)")
    parser.add_argument("--each", type=float, default=1, metavar="HOURS", help="print so often")
    parser.add_argument("--sdk", type=Path, metavar="DIR", help="folder of the WM IoT SDK")
    arguments = parser.parse_args()
    with idle_machine(arguments.sdk) as machine:
        print(f"start: {resident_mb():.1f} MB", flush=True)
        for number in range(1, round(arguments.hours / arguments.each) + 1):
            start, executed = time.perf_counter(), machine.executed
            idle(machine, arguments.each * 3600)
            wall_s = (time.perf_counter() - start) / arguments.each
            rate = (machine.executed - executed) / arguments.each
            print(
                f"{number * arguments.each:.2f} h: {resident_mb():.1f} MB, "
                f"an hour takes {wall_s:.0f} s and {rate:,.0f} instructions",
                flush=True,
            )


if __name__ == "__main__":
    main()
