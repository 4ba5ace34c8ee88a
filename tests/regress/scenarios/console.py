"""Somebody types at the console; see tests/regress/programs/console/main.c for what is wrong with it."""

from emu import Machine

FIRMWARE = "console.elf"
SETTINGS = 0x1E_0000
IMAGE = SETTINGS + 0x1000


def story(machine: Machine) -> None:
    machine.flash.load(SETTINGS, b"A\xff\0")  # it has a setting already
    machine.uart0.expect("ready, setting A")
    machine.uart0.write("S")
    machine.run_for(0.003)  # as somebody types
    machine.uart0.write("B\r")
    machine.uart0.expect("setting B")
    machine.uart0.write("D\r")
    machine.run_for(0.003)
    machine.uart0.write(b"\x04abcd")
    machine.uart0.expect("installed")


def alive(machine: Machine) -> None:
    for patience_s in (0.03, 0.1, 0.3):  # it may be starting, or wait for more
        machine.run_for(0.02)
        machine.uart0.write("\r?\r")
        try:
            setting = machine.uart0.expect(rb"console: setting (.)\r\n", timeout_s=patience_s)[1]
        except AssertionError as error:
            silence = error
        else:
            assert setting != b"-", "the setting is lost"
            return
    raise silence


def install(machine: Machine, image: bytes) -> None:
    machine.flash.load(IMAGE, image)
    machine.uart0.write("U\r")
