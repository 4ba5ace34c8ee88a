"""KINDS: what exploration chooses from, a row each."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any, Final

from emu.machine import Machine
from emu.machine.faults import LINE_FAULTS
from emu.regress.explore import words
from emu.regress.explore.fault import Drawn, FaultKind, Known, moment
from emu.regress.explore.frames import draw_frame, send_frame, shorter_frame
from emu.regress.explore.images import draw_image, install_image, shorter_image
from peripherals.framework.reset import ResetCause

Draw = Callable[[random.Random, Known], Drawn]

_NOISE: Final = "noise"
_STALLS_S: Final = (0.0005, 0.002, 0.01, 0.05, 0.2)
_NETWORK: Final = {
    "deauthenticate": (None, 1),
    "renew_group_key": (None,),
    "switch_off": (None,),
    "switch_on": (None,),
    "set_signal": (-95,),
    "lose_packets": (0.3, 1),
    "delay_packets": (0.2,),
    "fail_dns": ("*", "no such name"),
    "mend_dns": ("*",),
    "reset_connections": (),
    "forget_connections": (),
}
"""Actions of `machine.wifi` and what they get, for all networks."""


def _draw_line(draw: random.Random, known: Known) -> tuple[Any, ...]:
    kind = draw.choice((*LINE_FAULTS, _NOISE))
    byte = 0 if kind == "break" else draw.randrange(1, 256)
    return draw.choice(known.uarts), kind, byte


def _fail_line(machine: Machine, _known: Known, uart: int, kind: str, byte: int) -> None:
    if kind == _NOISE:
        machine.faults.uart_noise(uart, 1 + byte % 24, seed=byte)
    else:
        machine.faults.uart(uart, kind, byte)


def _simpler_line(uart: int, kind: str, _byte: int) -> Iterator[tuple[Any, ...]]:
    if kind == _NOISE:
        yield uart, "break", 0


def _draw_interrupt(draw: random.Random, known: Known) -> tuple[Any, ...]:
    late_s = draw.choice((0.0, 0.0, 0.0001, 0.002, 0.03))
    return draw.choice(known.interrupts), late_s, draw.choice((1, 1, 3))


def _disturb(machine: Machine, _known: Known, line: str, late_s: float, count: int) -> None:
    if late_s:
        machine.faults.delay_interrupt(line, late_s, count)
    else:
        machine.faults.lose_interrupt(line, count)


def _draw_power(draw: random.Random, _known: Known) -> tuple[Any, ...]:
    how = draw.choice((0.001, 0.1)), draw.choice((0.0, 0.001, 0.5)), draw.randrange(1000)
    return draw.choice(((), how))


def _lose_power(machine: Machine, _known: Known, *how: Any) -> None:
    if how:
        machine.faults.brown_out(*how)
    else:
        machine.power_cycle()


def _draw_flash(draw: random.Random, known: Known) -> tuple[Any, ...]:
    offset = draw.choice(known.written) + draw.randrange(256)
    if draw.random() < 0.2:
        return "worn", offset, draw.randrange(1000)
    return "bit", offset, draw.randrange(8)


def _fail_flash(machine: Machine, _known: Known, how: str, offset: int, number: int) -> None:
    if how == "worn":
        machine.faults.wear_out_sector(offset, number)
    else:
        machine.faults.flip_flash_bit(offset, number)


def _draw_network(draw: random.Random, _known: Known) -> tuple[Any, ...]:
    name = draw.choice(list(_NETWORK))
    return name, *_NETWORK[name]


def _draw_input(draw: random.Random, known: Known) -> Drawn:
    """What is sent, changed, in its place; or something else, there or behind all of it."""
    doors = {f"uart{number}" for number in known.uarts}
    sent = [
        (number, one) for number, one in enumerate(known.inputs) if one.door in doors and one.arguments[0]
    ]
    if not sent or draw.random() < 0.3:
        time_ns = draw.choice((known.end_ns - 1, moment(draw, known)))
        return Drawn(time_ns, (draw.choice(known.uarts), words.typed(draw, known.words)))
    number, one = draw.choice(sent)
    uart = int(one.door.removeprefix("uart"))
    if draw.random() < 0.3:
        return Drawn(one.now_ns, (uart, words.typed(draw, known.words)), draw.choice((None, number)))
    return Drawn(one.now_ns, (uart, words.changed(draw, one.arguments[0])), number)


def _draw_ppm(draw: random.Random, _known: Known) -> tuple[Any, ...]:
    return (draw.choice((-50_000, -10_000, -200, 200, 10_000, 50_000)),)


def _at_any_time(draw_arguments: Callable[[random.Random, Known], tuple[Any, ...]]) -> Draw:
    return lambda draw, known: Drawn(moment(draw, known), draw_arguments(draw, known))


def _nothing(_draw: random.Random, _known: Known) -> tuple[Any, ...]:
    return ()


# fmt: off
KINDS: Final = {
    "line": FaultKind(_at_any_time(_draw_line), _fail_line,
        "a break, bad frame, bad parity, overrun or noise at a UART that the story talks on",
        shorter=_simpler_line),
    "input": FaultKind(_draw_input, lambda machine, known, uart, data: machine.uarts[uart].write(data),
        "other bytes come in, or come instead, made of what the story sends and of the firmware's texts",
        shorter=words.shorter),
    "reset": FaultKind(_at_any_time(_nothing), lambda machine, known: machine.reset(ResetCause.WATCHDOG),
        "the watchdog resets the chip"),
    "power": FaultKind(_at_any_time(_draw_power), _lose_power,
        "the power fails for a moment, or for longer, while RAM decays"),
    "interrupt": FaultKind(_at_any_time(_draw_interrupt), _disturb,
        "requests of an interrupt line that the story uses are lost or late",
        needs=lambda known: bool(known.interrupts)),
    "stall": FaultKind(_at_any_time(lambda draw, known: (draw.choice(_STALLS_S),)),
        lambda machine, known, duration_s: machine.faults.stall(duration_s),
        "the CPU stands still for 0.5 to 200 ms"),
    "watchdog": FaultKind(_at_any_time(_nothing), lambda machine, known: machine.faults.starve_watchdog(),
        "the watchdog is not fed any more"),
    "clock": FaultKind(_at_any_time(_draw_ppm), lambda machine, known, ppm: machine.faults.drift_clock(ppm),
        "the crystal is faster or slower"),
    "flash": FaultKind(_at_any_time(_draw_flash), _fail_flash,
        "a bit flips, or a sector is worn out, where the story writes the flash",
        needs=lambda known: bool(known.written)),
    "network": FaultKind(_at_any_time(_draw_network),
        lambda machine, known, name, *given: getattr(machine.wifi, name)(*given),
        "an access point leaves, packets are lost or late, names are not resolved, connections break",
        needs=lambda known: known.has_networks),
    "image": FaultKind(draw_image, install_image,
        "with `--image FILE`: it is there to be installed, mutated: see below",
        needs=lambda known: known.image is not None, shorter=shorter_image),
    "frame": FaultKind(draw_frame, send_frame,
        "a mutated frame comes, close to the genuine one: see `--frames` below",
        needs=lambda known: bool(known.frames), shorter=shorter_frame),
}
# fmt: on
