"""A look at any register tells what a read would give, and changes nothing."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

import roms
from emu.machine import Machine

ATCMD = Path(roms.__file__).parent / "atcmd" / "atcmd.img"
RX_DATA, FIFO_STATUS = 0x4001_0830, 0x4001_081C
"""Of UART 1, which takes the AT commands."""


def test_the_next_byte_is_seen_and_stays() -> None:
    with Machine.load(ATCMD, cache=False) as machine:
        machine.uart0.expect("init finished")
        machine.uart1.write("AT+")
        machine.registers["psr"] &= ~0x40  # interrupts off: the bytes stay in the FIFO
        machine.run_for(0.001)
        assert [machine.peek(RX_DATA, 1) for _ in range(3)] == [b"A"] * 3
        assert machine.peek(FIFO_STATUS, 4)[0] >> 6 == 3
        assert machine.read(RX_DATA, 1) == b"A"
        assert machine.peek(RX_DATA, 1) == b"T"


@pytest.mark.parametrize("seed", range(3))
def test_who_looks_at_every_register_at_any_time_does_not_change_the_run(seed: int) -> None:
    rng = Random(seed)
    with Machine.load(ATCMD, cache=False) as free, Machine.load(ATCMD, cache=False) as looked_at:
        for machine in (free, looked_at):
            machine.uart1.write("AT+HELP\r\n")
        for _ in range(30):
            looked_at.run(rng.randrange(1, 3_000_000))
            free.run(looked_at.now_ns - free.now_ns)
            for window in looked_at.board.soc.windows:
                looked_at.peek(window.base, window.size_bytes & ~3)
            assert dict(free.registers) == dict(looked_at.registers)
            assert (free.executed, free.now_ns) == (looked_at.executed, looked_at.now_ns)
        assert free.board.save() == looked_at.board.save()  # which also lets out the bytes sent by now
        assert [port.data for port in free.uarts] == [port.data for port in looked_at.uarts]
