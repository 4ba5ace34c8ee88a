from __future__ import annotations

from support.boot import FakeBoot, build_app

from peripherals.nor_flash import FlashCommand


def test_a_device_still_busy_from_before_the_reset_is_waited_for() -> None:
    fake = FakeBoot(build_app())
    fake.device.execute(FlashCommand(0x06))
    fake.device.execute(FlashCommand(0x20, 0x1E_0000))
    ready_at_ns = fake.device.ready_at_ns
    assert fake.chip.flash.read(0x2000, 4) == b"\x9f\xff\xff\xa0"
    assert fake.now_ns >= ready_at_ns > 0


def test_programming_only_clears_bits() -> None:
    fake = FakeBoot(build_app())
    port = fake.chip.flash
    port.program_page(0x1E_0000, b"\x0f")
    port.program_page(0x1E_0000, b"\xf3")
    assert port.read(0x1E_0000, 1) == b"\x03"
    port.erase_sector(0x1E_0800)
    assert port.read(0x1E_0000, 1) == b"\xff"
    assert port.size_bytes == 0x20_0000
