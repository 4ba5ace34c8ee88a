"""The chips of the family: one die, different packages. Source: README_EN.md of wm_iot_sdk."""

from __future__ import annotations

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
    has_flash: bool = True
    has_radio: bool = True

    @property
    def absent(self) -> tuple[str, ...]:
        """The blocks of the die that the package leaves unused."""
        return () if self.has_radio else RADIO


VARIANTS = {
    variant.name: variant
    for variant in (
        Variant("w800", 2 * MIB),
        Variant("w801s", 2 * MIB),
        Variant("w802", 2 * MIB, has_flash=False),
        Variant("w803", 2 * MIB),
        Variant("w805", 1 * MIB, has_radio=False),
        Variant("w806", 1 * MIB, has_radio=False),
    )
}
