"""Which chip a firmware is for, when nobody says so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from emu.loader import Firmware
from emu.memory_map import FLASH_BASE
from emu.soc.variants import VARIANTS, Variant, find_variant

_W806_PLACES: Final = (FLASH_BASE + 0x1_0400, FLASH_BASE + 0x2400)
"""The W806 SDK links apps there (tools/W806/rules.mk), programs without second bootloader lie here."""
_DEFAULT: Final = "w800"
_CHIP_IN_NAME: Final = re.compile(r"(?<![a-z0-9])(air\d{3,4}|w8\d{2}s?)(?![0-9])", re.IGNORECASE)
_RADIO_WORDS: Final = tuple(
    address.to_bytes(4, "little") for address in (0x4000_1400, 0x4000_1800, 0x4000_2A00)
)
"""The bases of the radio's blocks: they stand in the literal pools of the radio libraries."""


@dataclass(frozen=True, slots=True)
class ChipChoice:
    """The chip, and why it was taken; empty when the user has named it."""

    variant: Variant
    reason: str = ""

    def __str__(self) -> str:
        guessed = f" (guessed: {self.reason})" if self.reason else ""
        return f"{self.variant.name.upper()}{guessed}"


_USUAL: Final = ChipChoice(VARIANTS[_DEFAULT], "the usual one")


def choose_chip(firmware: Firmware | None) -> ChipChoice:
    """Guess the chip by a name in the package, by the app's place and its use of the radio."""
    if firmware is None:
        return _USUAL
    return _named(firmware) or _by_layout(firmware)


def _named(firmware: Firmware) -> ChipChoice | None:
    for text, where in ((firmware.chip, "the package says so"), (firmware.name, "the file is called so")):
        match = _CHIP_IN_NAME.search(text)
        variant = find_variant(match[1]) if match else None
        # SDK 1.x calls every package w800, those for W801 and W861 too: that name says nothing.
        if variant is not None and variant.name != _DEFAULT:
            return ChipChoice(variant, where)
    return None


def _by_layout(firmware: Firmware) -> ChipChoice:
    code = b"".join(piece.data for piece in firmware.pieces)
    uses_radio = any(word in code for word in _RADIO_WORDS)
    if firmware.run_address in _W806_PLACES and firmware.app is not None and not uses_radio:
        return ChipChoice(VARIANTS["w806"], f"an app at {firmware.run_address:#010x} that uses no radio")
    return _USUAL
