"""The SDK's atcmd: AT commands on UART 1, settings in flash, a radio in a shielded box."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.atcmd import INITIALISED, AtDevice

from emu.machine.machine import Machine

SCAN_TIMEOUT_S = 10
JOIN_TIMEOUT_S = 30


@pytest.fixture
def device(atcmd_image: Path, translations: Path) -> Iterator[AtDevice]:
    with Machine.load(atcmd_image, cache=translations) as machine:
        device = AtDevice(machine)
        device.boot()
        yield device


def test_the_radio_is_calibrated_and_settings_are_made(device: AtDevice) -> None:
    lines = device.machine.uart0.lines
    assert not [line for line in lines if "dc-offset" in line or "Exception" in line]
    errors = [line for line in lines if line.startswith("[E]")]
    assert [re.sub(r"\d+", "n", line) for line in errors] == [
        "[E] (n) atcmd: load at tcpip nvs failed",
        "[E] (n) atcmd: load at wifi nvs failed",
    ]


def test_the_mac_address_is_that_of_the_factory_parameters(device: AtDevice) -> None:
    assert device.ask("AT+CIPSTAMAC?") == ('+CIPSTAMAC:"02:80:00:00:00:01"', "OK")


@pytest.mark.parametrize(
    ("command", "error"),
    [("AT+NOPE", "CMD FORMAT ERR"), ("AT+SYSRAM?", "ERROR"), ("AT+CWMODE=9", "CMD PARSE ERR")],
)
def test_a_wrong_command_gets_an_error_and_the_next_one_its_answer(
    device: AtDevice, command: str, error: str
) -> None:
    assert device.ask(command)[1] == error
    assert device.ask("AT") == ("", "OK")


def test_settings_survive_a_reset_and_the_loss_of_power(device: AtDevice) -> None:
    assert device.ask("AT+CWRECONNCFG=7,9") == ("", "OK")
    assert device.ask("AT+RST") == ("", "OK")
    device.machine.uart0.expect("boot reason 4")
    device.boot()
    assert "nvs failed" not in device.machine.uart0.text.split("boot reason 4")[1]
    assert device.ask("AT+CWRECONNCFG?") == ("+CWRECONNCFG:7,9", "OK")
    device.machine.power_cycle()
    device.machine.uart0.expect("boot reason 0")
    device.boot()
    assert device.ask("AT+CWRECONNCFG?") == ("+CWRECONNCFG:7,9", "OK")


def test_what_is_not_stored_is_lost_with_a_reset(device: AtDevice) -> None:
    assert device.ask("AT+CIPMUX=1") == ("", "OK")
    assert device.ask("AT+CIPMUX?") == ("+CIPMUX:1", "OK")
    assert device.ask("AT+RST") == ("", "OK")
    device.boot()
    assert device.ask("AT+CIPMUX?") == ("+CIPMUX:0", "OK")


def test_a_scan_finds_nothing(device: AtDevice) -> None:
    assert device.ask("AT+CWLAP", SCAN_TIMEOUT_S) == ("", "OK")


def test_a_network_cannot_be_joined_and_commands_go_on(device: AtDevice) -> None:
    assert device.ask('AT+CWJAP="somewhere","password"', JOIN_TIMEOUT_S) == ("", "ERROR")
    assert device.ask("AT") == ("", "OK")


def test_erased_factory_parameters_are_calibrated_and_written(atcmd_image: Path, translations: Path) -> None:
    with Machine.load(atcmd_image, cache=translations) as machine:
        machine.flash.load(0, b"\xff" * 0x2000)
        machine.uart0.expect(INITIALISED)
        assert bytes(machine.flash.contents[:4]) == b"\x9f\xff\xff\xa0"
