"""The SDK's firmware atcmd as its user sees it."""

from __future__ import annotations

from dataclasses import dataclass

from emu.machine.machine import Machine

INITIALISED = r"atcmd: atcmd init finished\.\r\n"
ANSWER = r"(?s)(.*?)\r\n(OK|ERROR|CMD FORMAT ERR|CMD PARSE ERR)\r\n"


@dataclass
class AtDevice:
    """The firmware atcmd of the SDK; its AT commands are on UART 1."""

    machine: Machine

    def boot(self) -> None:
        """Wait until it takes commands: about 2 s, while it looks for the network of its settings."""
        self.machine.uart0.expect(INITIALISED)
        assert self.ask("AT")[1] == "OK"

    def ask(self, command: str, timeout_s: float = 5) -> tuple[str, str]:
        """Send a command; the lines before the last one without the echo, and the last one."""
        self.machine.uart1.write(f"{command}\r\n")
        self.machine.uart1.expect(f"{command.replace('+', '[+]').replace('?', '[?]')}\r\n", timeout_s)
        match = self.machine.uart1.expect(ANSWER, timeout_s)
        return match[1].strip(), match[2]
