"""A machine with networks around it: snapshots, inputs and files of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from machine.test_saved_state import unsaved
from support.station import GATEWAY, FakeStation, FakeTcp

from emu import AccessPoint, Machine, MachineError, Network
from emu.network import NetworkError
from emu.network.network_file import parse_network

LOBBY = AccessPoint("lobby", "correct horse")
IMAGE = bytes(range(256)) * 100

NOT_SAVED = {
    "answers": "are functions, which whoever watches asks",
    "bssid ssid mac _mac _nonce _ssid _password _bssid _master_key shared_key _keys": "are fixed, or follow from what is",
    "_actions _handlers services": "are functions, fixed when it is built",
}
EXPLAINED = {name for line in NOT_SAVED for name in line.split()}


def network() -> Network:
    network = Network(LOBBY, AccessPoint("attic", "correct horse", security="WPA3"))
    network.serve_http({"/fw.img": IMAGE})
    network.serve_udp(7, lambda data: data[::-1])
    network.add_station("SoftAP", "12345678")
    return network


@pytest.fixture
def machine() -> Iterator[Machine]:
    with Machine.load(network=network()) as machine:
        yield machine


def downloading() -> tuple[FakeStation, FakeTcp]:
    """A station in the middle of a download, asleep."""
    station = FakeStation(network())
    station.join()
    client = FakeTcp(station, GATEWAY, 80)
    client.run()
    client.write(b"GET /fw.img HTTP/1.1\r\n\r\n")
    client.run(5, steps=6)
    assert 0 < len(client.data) < len(IMAGE)
    return station, client


def test_all_that_changes_in_a_world_is_in_its_snapshot() -> None:
    station, _ = downloading()

    def save() -> object:
        try:
            return station.world.save()
        except (TypeError, AttributeError):  # it notices
            return None

    found = list(unsaved(station.world, save))
    assert sorted({path for path in found if path.rpartition(".")[2] not in EXPLAINED}) == []


def test_a_world_goes_on_from_a_snapshot_as_it_went_on() -> None:
    station, client = downloading()
    before, clock_ns, state = station.world.save(), station.clock.now_ns, (client.expected, client.sent)
    heard = []
    for _ in range(2):
        station.radio.heard.clear()
        station._taken = 0
        client.run(5, steps=30)
        heard.append(list(station.radio.heard))
        station.clock.now_ns, station._packet_number = clock_ns, 1000 + station._packet_number
        station.world.restore(before)
        client.expected, client.sent = state
    assert heard[0]
    assert [len(each) for each in heard[0]] == [len(each) for each in heard[1]]


def test_without_a_network_there_is_none() -> None:
    with Machine.load() as machine, pytest.raises(MachineError, match="network=Network"):
        machine.wifi.switch_off()


def test_a_chip_without_a_radio_cannot_have_one() -> None:
    with pytest.raises(MachineError, match="no radio"):
        Machine.load(chip="w806", network=network())


def test_a_network_is_checked_like_any_option() -> None:
    wrong: Any = "lobby"
    with pytest.raises(MachineError, match="network: 'lobby' is none of Network"):
        Machine.load(network=wrong)


def test_faults_are_inputs_and_names_are_checked(machine: Machine) -> None:
    machine.record()
    machine.wifi.switch_off("lobby")
    assert [(one.door, one.arguments) for one in machine._inputs.recorded] == [
        ("network", ("switch", "lobby", False))
    ]
    with pytest.raises(NetworkError, match="'cellar' is none of lobby, attic"):
        machine.wifi.switch_on("cellar")


def test_beacons_take_nothing_from_the_determinism(machine: Machine) -> None:
    machine.run_for(0.3)
    with Machine.load(network=network()) as other:
        other.run_for(0.3)
        assert other.snapshot().state_hash() == machine.snapshot().state_hash()


def test_a_saved_machine_has_its_network(machine: Machine, tmp_path: Path) -> None:
    machine.run_for(0.1)
    machine.wifi.switch_off("attic")
    machine.save_state(tmp_path / "state")
    with Machine.load_state(tmp_path / "state") as other:
        assert [bss.is_on for bss in other.board.world.cells] == [True, False]  # type: ignore[union-attr]
        machine.run_for(0.3)
        other.run_for(0.3)
        assert other.snapshot().state_hash() == machine.snapshot().state_hash()


def test_a_snapshot_of_other_networks_does_not_fit(machine: Machine) -> None:
    with Machine.load() as other, pytest.raises(MachineError, match="networks"):
        other.restore(machine.snapshot())


@pytest.mark.parametrize(
    ("text", "ssid", "password"),
    [
        ("lobby", "lobby", None),
        ("lobby:correct horse", "lobby", "correct horse"),
        ("a:b:cdefgh", "a", "b:cdefgh"),
    ],
)
def test_a_network_as_text(text: str, ssid: str, password: str | None) -> None:
    [ap] = parse_network(text).access_points
    assert (ap.ssid, ap.password) == (ssid, password)
    assert Network.of(parse_network(text).plain()).access_points == (ap,)
