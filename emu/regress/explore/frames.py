"""Frames that a device has heard, mutated: they come close before or behind the genuine ones."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any, Final

from emu.machine import Machine
from emu.network.formats.dot11 import PROTECTED
from emu.regress.explore.fault import Drawn, Heard, Known
from emu.regress.explore.frame_fields import fields_on_air, fields_on_wire, with_checksums
from emu.regress.explore.structure import Edit, draw_edits, edited

_LEAST_BYTES, _ETHERNET_BYTES = 24, 14
_NEAR_NS: Final = (-2_000_000, -100_000, -10_000, 10_000, 100_000, 2_000_000)


def hear(machine: Machine) -> list[Heard]:
    """Keep what the device hears from now on: frames on the air unless ciphered, packets of the wire."""
    heard: list[Heard] = []

    def on_air(frame: bytes, _channel: int, signal_dbm: int | None) -> None:
        if signal_dbm is not None and len(frame) >= _LEAST_BYTES and not frame[1] & PROTECTED:
            heard.append(Heard(machine.now_ns, False, machine.wifi.opened(frame)))

    def on_wire(packet: bytes, is_from_device: bool) -> None:
        if not is_from_device:
            heard.append(Heard(machine.now_ns, True, packet))

    if machine.has_wifi:
        machine.wifi.frames.append(on_air)
        machine.wifi.packets.append(on_wire)
    return heard


def kinds_of(heard: Sequence[Heard]) -> list[Heard]:
    """Without repetitions, such as beacons: the first few of each kind and length."""
    counts: dict[tuple[Any, ...], int] = {}
    kept = []
    for one in heard:
        kind = (one.is_packet, len(one.data), one.data[12:14] if one.is_packet else one.data[0])
        counts[kind] = counts.get(kind, 0) + 1
        if counts[kind] <= 4:
            kept.append(one)
    return kept


def draw_frame(draw: random.Random, known: Known) -> Drawn:
    """Close to a frame that was heard: its number, edits of it, and whether checksums or MIC are right."""
    number = draw.randrange(len(known.frames))
    heard = known.frames[number]
    fields = fields_on_wire(heard.data) if heard.is_packet else fields_on_air(heard.data)
    time_ns = min(max(heard.time_ns + draw.choice(_NEAR_NS), 0), known.end_ns - 1)
    return Drawn(time_ns, (number, draw_edits(draw, heard.data, fields, known.words), draw.random() < 0.9))


def send_frame(machine: Machine, known: Known, number: int, edits: Sequence[Edit], is_sealed: bool) -> None:
    """Let the device hear it."""
    heard = known.frames[number]
    data = edited(heard.data, edits)
    if heard.is_packet:
        whole = data.ljust(_ETHERNET_BYTES, b"\0")
        machine.wifi.inject_packet(with_checksums(whole) if is_sealed else whole)
    else:
        machine.wifi.inject_frame(data, is_sealed=is_sealed)


def shorter_frame(number: int, edits: tuple[Any, ...], is_sealed: bool) -> Iterator[tuple[Any, ...]]:
    """With an edit less."""
    if len(edits) > 1:
        for at in range(len(edits)):
            yield number, edits[:at] + edits[at + 1 :], is_sealed
