"""The CPU's registers by their names in the manual: one table for whoever shows or changes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass
from enum import Enum, auto

from emu.engine.control_registers import Processor
from emu.isa.state import LINK, MASK32, SP, Control, CpuState


class RegisterFile(Enum):
    """Where a register is."""

    GENERAL = auto()
    PROGRAM_COUNTER = auto()
    CONTROL = auto()
    FLOAT = auto()


@dataclass(frozen=True, slots=True)
class CpuRegister:
    """A register of 32 bits; `number` is its place in the file, of control registers cr<number, bank>."""

    name: str
    file: RegisterFile
    number: int = 0
    bank: int = 0


_CONTROL = {
    "psr": Control.PSR,
    "vbr": Control.VBR,
    "epsr": Control.EPSR,
    "epc": Control.EPC,
    **{f"ss{number}": (6 + number, 0) for number in range(5)},
    "gcr": (11, 0),
    "gsr": (12, 0),
    "cpuid": Control.CPUID,
    "ccr": (18, 0),
    "chr": Control.CHR,
    "usp": Control.USER_SP,
    "isp": Control.INT_SP,
    "fid": (0, 2),
    "fcr": Control.FCR,
    "fesr": Control.FESR,
}

REGISTERS: tuple[CpuRegister, ...] = (
    *(CpuRegister(f"r{number}", RegisterFile.GENERAL, number) for number in range(32)),
    CpuRegister("pc", RegisterFile.PROGRAM_COUNTER),
    *(CpuRegister(name, RegisterFile.CONTROL, *place) for name, place in _CONTROL.items()),
    *(CpuRegister(f"fr{number}", RegisterFile.FLOAT, number) for number in range(16)),
)
"""All that this CPU has, in the order in which they are shown."""

BY_NAME: dict[str, CpuRegister] = {register.name: register for register in REGISTERS}
ALIASES: dict[str, str] = {"sp": f"r{SP}", "lr": f"r{LINK}"}


class RegisterNameError(KeyError):
    """There is no register of that name."""

    def __str__(self) -> str:
        return str(self.args[0])


def _named(name: str) -> CpuRegister:
    register = BY_NAME.get(ALIASES.get(name, name)) if isinstance(name, str) else None
    if register is None:
        raise RegisterNameError(f"{name!r} is no register: there are {', '.join([*BY_NAME, *ALIASES])}")
    return register


class CpuRegisters(MutableMapping[str, int]):
    """Every register of `REGISTERS` by name; sp and lr are r14 and r15.

    Values are exact while the machine does not run. A KeyError tells unknown names, a ValueError
    values beyond 32 bits.
    """

    def __init__(self, state: CpuState, settle: Callable[[], None] = lambda: None) -> None:
        """`settle` brings `state` up to date; it is called before each access."""
        self._state = state
        self._settle = settle
        self._processor = Processor(state)

    def __getitem__(self, name: str) -> int:
        register = _named(name)
        self._settle()
        match register.file:
            case RegisterFile.GENERAL:
                return self._state.r[register.number]
            case RegisterFile.FLOAT:
                return self._state.fr[register.number]
            case RegisterFile.PROGRAM_COUNTER:
                return self._state.pc
            case RegisterFile.CONTROL:
                return self._processor.read_control(register.number, register.bank)

    def __setitem__(self, name: str, value: int) -> None:
        register = _named(name)
        if not isinstance(value, int) or isinstance(value, bool) or not -(1 << 31) <= value <= MASK32:
            raise ValueError(f"{name}: {value!r} is no whole number of 32 bits")
        value &= MASK32
        self._settle()
        match register.file:
            case RegisterFile.GENERAL:
                self._state.r[register.number] = value
            case RegisterFile.FLOAT:
                self._state.fr[register.number] = value
            case RegisterFile.PROGRAM_COUNTER:
                self._state.pc = value & ~1
            case RegisterFile.CONTROL:
                self._processor.write_control(register.number, register.bank, value)

    def __delitem__(self, name: str) -> None:
        raise TypeError("a CPU keeps its registers")

    def __iter__(self) -> Iterator[str]:
        return iter(BY_NAME)

    def __len__(self) -> int:
        return len(BY_NAME)

    def __repr__(self) -> str:
        return " ".join(f"{name}={value:#x}" for name, value in self.items())
