"""Plays a random program on one engine, with all that happens to it made up from the same seed."""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import zip_longest
from random import Random

from dbt.random_program import (
    DATA,
    DATA_BYTES,
    FLOATS,
    HANDLERS,
    SHORT,
    VECTORS,
    RandomProgram,
    random_encoding,
    random_value,
)
from support.guest import FLASH, Guest

from emu.dbt.engine import TranslatorEngine
from emu.engine.contract import Stop, StopReason
from emu.engine.control_registers import CHR_ISE
from emu.engine.exceptions import enter_exception
from emu.isa.disasm import disassemble
from emu.isa.ops import CpuException, Vector
from emu.isa.state import SP, Control, Psr

STOPS = 16
PSR_BITS = {Psr.S: 0.9, Psr.EE: 0.8, Psr.IE: 0.5, Psr.MM: 0.8, 1 << 14: 0.02, 3 << 14: 0.03}
BUDGETS = (1, 5, 50, 300)
COSTS = ((1, 1), (2, 1), (3, 4), (600, 601))
"""Of an instruction in flash and in RAM; a program has those that its seed comes to."""


@dataclass(frozen=True)
class Seen:
    """All there is to see of the CPU at a stop."""

    stop: Stop
    pc: int
    executed: int
    elapsed: int
    registers: list[int]
    floats: list[int]
    condition: int
    psr: int
    control: dict[tuple[int, int], int]
    accesses: list[tuple[int, ...]]
    """Of the device since the stop before: kind, offset, value, instructions executed, their cost, pc."""


