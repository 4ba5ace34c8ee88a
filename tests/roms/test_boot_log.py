from __future__ import annotations

from support.boot import FakeBoot, build_app

from roms.boot_log import BootLog, Level


def test_the_level_decides_what_is_printed() -> None:
    fake = FakeBoot(build_app())
    log = BootLog(fake)
    log.line(Level.ERROR, "[E] nobody sees this")
    log.line(Level.SILENT, "always")
    log.level = Level.INFO
    log.raw(Level.INFO, ".")
    log.line(Level.DEBUG, "[D] too much")
    assert fake.sent == b"always\r\n."
