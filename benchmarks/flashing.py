"""How long the mask ROM's download mode takes for an image of 1.1 MB, with what the SDK's flash.py uses.

python benchmarks/flashing.py
Both ends run on this machine: wall time of the transfer, and CPU time of the emulator with its start.
"""

from __future__ import annotations

import io
import random
import re
import struct
import subprocess
import sys
import tempfile
import time
from binascii import crc_hqx
from pathlib import Path

import serial.rfc2217
from xmodem import XMODEM1k

from emu.loader.image import Image, ImageHeader

BAUD_RATE = 2_000_000
IMAGE = Image.build(
    ImageHeader(0xA0FF_FF9F, 1, 0x0800_F400, 0, 0x0800_F000, 0, 0), random.Random(1).randbytes(1_100_000)
).to_bytes()


def set_baud_rate(port: serial.rfc2217.Serial) -> None:
    """Have the ROM and the port at the fast rate."""
    content = struct.pack("<II", 0x31, BAUD_RATE)
    port.write(b"!" + struct.pack("<HH", len(content) + 2, crc_hqx(content, 0xFFFF)) + content)
    time.sleep(0.05)
    port.baudrate = BAUD_RATE
    time.sleep(0.05)
    port.reset_input_buffer()


def transfer(url: str) -> float:
    """Send the image; how long that takes in seconds."""
    port = serial.rfc2217.Serial(url, 115_200, timeout=5)
    while port.read(1) != b"C":
        pass
    set_baud_rate(port)
    started_s = time.perf_counter()
    sender = XMODEM1k(
        lambda size, timeout=1: port.read(size) or None, lambda data, timeout=1: port.write(data)
    )
    assert sender.send(io.BytesIO(IMAGE))
    taken_s = time.perf_counter() - started_s
    port.close()
    return taken_s


def main() -> None:
    """Print both times."""
    import resource  # not on Windows

    with tempfile.TemporaryDirectory() as folder:
        flash = Path(folder) / "flash.bin"
        command = [sys.executable, "-m", "emu.cli", "run", "--flash-file", str(flash), "--uart0", "rfc2217:0"]
        with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        ) as emulator:
            assert emulator.stderr is not None
            while not (url := re.search(r"rfc2217://\S+", emulator.stderr.readline())):
                pass
            taken_s = transfer(url[0])
            emulator.terminate()
        assert flash.read_bytes()[0xF400:][: len(IMAGE) - 64] == IMAGE[64:]
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = usage.ru_utime + usage.ru_stime
    print(f"{len(IMAGE):,} bytes at {BAUD_RATE:,} baud: {taken_s:.2f} s, CPU {cpu_s:.2f} s")


if __name__ == "__main__":
    main()
