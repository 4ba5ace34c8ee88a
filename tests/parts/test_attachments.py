"""Parts as a part of the machine: what attaching refuses, snapshots, recordings."""

from __future__ import annotations

from pathlib import Path

import pytest
from parts.test_board_program import AT_PINS, drawn_by_oled_c, lit, run

from emu.machine.errors import MachineError
from emu.machine.machine import Machine
from emu.machine.replay import Replay
from emu.parts.button import Button
from emu.parts.eeprom_24c import Eeprom24c
from emu.parts.led import Led
from emu.parts.modem import Modem
from emu.parts.ssd1306 import Ssd1306
from emu.parts.touch_pad import TouchPad


@pytest.mark.parametrize(
    ("part", "wires", "why"),
    [
        (Button, {}, "attach button: it needs a wire 'pin': pin='PB5'"),
        (Button, {"pin": "PC1"}, "attach 'PC1' is no pin: there are PA0 to PA15 and PB0 to PB31"),
        (Button, {"pin": "PB5", "led": "PB6"}, "attach button: no wire 'led': there are pin"),
        (Button, {"bus": "i2c", "pin": "PB5"}, "attach button: no bus 'i2c': there are none for it"),
        (Ssd1306, {"scl": "PB5"}, "attach ssd1306: it needs a wire 'sda': sda='PB5', or bus='i2c'"),
        (Ssd1306, {"bus": "spi"}, "attach ssd1306: no bus 'spi': there are i2c"),
    ],
)
def test_wires_that_do_not_fit_are_refused_in_one_line(
    machine: Machine, part: type[Button], wires: dict[str, str], why: str
) -> None:
    with pytest.raises(MachineError) as caught:
        machine.parts.attach(part(), **wires)
    assert str(caught.value) == why
    assert len(machine.parts) == 0


def test_names_are_made_and_kept_apart(machine: Machine) -> None:
    for pin in ("PB0", "PB1"):
        machine.parts.attach(Led(), pin=pin)
    assert list(machine.parts) == ["led", "led2"]
    with pytest.raises(MachineError, match="there is a part 'led' already"):
        machine.parts.attach(Led(), name="led", pin="PB2")
    with pytest.raises(MachineError, match="no part 'lamp' is attached: there are led, led2"):
        _ = machine.parts["lamp"]


def test_a_detached_part_lets_go_of_its_wires(machine: Machine) -> None:
    button = machine.parts.attach(Button(), pin="PB5")
    button.press()
    machine.parts.detach("button")
    assert not button.is_attached
    levels = [machine.pins["PB5"].level]
    machine.parts.attach(button, name="again", pin="PB5")
    assert [*levels, machine.pins["PB5"].level] == [False, True]


def test_a_snapshot_brings_back_the_board_and_its_parts(machine: Machine) -> None:
    eeprom = machine.parts.attach(Eeprom24c(), **AT_PINS)
    run(machine, "eeprom by program")
    with_eeprom = machine.snapshot()
    oled = machine.i2c.attach(Ssd1306())
    eeprom.contents.store(0x10, b"changed!")
    run(machine, "oled")
    with_both = machine.snapshot()
    machine.restore(with_eeprom)
    assert list(machine.parts) == ["eeprom_24c"]
    assert eeprom.contents.data[0x10:0x18] == b"12345678"
    machine.restore(with_both)
    assert machine.parts["ssd1306"] is oled
    assert lit(oled) == drawn_by_oled_c()
    assert machine.snapshot().state_hash() == with_both.state_hash()


def test_another_machine_gets_the_parts_with_a_saved_state(machine: Machine, tmp_path: Path) -> None:
    machine.i2c.attach(Ssd1306(), name="screen")
    machine.parts.attach(Button(), name="key", pin="PB5")
    run(machine, "oled")
    machine.parts["key"].carry_out("press", ())
    machine.save_state(tmp_path / "board.state")
    other = Machine.load_state(tmp_path / "board.state", cache=False)
    screen = other.parts["screen"]
    assert isinstance(screen, Ssd1306)
    assert lit(screen) == drawn_by_oled_c()
    assert not other.pins["PB5"].level
    assert other.snapshot().state_hash() == machine.snapshot().state_hash()


def test_a_run_goes_on_alike_from_a_snapshot_in_the_middle_of_bits(machine: Machine) -> None:
    machine.i2c.attach(Eeprom24c(), name="one")
    machine.parts.attach(Eeprom24c(), name="other", **AT_PINS)
    for name in ("eeprom", "eeprom by program"):
        machine.uart1.write(f"{name}\n")
        for _ in range(3):
            machine.run_for(0.001_031)
            middle = machine.snapshot()
            machine.run_for(0.004)
            end = machine.snapshot().state_hash()
            machine.restore(middle)
            machine.run_for(0.004)
            assert machine.snapshot().state_hash() == end
            machine.restore(middle)
        machine.uart0.expect("done")


def test_a_recording_replays_what_was_attached_and_done(machine: Machine, tmp_path: Path) -> None:
    machine.record()
    machine.i2c.attach(Eeprom24c(), name="memory")
    button = machine.parts.attach(Button(bounces=2), pin="PB5")
    run(machine, "eeprom")
    machine.uart1.write("lamp\n")
    machine.uart0.expect("lamp: ready")
    button.press()
    machine.uart0.expect("lamp: on")
    button.release()
    machine.adc[1].volts = 0.5
    machine.run_for(0.01)
    machine.save_recording(tmp_path / "board.rec")
    replay = Replay.load(tmp_path / "board.rec", cache=False)
    result = replay.run()
    assert result.difference == ""
    assert list(replay.machine.parts) == ["memory", "button"]


