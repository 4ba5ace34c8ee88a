"""Our own station: it scans, joins, and updates itself over the air, through all that may go wrong."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import roms
from emu import AccessPoint, HttpAnswer, Machine, Network
from emu.host.loop import HostLoop
from emu.host.network_choices import Allowed
from emu.host.network_sockets import NetworkSockets
from emu.machine.demo import OVER_THE_AIR_FIRMWARE as FIRMWARE
from emu.machine.demo import over_the_air_network
from emu.machine.replay import Replay
from emu.report.run_result import RunEnd

IMAGE = (Path(roms.__file__).parent / "atcmd" / "atcmd_ota.img").read_bytes()
LOBBY = AccessPoint("lobby", signal_dbm=-52)
DONE = r"atcmd init finished\.\r\n"
LOADING = r"loading http://update.test/atcmd_ota.img from 198.18.0.1"


def network_with(answer: bytes | HttpAnswer, *others: AccessPoint) -> Network:
    network = Network(LOBBY, *others)
    network.serve_http({"/atcmd_ota.img": answer}, host="update.test")
    return network


@pytest.fixture(scope="module")
def translations(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("translations")


@pytest.fixture
def load(translations: Path) -> Iterator[Callable[[Network | None], Machine]]:
    machines: list[Machine] = []

    def load(network: Network | None) -> Machine:
        machines.append(Machine.load(FIRMWARE, cache=translations, network=network))
        return machines[-1]

    yield load
    for machine in machines:
        machine.close()


Load = Callable[[Network | None], Machine]


def without_times(text: str) -> list[str]:
    lines = text.replace("\r\n", "\n").split("\n")
    return [line.partition(") ")[2] if line.startswith("[") else line for line in lines]


def test_the_story_over_the_air(load: Load) -> None:
    machine = load(over_the_air_network())
    machine.uart0.expect(DONE)
    lines = without_times(machine.uart0.text)
    assert lines[1:8] == [
        "ota_http: workshop, channel 1, -40 dBm, locked",
        "ota_http: lobby, channel 6, -52 dBm",
        "ota_http: joined lobby as 10.0.2.15",
        "ota_http: loading http://update.test/atcmd_ota.img from 198.18.0.1",
        "." * 100,
        "ota_http: This example succeeds in running.",
        "ota_ops: ota reboot, please wait for the restart...",
    ]
    [request] = machine.wifi.http_requests
    assert (request.host, request.path) == ("update.test", "/atcmd_ota.img")


def test_two_runs_are_the_same_and_a_snapshot_goes_on_the_same_way(load: Load) -> None:
    first, second = load(over_the_air_network()), load(over_the_air_network())
    first.uart0.expect(r"\.{40}")
    middle = first.snapshot()
    first.uart0.expect(DONE)
    second.uart0.expect(DONE)
    end = first.snapshot().state_hash()
    assert second.snapshot().state_hash() == end
    second.restore(middle)
    second.uart0.expect(DONE)
    assert second.snapshot().state_hash() == end


def test_in_a_shielded_box_there_is_no_network(load: Load) -> None:
    machine = load(None)
    machine.uart0.expect("no open network")
    machine.uart0.expect("giving up", 30)


def test_a_locked_network_is_not_joined(load: Load) -> None:
    machine = load(Network(AccessPoint("workshop", "correct horse")))
    machine.uart0.expect("workshop, channel 6, -40 dBm, locked")
    machine.uart0.expect("no open network")


def test_the_strongest_open_network_is_joined(load: Load) -> None:
    near = AccessPoint("near", channel=13, signal_dbm=-30)
    machine = load(network_with(IMAGE, near, AccessPoint("far", channel=3, signal_dbm=-90)))
    machine.uart0.expect("joined near as")
    assert machine.wifi.joined == {"02:80:00:00:00:01": "near"}


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (HttpAnswer(IMAGE, reset_after_bytes=5000), r"the connection broke at \d+ of 9308 bytes"),
        (
            HttpAnswer(IMAGE, claimed_bytes=10_000),
            r"OTA write failed|the connection broke at \d+ of 10000 bytes",
        ),
        (HttpAnswer(status=404), "the server answers 404 with 0 bytes"),
        (HttpAnswer(status=302, headers={"Location": "/elsewhere"}), "the server answers 302"),
        (HttpAnswer(IMAGE[:5000] + b"\xff" + IMAGE[5001:]), "OTA (end|write) failed"),
        (b"<html>captive portal</html>", "OTA write failed"),
    ],
    ids=["reset", "wrong-length", "not-found", "redirect", "damaged", "captive"],
)
def test_what_a_server_may_do_wrong(load: Load, answer: bytes | HttpAnswer, told: str) -> None:
    machine = load(network_with(answer))
    machine.uart0.expect(told)
    machine.uart0.expect("attempt 1 of 5 failed")
    machine.wifi.serve_http({"/atcmd_ota.img": IMAGE}, host="update.test")
    machine.uart0.expect(DONE)


def test_a_slow_server_is_waited_for(load: Load) -> None:
    machine = load(network_with(HttpAnswer(IMAGE, delay_s=3, bytes_per_second=2000)))
    machine.uart0.expect(DONE, 30)
    assert machine.now_ns > 7_000_000_000


def test_a_failing_dns_is_asked_again(load: Load) -> None:
    network = network_with(IMAGE)
    network.fail_dns()
    machine = load(network)
    machine.uart0.expect("nobody knows update.test")
    machine.wifi.fail_dns(how="no answer")
    machine.uart0.expect("nobody knows update.test", 20)
    machine.wifi.mend_dns()
    machine.uart0.expect(DONE, 20)


@pytest.mark.parametrize("seed", range(4))
def test_lost_packets_are_made_up_for(load: Load, seed: int) -> None:
    network = network_with(IMAGE)
    network.lose_packets(0.1, seed)
    machine = load(network)
    machine.uart0.expect(DONE, 60)


def test_an_access_point_that_goes_away_in_the_middle(load: Load) -> None:
    machine = load(network_with(HttpAnswer(IMAGE, bytes_per_second=5000)))
    machine.uart0.expect(r"\.{30}")
    machine.wifi.switch_off()
    machine.uart0.expect("the connection broke at", 30)
    machine.uart0.expect("no open network", 30)
    machine.wifi.switch_on("lobby")
    machine.uart0.expect(DONE, 30)


def test_a_deauthentication_in_the_middle(load: Load) -> None:
    machine = load(network_with(HttpAnswer(IMAGE, bytes_per_second=5000)))
    machine.uart0.expect(r"\.{30}")
    machine.wifi.deauthenticate()
    machine.uart0.expect("the connection broke at", 30)
    machine.uart0.expect(DONE, 30)


def test_a_power_cut_in_the_middle(load: Load) -> None:
    machine = load(network_with(IMAGE))
    machine.uart0.expect(r"\.{30}")
    machine.cut_power_at_flash_operation(3)
    assert machine.run_for(5).end is RunEnd.POWER_CUT
    machine.power_cycle()
    machine.uart0.expect(DONE)


def test_going_back_goes_back_in_the_air_too(load: Load) -> None:
    machine = load(network_with(HttpAnswer(IMAGE, bytes_per_second=20_000)))
    machine.keep_history(0.1)
    machine.uart0.expect(r"\.{60}")
    machine.wifi.deauthenticate()
    machine.run_for(0.2)
    there, state = machine.now_ns / 1e9, machine.snapshot().state_hash()
    machine.go_to(0.45)
    machine.go_to(there)
    assert machine.snapshot().state_hash() == state


def test_answers_of_a_function_are_inputs_of_a_recording(load: Load, tmp_path: Path) -> None:
    asked: list[bytes] = []

    def answer(data: bytes) -> bytes:
        asked.append(data)
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(IMAGE) + IMAGE

    network = Network(LOBBY)
    network.serve_tcp(80, answer, host="update.test")
    machine = load(network)
    machine.record()
    machine.uart0.expect(DONE)
    machine.save_recording(tmp_path / "a.recording")
    assert len(asked) == 1
    replay = Replay.load(tmp_path / "a.recording")
    assert "the state is the same" in str(replay.run())
    assert len(asked) == 1
    assert "atcmd init finished" in replay.machine.uart0.text


@pytest.fixture
def web_server() -> Iterator[int]:
    """A server of the host that gives the image to whoever comes; its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        with client:
            client.recv(1000)
            client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(IMAGE) + IMAGE)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    listener.close()
    thread.join(10)


def test_a_recording_with_a_server_of_the_host_replays_without_it(
    load: Load, tmp_path: Path, web_server: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = Network(LOBBY)
    network.add_host("update.test", "10.0.2.2")
    machine = load(network)
    machine.record()
    sockets = NetworkSockets(machine, (), (Allowed("localhost", 80),))
    monkeypatch.setattr(sockets, "_target", lambda key: ("127.0.0.1", web_server))
    loop = HostLoop(machine, [sockets])
    machine.uart0.listeners.append(lambda *_: loop.quit() if "init finished" in machine.uart0.text else None)
    loop.run_live(20_000_000_000, lambda: sockets.is_busy)
    sockets.close()
    assert "atcmd init finished" in machine.uart0.text
    machine.save_recording(tmp_path / "a.recording")
    replay = Replay.load(tmp_path / "a.recording")
    assert "the state is the same" in str(replay.run())
    assert replay.machine.uart0.text == machine.uart0.text
