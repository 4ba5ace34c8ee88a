"""What tracing costs: python -m benchmarks.traces [--sdk DIR].

Programs of the suite, plain, traced and with coverage in the same process, loading and translation not
counted; beside them Unicorn's own hook of every instruction, in Python, on the AArch64 build. With the SDK:
its bootloader unpacks its update, starts it, and that comes up, plain and traced as a whole. Wall time, with
the thread that writes; minima.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

from unicorn import UC_HOOK_CODE, Uc

from benchmarks.sdk import APP_OTA, BOOTLOADER, UPDATE
from emu.bench.builds import NativeBuild
from emu.bench.suite import programs
from emu.machine import Machine
from emu.trace.coverage.recorder import CoverageRecorder
from emu.trace.recorder import TraceRecorder

NAMES = ("aes", "byte_code", "crc", "leaf_calls", "list", "sort", "text", "fft")
WARM_NS, MEASURED_NS = 300_000_000, 1_000_000_000
RUNS = 3


Recorder = type[TraceRecorder | CoverageRecorder]


def mips(elf: Path, trace: Path, recorder: Recorder | None) -> tuple[float, float]:
    """Million instructions a second, and bytes an instruction in the file."""
    machine = Machine.load(elf, cache=False)
    with nullcontext() if recorder is None else recorder(machine, trace):
        machine.run(WARM_NS)
        before, start = machine.executed, time.perf_counter()
        machine.run(MEASURED_NS)
    seconds = time.perf_counter() - start
    size_bytes = trace.stat().st_size if recorder else 0
    return (machine.executed - before) / seconds / 1e6, size_bytes / machine.executed


def hooked_mips(elf: Path) -> float:
    """The same of Unicorn with a Python function called for each instruction."""
    count = 0

    def met(_unicorn: Uc, _address: int, _size_bytes: int, _data: object) -> None:
        nonlocal count
        count += 1

    build = NativeBuild(elf)
    build.unicorn.hook_add(UC_HOOK_CODE, met)
    seconds = build.call(1).seconds
    return count / seconds / 1e6


def story_s(load: Callable[[], Machine], trace: Path | None) -> float:
    """Seconds that the whole story takes."""
    with load() as machine:
        start = time.perf_counter()
        with nullcontext() if trace is None else TraceRecorder(machine, trace):
            machine.uart0.expect("atcmd init finished", timeout_s=60)
        return time.perf_counter() - start


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sdk", type=Path, help="the folder of a WM IoT SDK")
    sdk = parser.parse_args().sdk
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder, "run.trace")
        print(f"{'million instructions a second':<29}  plain  traced  share   bytes  coverage  share   hook")
        for program in programs():
            if program.name in NAMES:
                kinds = None, TraceRecorder, CoverageRecorder
                rounds = [[mips(program.w800_elf, trace, kind) for kind in kinds] for _ in range(RUNS)]
                (plain, _), (traced, size_bytes), (covered, _) = map(max, zip(*rounds, strict=True))
                hooked = hooked_mips(program.aarch64_elf)
                row = f"{plain:6.0f} {traced:7.0f} {traced / plain:6.2f} {size_bytes:7.4f}"
                row += f" {covered:9.0f} {covered / plain:6.2f} {hooked:6.2f}"
                print(f"{program.name:<29} {row}", flush=True)
        if sdk is not None:
            packed = (sdk / UPDATE).read_bytes()

            def updated() -> Machine:
                machine = Machine.load(bootloader=sdk / BOOTLOADER, cache=False)
                machine.flash.load(APP_OTA, packed)
                return machine

            plain, traced = (min(story_s(updated, path) for _ in range(RUNS)) for path in (None, trace))
            size = f"{trace.stat().st_size / 1e6:.1f} MB"
            print(
                f"the SDK's update: {plain:.2f} s, traced {traced:.2f} s: {traced / plain:.2f} times, {size}"
            )


if __name__ == "__main__":
    main()
