"""What each build goes through: `w800emu compare --scenario scenario.py`, `w800emu powercut scenario.py`."""

FIRMWARE = "../../roms/atcmd/atcmd.elf"


def story(machine):
    """Boot, and store a setting."""
    machine.uart0.expect("init finished")
    machine.uart0.write('AT+SSID="workshop"\r\n')
    machine.uart0.expect(r"\+OK\r\n")


def check(machine):
    """After a power cut: it boots and answers."""
    machine.uart0.expect("init finished")
    machine.uart0.write("AT+QVER\r\n")
    machine.uart0.expect(r"\+OK=")
