from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from cli.tiny_firmware import MAIN, write_firmware
from cpu.program import code, op
from machine.device import PREPARE_UART0, SPIN, WATCHDOG, send, set_register, store_word

import roms
from emu.cli.__main__ import run_command_line
from emu.soc.support import NO_MODEL

HELLO = code(PREPARE_UART0, send("Hello, world\r\n"), SPIN)
BACK_TRACE = "back trace:"
EXCEPTIONS = str(Path(__file__).parents[1] / "firmware" / "programs" / "exceptions.elf")
TASKS = str(Path(__file__).parents[1] / "firmware" / "programs" / "tasks.elf")
ATCMD = str(Path(roms.__file__).parent / "atcmd" / "atcmd.img")


@pytest.fixture
def hello(tmp_path: Path) -> str:
    return str(write_firmware(tmp_path / "hello.elf", HELLO))


def run(*arguments: str) -> int:
    return run_command_line(["run", "--no-cache", *arguments])


def test_the_demo_tells_its_story_and_ends(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--max-time", "20s") == 0
    output = capsys.readouterr()
    story = [
        "] (0) main: ver: ",
        "\n" + 100 * "." + "\n",
        "example: This example succeeds in running.\n",
        "ota_ops: ota reboot, please wait for the restart...\n",
        "start unxz, please wait...\n",
        "unxz succeed\n",
        "main: ver: ",
        "atcmd: set default wifi config\n",
        "atcmd: set default tcpip config\n",
        "atcmd: atcmd init finished.",
    ]
    position = 0
    for text in story:
        position = output.out.find(text, position)
        assert position >= 0, f"{text!r} is missing or out of order"
    assert output.err == ""


@pytest.mark.parametrize(("cpi", "cycles"), [("1", 1), ("4/3", 4 / 3), ("flash=4,ram=1", 4)])
def test_cpi_says_how_long_an_instruction_takes(
    hello: str, capsys: pytest.CaptureFixture[str], cpi: str, cycles: float
) -> None:
    run(hello, "--bootloader", "none", "--max-time", "100ms", "--cpi", cpi, "--stats")
    executed = re.search(r"instructions +([\d,]+)", capsys.readouterr().err)
    assert executed is not None
    assert int(executed[1].replace(",", "")) == pytest.approx(0.1 * 80e6 / cycles, rel=0.01)


def test_a_run_ends_when_every_expected_text_has_appeared(
    hello: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(hello, "--expect", "world", "--expect", "Hello") == 0
    assert capsys.readouterr().out.startswith("Hello, world")


def error_of(capsys: pytest.CaptureFixture[str]) -> str:
    """What is on stderr behind the line that says what the machine is."""
    setup, _, error = capsys.readouterr().err.partition("\n")
    assert setup.startswith("w800emu: W800 (guessed: ")
    return error


def test_a_run_says_which_chip_and_bootloader_it_has(hello: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(hello, "--expect", "world", "--chip", "hlk-W801-KIT", "--bootloader", "none") == 0
    assert capsys.readouterr().err == "w800emu: W801; no second bootloader\n"


def test_a_forbidden_text_is_a_failure(hello: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(hello, "--fail-on", "Hello", "--max-time", "1s") == 1
    assert error_of(capsys).startswith("w800emu: error: 'Hello' appeared on uart0 after 0.0")


def test_an_endless_loop_ends_with_the_virtual_time(hello: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(hello, "--max-time", "1s", "--expect", "bye") == 42
    error = error_of(capsys)
    assert error == (
        "w800emu: error: the virtual time is up after 1.000 s; 'bye' has not appeared; "
        "at pc 0x0800f620 (main+0x120), in an endless loop, interrupts off\n"
    )


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (code(set_register(2, 0x6000_0000), op("ld.w", rz=1, rx=2, offset=0)), "access error at pc {pc}, address 0x60000000"),
        (code(set_register(2, 0x2000_0001), op("ld.w", rz=1, rx=2, offset=0)), "unaligned access at pc {pc}, address 0x20000001"),
    ],
)  # fmt: skip
def test_a_crash_names_place_symbol_address_and_registers(
    tmp_path: Path, program: bytes, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(str(write_firmware(tmp_path / "crash.elf", program))) == 1
    error = error_of(capsys)
    first, *registers = error.splitlines()
    assert first.startswith("w800emu: error: " + message.format(pc=f"{MAIN + 8:#010x} (main+0x8)"))
    assert "r2 " in "".join(registers)
    assert "psr " in "".join(registers)
    assert any(
        line.startswith(f"=> {MAIN + 8:8x}:  {0x9220:04x}       ld.w r1, (r2, 0x0)") for line in registers
    )


def test_a_crash_tells_source_lines_and_callers(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(EXCEPTIONS, "--max-time", "1s") == 1
    output = capsys.readouterr()
    assert "exceptions: misaligned access: vector 1, exact" in output.out, "the firmware goes on printing"
    lines = output.err.splitlines()[1:]
    assert lines[0].startswith("w800emu: error: unaligned access at pc 0x08")
    assert lines[1] == "exception 1"
    callers = [line.split()[1] for line in lines[lines.index(BACK_TRACE) + 2 :]]
    assert [name.partition("+")[0] for name in callers] == ["app_main", "run_application"]


def test_a_crash_lists_the_tasks(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(TASKS, "--max-time", "1s", "--recent-branches") == 1
    output = capsys.readouterr()
    assert "CPU Exception : 2 (access error)" in output.out, "the firmware has printed it, too"
    lines = output.err.splitlines()[1:]
    assert lines[1].startswith("exception 2 at roms/../tests/firmware/programs/tasks/main.c:")
    assert lines[2].startswith("called from worker+0x")
    assert lines[3] == "in task worker"
    callers = [line.split()[1].partition("+")[0] for line in lines[lines.index(BACK_TRACE) + 1 :][:2]]
    assert callers == ["fail", "worker"]
    assert lines[lines.index("last 16 different branches, the latest last:") + 16].endswith(" -> fail")
    rows = lines[lines.index("tasks (stacks in bytes; most: used at most so far, left: never used):") + 2 :]
    assert [row[2:].split()[:2] for row in rows[:3]] == [
        ["worker", "running"], ["idle", "ready"], ["reader", "blocked"],
    ]  # fmt: skip


@pytest.mark.parametrize("erased_bytes", [0x1000, 0x2000])
def test_a_dump_of_the_flash_whose_parameters_are_erased_runs(
    erased_bytes: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dump = tmp_path / "dump.bin"
    assert run_command_line(["image", "build", "-o", str(dump), ATCMD]) == 0
    dump.write_bytes(b"\xff" * erased_bytes + dump.read_bytes()[erased_bytes:])
    assert run_command_line(["image", str(dump)]) == 0
    assert run(str(dump), "--expect", "init finished", "--max-time", "20s") == 0


def test_a_crash_leaves_a_ramdump(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dump = tmp_path / "first.ramdump"
    assert run(EXCEPTIONS, "--max-time", "1s", "--ramdump", str(dump)) == 1
    output = capsys.readouterr()
    pc = re.search("pc (0x0[0-9a-f]+) ", output.err)
    assert pc is not None
    data = dump.read_bytes()
    assert len(data) == 0x48 + 0x4_8000
    assert int.from_bytes(data[0x44:0x48], "little") == int(pc[1], 16)
    assert f"w800emu: registers and RAM of the crash are in {dump}\n" in output.err
    assert list(tmp_path.iterdir()) == [dump]


def test_crashes_that_do_not_end_the_run_are_told_once_a_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The handler that every exception goes to fails as well, again and again."""
    crashes = str(write_firmware(tmp_path / "crash.elf", op("bkpt")))
    assert run(crashes, "--crash", "continue", "--max-time", "100ms") == 42
    told = [line for line in capsys.readouterr().err.splitlines() if "crash, going on: " in line]
    assert len(told) == 1
    assert f"breakpoint instruction at pc {MAIN:#010x} (main)" in told[0]


def test_without_a_crash_there_is_no_ramdump(
    hello: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dump = tmp_path / "none.ramdump"
    assert run(hello, "--expect", "world", "--ramdump", str(dump)) == 0
    assert f"w800emu: there was no crash: {dump} is not written\n" in capsys.readouterr().err
    assert not dump.exists()


def test_a_ramdump_that_cannot_be_written_does_not_hide_the_crash(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(EXCEPTIONS, "--max-time", "1s", "--ramdump", str(tmp_path)) == 1
    error = capsys.readouterr().err
    assert f"w800emu: error: {tmp_path}: cannot be written" in error
    assert "w800emu: error: unaligned access at pc 0x08" in error


def test_a_wild_jump_names_where_it_went(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = code(set_register(2, 0x6000_0000), op("jsr", rx=2))
    assert run(str(write_firmware(tmp_path / "wild.elf", program))) == 1
    error = error_of(capsys)
    assert error.startswith("w800emu: error: access error at pc 0x60000000")
    assert "called from main+0xa\n" in error


def test_with_crash_continue_the_run_goes_on(tmp_path: Path) -> None:
    program = code(PREPARE_UART0, op("bkpt"))
    assert (
        run(str(write_firmware(tmp_path / "crash.elf", program)), "--crash", "continue", "--max-time", "1s")
        == 42
    )


def test_a_uart_goes_to_a_file_and_not_to_the_terminal(
    hello: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "uart0.log"
    assert run(hello, "--uart0", f"file:{log}", "--expect", "world\r\n") == 0
    assert log.read_bytes() == b"Hello, world\r\n"
    assert capsys.readouterr().out == ""


@pytest.mark.timeout(60)
def test_a_tcp_client_talks_to_the_firmware() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    received = bytearray()

    def talk() -> None:
        with connect(port) as client:
            while b"init finished" not in received:
                received.extend(client.recv(4096))
            client.sendall(b"AT+QVER\r")
            while data := client.recv(4096):
                received.extend(data)

    client = threading.Thread(target=talk)
    client.start()
    assert run(ATCMD, "--uart0", f"tcp:{port}", "--expect", "+OK=", "--max-time", "1m", "--no-realtime") == 0
    client.join()
    assert b"+OK=" in received


def connect(port: int) -> socket.socket:
    """Connect as soon as the run has opened the port."""
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port))
        except ConnectionRefusedError:
            continue


def test_statistics_tell_what_the_run_took(hello: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(hello, "--expect", "world", "--stats") == 0
    error = capsys.readouterr().err
    for name in (
        "instructions",
        "MIPS",
        "virtual time",
        "wall time",
        "translated",
        "cache hits",
    ):
        assert f"w800emu: {name} " in error


def test_a_trace_shows_every_instruction(hello: str, tmp_path: Path) -> None:
    trace = tmp_path / "trace.txt"
    assert run(hello, "--expect", "Hello", "--trace", str(trace), "--trace-format", "text") == 0
    first = trace.read_text().splitlines()[0]
    assert f"{MAIN:08x} main" in first
    assert "movih r1" in first


@pytest.mark.parametrize("option", ["--report-unmodeled", "--stats"])
def test_hardware_without_a_model_is_listed_with_the_place_of_its_first_use(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = code(set_register(2, 0x4000_2400), op("ld.w", rz=1, rx=2, offset=0), SPIN)
    assert run(str(write_firmware(tmp_path / "sdio.elf", program)), "--max-time", "1s", option) == 42
    place = f"{MAIN + 8:#010x} (main+0x8)"
    line = f"w800emu: not modelled: sdio_slave+0x0: once read 4 bytes at {place} ({NO_MODEL})\n"
    assert line in capsys.readouterr().err


def test_a_report_of_nothing_says_so(hello: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(hello, "--expect", "world", "--report-unmodeled") == 0
    assert error_of(capsys) == "w800emu: not modelled: nothing that was used\n"


@pytest.mark.timeout(60)
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process alone")
def test_ctrl_c_leaves_everything_saved(tmp_path: Path) -> None:
    flash = tmp_path / "flash.bin"
    command = [sys.executable, "-m", "emu.cli", "run", "--flash-file", str(flash), "--save-flash"]
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    dots = 0
    while dots < 50:
        dots += process.stdout.read(1) == b"."
    process.send_signal(signal.SIGINT)
    _, error = process.communicate()
    assert error.startswith(b"w800emu: interrupted after ")
    assert process.returncode == 130
    app_ota = flash.read_bytes()[0x13_1000:0x1E_0000]
    assert app_ota.strip(b"\xff"), "what the firmware has written is in the file"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--frobnicate"], "o such option"),
        (["--uart0", "file:log", "--uart2", "file:log"], "--uart2: log is for uart0 already"),
        (["--uart1", "pipe"], "'pipe' is no UART back end (use stdio, file:PATH, pty[:LINK], "),
        (["--uart0", "file:/no/such/folder/log"], "/no/such/folder/log: No such file or directory"),
        (["--max-time", "10"], "'10' is not a duration such as 500ms, 10s or 2m"),
        (["--save-flash"], "--save-flash needs --flash-file"),
        (["--save-flash", "--flash-file", "/no/such/folder/flash.bin"], "flash.bin: cannot be written"),
        (["--ramdump", "/no/such/folder/dump"], "--ramdump: /no/such/folder is no folder"),
        (
            ["--trace", "x", "--trace-format", "text", "--engine", "translator"],
            "--trace-format text needs --engine interpreter",
        ),
        (["--chip", "esp32"], "chip: 'esp32' is none of w800, w801"),
        (["--engine", "jit"], "'jit' is not one of 'translator', 'interpreter'"),
        (["--bootloader", "no.bin"], "no.bin: cannot be read"),
        (["--elf", "no.elf"], "no.elf: cannot be read"),
        (["no.elf"], "no.elf: cannot be read (No such file or directory)"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_one_line_and_exit_code_2(
    options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*options) == 2
    error = capsys.readouterr().err
    assert error.startswith("w800emu: error: ")
    assert message in error
    assert error.count("\n") == 1


def test_a_tcp_port_in_use_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert run("--uart1", f"tcp:{port}") == 2
    assert f"w800emu: error: TCP port {port} cannot be used: " in capsys.readouterr().err


def test_resets_are_told_until_they_are_a_boot_loop(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hangs = code(store_word(WATCHDOG, 4_000), store_word(WATCHDOG + 8, 3), SPIN)
    firmware = str(write_firmware(tmp_path / "hangs.elf", hangs))
    assert run(firmware, "--max-time", "1s") == 42
    lines = capsys.readouterr().err.splitlines()
    told = [line for line in lines if line.startswith("w800emu: reset ")]
    assert [line.split()[2] for line in told] == ["1", "2", "3", "4"]
    assert all("the watchdog expired, at pc 0x" in line for line in told)
    assert told[-1].endswith("a boot loop: 4 resets without progress, more are not told")
    assert re.search(
        r"the virtual time is up .*; in a boot loop, \d+ resets so far; (at pc|in the boot)", lines[-1]
    )


@pytest.mark.parametrize(
    ("options", "number"), [(["--fail-on-reset"], 1), (["--max-resets", "0"], 1), (["--max-resets", "6"], 7)]
)
def test_a_reset_too_many_is_a_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], number: int
) -> None:
    hangs = code(store_word(WATCHDOG, 4_000), store_word(WATCHDOG + 8, 3), SPIN)
    firmware = str(write_firmware(tmp_path / "hangs.elf", hangs))
    assert run(firmware, *options) == 1
    errors = capsys.readouterr().err
    assert errors.splitlines()[-1].startswith(f"w800emu: error: reset {number} after ")
    assert errors.count(f"reset {number} after ") == 1
