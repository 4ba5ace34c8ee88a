"""The SDK's atcmd in a virtual network: what its users do with Wi-Fi."""

from __future__ import annotations

import random
import re
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.atcmd import AtDevice
from support.mutation import mutated

from emu.host.loop import HostLoop
from emu.host.network_choices import Allowed, Forward
from emu.host.network_sockets import NetworkSockets
from emu.machine.machine import Machine
from emu.network.access_point import AccessPoint
from emu.network.network import Network

WORKSHOP = AccessPoint("workshop", "correct horse", channel=6, signal_dbm=-40)
VAULT = AccessPoint("vault", "correct horse", channel=9, signal_dbm=-55, security="WPA3")
ANNEX = AccessPoint("annex", "correct horse", channel=4, signal_dbm=-55, security="WPA2/WPA3")
LOBBY = AccessPoint("lobby", channel=1, signal_dbm=-62, has_ht=False)
ATTIC = AccessPoint("attic", "battery staple", channel=11, signal_dbm=-78)
CELLAR = AccessPoint("cellar", "staple battery", channel=3, signal_dbm=-50, is_hidden=True)
JOIN = 'AT+CWJAP="workshop","correct horse"'
GOT_IP = r'WIFI GOT IP "(.*?)"\r\n'
PHONE_HOME = "phone.home.test"


def network(atcmd_ota: bytes) -> Network:
    network = Network(WORKSHOP, LOBBY, ATTIC, CELLAR, VAULT, ANNEX)
    network.serve_http({"/atcmd_ota.img": atcmd_ota}, host="update.test")
    network.serve_mqtt("broker.test", accounts={"user": "secret"})
    network.publish_mqtt("config/led", "on", is_retained=True)
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
        ("6", "vault", "-55", "02:aa:bb:cc:dd:04", "9"),
        ("7", "annex", "-55", "02:aa:bb:cc:dd:05", "4"),
    ]


@pytest.mark.parametrize(
    ("command", "ssid"),
    [
        (JOIN, "workshop"),
        ('AT+CWJAP="lobby"', "lobby"),
        ('AT+CWJAP="cellar","staple battery"', "cellar"),
        ('AT+CWJAP="vault","correct horse"', "vault"),
        ('AT+CWJAP="annex","correct horse"', "annex"),
    ],
)
def test_a_network_is_joined_and_gives_an_address(device: AtDevice, command: str, ssid: str) -> None:
    assert join(device, command) == "10.0.2.15"
    assert device.machine.wifi.joined == {"02:80:00:00:00:01": ssid}
    assert device.machine.wifi.addresses == {"02:80:00:00:00:01": "10.0.2.15"}
    assert device.ask('AT+PING="10.0.2.2"')[0] in ("+PING:1 ms", "+PING:2 ms", "+PING:3 ms")


@pytest.mark.parametrize("ssid", ["workshop", "vault"])
def test_a_wrong_password_is_an_error_and_the_right_one_works_behind_it(device: AtDevice, ssid: str) -> None:
    assert device.ask(f'AT+CWJAP="{ssid}","wrong horse"', 40)[1] == "ERROR"
    assert device.machine.wifi.joined == {}
    assert join(device, f'AT+CWJAP="{ssid}","correct horse"') == "10.0.2.15"


def test_it_lives_in_a_network_of_wpa3(device: AtDevice) -> None:
    """SAE, protected management frames, a new group key, and joining again by the key that it remembers."""
    machine, told = device.machine, list[str]()
    machine.wifi.events.append(lambda _, text: told.append(text))
    join(device, 'AT+CWJAP="vault","correct horse"')
    machine.wifi.renew_group_key("vault")
    machine.run_for(1)
    assert "02:80:00:00:00:01 has the new group key of vault" in told
    machine.wifi.deauthenticate("vault")
    machine.uart1.expect("WIFI DISCONNECT", 30)
    machine.uart1.expect(GOT_IP, 60)
    machine.wifi.switch_off("vault")  # which forgets the key
    machine.uart1.expect("WIFI DISCONNECT", 60)
    machine.wifi.switch_on("vault")
    machine.uart1.expect(GOT_IP, 60)
    assert device.ask("AT+CWQAP")[1] == "OK"
    machine.run_for(1)
    assert machine.wifi.joined == {}


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


