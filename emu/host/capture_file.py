"""Writes what goes through the networks around a machine to a file that Wireshark opens."""

from __future__ import annotations

from pathlib import Path

from emu.host.output_file import OutputFile
from emu.machine import Machine
from emu.network import pcapng
from emu.network.access_point import middle_mhz


class CaptureFile:
    """A pcapng file: 802.11 as it is on the air, and Ethernet, decrypted, behind the access points."""

    def __init__(self, machine: Machine, path: Path) -> None:
        """OSError if the file cannot be written, MachineError for a machine without networks."""
        wifi = machine.wifi
        self._machine = machine
        self._file = OutputFile(path)
        self._file.write(pcapng.header())
        wifi.frames.append(self._heard)
        wifi.packets.append(self._passed)

    def _heard(self, frame: bytes, channel: int, signal_dbm: int | None) -> None:
        now_ns = self._machine.now_ns
        self._file.write(pcapng.air_frame(now_ns, frame, middle_mhz(channel), signal_dbm))

    def _passed(self, frame: bytes, _is_from_device: bool) -> None:
        self._file.write(pcapng.wire_frame(self._machine.now_ns, frame))

    def close(self) -> None:
        """Write what is left."""
        self._file.close()
