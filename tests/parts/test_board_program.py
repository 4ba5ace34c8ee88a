"""Parts on the buses of a machine, driven by firmware: tests/firmware/programs/board."""

from __future__ import annotations

import pytest

from emu.machine.machine import Machine
from emu.parts import (
    Bh1750,
    Button,
    Buzzer,
    Dht11,
    Dht22,
    Ds18b20,
    Ds3231,
    Eeprom24c,
    Gps,
    I2sRecorder,
    Ina226,
    Led,
    Modem,
    Nrf24l01,
    RotaryEncoder,
    SampleFormat,
    SdCard,
    SdmmcCard,
    SegmentLcd,
    Sht3x,
    SpiFlash,
    Ssd1306,
    St7735,
    Switch,
    Ws2812,
)  # fmt: skip
from emu.parts.display import Dots

AT_PINS = {"scl": "PB15", "sda": "PB16"}


def run(machine: Machine, name: str) -> list[str]:
    """Have the firmware talk to a part; what it logs."""
    machine.uart1.write(f"{name}\n")
    text = machine.uart0.expect(rf"(?s)(.*)board: {name}: done").group(1)
    return [line.partition("board: ")[2].strip() for line in text.splitlines() if "board: " in line]


def drawn_by_oled_c() -> set[tuple[int, int]]:
    edges = {(x, y) for x in range(128) for y in range(64) if x in (0, 127) or y in (0, 63)}
    return edges | {(x, x // 2) for x in range(128)}


def lit(oled: Dots) -> set[tuple[int, int]]:
    return {(x, y) for x in range(128) for y in range(64) if oled.pixel(x, y)}


@pytest.mark.parametrize("by", ["", " by program"])
def test_an_eeprom_is_written_and_read(machine: Machine, by: str) -> None:
    if by:
        eeprom = machine.parts.attach(Eeprom24c(), **AT_PINS)
    else:
        eeprom = machine.i2c.attach(Eeprom24c(), address=0x50)
    assert run(machine, f"eeprom{by}") == [
        "eeprom: a page took 5",
        "eeprom: holds 12345678cd....ab",
    ]
    assert eeprom.contents.data[0x10:0x20] == b"12345678cd\xff\xff\xff\xffab"
    assert machine.notes == []


@pytest.mark.parametrize("by", ["", " by program"])
def test_an_oled_shows_what_is_drawn(machine: Machine, by: str) -> None:
    oled = machine.parts.attach(Ssd1306(), **AT_PINS) if by else machine.i2c.attach(Ssd1306())
    assert run(machine, f"oled{by}") == ["oled: drawn"]
    assert lit(oled) == drawn_by_oled_c()


def test_nobody_answers_at_another_address(machine: Machine) -> None:
    machine.i2c.attach(Eeprom24c(), address=0x51)
    assert run(machine, "eeprom") == ["eeprom: nobody answers"]


def test_the_block_reaches_a_part_at_its_pins_and_at_no_others(machine: Machine) -> None:
    machine.parts.attach(Eeprom24c(), name="there", scl="PA1", sda="PA4")
    machine.parts.attach(Ssd1306(), name="elsewhere", scl="PB20", sda="PB19")
    assert run(machine, "eeprom")[0] == "eeprom: a page took 5"
    assert run(machine, "oled") == ["oled: nobody answers"]


def test_a_button_switches_a_lamp_and_pwm_dims_another(machine: Machine) -> None:
    button = machine.parts.attach(Button(bounces=1), name="switch", pin="PB5")
    lamp = machine.parts.attach(Led(), name="lamp", pin="PB0")
    dimmed = machine.parts.attach(Led(active_high=True), name="dimmed", pin="PB1")
    machine.uart1.write("lamp\n")
    machine.uart0.expect("lamp: ready")
    assert (lamp.is_on, dimmed.brightness) == (False, 0.25)
    assert (machine.pins["PB1"].function, str(machine.pins["PB1"].signal)) == ("PWM1", "25.0% of 10,000.0 Hz")
    assert machine.pwm[1].duty == 0.25
    button.press()
    machine.uart0.expect("lamp: on")
    machine.run_for(0.01)
    assert lamp.is_on
    button.release()
    machine.run_for(0.02)
    button.press()
    machine.uart0.expect("lamp: off")
    machine.run_for(0.01)
    assert not lamp.is_on


def test_a_switch_to_ground_does_so_too(machine: Machine) -> None:
    switch = machine.parts.attach(Switch(), pin="PB5")
    switch.turn_on()
    machine.uart1.write("lamp\n")
    machine.uart0.expect("lamp: ready")
    switch.turn_off()
    machine.uart0.expect("lamp: on")


def test_a_short_circuit_is_told_once(machine: Machine) -> None:
    machine.pins["PB0"].drive(0)
    machine.uart1.write("lamp\n")
    machine.uart0.expect("lamp: ready")
    assert machine.notes == ["PB0: the firmware drives it high, and the board against that"]


def test_who_drives_against_a_block_is_told(machine: Machine) -> None:
    machine.pins["PB1"].drive(1)
    machine.uart1.write("lamp\n")
    machine.uart0.expect("lamp: ready")
    assert machine.notes == [
        "PB1: a block of the chip makes it 25.0% of 10,000.0 Hz, and the board against that"
    ]


def test_sensors_are_asked(machine: Machine) -> None:
    for part in (
        Bh1750(lux=321),
        Sht3x(celsius=21.5, humidity=40),
        Ina226(bus_volts=3.3, amperes=0.25),
        Ds3231(),
    ):
        machine.i2c.attach(part)
    assert run(machine, "sensors") == [
        "sensors: 320 lx",
        "sensors: in time, 21.4 C, 40 %",
        "sensors: 3300 mV, 250 mA",
        "sensors: 2027-01-01 00:00:00 day 5",
    ]


@pytest.mark.parametrize("by", ["", " by program"])
def test_a_sensor_holds_the_clock(machine: Machine, by: str) -> None:
    sensor = Sht3x(celsius=21.5, humidity=40)
    if by:
        machine.parts.attach(sensor, **AT_PINS)
    else:
        machine.i2c.attach(sensor)
    begin_ns = machine.now_ns
    assert run(machine, f"stretching{by}") == ["stretching: 21.4 C, 40 %"]
    assert machine.now_ns - begin_ns > 12_500_000
    assert machine.notes == []


def test_memories_share_the_spi_bus(machine: Machine) -> None:
    flash = machine.spi.attach(SpiFlash(), select="PB4")
    card = machine.spi.attach(SdCard(), select="PB14")
    card.load(3 * 512, b"hello from card\0")
    assert run(machine, "spi flash") == ["spi flash: 85 60 15", "spi flash: holds spi flash"]
    assert bytes(flash.flash.contents[0x10010:0x10019]) == b"spi flash"
    assert run(machine, "sd card") == [
        "sd card: started after 2 polls, capacity high",
        "sd card: block 3 begins with hello from card",
        "sd card: written well",
    ]
    assert card.contents.data[7 * 512 : 8 * 512] == b"\x5a" * 512
    assert machine.notes == []


def test_a_clock_mode_that_a_part_does_not_take_is_told(machine: Machine) -> None:
    machine.spi.attach(SpiFlash(), name="flash", select="PB4")
    lines = run(machine, "spi modes")
    assert [lines[mode] for mode in (0, 3)] == ["spi modes: 0: 85 60 15", "spi modes: 3: 85 60 15"]
    assert not any("85 60 15" in lines[mode] for mode in (1, 2))
    assert [note for note in machine.notes if "mode" in note] == [
        f"flash: it takes SPI mode 0 and 3, and the master is in {mode}: bits come too late"
        for mode in (1, 2)
    ]


def test_a_card_at_the_sdio_host_is_used_with_four_lines_and_dma(machine: Machine) -> None:
    assert run(machine, "sdmmc card") == ["sdmmc card: nobody answers"]
    card = machine.parts.attach(SdmmcCard(size_mib=16), bus="sdio_host")
    card.load(3 * 512, b"hello from card\0")
    assert run(machine, "sdmmc card") == [
        "sdmmc card: 32768 blocks",
        "sdmmc card: lines 5",
        "sdmmc card: block 3 begins with hello from card",
        "sdmmc card: written well, read well",
    ]
    expected = b"".join((n * 0x0101_0101 & 0xFFFF_FFFF).to_bytes(4, "little") for n in range(512))
    assert card.contents.data[100 * 512 : 104 * 512] == expected
    assert machine.notes == []


def test_a_card_is_reached_at_its_pins(machine: Machine) -> None:
    data = {f"dat{line}": f"PB{8 + line}" for line in range(4)}
    card = machine.parts.attach(SdmmcCard(), name="card", clk="PB6", cmd="PB7", **data)
    assert run(machine, "sdmmc card")[-1] == "sdmmc card: written well, read well"
    card.inserted = False
    assert run(machine, "sdmmc card") == ["sdmmc card: nobody answers"]
    machine.parts.detach("card")
    machine.parts.attach(SdmmcCard(), name="card", clk="PB6", cmd="PB7", dat0="PB8")
    assert run(machine, "sdmmc card")[-1] == "sdmmc card: written not, read not"
    assert machine.notes == ["card: the host uses 4 data lines, the card 4, and 1 are there"]


def test_a_radio_hears_its_echo(machine: Machine) -> None:
    assert run(machine, "radio") == ["radio: no radio"]
    radio = machine.spi.attach(Nrf24l01(), select="PB13", ce="PB2", irq="PB3")
    assert run(machine, "radio") == ["radio: sent", "radio: received over air"]
    assert radio.sent == [b"over air"]
    radio.peer = "nobody"
    assert run(machine, "radio") == ["radio: nobody acknowledges"]
    assert machine.notes == []


def test_a_glass_shows_a_time(machine: Machine) -> None:
    """As glass.c has its segments: a digit has A to D on common lines 0 to 3, and E to G beside them."""
    names = "".join(
        f"{digit}{letter}={number % 4}.{2 * digit + number // 4} "
        for digit in range(1, 5)
        for number, letter in enumerate("ABCDEFG")
    )
    glass = machine.parts.attach(SegmentLcd(segments=f"{names} COLON=3.1"), bus="lcd")
    assert run(machine, "glass") == ["glass: shown"]
    assert (glass.text, glass.symbols) == ("1234", ["COLON"])
    machine.board.soc.lcd.write(0, 0)
    assert (glass.text, glass.lit) == ("    ", [])
    machine.parts.detach("segment_lcd")
    assert machine.parts.attach(SegmentLcd(), bus="lcd").lit == []


@pytest.mark.parametrize("wires", [{"bus": "i2s"}, {"data": "PB11", "bclk": "PB8", "lrclk": "PB9"}])
def test_sound_is_recorded(machine: Machine, wires: dict[str, str]) -> None:
    recorder = machine.parts.attach(I2sRecorder(), **wires)
    begin_ns = machine.now_ns
    assert run(machine, "sound") == ["sound: played"]
    assert (machine.now_ns - begin_ns) / 1e9 == pytest.approx(400 / 8_000, rel=0.2)
    assert recorder.how == SampleFormat(8_000, 16, 2)
    ramp = b"".join(
        (80 * n * sign).to_bytes(2, "little", signed=True) for n in range(400) for sign in (1, -1)
    )
    assert recorder.samples.removesuffix(bytes(4)) == ramp
    assert machine.notes == []


def test_a_colour_display_is_filled_by_dma(machine: Machine) -> None:
    wires = {"select": "PB23", "data_command": "PB22", "reset": "PB21"}
    panel = machine.spi.attach(St7735(), **wires)
    assert run(machine, "tft") == ["tft: drawn"]
    image = panel.image()
    places = ((0, 0), (127, 39), (0, 40), (0, 80), (0, 159), (47, 64), (48, 64), (79, 95), (80, 95))
    red, green, blue, white, black = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0)
    colours = [image.getpixel(place) for place in places]
    assert colours == [red, red, green, blue, white, green, black, black, blue]


def test_one_wire_parts_are_read_bit_by_bit(machine: Machine) -> None:
    machine.parts.attach(Dht11(celsius=23, humidity=61), data="PB7")
    machine.parts.attach(Ds18b20(celsius=21.5), data="PB8")
    assert run(machine, "dht11") == ["dht11: 23 C, 61 %, checksum good"]
    assert run(machine, "ds18b20") == ["ds18b20: family 28, took its time, 21.50 C"]


def test_a_dht22_tells_tenths_and_frost(machine: Machine) -> None:
    assert run(machine, "dht22") == ["dht22: nobody answers"]
    machine.parts.attach(Dht22(celsius=-12.3, humidity=61.4), data="PB7")
    assert run(machine, "dht22") == ["dht22: -12.3 C, 61.4 %, checksum good"]


@pytest.mark.parametrize(("name", "pin"), [("ws2812", "PB9"), ("ws2812 by spi", "PB26")])
def test_colour_leds_take_pulses(machine: Machine, name: str, pin: str) -> None:
    strip = machine.parts.attach(Ws2812(count=4), data=pin)
    run(machine, name)
    assert strip.colours == [(0, 255, 0), (255, 0, 0), (0, 0, 255), (0x34, 0x12, 0x56)]


def test_a_knob_makes_a_buzzer_sound(machine: Machine) -> None:
    knob = machine.parts.attach(RotaryEncoder(), a="PB10", b="PB11")
    buzzer = machine.parts.attach(Buzzer(), pin="PB12")
    machine.uart1.write("knob\n")
    machine.uart0.expect("knob: ready")
    knob.turn(3)
    machine.run_for(0.05)
    assert buzzer.frequency_hz == 1000.0
    knob.turn(-5)
    machine.uart0.expect("knob: -2")
    assert [tone for _, tone in buzzer.tones] == [1000.0, 500.0, 0.0]


def test_a_receiver_and_a_modem_talk_over_a_uart(machine: Machine) -> None:
    machine.uarts[2].connect(Gps(start="2026-03-01 12:00:00"))
    assert run(machine, "gps")[0].startswith("gps: $GPRMC,120001.00,A,4807.0380,N,01131.0020,E")
    machine.parts.detach("gps")
    modem = machine.uarts[2].connect(Modem(script=r"AT\+CSQ => +CSQ: 20,99|OK"))
    assert run(machine, "modem") == ["modem: AT+CSQ", "modem: +CSQ: 20,99", "modem: OK"]
    assert modem.lines == ["AT+CSQ"]