def test_it_makes_itself_an_address_of_ipv6_and_speaks_by_it(device: AtDevice) -> None:
    sent = list[bytes]()
    device.machine.wifi.packets.append(lambda packet, _: sent.append(packet))
    join(device)
    uart = device.machine.uart1
    uart.expect('WIFI GOT IPv6 GL "2001:DB8:0:2:80:FF:FE00:1"', 15)
    assert device.ask('AT+PING="64:ff9b::a00:202"')[1] == "OK"
    for kind, answer in (("TCPv6", "olleh"), ("UDPv6", "HELLO")):
        assert device.ask(f'AT+CIPSTART="{kind}","{PHONE_HOME}",7', 10)[1] == "OK"
        uart.write("AT+CIPSEND=5\r\n")
        uart.expect(">")
        uart.write("hello")
        uart.expect(rf"\+IPD,5:{answer}")
        assert device.ask("AT+CIPCLOSE")[1] == "OK"
    addresses = device.machine.wifi.ipv6_addresses
    assert addresses == {"02:80:00:00:00:01": ["2001:db8:0:2:80:ff:fe00:1"]}
    device.machine.run_for(3)
    dhcpv6 = [packet[62] for packet in sent if packet[54:58] in (b"\2\x22\2\x23", b"\2\x23\2\x22")]
    assert dhcpv6 == [11, 7]  # asked for information, told it, and content


def test_it_speaks_to_the_broker(device: AtDevice) -> None:
    machine = device.machine
    join(device)
    assert device.ask('AT+MQTTUSERCFG=0,1,"w800","user","secret",0,0,""')[1] == "OK"
    assert device.ask('AT+MQTTCONNCFG=0,10,0,"status/w800","gone",1,0')[1] == "OK"
    assert device.ask('AT+MQTTCONN=0,"broker.test",1883,0', 20)[1] == "OK"
    assert device.ask('AT+MQTTSUB=0,"config/+",1', 10)[1] == "OK"
    machine.uart1.expect(r'\+MQTTSUBRECV:0,"config/led",2,on', 10)
    for qos in range(3):
        assert device.ask(f'AT+MQTTPUB=0,"sensor/temperature","21.5",{qos},0', 10)[1] == "OK"
        machine.wifi.publish_mqtt("config/period", f"{qos} s", qos)
        machine.uart1.expect(rf'\+MQTTSUBRECV:0,"config/period",3,{qos} s', 10)
    machine.run_for(40)  # it sends pings
    said = [(each.topic, each.payload, each.qos) for each in machine.wifi.mqtt_messages]
    assert said == [("sensor/temperature", b"21.5", qos) for qos in range(3)]
    machine.wifi.switch_off()
    machine.run_for(20)
    assert machine.wifi.mqtt_messages[-1].payload == b"gone"


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


def test_it_goes_to_another_access_point_of_its_network_when_its_own_is_gone(
    atcmd_image: Path, translations: Path
) -> None:
    other = replace(WORKSHOP, channel=11, signal_dbm=-60)
    with Machine.load(atcmd_image, cache=translations, network=Network(other, WORKSHOP)) as machine:
        device = AtDevice(machine)
        device.boot()
        join(device)
        own, stronger = "02:80:00:00:00:01", "02:aa:bb:cc:dd:01"
        assert machine.wifi.bssids == {own: stronger}
        machine.wifi.switch_off(stronger)
        machine.uart1.expect("WIFI DISCONNECT", 30)
        machine.uart1.expect(GOT_IP, 30)
        assert machine.wifi.bssids == {own: "02:aa:bb:cc:dd:00"}
        assert device.ask('AT+PING="10.0.2.2"')[1] == "OK"


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


def off_and_on(machine: Machine) -> None:
    machine.wifi.switch_off()
    machine.run_for(0.5)
    machine.wifi.switch_on()


FAULTS: dict[str, Callable[[Machine], None]] = {
    "reset": lambda machine: machine.wifi.reset_connections(),
    "peer-gone": lambda machine: machine.wifi.forget_connections(),
    "deauthenticated": lambda machine: machine.wifi.deauthenticate(),
    "off-and-on": off_and_on,
    "power": lambda machine: machine.power_cycle(),
}


@pytest.mark.parametrize("share", [0.1, 0.8], ids=["early", "late"])
@pytest.mark.parametrize("fault", FAULTS)
def test_an_interrupted_update_is_recovered_or_told(device: AtDevice, fault: str, share: float) -> None:
    machine = device.machine
    join(device)
    machine.uart1.write('AT+OTA_HTTP="http://update.test/atcmd_ota.img"\r\n')
    machine.uart0.expect(rf"\.{{{round(100 * share)}}}", 60)
    FAULTS[fault](machine)
    has_failed = False
    if fault == "power":
        machine.uart0.expect("boot reason 0", 10)
    else:
        outcome = machine.uart1.expect([r"\+OTA_HTTP:FINISHED", r"\+OTA_HTTP:FAILED"], 120)[0]
        has_failed = "FAILED" in outcome
        if not has_failed:
            machine.uart0.expect("unxz succeed", 60)
    if not (has_failed and fault in ("reset", "peer-gone")):  # then it has never left the network
        assert machine.uart1.expect(GOT_IP, 90)[1] == "10.0.2.15"
    assert device.ask('AT+PING="10.0.2.2"')[1] == "OK"


