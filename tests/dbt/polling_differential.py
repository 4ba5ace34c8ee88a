"""Plays a random polling loop with and without leaving rounds out."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from dbt.polling_program import BASES, RISING, STEADY, PolledDevice, PollingProgram, registers
from support.guest import DEVICE, SRAM, Guest

from emu.dbt.engine import TranslatorEngine
from emu.engine.contract import ReadOutlook, Stop
from emu.isa.disasm import disassemble

STOPS = 6
BUDGETS = (300, 3_000, 15_000, 60_000)
COSTS = ((1, 1), (2, 1), (3, 4))


@dataclass(frozen=True)
class Seen:
    """All there is to see at a stop, but for the memory."""

    stop: Stop
    pc: int
    executed: int
    elapsed: int
    registers: list[int]
    condition: int


class PollingPlay:
    """A program, its device, and an engine."""

    def __init__(self, kind: str, seed: int, *, skips: bool = True) -> None:
        self._rng = rng = Random(seed)
        self.program = PollingProgram(rng, rng.choice(BASES))
        self.guest = Guest(kind, COSTS[seed % len(COSTS)])
        if isinstance(self.guest.engine, TranslatorEngine):
            self.guest.engine.skips_polls = skips
        self.device = PolledDevice(seed)
        for address, code in self.program.code.items():
            self.guest.put(address, code)
        self.guest.put(SRAM + 0x1000, rng.randbytes(0x20))
        state = self.guest.state
        state.r[:] = registers(rng)
        state.pc = self.program.entry
        self.guest.bus.on_read, self.guest.bus.on_write = self._read, self.device.write
        self.guest.bus.quiet_reads = set(range(DEVICE + STEADY, DEVICE + RISING, 4))
        self.guest.events.foresee = self._foresee

    @property
    def left_out(self) -> int:
        """How many instructions were not executed one by one."""
        engine = self.guest.engine
        return engine.statistics.left_out if isinstance(engine, TranslatorEngine) else 0

    def run(self) -> tuple[list[Seen], bytes]:
        """What is seen at each stop, and what is in memory at the end."""
        return [self._next() for _ in range(STOPS)], bytes(self.guest.bus.sram.buffer)

    def _next(self) -> Seen:
        rng, engine, state = self._rng, self.guest.engine, self.guest.state
        if rng.random() < 0.1:
            engine.set_breakpoints(frozenset(rng.sample(sorted(self.program.code), 1)))
        stop = self.guest.run(rng.choice(BUDGETS))
        seen = Seen(stop, state.pc, engine.executed, engine.elapsed, state.r[:], state.c)
        if rng.random() < 0.5:
            self.device.change(rng)
        return seen

    def _read(self, offset: int) -> int:
        value = self.device.read(offset, self.guest.engine.elapsed)
        return value >> 8 * (offset & 3)

    def _foresee(self, offset: int) -> ReadOutlook | None:
        return self.device.outlook(offset, self.guest.engine.elapsed)

    def listing(self) -> str:
        """The program."""
        lines = []
        for address, code in self.program.code.items():
            first, second = int.from_bytes(code[:2], "little"), int.from_bytes(code[2:], "little")
            lines.append(f"    {address:#010x}: {disassemble(first, second, address)}")
        return "\n".join(lines)


def polling_mismatch(seed: int, reference: str = "translator") -> str | None:
    """How leaving rounds out shows in the program of a seed; None if it does not."""
    right, short = PollingPlay(reference, seed, skips=False), PollingPlay("translator", seed)
    (want, memory), (have, memory_short) = right.run(), short.run()
    for number, (one, other) in enumerate(zip(want, have, strict=True)):
        if one != other:
            return (
                f"seed {seed}, stop {number}: all rounds / some left out\n{one}\n{other}\n{right.listing()}"
            )
    return None if memory == memory_short else f"seed {seed}: memory differs\n{right.listing()}"
