"""Regions as numbers."""

from __future__ import annotations

from dataclasses import fields

from support.guest import FLASH, SRAM, Guest, Program

from emu.dbt.charge import Charge
from emu.dbt.mode import Mode
from emu.dbt.region import Region
from emu.dbt.region_record import fingerprint_in, key_of, record_of, region_in
from emu.dbt.store_notes import StoreNotes
from emu.dbt.translation_options import TranslationOptions
from emu.dbt.translator import Translator

FINGERPRINT = bytes(range(16))


def region_of_all_kinds() -> Region:
    """Stores with a guard, leaves, links and jumps; in the memory whose instructions cost less."""
    guest = Guest(costs=(5, 2))
    program = Program(guest, SRAM)
    loop = program("cmplt16", rx=1, ry=2)
    program("bt16", offset=program.to(loop))
    program("divs", rz=1, rx=2, ry=3)
    guarded = program("st.w", rz=1, rx=2, offset=0)
    program("bsr32", offset=FLASH + 0x100 - program.address & 0xFFF0)
    program("rts16")
    options = TranslationOptions(tells_code=True)
    translator = Translator(guest.bus.regions, options, StoreNotes(guarded={guarded}))
    region = translator.translate(SRAM, Mode(True, True), frozenset())
    assert region is not None
    return region


def test_a_region_comes_back_with_all_its_fields() -> None:
    region = region_of_all_kinds()
    assert region.charge == Charge(2, -3)
    assert all(getattr(region, field.name) for field in fields(Region))
    record = record_of(region, 5, FINGERPRINT)
    assert (key_of(record), fingerprint_in(record)) == ((SRAM, 5), FINGERPRINT)
    restored = region_in(record)
    for field in fields(Region):
        assert getattr(restored, field.name) == getattr(region, field.name), field.name
