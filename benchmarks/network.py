"""What Wi-Fi takes: python benchmarks/network.py [SDK]; without SDK: WM_IOT_SDK_PATH.

The SDK's own `atcmd` joins a WPA2 network, is idle there, receives by TCP, and updates itself over HTTP.
Prints wall time and the processor time of it, which tells more on a busy host.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from emu.loader import Image, unpack_ota
from emu.loader.errors import Origin
from emu.machine import Machine
from emu.network import AccessPoint, Network

UPDATE = "examples/ota/ota_ops/main/src/atcmd_ota.img"
IDLE_S = 20
SENT_BYTES = 400_000
HOST = "server.test"
SINK = 9


def network_with(image: bytes) -> Network:
    """An access point, and servers with the update and with much to say."""
    network = Network(AccessPoint("bench", "correct horse"))
    network.serve_http({"/fw.img": image}, host=HOST)
    network.serve_tcp(SINK, lambda data: bytes(SENT_BYTES), host=HOST)
    return network


def ask(machine: Machine, command: str, answer: str, timeout_s: float = 120) -> None:
    """Give an AT command and wait for an answer."""
    machine.uart1.write(f"{command}\r\n")
    machine.uart1.expect(answer, timeout_s)


def measured(machine: Machine, action: Callable[[], object]) -> tuple[float, float, float]:
    """Wall, processor and virtual seconds of an action."""
    begun = time.perf_counter(), time.process_time(), machine.now_ns
    action()
    return (
        time.perf_counter() - begun[0],
        time.process_time() - begun[1],
        (machine.now_ns - begun[2]) / 1e9,
    )


def receive(machine: Machine) -> None:
    """Have a server send a lot."""
    ask(machine, f'AT+CIPSTART="TCP","{HOST}",{SINK}', "OK")
    ask(machine, "AT+CIPSEND=1", ">")
    machine.uart1.write("x")
    world = machine.board.world
    assert world is not None
    tcp = world.router.tcp
    connection = next(each for each in tcp.connections.values() if each.key[3] == SINK)
    while not connection.output or connection.waiting_bytes:
        machine.run_for(0.05)


def run(machine: Machine, what: str, update_bytes: int) -> None:
    """Measure each step, and print a line for it."""
    steps: dict[str, Callable[[], object]] = {
        "join": lambda: ask(machine, 'AT+CWJAP="bench","correct horse"', "WIFI GOT IP"),
        "idle": lambda: machine.run_for(IDLE_S),
        "update": lambda: ask(machine, f'AT+OTA_HTTP="http://{HOST}/fw.img"', "FINISHED"),
        "restart": lambda: machine.uart1.expect("WIFI GOT IP", 60),
        "receive": lambda: receive(machine),
    }
    sizes = {"receive": SENT_BYTES, "update": update_bytes}
    for name, step in steps.items():
        wall_s, processor_s, virtual_s = measured(machine, step)
        line = f"{what} {name:8} {wall_s:6.2f} s wall, {processor_s:5.2f} s processor"
        line += f", {virtual_s:6.2f} s virtual"
        if name in sizes:
            line += f"; {sizes[name] / virtual_s / 1000:.0f} KB a virtual second"
        if name == "idle":
            line += f"; {processor_s / IDLE_S:.3f} s processor a virtual second"
        print(line)


def main() -> None:
    """Measure with nothing translated on disk, and with all of it."""
    folder = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("WM_IOT_SDK_PATH", "")
    update = Path(folder, UPDATE)
    if not update.is_file():
        sys.exit(f"benchmarks/network.py: there is no {update}: give the folder of a WM IoT SDK")
    data = update.read_bytes()
    with tempfile.TemporaryDirectory() as temporary:
        firmware, cache = Path(temporary, "atcmd.img"), Path(temporary, "cache")
        firmware.write_bytes(unpack_ota(Image.parse(data, Origin(update.name))).to_bytes())
        for what in ("cold", "warm"):
            with Machine.load(firmware, cache=cache, network=network_with(data)) as machine:
                machine.uart0.expect("init finished", 30)
                ask(machine, "AT", "OK")
                run(machine, what, len(data))


if __name__ == "__main__":
    main()
