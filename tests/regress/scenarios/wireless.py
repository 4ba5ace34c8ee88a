"""The built-in demo joins a network, to load its update from there."""

from emu import Machine
from emu.machine.demo import OVER_THE_AIR_FIRMWARE, over_the_air_network

FIRMWARE = OVER_THE_AIR_FIRMWARE
OPTIONS = {"network": over_the_air_network()}


def story(machine: Machine) -> None:
    machine.uart0.expect("loading http://", timeout_s=5)


def alive(machine: Machine) -> None:
    machine.uart0.expect(r"\.{4}|attempt \d of 5", timeout_s=10)  # it loads, or will try again
