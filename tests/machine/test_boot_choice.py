"""Who boots a flash: the modelled bootloader that is like the one in it, or the CPU with what is there."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.boot import FakeBoot, FakeFlash, build_app
from support.classic import FakeClassic, classic_app, classic_ota

from emu.engine.interpreter_engine import InterpreterEngine
from emu.loader.headers import stand_in_bootloader
from emu.machine.board import Board, BoardOptions
from emu.machine.boot_chain import BootChain, BootOptions, Outcome, SecondStage
from peripherals.framework.reset import ResetCause

OLD = classic_app(20_000, fill=b"old.")
NEW = classic_app(9_000, fill=b"new!")
OTA = classic_ota(NEW)


def chain_for(fake: FakeFlash, stage: SecondStage = SecondStage.AUTO) -> tuple[Board, BootChain]:
    board = Board(bytearray(fake.device.contents), BoardOptions(InterpreterEngine))
    return board, BootChain(board, BootOptions(stage))


def with_bootloader(body_size: int, body_crc: int) -> FakeClassic:
    fake = FakeClassic(OLD)
    header = replace(stand_in_bootloader(0x080D_0000).header, body_size=body_size, body_crc=body_crc)
    fake.device.load(0x2000, header.sealed().pack())
    return fake


def test_without_a_partition_table_the_stand_in_is_a_secboot() -> None:
    board, chain = chain_for(FakeClassic(OLD, OTA, OTA))
    assert chain.describe() == "Secboot V1.1, modelled"
    assert chain.go_on(ResetCause.POWER_ON, None) is Outcome.STARTED
    assert board.core.state.pc == 0x080D_0500
    assert bytes(board.flash.contents[0xD_0400:][: len(NEW.body)]) == NEW.body


def test_with_a_partition_table_it_is_that_of_the_iot_sdk() -> None:
    _, chain = chain_for(FakeBoot(build_app()))
    assert chain.describe() == "the bootloader of SDK 2.0, modelled"


@pytest.mark.parametrize(
    ("body_size", "body_crc", "description"),
    [
        (0x7B5C, 0x7C67_C28A, "Secboot V0.6, modelled"),
        (0x6984, 0x4808_2837, "Secboot Va.2, modelled"),
        (0x6984, 0x1234_5678, "the second bootloader in the flash, executed"),
    ],
)
def test_a_real_one_is_executed_unless_it_is_modelled(
    body_size: int, body_crc: int, description: str
) -> None:
    _, chain = chain_for(with_bootloader(body_size, body_crc))
    assert chain.describe() == description


def test_an_unknown_one_can_be_modelled_as_well() -> None:
    _, chain = chain_for(with_bootloader(0x6984, 0x1234_5678), SecondStage.MODELLED)
    assert chain.describe() == "Secboot V1.1, modelled"
