"""The receiving side of XMODEM with CRC and blocks of 128 or 1024 bytes."""

from __future__ import annotations

from binascii import crc_hqx
from collections.abc import Iterator
from typing import Final

from roms.boot_chip import Console
from roms.download_errors import DownloadError, Letter

SOH, STX, EOT, ACK, NAK, CAN = 0x01, 0x02, 0x04, 0x06, 0x15, 0x18
BLOCK_SIZES: Final = {SOH: 128, STX: 1024}
TIMEOUT_NS: Final = 1_000_000_000
"""GUESS, with the next two: the mask ROM's are not known; these are usual."""
QUIET_NS: Final = 20_000_000
"""What follows damage is over when nothing has come for so long."""
ATTEMPTS: Final = 10


class NotStartedError(Exception):
    """What has come belongs to an earlier transfer."""


class Receiver:
    """One transfer."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def blocks(self, first: int | None) -> Iterator[bytes]:
        """Yield the data of each block; it is acknowledged when the next one is asked for.

        The end of the transfer is not: `acknowledge` does that. DownloadError if it does not get there,
        NotStartedError if it does not begin with the first block.
        """
        number, failures = 1, 0
        while first != EOT:
            if first == CAN and self._console.receive(TIMEOUT_NS) == CAN:
                raise DownloadError(Letter.CANCELLED, "the host has cancelled the transfer")
            block = self._block(first)
            if block is not None:
                failures = 0
                if block[0] == number & 0xFF:
                    yield block[1]
                    number += 1
                elif number == 1:
                    raise NotStartedError
                elif block[0] != number - 1 & 0xFF:  # else it comes again, as its ACK was lost
                    what = f"block {block[0]} came instead of block {number & 0xFF}"
                    raise DownloadError(Letter.BAD_NUMBER, what)
            elif (failures := failures + 1) == ATTEMPTS:
                raise DownloadError(Letter.NO_DATA, f"block {number} has not come in {ATTEMPTS} attempts")
            self._console.transmit(bytes((NAK if block is None else ACK,)))
            first = self._console.receive(TIMEOUT_NS)

    def acknowledge(self) -> None:
        """Tell the host that all is well."""
        self._console.transmit(bytes((ACK,)))

    def cancel(self) -> None:
        """Tell the host to stop, and wait until it has."""
        self._console.transmit(bytes((CAN, CAN)))
        self._skip()

    def _block(self, first: int | None) -> tuple[int, bytes] | None:
        """Number and data of the block that begins so; None if it is damaged or does not come."""
        if first is None:
            return None
        size = BLOCK_SIZES.get(first, 0)
        frame = receive_all(self._console, size + 4) if size else b""
        if len(frame) == size + 4 and frame[0] ^ frame[1] == 0xFF and crc_hqx(frame[2:], 0) == 0:
            return frame[0], frame[2:-2]
        self._skip()
        return None

    def _skip(self) -> None:
        """Take what is still under way."""
        while self._console.receive_some(1024, QUIET_NS):
            pass


def receive_all(console: Console, count: int) -> bytes:
    """So many bytes; fewer if they stop coming."""
    data = b""
    while len(data) < count and (some := console.receive_some(count - len(data), TIMEOUT_NS)):
        data += some
    return data
