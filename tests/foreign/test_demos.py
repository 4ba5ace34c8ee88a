"""The demos of IOsetting/wm-sdk-w806, built from their sources by whoever gives the corpus: each does what its source says.

The corpus holds them as DEMO.elf, of any compiler. What is listed is what the sources print on UART0 with nothing
connected.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from support import fat

from emu.machine import Machine, RunEnd
from emu.machine.part_files import load_part, write_part
from emu.parts import I2sRecorder, Nrf24l01, SdCard

# fmt: off
PRINTS = {
    "adc": r"enter main\r\nvalue = \d+mv\r\nvalue = \d+mv",
    "fatfs": r"MPU_Init\r\nRTC_Init\r\nSPI_Init\r\nMMC_disk_initialize\r\n\r\nCMD0",
    "flash": r"enter main\r\ntest success\r\n\.\.",
    "freertos": r"enter main\r\ntask1_handle\r\ntask2_handle\r\ntask1_handle\r\ntask2_handle",
    "i2c_at24cxx": r"enter main\r\nlen = 46\ni2c ack error",
    "i2c_ssd1306_oled": r"enter main\r\n(i2c ack error)+OLED init: 1\n",
    "i2s": r"enter main\r\n\.tx halfcplt\r\ntx cplt\r\n\.",
    "rtc": r"enter main\r\n2021-6-10 14:28:10\r\n2021-6-10 14:28:1[01]\r\n2021-6-10 14:28:1[12]",
    "spi_basic": r"enter main\r\ntx cplt\r\n",
    "spi_nrf24l01": r"Check failed\r\n",
    "tft_lcd": r"enter main\r\ns_t = \d+\r\np_t = \d+\r\n",
    "tim": r"enter main\r\n0 1 2 3 4 5 0 1 2 3 4 5 ",
    "wwdg": r"enter main\r\n\.\.",
    "fan": r"enter main \[FS\]\r\ngpio init\.\.\.\nbtn init\.\.\.\noled init\.\.\.\nspi init\.\.\.\nstart scan",
} | dict.fromkeys(
    ("app", "gpio", "pwm_2_led_fade_complementary", "pwm_2_led_fade_synchronized", "pwm_5_led_fade_synchronized",
     "pwm_led_fade_independent", "spi_st7567_lcd", "touch", "uart", "nyh-hello", "nyh-freertos-hello", "nyh-i2s"),
    r"enter main\r\n",
)
# fmt: on
SILENT = ("pmu", "spi_st77xx_lcd")


def demo(folder: Path, name: str) -> Machine:
    found = sorted(folder.rglob(f"{name}.elf"))
    if not found:
        pytest.skip(f"the corpus holds no {name}.elf, built from IOsetting/wm-sdk-w806")
    return Machine.load(found[0])


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", PRINTS)
def test_a_demo_prints_what_its_source_says(name: str, firmware_corpus: Path) -> None:
    with demo(firmware_corpus, name) as machine:
        assert machine.setup[0].startswith("W806 (guessed: ")
        machine.uart0.expect(PRINTS[name], timeout_s=4)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", SILENT)
def test_a_silent_demo_runs_on(name: str, firmware_corpus: Path) -> None:
    with demo(firmware_corpus, name) as machine:
        assert machine.run_for(1.0).end is RunEnd.TIME_UP
        assert machine.uart0.text == ""


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("name", "duties"),
    [
        ("pwm_2_led_fade_complementary", [0.22, 0.78, 0.72, 0.28, 0]),
        ("pwm_2_led_fade_synchronized", [0.72, 0.72, 0.97, 0.97, 0]),
        ("pwm_5_led_fade_synchronized", [0.22] * 5),
        ("pwm_led_fade_independent", [0.72, 0.97, 0.81, 0, 0]),
    ],
)
def test_a_pwm_demo_fades_its_leds(name: str, duties: list[float], firmware_corpus: Path) -> None:
    """A step each 20 ms: the 22nd of each, from where its source begins, up to 100 and down again."""
    with demo(firmware_corpus, name) as machine:
        pwm, steps = machine.board.soc.pwm, 22
        machine.uart0.expect("enter main", timeout_s=1)
        machine.run_for(0.02 * (steps - 0.5))
        assert [pwm.output(channel).duty for channel in range(5)] == pytest.approx(duties)
        assert {pwm.output(channel).frequency_hz for channel in range(5)} <= {0, 100_000}


@pytest.mark.timeout(300)
def test_the_card_demo_reads_and_writes_files(firmware_corpus: Path, tmp_path: Path) -> None:
    """Its source reads 513 bytes of a block, over what is behind the buffer: it has to be built without that."""
    fat.make(tmp_path / "card.img", 32, hello=b"hello, card")
    with demo(firmware_corpus, "fatfs") as machine:
        wires = {"select": "PB14", "sck": "PB15", "miso": "PB16", "mosi": "PB17"}
        card = machine.parts.attach(SdCard(size_mib=32), name="card", **wires)
        load_part(card, tmp_path / "card.img")
        machine.uart0.expect(r"/hello.txt 11\r\n[^$]*done[^$]*f_unmount succeeded", timeout_s=5)
        write_part(machine, "card", tmp_path / "after.img")
    fat.check(tmp_path / "after.img")
    text = "W806 SD Card I/O Example via SPI\n-- Planet 4032-877"
    assert fat.read(tmp_path / "after.img", "w806test_long_name.txt") == text


@pytest.mark.timeout(120)
def test_the_radio_demo_prints_what_it_receives(firmware_corpus: Path) -> None:
    with demo(firmware_corpus, "spi_nrf24l01") as machine:
        wires = {"sck": "PB15", "miso": "PB16", "mosi": "PB17", "ce": "PB11", "irq": "PB10"}
        radio = machine.parts.attach(Nrf24l01(), select="PB14", **wires)
        machine.uart0.expect(r"Check succeeded\r\nConfig succeeded[^$]*RX_PW_P5=0\r\n", timeout_s=1)
        radio.receive(bytes(range(32)), 1)
        machine.uart0.expect("00 01 02 03 .* 1E 1F", timeout_s=1)


@pytest.mark.timeout(120)
def test_the_radio_demo_sends_to_who_acknowledges(firmware_corpus: Path) -> None:
    """Built with NRF24L01_MODE as NRF24L01_modeTX."""
    with demo(firmware_corpus, "spi_nrf24l01_tx") as machine:
        wires = {"sck": "PB15", "miso": "PB16", "mosi": "PB17", "ce": "PB11", "irq": "PB10"}
        radio = machine.parts.attach(Nrf24l01(peer="listener"), select="PB14", **wires)
        machine.uart0.expect("Fail/Succ: 0/255\r\n", timeout_s=1)
        assert {payload[:3] for payload in radio.sent} == {b"\x1f\x80\x13"}


@pytest.mark.timeout(120)
def test_the_sound_demo_is_heard(firmware_corpus: Path) -> None:
    with demo(firmware_corpus, "i2s") as machine:
        recorder = machine.parts.attach(I2sRecorder(), bus="i2s")
        machine.uart0.expect("tx cplt", timeout_s=1)
        expected = b"".join(number.to_bytes(4, "little") for number in range(990))
        assert recorder.samples.startswith(expected)


@pytest.mark.timeout(120)
def test_the_uart_demo_echoes_on_uart1(firmware_corpus: Path) -> None:
    with demo(firmware_corpus, "uart") as machine:
        machine.uart0.expect("enter main", timeout_s=1)
        machine.uart1.write("over and out")
        machine.uart1.expect("over and out", timeout_s=1)


@pytest.mark.timeout(900)  # its idle thread only enters and leaves critical sections, which are interpreted
def test_rt_thread_greets(firmware_corpus: Path) -> None:
    with demo(firmware_corpus, "rtt-nano") as machine:
        machine.uart0.expect(r"- RT -     Thread Operating System\n", timeout_s=1)
        machine.uart0.expect(r"Main task:1\b", timeout_s=2)
