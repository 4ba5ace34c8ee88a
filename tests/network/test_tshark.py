"""What Wireshark makes of a capture: nothing malformed, and WPA2 deciphered with the password."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from support.station import GATEWAY, FakeStation, FakeTcp

from emu.network import AccessPoint, Network, pcapng
from emu.network.access_point import middle_mhz
from emu.network.formats import icmp, icmpv6
from emu.network.formats.ethernet import EtherType
from emu.network.formats.icmp import Icmp
from emu.network.formats.icmpv6 import Icmpv6
from emu.network.formats.ipv4 import Ipv4, Protocol
from emu.network.formats.ipv6 import parse_ipv6

PASSWORD = "correct horse"
SECRET = b"a page that nobody else shall read"


@pytest.fixture(scope="session")
def tshark() -> str:
    found = shutil.which("tshark")
    if found is None:
        pytest.skip("needs tshark on PATH")
    return found


def captured(security: str, path: Path) -> Path:
    """A session of a station that joins, asks, loads a page, gets a new key and is thrown out."""
    network = Network(AccessPoint("workshop", PASSWORD, security=security))
    network.serve_http({"/page": SECRET})
    station = FakeStation(network)
    world, clock, blocks = station.world, station.clock, [pcapng.header()]
    world.on_frame = lambda frame, channel, signal_dbm: blocks.append(
        pcapng.air_frame(clock.now_ns, frame, middle_mhz(channel), signal_dbm)
    )
    world.wire.observe = lambda frame, _: blocks.append(pcapng.wire_frame(clock.now_ns, frame))
    station.probe(b"workshop")
    station.join()
    station.who_has(GATEWAY)
    ping = Icmp(icmp.ECHO_REQUEST, 0, b"12345678").build()
    station.send(Ipv4(station.address, GATEWAY, Protocol.ICMP, ping))
    solicitation = Icmpv6(icmpv6.ROUTER_SOLICITATION, 0, bytes(4))
    packet = solicitation.packet(parse_ipv6("fe80::80:ff:fe00:1"), parse_ipv6("ff02::2"), 255)
    station.send_ethernet(EtherType.IPV6, packet.build(), b"\x33\x33\0\0\0\2")
    client = FakeTcp(station, GATEWAY, 80)
    client.run()
    client.write(b"GET /page HTTP/1.1\r\n\r\n")
    client.run(5, steps=6)
    assert client.data.endswith(SECRET)
    client.close()
    client.run(5, steps=3)
    world.act("renew_group_key", None)
    station.run(5)
    station.null(is_dozing=True)
    world.act("deauthenticate", None, 3)
    station.run(250)
    path.write_bytes(b"".join(blocks))
    return path


def seen(tshark: str, capture: Path, wanted: str, *options: str) -> list[str]:
    """The numbers of the packets that a display filter finds."""
    command = [tshark, "-r", str(capture), *options, "-Y", wanted, "-T", "fields", "-e", "frame.number"]
    return subprocess.run(command, capture_output=True, check=True, text=True, timeout=60).stdout.split()


@pytest.mark.parametrize("security", ["WPA2", "WPA3"])
def test_nothing_is_malformed(tshark: str, tmp_path: Path, security: str) -> None:
    capture = captured(security, tmp_path / "air.pcapng")
    bad = "_ws.malformed || _ws.expert.severity >= 6291456 || ip.checksum.status == 0"  # warnings and errors
    assert seen(tshark, capture, bad, "-o", "ip.check_checksum:TRUE") == []
    assert len(seen(tshark, capture, "eapol")) == 4
    assert seen(tshark, capture, "wlan.fc.type_subtype == 11")
    assert seen(tshark, capture, "icmpv6.opt.prefix == 2001:db8:0:2::")
    assert not seen(tshark, capture, "wlan && http")


def test_wpa2_is_deciphered_with_the_password(tshark: str, tmp_path: Path) -> None:
    capture = captured("WPA2", tmp_path / "air.pcapng")
    keys = f'uat:80211_keys:"wpa-pwd","{PASSWORD}:workshop"'
    options = ("-o", "wlan.enable_decryption:TRUE", "-o", keys)
    assert len(seen(tshark, capture, "wlan && dhcp", *options)) == 4
    assert len(seen(tshark, capture, "wlan && icmp", *options)) == 2
    assert len(seen(tshark, capture, f'wlan && tcp.payload contains "{SECRET.decode()}"', *options)) == 1
    assert seen(
        tshark, capture, "wlan && wlan_rsna_eapol.keydes.key_info == 0x1382", *options
    )  # the new group key
