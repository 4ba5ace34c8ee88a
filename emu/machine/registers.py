"""The CPU's registers by name."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping

from emu.engine.control_registers import Processor
from emu.isa.state import LINK, SP, Control, CpuState

_ALIASES = {"sp": f"r{SP}", "lr": f"r{LINK}"}
_CONTROL = {
    "psr": Control.PSR,
    "vbr": Control.VBR,
    "epsr": Control.EPSR,
    "epc": Control.EPC,
    "chr": Control.CHR,
    "usp": Control.USER_SP,
    "isp": Control.INT_SP,
}
_GENERAL = {f"r{number}": number for number in range(32)}
NAMES = (*_GENERAL, "pc", *_CONTROL)


class Registers(MutableMapping[str, int]):
    """r0 to r31, pc, psr, vbr, epsr, epc, chr, usp, isp; sp and lr are r14 and r15.

    Values are exact while the machine does not run. An unknown name is a KeyError.
    """

    def __init__(self, state: CpuState) -> None:
        self._state = state
        self._processor = Processor(state)

    def __getitem__(self, name: str) -> int:
        name = _ALIASES.get(name, name)
        if name in _GENERAL:
            return self._state.r[_GENERAL[name]]
        return self._state.pc if name == "pc" else self._processor.read_control(*_CONTROL[name])

    def __setitem__(self, name: str, value: int) -> None:
        name = _ALIASES.get(name, name)
        value &= 0xFFFF_FFFF
        if name in _GENERAL:
            self._state.r[_GENERAL[name]] = value
        elif name == "pc":
            self._state.pc = value & ~1
        else:
            self._processor.write_control(*_CONTROL[name], value)

    def __delitem__(self, name: str) -> None:
        raise TypeError("a CPU keeps its registers")

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)

    def __repr__(self) -> str:
        return " ".join(f"{name}={value:#x}" for name, value in self.items())