def test_damaged_frames_crash_nothing_but_perhaps_the_firmware(device: AtDevice) -> None:
    machine, heard, chance = device.machine, list[bytes](), random.Random(5)
    machine.wifi.frames.append(lambda frame, *_: heard.append(frame))
    join(device)
    device.ask('AT+PING="update.test"')
    kinds = {frame[0]: frame for frame in heard}
    security = machine.board.soc.wlan_security

    def inject() -> None:
        damaged = mutated(chance, chance.choice(heard[-50:] + list(kinds.values())))
        security.receive(damaged[:4] + bytes.fromhex("028000000001") + damaged[10:], -50)
        alarm.schedule(1_000_000)

    alarm = machine.board.clock.alarm(inject)
    alarm.schedule(0)
    for _ in range(10):
        if machine.run_for(1).crash is not None:
            return  # what it does with them is up to it


def tls_server(certificate: Path) -> Iterator[tuple[int, list[bytes]]]:
    """A server of Python's ssl, TLS 1.2, on 127.0.0.1: its port, and what it has got."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate)
    got: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        try:
            raw, _ = listener.accept()
            with context.wrap_socket(raw, server_side=True) as client:
                got.append(client.recv(100))
                client.sendall(got[-1].upper())
                client.recv(1)
        except OSError:
            return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[1], got
    listener.close()
    thread.join(10)


@pytest.fixture
def tls(tmp_path: Path) -> Iterator[tuple[int, list[bytes]]]:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs openssl to make a certificate")
    pem = tmp_path / "server.pem"
    request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=server.test"]
    made = subprocess.run([openssl, *request, "-keyout", "-", "-out", "-"], capture_output=True, check=True)
    pem.write_bytes(made.stdout)
    yield from tls_server(pem)


def test_tls_to_a_server_of_the_host(device: AtDevice, tls: tuple[int, list[bytes]]) -> None:
    port, got = tls
    machine = device.machine
    join(device)
    sockets = NetworkSockets(machine, (), (Allowed("localhost", port),))
    loop = HostLoop(machine, [sockets])

    def until(text: str) -> None:
        seen = len(machine.uart1.text)
        for _ in range(200):
            loop.run_live(100_000_000, lambda: sockets.is_busy)
            if text in machine.uart1.text[seen - len(text) :]:
                return
        pytest.fail(f"no {text} in {machine.uart1.text[-300:]}")

    machine.uart1.write(f'AT+CIPSTART="SSL","10.0.2.2",{port}\r\n')
    until("OK")
    machine.uart1.write("AT+CIPSEND=5\r\n")
    until(">")
    machine.uart1.write("hello")
    until("HELLO")
    assert got == [b"hello"]
    sockets.close()


def test_a_server_on_the_device_is_reached_from_the_host(device: AtDevice) -> None:
    machine = device.machine
    join(device)
    assert device.ask("AT+CIPMUX=1")[1] == "OK"
    assert device.ask("AT+CIPSERVER=1,8080")[1] == "OK"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    sockets = NetworkSockets(machine, (Forward(port, 8080),), ())
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"good morning")
        for _ in range(100):
            machine.run_for(0.02)
            sockets.attend()
            if "good morning" in machine.uart1.text:
                break
    assert "+IPD,0,12:good morning" in machine.uart1.text
    sockets.close()


@pytest.mark.parametrize("password", ["12345678", None], ids=["WPA2", "open"])
def test_a_station_joins_the_soft_ap_and_the_host_gets_through(
    atcmd_image: Path, translations: Path, password: str | None
) -> None:
    network = Network()
    network.add_station("SoftAP", password)
    with Machine.load(atcmd_image, cache=translations, network=network) as machine:
        device = AtDevice(machine)
        device.boot()
        assert device.ask("AT+CWMODE=2")[1] == "OK"
        assert device.ask(f'AT+CWSAP="SoftAP","{password or ""}",6,{3 if password else 0}', 10)[1] == "OK"
        machine.uart1.expect(r'\+STA_CONNECTED:"02:26:00:00:00:01"', 10)
        machine.uart1.expect(r'\+DIST_STA_IP:"02:26:00:00:00:01","192.168.10.2"', 10)
        assert machine.wifi.visitors == {"SoftAP": "192.168.10.2"}
        assert re.fullmatch(r"\+PING:\d+ ms", device.ask('AT+PING="192.168.10.2"')[0])
        assert device.ask("AT+CIPMUX=1")[1] == device.ask("AT+CIPSERVER=1,80")[1] == "OK"
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        sockets = NetworkSockets(machine, (Forward(port, 80),), ())
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"configure")
            for _ in range(100):
                machine.run_for(0.02)
                sockets.attend()
                if "configure" in machine.uart1.text:
                    break
        assert "+IPD,0,9:configure" in machine.uart1.text
        sockets.close()
