"""Public drivers of sensors on one wire print what a part is set to: those of docs/parts.md.

They are for the HAL of STM32, and run on that of IOsetting/wm-sdk-w806: each with a program that prints
`t CELSIUS h HUMIDITY` of every reading, and waits for 2.1 s behind those of a DHT11 or DHT22.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from foreign.test_demos import demo

from emu.parts import Dht11, Dht22, Ds18b20

pytestmark = pytest.mark.timeout(120)


@pytest.mark.parametrize(
    ("name", "pin"),
    [
        ("sensor_quen0n_dht11", "PB7"),
        ("sensor_allexmak1_dht11", "PB7"),
        ("sensor_onyeka_dht11", "PB12"),
        ("sensor_yangzhang2024_dht11", "PA0"),
        ("sensor_tttomorrow_dht11", "PB2"),
        ("sensor_bulicp_dht11", "PB3"),
    ],
)
def test_a_dht11_is_read(firmware_corpus: Path, name: str, pin: str) -> None:
    with demo(firmware_corpus, name) as machine:
        part = machine.parts.attach(Dht11(celsius=23, humidity=61), data=pin)
        machine.uart0.expect(r"t 23(\.0)? h 61(\.0)? ?(sum ok)?\r")
        part.celsius, part.humidity = 0.0, 90.0
        machine.uart0.expect(r"t 0(\.0)? h 90(\.0)? ?(sum ok)?\r")


@pytest.mark.parametrize(
    ("name", "pin"),
    [("sensor_quen0n_dht22", "PB7"), ("sensor_ledungdee_dht22", "PB9"), ("sensor_m3hmet01_dht22", "PB7")],
)
def test_a_dht22_is_read_also_below_zero(firmware_corpus: Path, name: str, pin: str) -> None:
    with demo(firmware_corpus, name) as machine:
        part = machine.parts.attach(Dht22(celsius=-12.3, humidity=0), data=pin)
        machine.uart0.expect(r"t -12\.3 h 0\.0 \r")
        part.celsius, part.humidity = 80.0, 100.0
        machine.uart0.expect(r"t 80\.0 h 100\.0 \r")


def test_edges_of_a_dht22_interrupt(firmware_corpus: Path) -> None:
    """This driver returns the reading before."""
    with demo(firmware_corpus, "sensor_udi741_dht22") as machine:
        machine.parts.attach(Dht22(celsius=23.4, humidity=61.2), data="PB1")
        machine.uart0.expect(r"t 0\.0 h 0\.0 ")
        machine.uart0.expect(r"t 23\.4 h 61\.2 ")


@pytest.mark.parametrize(
    ("name", "pin"),
    [
        ("sensor_onyeka_ds18b20", "PB12"),
        ("sensor_yangzhang2024_ds18b20", "PA0"),
        ("sensor_tiket_ds18b20", "PB11"),
        ("sensor_cheeseandchips_ds18b20", "PB8"),
    ],
)
def test_a_ds18b20_is_read(firmware_corpus: Path, name: str, pin: str) -> None:
    with demo(firmware_corpus, name) as machine:
        part = machine.parts.attach(Ds18b20(celsius=21.5), data=pin)
        machine.uart0.expect(r"t 21\.5 ")
        part.celsius = -55.0
        machine.uart0.expect(r"t -55\.0 ")


def test_three_thermometers_on_a_wire_are_found(firmware_corpus: Path) -> None:
    with demo(firmware_corpus, "sensor_tiket_ds18b20") as machine:
        for serial, celsius in ((1, 21.5), (2, -3.0), (0xAABBCC, 85.0)):
            machine.parts.attach(Ds18b20(serial=serial, celsius=celsius), data="PB11")
        machine.uart0.expect("found 3")
        for text in ("28ccbb crc 0 t 85.0", "280200 crc 0 t -3.0", "280100 crc 0 t 21.5"):
            machine.uart0.expect_exact(text)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("sensor_ledungdee_dht22", "no response"),
        ("sensor_yangzhang2024_dht11", "Measurement error"),
        ("sensor_yangzhang2024_ds18b20", "no sensor"),
        ("sensor_tiket_ds18b20", "found 0"),
    ],
)
def test_a_driver_without_a_part_tells_so(firmware_corpus: Path, name: str, error: str) -> None:
    with demo(firmware_corpus, name) as machine:
        machine.uart0.expect_exact(error)
