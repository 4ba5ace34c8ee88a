"""Our own code for the two entries of the mask ROM that the SDK's bootloader calls (found in its binary).

The mask ROM itself is not at hand: what happens between reset and bootloader is modelled in `roms.boot`.
"""

from __future__ import annotations

from typing import Final

START_IMAGE: Final = 0x4798
"""Called with r0 -> flash size, attribute, run address, size, and those three of the bootloader."""
COMMAND_MODE: Final = 0x1038
"""Called with r0 = a letter of `roms.boot_chip.Verdict`: sends it and stays."""

_VECTOR_COUNT: Final = 64
# GUESS: all. The chip resets through the first, and `tls_bitband_read` of the W800 SDK 1.x (wm_regs.h)
# reads the word at the value of a bit: its drivers' loops end only if what is at 0 and 1 is not zero. The
# instruction at 0 is a breakpoint as everywhere, so that a call of a null pointer is noticed at once.
_VECTOR: Final = 0x1_0000

# fmt: off
_START_IMAGE: Final = (
    0x9022,          # ld.w   r1, (r0, 8)
    0xC001, 0x6421,  # mtcr   r1, vbr          GUESS: set here; the SDK's apps set it anyway
    0x9120,          # ld.w   r1, (r1, 0)
    0x7804,          # jmp    r1
)
_COMMAND_MODE: Final = (
    0xEA22, 0x4001,  # movih  r2, 0x4001
    0xEC42, 0x0600,  # ori    r2, r2, 0x600    UART0
    0x9267,          # ld.w   r3, (r2, 0x1c)   wait until the transmit FIFO is empty
    0xE463, 0x203F,  # andi   r3, r3, 0x3f
    0xE923, 0xFFFD,  # bnez   r3, .-6
    0xB208,          # st.w   r0, (r2, 0x20)
    0x0400,          # br     .                GUESS: the chip repeats the letter until a download begins
)
# fmt: on


def contents(size_bytes: int) -> bytearray:
    """The ROM: a vector table, these two routines, and zeros, which are breakpoint instructions."""
    rom = bytearray(_VECTOR.to_bytes(4, "little") * _VECTOR_COUNT).ljust(size_bytes, b"\0")
    for address, code in ((START_IMAGE, _START_IMAGE), (COMMAND_MODE, _COMMAND_MODE)):
        data = b"".join(halfword.to_bytes(2, "little") for halfword in code)
        rom[address : address + len(data)] = data
    return rom
