"""The SDK's own tools, unmodified, against emulators."""

from __future__ import annotations

import os
import platform
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from emu.loader import Image
from emu.loader.headers import stand_in_bootloader
from emu.loader.image import ImageHeader, ImageType
from emu.loader.partition_table import OTA_LAYOUT, TABLE_OFFSET
from emu.machine import Machine
from emu.machine.demo import BUILT_IN_PROGRAMS
from emu.memory_map import FLASH_BASE

pytestmark = pytest.mark.timeout(180)
RUN = (sys.executable, "-m", "emu.cli", "run", "--no-cache")
WM = (sys.executable, "-m", "emu.cli", "wm")
RAMDUMP_SIZE = 0x48 + 0x4_8000


@contextmanager
def emulator(*options: str) -> Iterator[re.Match[str]]:
    """One that runs until the end, and where its first back end is."""
    with subprocess.Popen(
        [*RUN, *options], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        told = ""
        while not (found := re.search(r"uart0 is on (?:rfc2217://[\d.]+:)?(\S+)", told)):
            line = process.stderr.readline()
            assert line, told
            told += line
        try:
            yield found
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def wm(sdk: Path) -> tuple[str, ...]:
    pytest.importorskip("pyprind", reason="the SDK's tools need it")
    pytest.importorskip("colorama", reason="the SDK's tools need it")
    return (*WM, "--sdk", str(sdk))


@pytest.fixture
def package(tmp_path: Path, real_bootloader: Path, atcmd_image: Path) -> Path:
    """As `wm.py build` leaves it: bootloader, app and partition table in one file."""
    stand_in = stand_in_bootloader(0x0800_F000).header
    bootloader = Image.build(stand_in, real_bootloader.read_bytes())
    table_header = replace(
        stand_in,
        attribute=ImageType.PARTITION_TABLE,
        run_address=FLASH_BASE + TABLE_OFFSET,
        header_address=0x2002_6000,
        next_header_address=0,
    )
    table = Image.build(table_header, OTA_LAYOUT.to_bytes())
    path = tmp_path / "package.fls"
    path.write_bytes(bootloader.to_bytes() + atcmd_image.read_bytes() + table.to_bytes())
    return path


def test_flash_py_brings_up_a_board_from_nothing(wm: tuple[str, ...], package: Path, tmp_path: Path) -> None:
    """Erase, 2,000,000 baud, a package, a second image, reboot: the flash is that of `image build`."""
    flash, built, data = tmp_path / "new.bin", tmp_path / "built.bin", tmp_path / "data.img"
    header = ImageHeader(0xA0FF_FF9F, ImageType.PARTITION_TABLE, 0x081E_0000, 0, 0x2002_6000, 0, 0)
    data.write_bytes(Image.build(header, b"settings" * 500).to_bytes())
    images = ["-i", str(package), "-i", str(data)]
    done = subprocess.run(
        [*wm, "--flash-file", str(flash), "--", "flash", "-e", "-b", "2000000", *images],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "flash device complete" in done.stdout
    subprocess.run(
        [sys.executable, "-m", "emu.cli", "image", "build", str(package), "-o", str(built)], check=True
    )
    expected = bytearray(built.read_bytes())
    expected[:0x2000] = b"\xff" * 0x2000  # the factory parameters are not flashed
    expected[0x1E_0000 : 0x1E_0000 + 4000] = b"settings" * 500
    settings = OTA_LAYOUT.require("nvs").offset  # the app has started meanwhile, and made some
    assert flash.read_bytes()[:settings] == expected[:settings]
    run = [*RUN, "--flash-file", str(flash), "--max-time", "5s", "--expect", "init finished"]
    subprocess.run(run, check=True)


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
def test_monitor_py_shows_a_pseudo_terminal(sdk: Path, atcmd_image: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyprind", reason="the SDK's tools need it")
    link = tmp_path / "tty"
    with emulator(str(atcmd_image), "--uart0", f"pty:{link}"):
        command = [sys.executable, str(sdk / "tools/wm/monitor.py"), "-p", str(link)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as monitor:
            assert monitor.stdout is not None
            shown = b""
            while b"init finished" not in shown:
                shown += (one := os.read(monitor.stdout.fileno(), 4096))
                assert one, shown
            monitor.terminate()


def test_ramdump_py_gets_registers_and_ram_of_a_crash(
    wm: tuple[str, ...], atcmd_image: Path, tmp_path: Path
) -> None:
    state, dump = tmp_path / "crashing.state", tmp_path / "atcmd.ramdump"
    with Machine.load(atcmd_image, cache=False) as machine:
        machine.uart0.expect("init finished")
        machine.registers["pc"] = 0
        machine.save_state(state)
    options = ("--load-state", str(state), "--crash", "continue", "--no-realtime", "--uart0", "rfc2217:0")
    with emulator(*options) as found:
        tool = ["--port", found[1], "--", "ramdump", "-o", str(dump)]
        subprocess.run([*wm, *tool], check=True, stdout=subprocess.DEVNULL)
    assert dump.stat().st_size == RAMDUMP_SIZE


def test_a_crash_tells_how_to_get_a_ramdump(atcmd_image: Path, tmp_path: Path) -> None:
    state = tmp_path / "crashing.state"
    with Machine.load(atcmd_image, cache=False) as machine:
        machine.uart0.expect("init finished")
        machine.registers["pc"] = 0
        machine.save_state(state)
    done = subprocess.run([*RUN, "--load-state", str(state)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "the firmware would wait for `wm.py ramdump` now: --ramdump FILE" in done.stderr


@pytest.mark.skipif(
    (sys.platform, platform.machine()) != ("linux", "x86_64"), reason="the SDK's stub for this host differs"
)
def test_the_stub_of_wm_py_debug_opens_our_ramdump(
    sdk: Path, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    """As `do_debug` of wm.py starts it, which needs a whole project around it."""
    gdb = pytestconfig.getoption("--gdb-client") or shutil.which("csky-unknown-elf-gdb")
    if gdb is None:
        pytest.skip("needs csky-unknown-elf-gdb: --gdb-client PATH")
    elf, dump, stub = BUILT_IN_PROGRAMS[1], tmp_path / "atcmd.ramdump", tmp_path / "stub"
    with Machine.load(elf, cache=False) as machine:
        machine.uart0.expect("init finished")
        machine.uart1.write("AT+QVER\r")
        machine.run_until_address("query_version", 2)
        machine.registers["pc"] = 0
        report = machine.run_for(1).crash
        assert report is not None
        dump.write_bytes(machine.ramdump(report))
    shutil.copy(sdk / "tools/wm/linux_gdb.stub", stub)
    stub.chmod(0o755)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    with subprocess.Popen([stub, elf, dump, port], stdout=subprocess.PIPE, text=True) as process:
        commands = ["-ex", "set tcp connect-timeout 20", "-ex", f"target remote :{port}", "-ex", "bt"]
        done = subprocess.run(
            [gdb, "-q", "-batch", *commands, elf], capture_output=True, text=True, check=False
        )
        process.terminate()
    assert re.search(r'^#2 +answer \(line=0x\w+ .*"AT\+QVER", uart=UART1\)', done.stdout, re.MULTILINE)
