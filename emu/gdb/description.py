"""What gdb is told of the target: its registers and its memories.

Numbers and features: gdb/csky-tdep.c and gdb/csky-tdep.h of gdb 13.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from emu.machine import Machine
from peripherals.nor_flash import SECTOR_SIZE

_GENERAL, _FLOAT, _CONTROL, _STACKS = (f"org.gnu.csky.abiv2.{name}" for name in ("gpr", "fpu", "cr", "tee"))
_TIME = "com.w800emu.time"
TIME_NUMBER: Final = 300
"""Of `vtime`: virtual nanoseconds since power-on."""


@dataclass(frozen=True, slots=True)
class TargetRegister:
    """A register as gdb knows it; the machine has it under `source`."""

    name: str
    number: int
    feature: str
    source: str
    type: str = "int"
    size_bytes: int = 4


def _control(name: str, number: int, kind: str = "int") -> TargetRegister:
    return TargetRegister(name, number, _CONTROL, name, kind)


_POINTERS: Final = {14: "data_ptr", 15: "code_ptr"}
REGISTERS: Final[tuple[TargetRegister, ...]] = (
    *(TargetRegister(f"r{n}", n, _GENERAL, f"r{n}", _POINTERS.get(n, "int")) for n in range(32)),
    # No vr0-vr15: they have 128 bits for gdb whatever is said here, and float locals are found without them.
    *(TargetRegister(f"fr{n}", 40 + n, _FLOAT, f"fr{n}", "ieee_single") for n in range(16)),
    TargetRegister("pc", 72, _GENERAL, "pc", "code_ptr"),
    _control("psr", 89, kind="psr_t"),
    _control("vbr", 90),
    _control("epsr", 91, kind="psr_t"),
    TargetRegister("epc", 93, _CONTROL, "epc", "code_ptr"),
    *(_control(f"ss{n}", 95 + n) for n in range(5)),
    _control("gcr", 100),
    _control("gsr", 101),
    _control("cpuid", 102),
    _control("ccr", 107),
    _control("chr", 120),
    TargetRegister("fcr", 121, _FLOAT, "fcr"),
    TargetRegister("fid", 122, _FLOAT, "fid"),
    TargetRegister("fesr", 123, _FLOAT, "fesr"),
    TargetRegister("usp", 127, _STACKS, "usp", "data_ptr"),
    TargetRegister("int_sp", 204, _STACKS, "isp", "data_ptr"),
    TargetRegister("vtime", TIME_NUMBER, _TIME, "", "uint64", 8),
)
"""In the order in which `g` has them."""
BY_NUMBER: Final = {register.number: register for register in REGISTERS}

_PSR: Final = """<flags id="psr_t" size="4">
  <field name="C" start="0" end="0"/><field name="AF" start="1" end="1"/><field name="FE" start="4" end="4"/>
  <field name="IE" start="6" end="6"/><field name="IC" start="7" end="7"/><field name="EE" start="8" end="8"/>
  <field name="MM" start="9" end="9"/><field name="TM" start="14" end="15"/>
  <field name="VEC" start="16" end="23"/><field name="S" start="31" end="31"/>
</flags>"""
_SHARED_TYPES: Final = {_CONTROL: _PSR}


def target_xml() -> str:
    """The target description."""
    ordered = sorted(REGISTERS, key=lambda register: register.feature)
    features = groupby(ordered, key=lambda register: register.feature)
    return "\n".join(
        (
            '<?xml version="1.0"?>',
            '<!DOCTYPE target SYSTEM "gdb-target.dtd">',
            "<target>",
            "<architecture>csky</architecture>",
            *(line for name, registers in features for line in _feature(name, registers)),
            "</target>",
        )
    )


def _feature(name: str, registers: Iterable[TargetRegister]) -> Iterator[str]:
    yield f'<feature name="{name}">'
    if name in _SHARED_TYPES:
        yield _SHARED_TYPES[name]
    for each in registers:
        yield (
            f'<reg name="{each.name}" bitsize="{8 * each.size_bytes}" regnum="{each.number}"'
            f' type="{each.type}"/>'
        )
    yield "</feature>"


def memory_map_xml(machine: Machine) -> str:
    """Everything that can be looked at; gdb sets hardware breakpoints in flash, and programs it by `load`."""
    bus = machine.board.bus
    kinds = {"mask_rom": "rom", "flash": "flash"}
    ranges = [(region.base, len(region.buffer), kinds.get(region.name, "ram")) for region in bus.regions]
    ranges += [(base, size_bytes, "ram") for base, size_bytes in bus.device_windows]
    return "\n".join(
        (
            '<?xml version="1.0"?>',
            '<!DOCTYPE memory-map PUBLIC "+//IDN gnu.org//DTD GDB Memory Map V1.0//EN"'
            ' "http://sourceware.org/gdb/gdb-memory-map.dtd">',
            "<memory-map>",
            *(_memory(*each) for each in sorted(ranges)),
            "</memory-map>",
        )
    )


def _memory(base: int, size_bytes: int, kind: str) -> str:
    tag = f'<memory type="{kind}" start="{base:#x}" length="{size_bytes:#x}"'
    if kind != "flash":
        return f"{tag}/>"
    return f'{tag}><property name="blocksize">{SECTOR_SIZE:#x}</property></memory>'
