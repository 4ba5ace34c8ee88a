"""`Network`: what is around a machine, as a description that machines are made with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from emu.network.access_point import AccessPoint
from emu.network.actions import Actions, Answer
from emu.network.errors import NetworkError


class Network(Actions):
    """Access points with a router behind them, and what has been done to it so far: servers, names, faults.

    NetworkError for two access points of the same BSSID.
    """

    def __init__(self, *access_points: AccessPoint) -> None:
        self.access_points = access_points
        self.actions: list[tuple[Any, ...]] = []
        """Name and arguments, plain data: each machine made with the network begins with all of them."""
        self.visitors: list[tuple[str, str | None]] = []
        """Names and passwords of soft APs that stations join."""
        self.answers: dict[tuple[str, str, int], Answer] = {}
        """Functions behind protocol, host and port."""
        macs = [ap.mac(number) for number, ap in enumerate(access_points)]
        if len(set(macs)) < len(macs):
            raise NetworkError("two access points have the same BSSID")

    def _act(self, name: str, *arguments: Any) -> None:
        self.actions.append((name, *arguments))

    def _answer_by(self, protocol: str, host: str, port: int, answer: Answer) -> None:
        self.answers[protocol, host, port] = answer

    def add_station(self, ssid: str, password: str | None = None) -> None:
        """Have a station that joins the device's own access point of that name, when it is there."""
        AccessPoint(ssid, password)  # tells what cannot be
        self.visitors.append((ssid, password))

    @classmethod
    def together(cls, networks: Sequence[Network]) -> Network:
        """All of them in one air, behind one router."""
        together = cls(*(ap for each in networks for ap in each.access_points))
        for each in networks:
            together.actions += each.actions
            together.visitors += each.visitors
            together.answers |= each.answers
        return together

    @property
    def identity(self) -> list[Any]:
        """What does not change while machines run; plain data."""
        plain = self.plain()
        return [plain["access_points"], plain["visitors"]]

    def plain(self) -> dict[str, Any]:
        """It as plain data, without the functions."""
        fields = AccessPoint.__dataclass_fields__
        points = [{name: getattr(ap, name) for name in fields} for ap in self.access_points]
        actions = [list(action) for action in self.actions]
        return {"access_points": points, "visitors": list(self.visitors), "actions": actions}

    @classmethod
    def of(cls, plain: dict[str, Any]) -> Network:
        """The network of `plain`."""
        network = cls(*(AccessPoint(**each) for each in plain["access_points"]))
        network.visitors = list(plain["visitors"])
        network.actions = [tuple(action) for action in plain["actions"]]
        return network

    def __repr__(self) -> str:
        return f"Network({', '.join(map(repr, self.access_points))})"


def parse_access_point(text: str) -> Network:
    """The network of `ssid` or `ssid:password`; ValueError says what is wrong with it."""
    ssid, colon, password = text.partition(":")
    return Network(AccessPoint(ssid, password if colon else None))
