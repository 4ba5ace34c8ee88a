"""Where the memories of the chip are: what firmware files and the chip have in common."""

from typing import Final

FLASH_BASE: Final = 0x0800_0000
FLASH_END: Final = 0x0900_0000
"""The mask ROM knows 3-byte flash addresses: 16 MB (rom.rst)."""

SRAM_BASE: Final = 0x2000_0000
SRAM_END: Final = 0x2004_8000
"""160 KB, and 128 KB more right behind them (`chip_layout.ld.h` of the IoT SDK: SRAM and DRAM)."""
SRAM_SIZE_BYTES: Final = SRAM_END - SRAM_BASE
