"""Images for an update, mutated: fields of their headers are others, their checksums right all the same."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from emu.loader.checksum import crc32
from emu.loader.errors import LoadError, Origin
from emu.loader.image import HEADER_SIZE, MAGIC, Image, ImageHeader
from emu.machine import Machine, MachineError
from emu.memory_map import FLASH_BASE
from emu.regress.explore.fault import Drawn, Known
from emu.regress.explore.structure import Field, draw_edits, edited

_FIELDS: Final = (
    Field("magic", 0x00, 4, "little"),
    Field("attribute", 0x04, 4, "little"),
    Field("run_address", 0x08, 4, "little"),
    Field("body_size", 0x0C, 4, "little"),
    Field("header_address", 0x10, 4, "little"),
    Field("upgrade_address", 0x14, 4, "little"),
    Field("body_crc", 0x18, 4, "little"),
    Field("update_number", 0x1C, 4, "little"),
    Field("boot_flags", 0x30, 4, "little"),
    Field("next_header_address", 0x38, 4, "little"),
)
"""As `ImageHeader` has them."""


def check_image(data: bytes, name: str) -> None:
    """LoadError unless it is an .img or .fls file."""
    if not list(_images(data)):
        raise LoadError(f"{name}: no image begins it: give the .img or .fls file of an update")


def draw_image(draw: random.Random, known: Known) -> Drawn:
    """Behind the story: edits, and whether the checksums are made right then."""
    assert known.image is not None
    edits = draw_edits(draw, known.image, fields_of(known.image))
    return Drawn(known.end_ns - 1, (edits, draw.random() < 0.85))


def fields_of(data: bytes) -> list[Field]:
    """Those of all its headers."""
    return [field._replace(offset=begin + field.offset) for begin in _images(data) for field in _FIELDS]


def made(image: bytes, edits: Sequence[tuple[str, int, bytes]], is_sealed: bool) -> bytes:
    """The mutated image."""
    data = bytearray(edited(image, edits))
    if is_sealed:
        for begin in _images(image):
            _seal(data, begin)
    return bytes(data)


def install_image(machine: Machine, known: Known, edits: Sequence[Any], is_sealed: bool) -> None:
    """Give it to the device, as the scenario does or as bootloaders find it."""
    assert known.image is not None
    image = made(known.image, edits, is_sealed)
    if known.install is not None:
        known.install(machine, image)
        return
    offset = _upgrade_offset(known.image)
    machine.flash.load(offset, image[: machine.flash.size_bytes - offset])
    machine.reset()


def check_place(image: bytes, flash_bytes: int) -> None:
    """MachineError unless bootloaders look for such an image inside of the flash."""
    if not 0 <= _upgrade_offset(image) <= flash_bytes - HEADER_SIZE:
        raise MachineError(
            "no bootloader would find the image: define install(machine, image) in the scenario"
        )


def shorter_image(edits: tuple[Any, ...], is_sealed: bool) -> Iterator[tuple[Any, ...]]:
    """With an edit less."""
    if len(edits) > 1:
        for at in range(len(edits)):
            yield edits[:at] + edits[at + 1 :], is_sealed


def _upgrade_offset(image: bytes) -> int:
    return ImageHeader.unpack(image[:HEADER_SIZE]).upgrade_address - FLASH_BASE


def _images(data: bytes) -> Iterator[int]:
    """Where images begin, one behind the other."""
    begin = 0
    while data[begin : begin + 4] == MAGIC.to_bytes(4, "little"):
        try:
            size = len(Image.parse(data[begin:], Origin("image")).to_bytes())
        except LoadError:
            return
        yield begin
        begin += size


def _seal(data: bytearray, begin: int) -> None:
    if len(data) < begin + HEADER_SIZE:
        return
    header = ImageHeader.unpack(bytes(data[begin : begin + HEADER_SIZE]))
    body = begin + HEADER_SIZE
    header = replace(header, body_crc=crc32(bytes(data[body : body + header.body_size]))).sealed()
    data[begin:body] = header.pack()
