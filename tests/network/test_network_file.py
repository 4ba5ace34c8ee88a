"""Networks as text: of the command line, and of files."""

from __future__ import annotations

from pathlib import Path

import pytest

from emu.network import AccessPoint, HttpAnswer, Network, NetworkError
from emu.network.network_file import parse_network

FILE = """
[access_points.workshop]
password = "correct horse"
security = "WPA3"
channel = 11
signal_dbm = -61

[access_points.second]
ssid = "workshop"
is_hidden = true

[stations."my device"]
password = "12345678"

[hosts]
"broker.test" = "10.0.2.2"

[http."update.test"]
"/fw.img" = "new.img"
"/slow" = { file = "new.img", delay_s = 2, bytes_per_second = 1000 }

[mqtt."broker.test"]
accounts = { device = "secret" }
retained = { "config/led" = "on" }

[http."10.0.2.2:8080"]
"*" = { status = 302, headers = { Location = "/" } }
"""


def written(folder: Path, text: str) -> str:
    (folder / "new.img").write_bytes(b"firmware")
    (folder / "networks.toml").write_text(text)
    return str(folder / "networks.toml")


def test_a_file_says_what_python_could(tmp_path: Path) -> None:
    expected = Network(
        AccessPoint("workshop", "correct horse", security="WPA3", channel=11, signal_dbm=-61),
        AccessPoint("workshop", is_hidden=True),
    )
    expected.add_station("my device", "12345678")
    expected.add_host("broker.test", "10.0.2.2")
    slow = HttpAnswer(b"firmware", delay_s=2, bytes_per_second=1000)
    expected.serve_http({"/fw.img": b"firmware", "/slow": slow}, host="update.test")
    expected.serve_http({"*": HttpAnswer(status=302, headers={"Location": "/"})}, port=8080)
    expected.serve_mqtt("broker.test", accounts={"device": "secret"})
    expected.publish_mqtt("config/led", "on", is_retained=True)
    assert parse_network(written(tmp_path, FILE)).plain() == expected.plain()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[access_points", "Expected ']'"),
        ("[networks.lobby]", "networks: there are the tables access_points, "),
        ("http = 1", "http: there are the tables"),
        ("[access_points]\nlobby = 1", "access_points.lobby: 1 is no table"),
        ("[access_points.lobby]\nchanel = 1", "access_points.lobby: chanel: there are ssid, "),
        ("[access_points.lobby]\nchannel = '1'", "channel: '1' is no int"),
        ("[access_points.lobby]\nchannel = 15", "15 is none of 1 to 13"),
        ("[access_points.lobby]\nsecurity = 'WEP'", "'WEP' is none of WPA2, WPA3, WPA2/WPA3"),
        ("[stations.lobby]\npassword = 'short'", "stations.lobby: password"),
        ("[hosts]\nx = 'y'", "hosts.x: address: 'y' is no IPv4 address"),
        ("[http.'a.test']\n'/x' = 'none.img'", "none.img: No such file"),
        ("[http.'a.test']\n'/x' = { size = 1 }", "http.a.test: /x: size: there are file, "),
        ("[http.'a.test']\nx = 'new.img'", "'x' does not begin with /"),
        ("[http.'a.test:b']", "'b' is no port"),
        ("[mqtt.'a.test']\nretained = { 'a/#' = 'x' }", "mqtt.a.test: topic: 'a/#'"),
        ("[mqtt.'a.test']\nusers = 1", "users: there are accounts, retained"),
        ("[http.'a.test:0']", "port: 0"),
        ("[http]\n'a.test' = 1", "a table of paths"),
        ("[access_points.a]\nbssid='02:aa:bb:cc:dd:01'\n[access_points.b]", "same BSSID"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_its_place(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=r"networks\.toml: ") as told:
        parse_network(written(tmp_path, text))
    assert problem in str(told.value)
    assert "\n" not in str(told.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"none\.toml: No such file"):
        parse_network("none.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff")
    with pytest.raises(ValueError, match=r"binary\.toml: 'utf-8' codec"):
        parse_network(str(tmp_path / "binary.toml"))


def test_networks_go_together() -> None:
    one, other = Network(AccessPoint("a")), Network(AccessPoint("b", "correct horse"))
    one.serve_udp(7, lambda data: data)
    other.add_station("c")
    both = Network.together((one, other))
    assert [ap.ssid for ap in both.access_points] == ["a", "b"]
    assert (both.actions, both.visitors) == (one.actions, [("c", None)])
    assert both.answers == one.answers
    with pytest.raises(NetworkError, match="same BSSID"):
        Network.together([Network(AccessPoint("a", bssid="02:aa:bb:cc:dd:ee"))] * 2)