class Play:
    """A program, an engine, and a fate: interrupts, exceptions, breakpoints, a device that interferes."""

    def __init__(self, kind: str, seed: int) -> None:
        self._rng = rng = Random(seed)
        self._device = Random(seed)
        self._accesses: list[tuple[int, ...]] = []
        self.program = RandomProgram(rng)
        self._costs = COSTS[seed % len(COSTS)]
        self.guest = Guest(kind, self._costs)
        self._fill_memory()
        state = self.guest.state
        state.fr[:] = [rng.choice((rng.getrandbits(32), *FLOATS)) for _ in range(16)]
        state.c = rng.getrandbits(1)
        if rng.random() < 0.2:
            state.control[Control.FCR] = rng.getrandbits(32)
        self._begin_at(self.program.entry)
        self._guard_stores(Random(seed))
        self.guest.bus.on_read = self._read
        self.guest.bus.on_write = self._write

    def _fill_memory(self) -> None:
        rng, put = self._rng, self.guest.put
        put(DATA, rng.randbytes(DATA_BYTES))
        put(FLASH + 0x4000, rng.randbytes(0x1000))
        for vector in range(64):
            put(VECTORS + 4 * vector, (HANDLERS + vector % 8 * 0x40).to_bytes(4, "little"))
        for address, code in self.program.code.items():
            put(address, code)

    def _guard_stores(self, rng: Random) -> None:
        """Guard some stores from the beginning, as if they had been told before."""
        engine = self.guest.engine
        if isinstance(engine, TranslatorEngine):
            likely = rng.choice((0, 0.5, 1))
            engine._store_notes.guarded.update(at for at in self.program.code if rng.random() < likely)

    def run(self) -> list[Seen]:
        """Everything seen at each stop."""
        return [self._next() for _ in range(STOPS)]

    def _next(self) -> Seen:
        self._accesses = []
        if self._rng.random() < 0.1:
            self._change_code(self.guest.state.pc & ~1)
        if self._rng.random() < 0.1:
            self.guest.engine.set_breakpoints(frozenset(self._rng.sample(sorted(self.program.code), 3)))
        stop = self.guest.run(self._rng.choice(BUDGETS) * self._costs[0])
        state = self.guest.state
        seen = Seen(
            stop,
            state.pc,
            self.guest.engine.executed,
            self.guest.engine.elapsed,
            state.r[:],
            state.fr[:],
            state.c,
            state.psr,
            state.control.copy(),
            self._accesses,
        )
        self._react(stop)
        return seen

    # ---- between runs ------------------------------------------------------------------------------

    def _react(self, stop: Stop) -> None:
        roll, psr = self._rng.random(), self.guest.state.psr
        if stop.reason is StopReason.TRACE:
            self._enter(Vector.TRACE)
        elif stop.reason is StopReason.EXCEPTION:
            if roll < 0.5:
                self._skip()
            elif roll < 0.8 and stop.vector is not None:
                self._enter(stop.vector)
            else:
                self._go_somewhere()
        elif roll < 0.4 and psr & Psr.IE and psr & Psr.EE:
            self._enter(Vector.INTERRUPT0 + self._rng.randrange(32))
        elif roll < 0.5:
            self._go_somewhere()

    def _enter(self, vector: int) -> None:
        try:
            enter_exception(self.guest.state, self.guest.bus, vector)
        except CpuException:
            self._go_somewhere()

    def _skip(self) -> None:
        state = self.guest.state
        try:
            state.pc = (state.pc & ~1) + (4 if self.guest.bus.read(state.pc & ~1, 2) >= 0xC000 else 2)
        except CpuException:
            self._go_somewhere()

    def _go_somewhere(self) -> None:
        self._begin_at(self._rng.choice(sorted(self.program.code)))

    def _begin_at(self, pc: int) -> None:
        rng, state = self._rng, self.guest.state
        state.pc = pc
        state.r[:] = [random_value(rng) for _ in range(32)]
        if rng.random() < 0.03:
            state.r[SP] = (rng.choice(sorted(self.program.code)) & ~3) + 4 * rng.randrange(8)
        state.psr = sum(bits for bits, chance in PSR_BITS.items() if rng.random() < chance)
        state.control |= {Control.VBR: VECTORS, Control.CHR: rng.choice((0, CHR_ISE))}
        for register in (Control.USER_SP, Control.INT_SP, Control.EPC):
            state.control[register] = random_value(rng)

    # ---- the device --------------------------------------------------------------------------------

    def _read(self, offset: int) -> int:
        value = self._device.getrandbits(32)
        self._note(0, offset, value)
        if self._device.random() < 0.05:
            self._change_code(self.guest.engine.current_pc)
        return value

    def _write(self, offset: int, value: int) -> None:
        self._note(1, offset, value)
        roll, engine = self._device.random(), self.guest.engine
        if roll < 0.2:
            engine.set_interrupt_pending(roll < 0.1)
        elif roll < 0.3:
            self._change_code(engine.current_pc)

    def _note(self, kind: int, offset: int, value: int) -> None:
        engine = self.guest.engine
        self._accesses.append((kind, offset, value, engine.executed, engine.elapsed, engine.current_pc))
        if self._device.random() < 0.1:
            engine.end_at(engine.elapsed + self._device.randrange(60) * self._costs[0])

    def _change_code(self, pc: int) -> None:
        """Put another instruction somewhere, often behind `pc`, as the flash controller does, or a DMA."""
        is_near = self._device.random() < 0.5 and self.guest.bus.region_at(pc, 8) is not None
        address = self._device.choice([pc + 2, pc + 4, pc + 6] if is_near else sorted(self.program.code))
        self.guest.put(address, random_encoding(self._device, self._device.choice(SHORT)))
        self.guest.engine.invalidate(address, 2)


def mismatch(seed: int) -> str | None:
    """How the engines differ on the program of a seed; None if they do not."""
    interpreted, translated = (Play(kind, seed) for kind in ("interpreter", "translator"))
    for number, (want, have) in enumerate(zip_longest(interpreted.run(), translated.run())):
        if want != have:
            return f"seed {seed}, stop {number}: interpreter / translator\n{_difference(want, have)}\n{_listing(interpreted)}"
    if interpreted.guest.bus.sram.buffer != translated.guest.bus.sram.buffer:
        return f"seed {seed}: memory differs\n{_listing(interpreted)}"
    return None


def _difference(want: Seen, have: Seen) -> str:
    lines = []
    for item in fields(Seen):
        one, other = getattr(want, item.name), getattr(have, item.name)
        if one != other:
            lines.append(f"    {item.name}: {one} / {other}")
    return "\n".join(lines)


def _listing(play: Play) -> str:
    lines = []
    for address, code in play.program.code.items():
        first, second = int.from_bytes(code[:2], "little"), int.from_bytes(code[2:], "little")
        lines.append(f"    {address:#010x}: {disassemble(first, second, address)}")
    return "\n".join(lines)
