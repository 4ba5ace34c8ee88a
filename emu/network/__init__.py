"""The world around the antenna: networks in the air, and hosts behind them. Nothing here knows the chip."""

from emu.network.access_point import AccessPoint
from emu.network.errors import NetworkError
from emu.network.http_answer import HttpAnswer
from emu.network.network import Network

__all__ = ["AccessPoint", "HttpAnswer", "Network", "NetworkError"]
