"""The SDK's atcmd with Bluetooth LE on: its controller finds nobody, and goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.atcmd import AtDevice

from emu.machine.machine import Machine

CONNECT_TIMEOUT_S = 20


@pytest.fixture
def device(atcmd_image: Path, translations: Path) -> Iterator[AtDevice]:
    with Machine.load(atcmd_image, cache=translations) as machine:
        device = AtDevice(machine)
        device.boot()
        assert device.ask("AT+BLEINIT=1") == ("", "OK")
        yield device


def test_the_controller_starts_with_the_address_of_the_factory_parameters(device: AtDevice) -> None:
    device.machine.uart0.expect(r"bt: Identity: 02:80:00:00:00:02 \(public\)")
    device.machine.uart0.expect(r"bt: HCI: version 4\.2 ")
    assert device.ask("AT+BLEINIT?") == ("+BLEINIT:1", "OK")


def test_a_scan_finds_nothing(device: AtDevice) -> None:
    assert device.ask("AT+BLESCAN=1,3") == ("", "OK")
    assert device.ask("AT") == ("", "OK")


def test_a_scan_without_end_can_be_stopped(device: AtDevice) -> None:
    assert device.ask("AT+BLESCAN=1") == ("", "OK")
    device.machine.run_for(2)
    assert device.ask("AT+BLESCAN=0") == ("", "OK")
    assert "+BLESCAN:" not in device.machine.uart1.text


def test_advertising_goes_on_beside_other_commands(device: AtDevice) -> None:
    assert device.ask("AT+BLEADVSTART") == ("", "OK")
    ram = device.ask("AT+SYSRAM")
    device.machine.run_for(10)
    assert device.ask("AT+SYSRAM") == ram
    assert device.ask("AT+CWLAP") == ("", "OK")
    assert device.ask("AT+BLEADVSTOP") == ("", "OK")


def test_a_connection_fails_when_its_time_is_up(device: AtDevice) -> None:
    command = 'AT+BLECONN=0,"24:0a:c4:09:34:23",0,3'
    assert device.ask(command, CONNECT_TIMEOUT_S) == ("+BLECONN:0,-1,CENTRAL", "ERROR")
    assert device.ask("AT+BLECONN?") == ("+BLECONN:", "OK")


def test_bluetooth_can_be_turned_off_and_on_again(device: AtDevice) -> None:
    assert device.ask("AT+BLEINIT=0") == ("", "OK")
    assert device.ask("AT+BLEINIT?") == ("+BLEINIT:0", "OK")
    assert device.ask("AT+BLEINIT=1") == ("", "OK")
    assert device.ask("AT+BLESCAN=1,1") == ("", "OK")
