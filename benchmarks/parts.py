"""What parts cost: python benchmarks/parts.py.

CPU time of the host, the best of some runs, driven by tests/firmware/programs/board: a frame of 1 KB over I2C
at 400 kHz, one of 40 KB over SPI by DMA, and bytes that a program makes at pins: of I2C at two, over one
wire, where it waits for the core timer three times a bit, and of a DHT22, whose pulses it measures by pin and
core timer in turn.
"""

from __future__ import annotations

import time
from pathlib import Path

from emu.machine.machine import Machine
from emu.parts import Dht22, Ds18b20, Ssd1306, St7735

RUNS = 15
PROGRAM = Path(__file__).parents[1] / "tests/firmware/programs/board.elf"
PIXELS = 128 * 160


def seconds_between(machine: Machine, command: str, begin: str, count: int, end: str) -> float:
    """CPU seconds from the call of that number of one function to the next of another."""
    times: list[float] = []
    calls = 0

    def begun(_: Machine) -> None:
        nonlocal calls
        calls += 1
        if calls == count:
            times.append(time.process_time())

    def ended(_: Machine) -> None:
        if len(times) == 1:
            times.append(time.process_time())

    best = float("inf")
    machine.hook(begin, begun)
    machine.hook(end, ended)
    for _ in range(RUNS):
        times.clear()
        calls = 0
        machine.uart1.write(f"{command}\n")
        machine.uart0.expect(f"{command}: done")
        best = min(best, times[1] - times[0])
    machine.unhook(begin)
    machine.unhook(end)
    return best


def row(name: str, seconds: float, unit: float, unit_name: str) -> None:
    """Print a line."""
    print(f"{name:<48}{seconds * unit:8.2f} {unit_name}")


def main() -> None:
    """Print the figures."""
    machine = Machine.load(PROGRAM)
    machine.uart0.expect("board: ready")
    machine.i2c.attach(Ssd1306())
    frame = seconds_between(machine, "oled", "i2c_write", 2, "log_line")
    row("OLED frame of 1 KB over I2C, 400 kHz", frame, 1e3, "ms")
    machine.parts.attach(Ssd1306(), name="soft", scl="PB15", sda="PB16")
    bits = seconds_between(machine, "oled by program", "i2c_write", 2, "log_line") / 1026
    row("a byte of I2C bit by bit", bits, 1e3, "ms")
    machine.parts.attach(Ds18b20(), data="PB8")
    ten_bytes = seconds_between(machine, "ds18b20", "wire_reset", 1, "task_sleep_ms")  # and the reset
    row("a byte over one wire, bit by bit", ten_bytes / 10, 1e3, "ms")
    machine.parts.attach(Dht22(), data="PB7")
    five_bytes = seconds_between(machine, "dht22", "pin_input", 2, "log_line")
    row("a byte of a DHT22, pulse by pulse", five_bytes / 5, 1e3, "ms")
    machine.spi.attach(St7735(), select="PB23", data_command="PB22", reset="PB21")
    picture = seconds_between(machine, "tft picture", "tft_picture", 1, "log_line")
    row(f"ST7735 frame of {2 * PIXELS // 1024} KB over SPI by DMA, 20 MHz", picture, 1e3, "ms")
    machine.close()


if __name__ == "__main__":
    main()
