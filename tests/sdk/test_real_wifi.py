"""The SDK's atcmd in a virtual network: what its users do with Wi-Fi."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.atcmd import AtDevice

from emu.machine.machine import Machine
from emu.network.access_point import AccessPoint
from emu.network.network import Network

WORKSHOP = AccessPoint("workshop", "correct horse", channel=6, signal_dbm=-40)
LOBBY = AccessPoint("lobby", channel=1, signal_dbm=-62, has_ht=False)
ATTIC = AccessPoint("attic", "battery staple", channel=11, signal_dbm=-78)
CELLAR = AccessPoint("cellar", "staple battery", channel=3, signal_dbm=-50, is_hidden=True)
JOIN = 'AT+CWJAP="workshop","correct horse"'
GOT_IP = r'WIFI GOT IP "(.*?)"\r\n'
PHONE_HOME = "phone.home.test"


def network(atcmd_ota: bytes) -> Network:
    network = Network(WORKSHOP, LOBBY, ATTIC, CELLAR)
    network.serve_http({"/atcmd_ota.img": atcmd_ota}, host="update.test")
    network.serve_tcp(7, lambda data: data[::-1], host=PHONE_HOME)
    network.serve_udp(7, lambda data: data.upper(), host=PHONE_HOME)
    return network


@pytest.fixture
def device(atcmd_image: Path, atcmd_ota: bytes, translations: Path) -> Iterator[AtDevice]:
    with Machine.load(atcmd_image, cache=translations, network=network(atcmd_ota)) as machine:
        device = AtDevice(machine)
        device.boot()
        yield device


def join(device: AtDevice, command: str = JOIN) -> str:
    """Join a network; the address that the device has got."""
    assert device.ask(command, 30)[1] == "OK"
    return str(device.machine.uart1.expect(GOT_IP, 20)[1])


def test_a_scan_lists_the_networks_with_their_strengths(device: AtDevice) -> None:
    listed = device.ask("AT+CWLAP", 10)[0]
    found = re.findall(r'\+CWLAP:(\d),"(\w+)",(-\d+),"([0-9a-f:]+)",(\d+),', listed)
    assert sorted(found) == [
        ("0", "lobby", "-62", "02:aa:bb:cc:dd:01", "1"),
        ("3", "attic", "-78", "02:aa:bb:cc:dd:02", "11"),
        ("3", "workshop", "-40", "02:aa:bb:cc:dd:00", "6"),
    ]


@pytest.mark.parametrize(
    ("command", "ssid"),
    [
        (JOIN, "workshop"),
        ('AT+CWJAP="lobby"', "lobby"),
        ('AT+CWJAP="cellar","staple battery"', "cellar"),
    ],
)
def test_a_network_is_joined_and_gives_an_address(device: AtDevice, command: str, ssid: str) -> None:
    assert join(device, command) == "10.0.2.15"
    assert device.machine.wifi.joined == {"02:80:00:00:00:01": ssid}
    assert device.machine.wifi.addresses == {"02:80:00:00:00:01": "10.0.2.15"}
    assert device.ask('AT+PING="10.0.2.2"')[0] in ("+PING:1 ms", "+PING:2 ms", "+PING:3 ms")


def test_a_wrong_password_is_an_error_and_the_right_one_works_behind_it(device: AtDevice) -> None:
    assert device.ask('AT+CWJAP="workshop","wrong horse"', 40)[1] == "ERROR"
    assert device.machine.wifi.joined == {}
    assert join(device) == "10.0.2.15"


def test_names_are_resolved_and_tcp_and_udp_go_both_ways(device: AtDevice) -> None:
    join(device)
    uart = device.machine.uart1
    for kind, answer in (("TCP", "olleh"), ("UDP", "HELLO")):
        assert device.ask(f'AT+CIPSTART="{kind}","{PHONE_HOME}",7', 10)[1] == "OK"
        uart.write("AT+CIPSEND=5\r\n")
        uart.expect(">")
        uart.write("hello")
        uart.expect(rf"\+IPD,5:{answer}")
        assert device.ask("AT+CIPCLOSE")[1] == "OK"


def test_connected_and_idle_it_sleeps_between_beacons_and_misses_nothing(device: AtDevice) -> None:
    join(device)
    device.machine.run_for(5)
    security = device.machine.board.soc.wlan_security
    awake = 0
    for _ in range(200):
        device.machine.run_for(0.00517)
        awake += security.is_listening
    assert 5 < awake < 60
    assert device.ask('AT+PING="10.0.2.2"')[1] == "OK"


def test_it_joins_again_by_itself_after_a_reset_and_after_the_network_was_away(device: AtDevice) -> None:
    machine = device.machine
    join(device)
    assert device.ask("AT+RST")[1] == "OK"
    machine.uart0.expect("boot reason 4")
    assert machine.uart1.expect(GOT_IP, 30)[1] == "10.0.2.15"
    machine.wifi.switch_off("workshop")
    machine.uart1.expect("WIFI DISCONNECT", 30)
    machine.wifi.switch_on("workshop")
    assert machine.uart1.expect(GOT_IP, 60)[1] == "10.0.2.15"
    machine.wifi.deauthenticate()
    machine.uart1.expect("WIFI DISCONNECT", 30)
    assert machine.uart1.expect(GOT_IP, 60)[1] == "10.0.2.15"


def update_over_the_air(device: AtDevice) -> None:
    machine = device.machine
    join(device)
    machine.uart1.write('AT+OTA_HTTP="http://update.test/atcmd_ota.img"\r\n')
    machine.uart1.expect(r"\+OTA_HTTP:FINISHED", 60)
    machine.uart0.expect("unxz succeed", 60)
    assert machine.uart1.expect(GOT_IP, 30)[1] == "10.0.2.15"


def test_it_updates_itself_over_the_air_the_same_way_each_time(
    device: AtDevice, atcmd_image: Path, atcmd_ota: bytes, translations: Path
) -> None:
    update_over_the_air(device)
    with Machine.load(atcmd_image, cache=translations, network=network(atcmd_ota)) as machine:
        again = AtDevice(machine)
        again.boot()
        update_over_the_air(again)
        assert machine.snapshot().state_hash() == device.machine.snapshot().state_hash()
