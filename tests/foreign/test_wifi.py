"""Firmware of the SDK of 2021, with its radio library and its own bootloader, in a virtual network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from foreign.test_packages import one, package_file

from emu import AccessPoint, Machine, Network

WORKSHOP = AccessPoint("workshop", "correct horse", channel=6)
LOBBY = AccessPoint("lobby", channel=11, signal_dbm=-61)
ANNEX = AccessPoint("annex", "correct horse", channel=8, security="WPA2/WPA3")
PACKAGE = "bomingfeng/w801_wm_sdk_w80x_20211115"
CONSOLE = "droppingy/W801_SDK-linux"


@pytest.fixture
def console(firmware_corpus: Path) -> Iterator[Machine]:
    """A console of demos, waiting for a command (ended by a line feed alone)."""
    network = Network(WORKSHOP, LOBBY, ANNEX)
    network.serve_http({"/new.img": bytes(1000)}, host="192.168.1.100", port=8080)
    with Machine.load(package_file(firmware_corpus, one(PACKAGE)), network=network) as machine:
        machine.uart0.expect("demohelp", timeout_s=5)
        machine.run_for(1)
        yield machine


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("command", "ssid"),
    [
        ('t-connect("workshop","correct horse")', "workshop"),
        ('t-connect("lobby","")', "lobby"),
        ('t-connect("annex","correct horse")', "annex"),
    ],
)
def test_it_joins_and_gets_an_address(console: Machine, command: str, ssid: str) -> None:
    console.uart0.write(f"{command}\n")
    console.uart0.expect("NETIF_WIFI_JOIN_SUCCESS", timeout_s=60)
    console.uart0.expect(r"ip: 10\.0\.2\.15", timeout_s=20)
    assert console.wifi.joined == {"02:80:00:00:00:01": ssid}


@pytest.mark.timeout(120)
def test_it_lists_the_networks(firmware_corpus: Path) -> None:
    network = Network(WORKSHOP, LOBBY, AccessPoint("vault", "correct horse", channel=3, security="WPA3"))
    with Machine.load(package_file(firmware_corpus, one(CONSOLE)), network=network) as machine:
        machine.uart0.expect("t-sdh", timeout_s=2)
        machine.run_for(1)
        machine.uart0.write("t-scan\n")
        found = machine.uart0.expect(r"(?s)(bssid:.*?lobby)", timeout_s=10)[1].splitlines()
    assert [line.split(", ", 1)[1] for line in found] == [
        "ch:3, rssi:-40, wps:0, max_rate:72Mbps, ESS, Unknown, vault",
        "ch:6, rssi:-40, wps:0, max_rate:72Mbps, ESS, WPA2_PSK/CCMP, workshop",
        "ch:11, rssi:-61, wps:0, max_rate:72Mbps, ESS, NONE, lobby",
    ]


@pytest.mark.timeout(300)
def test_it_asks_a_web_server_for_an_update(console: Machine) -> None:
    console.uart0.write('t-connect("lobby","")\n')
    console.uart0.expect(r"ip: 10\.0\.2\.15", timeout_s=60)
    console.uart0.write("t-httpfwup=(http://192.168.1.100:8080/new.img)\n")
    console.uart0.expect("content_length: 1000", timeout_s=20)
    [request] = console.wifi.http_requests
    assert (request.method, request.path) == ("GET", "/new.img")
