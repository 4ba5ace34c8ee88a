"""What gdb costs: python -m benchmarks.gdb [--history SECONDS...].

The speed of a run with a client attached against one without; what a watchpoint costs on a variable that
nobody writes, beside busy ones; how long `bs` and `bc` take behind so many seconds of history. CPU time.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import roms
from emu.bench.builds import CALL
from emu.bench.suite import programs
from emu.gdb.commands import answer
from emu.gdb.server import GdbServer
from emu.gdb.session import Session
from emu.machine import Machine

ATCMD = Path(roms.__file__).parent / "atcmd" / "atcmd.elf"
WATCHED = ("sort", "recursion", "hash_table", "sort_in_ram", "text")
RUN_NS = 60_000_000


class Client:
    """Packets without a socket."""

    def __init__(self, machine: Machine) -> None:
        self.server = GdbServer(machine, 0)
        self._session = Session(self.server._target, self.server._monitor, lambda line: None)
        self.server._session = self._session

    def ask(self, packet: str) -> float:
        """Carry a packet out, with the motion that it may begin; what that takes, in milliseconds."""
        start = time.process_time()
        answer(self._session, packet.encode())
        while self._session.motion is not None:
            self.server.run(None)
        return (time.process_time() - start) * 1e3

    def run_to(self, time_ns: int) -> None:
        """Let it run."""
        answer(self._session, b"vCont;c")
        while self.server.now_ns < time_ns:
            self.server.run(time_ns - self.server.now_ns)
        self._session.motion = None


def busy(name: str) -> Machine:
    """A program of the suite, translated, that goes on and on."""
    (program,) = (each for each in programs() if each.name == name)
    machine = Machine.load(program.w800_elf)
    machine.run_until_address(CALL)
    machine.registers["r0"] = 0x7FFF_FFFF
    machine.run(RUN_NS)
    return machine


def run_s(machine: Machine, duration_ns: int = RUN_NS) -> float:
    """CPU seconds that a run takes."""
    return cpu_s(lambda: machine.run(duration_ns))


def attached_s(client: Client) -> float:
    """The same with a client."""
    return cpu_s(lambda: client.run_to(client.server.now_ns + RUN_NS))


def cpu_s(run: Callable[[], object]) -> float:
    """CPU seconds that something takes."""
    start = time.process_time()
    run()
    return time.process_time() - start


def speed() -> None:
    """With a client attached, and without."""
    for name in WATCHED:
        free, attached = busy(name), busy(name)
        client = Client(attached)
        pairs = [(run_s(free), attached_s(client)) for _ in range(5)]
        without, with_client = (min(times) for times in zip(*pairs, strict=True))
        print(f"{name:<14} with gdb attached {with_client / without:6.2f} times as long")
        client.server.close()


def watchpoints() -> None:
    """A quiet variable, on the page of busy ones."""
    for name in WATCHED:
        machine = busy(name)
        plain_s = min(run_s(machine) for _ in range(3))
        stack = machine.registers["sp"] & ~0x3FFF
        watchpoint = machine.watch(stack + 0x10, 4)
        machine.run(RUN_NS)
        told_s = min(run_s(machine) for _ in range(3))
        watchpoint.remove()
        watchpoint = machine.watch(stack + 0x10, 4, kind="access")
        refused_s = run_s(machine, RUN_NS // 20) * 20
        watchpoint.remove()
        print(f"{name:<14} watch {told_s / plain_s:6.2f}, awatch {refused_s / plain_s:8.1f} times as long")


def backwards(seconds: list[float]) -> None:
    """Behind so much history."""
    for duration_s in seconds:
        with Machine.load(ATCMD) as machine:
            client = Client(machine)
            client.run_to(int(duration_s * 1e9))
            first_ms = client.ask("bs")
            next_ms = sorted(client.ask("bs") for _ in range(20))
            address = machine.address_of("app_main")
            client.ask(f"Z0,{address:x},2")
            bc_ms = client.ask("bc")
            print(
                f"{duration_s:6.0f} s of history: first bs {first_ms:6.1f} ms, next {next_ms[10]:6.2f} ms "
                f"(at most {next_ms[-1]:.1f}), bc to the beginning {bc_ms:8.0f} ms"
            )
            client.server.close()


def main() -> None:
    """Measure all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--history", type=float, nargs="*", default=[1, 10, 100])
    arguments = parser.parse_args()
    speed()
    watchpoints()
    backwards(arguments.history)


if __name__ == "__main__":
    main()