def test_what_a_listener_does_to_a_part_comes_at_the_same_place_again(
    machine: Machine, tmp_path: Path
) -> None:
    machine.record()
    button = machine.parts.attach(Button(), pin="PB5")
    machine.hook("run_lamp", lambda _: button.press())
    machine.uart1.write("lamp\n")
    machine.uart0.expect("lamp: on")
    machine.save_recording(tmp_path / "board.rec")
    assert Replay.load(tmp_path / "board.rec", cache=False).run().difference == ""


def test_going_back_before_a_part_was_there_takes_it_away(machine: Machine) -> None:
    machine.keep_history()
    before_ns = machine.now_ns
    machine.run_for(0.01)
    machine.i2c.attach(Eeprom24c(), name="memory")
    run(machine, "eeprom")
    end = machine.snapshot()
    machine.go_to(before_ns / 1e9)
    assert len(machine.parts) == 0
    machine.go_to(end.now_ns / 1e9)
    assert list(machine.parts) == ["memory"]
    assert machine.snapshot().state_hash() == end.state_hash()


def test_power_takes_what_only_power_keeps(machine: Machine) -> None:
    eeprom = machine.i2c.attach(Eeprom24c())
    oled = machine.i2c.attach(Ssd1306())
    run(machine, "eeprom")
    run(machine, "oled")
    shines = []
    for reset in (machine.reset, machine.power_cycle):
        reset()
        shines.append(oled.is_on)
    assert shines == [True, False]
    assert eeprom.contents.data[0x10:0x18] == b"12345678"


def test_a_board_without_wires_to_the_block_is_told(machine: Machine) -> None:
    machine.i2c.attach(Eeprom24c(), name="memory")
    run(machine, "eeprom")
    machine.write("gpio_a.alternate", bytes(4))
    machine.write("i2c.data", b"\xa0\0\0\0")
    machine.write("i2c.command_status", b"\x90\0\0\0")
    machine.run_for(0.001)
    assert machine.notes == ["i2c: no pin is given to I2C_SCL and I2C_SDA: memory is not reached"]


def test_who_has_looked_at_a_pin_makes_no_difference(machine: Machine) -> None:
    ready = machine.snapshot()
    hashes = []
    for looks in (False, True):
        machine.restore(ready)
        if looks:
            _ = machine.pins["PB1"].signal
        machine.uart1.write("lamp\n")
        machine.uart0.expect("lamp: ready")
        hashes.append(machine.snapshot().state_hash())
    assert str(machine.pins["PB1"].signal) == "25.0% of 10,000.0 Hz"
    machine.restore(ready)
    assert str(machine.pins["PB1"].signal) == "low"
    assert hashes[0] == hashes[1]


def test_a_part_with_other_settings_is_another_one(machine: Machine) -> None:
    small = machine.i2c.attach(Eeprom24c(size_kbit=2), name="memory")
    small.contents.store(0, b"small")
    with_small = machine.snapshot()
    machine.parts.detach("memory")
    machine.i2c.attach(Eeprom24c(size_kbit=256), name="memory")
    with_large = machine.snapshot()
    machine.restore(with_small)
    again = machine.parts["memory"]
    assert isinstance(again, Eeprom24c)
    assert (again.size_bytes, bytes(again.contents.data[:5])) == (256, b"small")
    machine.restore(with_large)
    assert machine.parts["memory"].settings["size_kbit"] == 256


def test_parts_come_back_in_their_order(machine: Machine) -> None:
    for name, pin in (("one", "PB0"), ("two", "PB1"), ("three", "PB2")):
        machine.parts.attach(Led(), name=name, pin=pin)
    snapshot = machine.snapshot()
    machine.parts.detach("one")
    machine.restore(snapshot)
    assert list(machine.parts) == ["one", "two", "three"]
    assert machine.snapshot().state_hash() == snapshot.state_hash()


def test_a_part_that_cannot_be_connected_leaves_nothing_behind(machine: Machine) -> None:
    with pytest.raises(MachineError, match="PB30 is no pin of the touch sensor"):
        machine.parts.attach(TouchPad(), name="pad", pin="PB30")
    assert len(machine.parts) == 0
    machine.parts.attach(TouchPad(), name="pad", pin="PB5")


def test_a_part_is_reached_by_a_uart_that_has_pins(machine: Machine) -> None:
    modem = machine.uarts[3].connect(Modem(echo=False))
    machine.write("uart3.baud_rate", (0xB_0014).to_bytes(4, "little"))
    machine.write("uart3.line_control", 0xC3.to_bytes(4, "little"))  # 8 bits, both ways

    def send(text: bytes) -> None:
        for byte in text:
            machine.write("uart3.tx_data", byte.to_bytes(4, "little"))
        machine.run_for(0.1)

    send(b"AT\r")
    assert modem.lines == []
    assert machine.notes == ["uart3: no pin is given to UART3_TX: modem is not reached"]
    for register in ("alternate", "function_select[0]"):
        machine.write(f"gpio_b.{register}", 0b11.to_bytes(4, "little"))  # PB0 and PB1 have function 3
    send(b"ATI\r")
    assert modem.lines == ["ATI"]
    assert len(machine.notes) == 1
