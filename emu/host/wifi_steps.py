"""Steps of a scenario about the networks: the faults of `machine.wifi`, and messages of the MQTT broker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from emu.network.errors import NetworkError
from emu.network.network import Network

if TYPE_CHECKING:
    from emu.machine import Machine

ACTIONS: Final = (
    *("switch_off", "switch_on", "deauthenticate", "renew_group_key", "set_signal"),
    *("lose_packets", "delay_packets", "fail_dns", "mend_dns"),
    *("reset_connections", "forget_connections", "publish_mqtt"),
)


@dataclass(frozen=True, slots=True)
class WifiStep:
    """One of the actions, as a file asks for it."""

    action: str
    arguments: Mapping[str, Any]
    place: str = ""
    """Where it is asked for, for messages."""

    def check(self, machine: Machine) -> None:
        """MachineError if there are no networks, or none of that name."""
        from emu.machine import MachineError  # most runs take no step

        try:
            machine.wifi.check_network(self.arguments.get("ssid"))
        except NetworkError as error:
            raise MachineError(str(error)) from None

    def take(self, machine: Machine) -> None:
        """Do it now."""
        getattr(machine.wifi, self.action)(**self.arguments)


def wifi_step(value: Any) -> WifiStep:
    """What `"switch_off"` or `{ set_signal = { signal_dbm = -80 } }` asks for; else ValueError."""
    asked = {value: {}} if isinstance(value, str) else value
    if not isinstance(asked, dict) or len(asked) != 1:
        raise ValueError(f"{value!r} is no action such as {{ set_signal = {{ signal_dbm = -80 }} }}")
    [(action, arguments)] = asked.items()
    if action not in ACTIONS:
        raise ValueError(f"{action!r} is none of {', '.join(ACTIONS)}")
    if not isinstance(arguments, dict):
        raise ValueError(f"{action}: {arguments!r} is no table of its arguments")
    try:
        getattr(Network(), action)(**arguments)  # which only notes it, and says what is wrong with it
    except (TypeError, AttributeError, ValueError) as error:
        raise ValueError(f"{action}: {error}") from None
    return WifiStep(action, arguments)
