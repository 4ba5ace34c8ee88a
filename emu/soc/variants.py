"""The chips of the family: one die, different packages.

Sources: README_EN.md of wm_iot_sdk; for W801 SoCXin/W801; for LuatOS' names soc_tools/*.json and
partition/*.json of openLuat/luatos-soc-air101 and its readme (W801 differs from W806 by its flash and radio).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MIB = 1 << 20
RADIO = (
    "buffer_memory",
    "base_band",
    "wlan_mac",
    "wlan_security",
    "bluetooth",
    "bluetooth_le",
    "rf_spi",
    "sample_memory",
)


@dataclass(frozen=True, slots=True)
class Variant:
    """What differs; `flash_size_bytes` is the usual size of an external one where `has_flash` is false."""

    name: str
    flash_size_bytes: int
    package: str
    has_flash: bool = True
    has_radio: bool = True
    psram_size_bytes: int = 0
    """Inside the package."""
    also: tuple[str, ...] = ()
    """Other names in use."""

    @property
    def absent(self) -> tuple[str, ...]:
        """The blocks of the die that the package leaves unused."""
        return () if self.has_radio else RADIO


VARIANTS = {
    variant.name: variant
    for variant in (
        Variant("w800", 2 * MIB, "QFN32", also=("air690",)),
        Variant("w801", 2 * MIB, "QFN56"),
        Variant("w801s", 2 * MIB, "QFN56"),
        Variant("w802", 2 * MIB, "QFN56", has_flash=False),
        Variant("w803", 2 * MIB, "QFN32"),
        Variant("w805", 1 * MIB, "QFN32", has_radio=False),
        Variant("w806", 1 * MIB, "QFN56", has_radio=False),
        # GUESS: sizes. W801 SDKs know it as the chip with PSRAM wired to PB28..31 (wm_gpio_afsel.c).
        Variant("w861", 2 * MIB, "QFN56", psram_size_bytes=2 * MIB),
        Variant("air101", 2 * MIB, "QFN32", has_radio=False),
        Variant("air103", 1 * MIB, "QFN56", has_radio=False),
        Variant("air601", 1 * MIB, "QFN32"),
        Variant("air6208", 16 * MIB, "QFN56", has_flash=False),
    )
}

_BOARD = re.compile(r"^(hlk|wm|winnermicro|luatos)[-_ ]?")
_SUFFIX = re.compile(r"[-_ ]?(kit|evb|pico|module|v\d[\d.]*|[-_ ]c\d+|b\d+)$")


def find_variant(name: str) -> Variant | None:
    """The chip that people mean: in any case, with the board maker's name before it or a suffix behind."""
    plain = _BOARD.sub("", name.strip().lower())
    while (shorter := _SUFFIX.sub("", plain)) != plain:
        plain = shorter
    plain = re.sub(r"^(air|w)[-_ ]", r"\1", plain)
    plain = f"w{plain}" if plain[:1].isdigit() else plain  # WM800
    for variant in VARIANTS.values():
        if plain == variant.name or plain in variant.also:
            return variant
    return None
