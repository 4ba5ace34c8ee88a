"""What code is made to be decides which kept translations are found, and what blocks begin with."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import product
from pathlib import Path

import pytest
from support.guest import FLASH, Guest, Program

from emu.dbt.engine import TranslatorEngine
from emu.dbt.host_flow import note_block
from emu.dbt.mode import Mode
from emu.dbt.region_store import RegionStore
from emu.dbt.translation_options import TranslationOptions
from emu.dbt.translator import Translator

OPTIONS = (
    TranslationOptions(),
    TranslationOptions(notes_flow=True),
    TranslationOptions(tells_code=True),
    TranslationOptions(most_instructions=1),
)


class Nobody:
    """Is told of coverage."""

    def executed(self, address: int, code: bytes) -> None:
        pass

    def branched(self, address: int, code: bytes, *, is_taken: bool) -> None:
        pass


def regions_translated(folder: Path, options: TranslationOptions) -> int:
    guest, plain = Guest(), replace(options, tells_code=False)
    store = RegionStore(folder, b"image", plain)
    engine = TranslatorEngine(guest.state, guest.bus, guest.events, store, plain)
    if options.tells_code:
        engine.tell_coverage(Nobody())
    program = Program(guest)
    program("movi16", rz=1, imm=7)
    program("br16", offset=0)
    engine.run(10)
    store.save()
    return engine.statistics.regions_translated


@pytest.mark.parametrize("options", OPTIONS)
def test_a_translation_is_kept_for_its_options_only(tmp_path: Path, options: TranslationOptions) -> None:
    for other in OPTIONS:
        if other != options:
            assert regions_translated(tmp_path, other) > 0
    assert regions_translated(tmp_path, options) > 0
    assert regions_translated(tmp_path, options) == 0


def test_each_mode_has_a_number_of_its_own() -> None:
    modes = [Mode(*bits) for bits in product((False, True), repeat=len(fields(Mode)))]
    assert len({mode.number for mode in modes}) == len(modes)


def test_an_instrument_adds_its_words_to_each_block() -> None:
    sizes = []
    for options in OPTIONS[:2]:
        guest = Guest()
        program = Program(guest)
        program("bez", rx=1, offset=8)
        program("movi16", rz=1, imm=7)
        program("bt16", offset=2)
        program("br16", offset=0)
        region = Translator(guest.bus.regions, options).translate(FLASH, Mode(True, False), frozenset())
        assert region is not None
        sizes.append((len(region.words), len(region.entries)))
    (plain, blocks), (noted, _) = sizes
    assert noted - plain == 2 + 3 + 3  # the first address takes one instruction
    assert blocks == 3
    assert TranslationOptions(notes_flow=True).instruments == (note_block,)
