from __future__ import annotations

import struct

from cpu.program import code, op
from machine.device import STACK, machine_of, set_register, store_word

from emu.inspect.ramdump import ramdump
from emu.memory_map import FLASH_BASE, SRAM_BASE


def test_a_dump_is_eighteen_registers_and_the_ram() -> None:
    values = {f"r{number}": number for number in range(32)} | {
        "psr": 0x8000_0140,
        "pc": 0x0801_0000,
        "epc": 9,
    }
    assert ramdump(values, b"RAM") == struct.pack("<18I", *range(16), 0x8000_0140, 0x0801_0000) + b"RAM"


def test_the_dump_of_a_crash_is_from_before_the_exception() -> None:
    handler = store_word(SRAM_BASE, 0xFFFF_FFFF) + op("br", offset=0)
    machine = machine_of(
        code(store_word(SRAM_BASE, 0x1234_5678), set_register(3, 7), op("bkpt")), handler=handler
    )
    dumps: list[bytes] = []
    machine.on_crash(lambda report: dumps.append(machine.ramdump(report)))
    machine.run()
    assert machine.read(SRAM_BASE, 4) == b"\xff" * 4, "the handler has run by now"
    (dump,) = dumps
    assert len(dump) == 0x48 + 0x4_8000
    registers = struct.unpack_from("<18I", dump)
    assert (registers[3], registers[14]) == (7, STACK)
    assert registers[16:] == (0x8000_0100, FLASH_BASE + 26)
    assert dump[0x48:0x4C] == bytes.fromhex("78563412")
