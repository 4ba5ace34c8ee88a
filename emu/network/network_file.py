"""Networks as TOML files: access points, stations, names and web servers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from emu.network.access_point import AccessPoint
from emu.network.http_answer import HttpAnswer
from emu.network.network import Network, parse_access_point

_SUFFIX: Final = ".toml"
_HTTP_PORT: Final = 80
_ACCESS_POINT: Final = {
    **{"ssid": str, "password": str, "security": str, "channel": int, "signal_dbm": int},
    **{"is_hidden": bool, "has_ht": bool, "bssid": str},
}
_STATION: Final = {"ssid": str, "password": str}
_ANSWER: Final = {
    **{"file": str, "status": int, "headers": dict, "delay_s": float, "bytes_per_second": int},
    **{"reset_after_bytes": int, "claimed_bytes": int},
}
_TABLES: Final = ("access_points", "stations", "hosts", "http", "mqtt")
_MQTT: Final = {"accounts": dict, "retained": dict}


def parse_network(text: str) -> Network:
    """The network of `ssid` or `ssid:password`, or of a file whose name ends in .toml.

    ValueError says what is wrong with it.
    """
    return read_network(Path(text)) if text.endswith(_SUFFIX) else parse_access_point(text)


def read_network(path: Path) -> Network:
    """The network of a file; ValueError names the file, and the table and key of what is wrong."""
    import tomllib  # only who has such a file takes the time

    with _named(str(path)):
        try:
            content = tomllib.loads(path.read_text("utf-8"))
        except OSError as error:
            raise ValueError(error.strerror) from None
        return _network(content, path.parent)


def _network(content: dict[str, Any], folder: Path) -> Network:
    for name, table in content.items():
        if name not in _TABLES or not isinstance(table, dict):
            raise ValueError(f"{name}: there are the tables {', '.join(_TABLES)}")
    points = []
    for name, table in content.get("access_points", {}).items():
        with _named(f"access_points.{name}"):
            points.append(AccessPoint(**{"ssid": name, **_checked(table, _ACCESS_POINT)}))
    network = Network(*points)
    for name, table in content.get("stations", {}).items():
        with _named(f"stations.{name}"):
            network.add_station(**{"ssid": name, **_checked(table, _STATION)})
    for name, address in content.get("hosts", {}).items():
        with _named(f"hosts.{name}"):
            network.add_host(name, str(address))
    for place, table in content.get("http", {}).items():
        with _named(f"http.{place}"):
            _serve(network, place, table, folder)
    for place, table in content.get("mqtt", {}).items():
        with _named(f"mqtt.{place}"):
            _serve_mqtt(network, place, table)
    return network


def _serve_mqtt(network: Network, place: str, table: object) -> None:
    from emu.network.formats import mqtt  # every command is started with this file

    host, port = _host_and_port(place, mqtt.PORT)
    given = _checked(table, _MQTT)
    network.serve_mqtt(host, port, {user: str(word) for user, word in given.get("accounts", {}).items()})
    for topic, payload in given.get("retained", {}).items():
        network.publish_mqtt(topic, str(payload), is_retained=True)


def _host_and_port(place: str, port: int) -> tuple[str, int]:
    """Of `host` or `host:port`."""
    host, colon, text = place.partition(":")
    if colon and not text.isdecimal():
        raise ValueError(f"{text!r} is no port")
    return host, int(text) if colon else port


def _serve(network: Network, place: str, table: object, folder: Path) -> None:
    """Serve what a table of paths says, at `host` or `host:port`."""
    host, port = _host_and_port(place, _HTTP_PORT)
    if not isinstance(table, dict):
        raise ValueError('a table of paths and files is wanted, such as [http."update.test:80"]')
    answers = {}
    for path, said in table.items():
        with _named(path):
            answers[path] = _answer(said, folder)
    network.serve_http(answers, host, port)


def _answer(said: object, folder: Path) -> HttpAnswer:
    given = _checked({"file": said} if isinstance(said, str) else said, _ANSWER)
    name = given.pop("file", None)
    try:
        body = b"" if name is None else (folder / name).read_bytes()
    except OSError as error:
        raise ValueError(f"{folder / str(name)}: {error.strerror}") from None
    return HttpAnswer(body, **given)


def _checked(table: object, kinds: Mapping[str, type]) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise ValueError(f"{table!r} is no table")
    for key, value in table.items():
        if key not in kinds:
            raise ValueError(f"{key}: there are {', '.join(kinds)}")
        kind = type(value)
        if kind is not kinds[key] and (kind, kinds[key]) != (int, float):
            raise ValueError(f"{key}: {value!r} is no {kinds[key].__name__}")
    return dict(table)


@contextmanager
def _named(place: str) -> Iterator[None]:
    """Say where in a file something is wrong."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from None
