"""The acceptance list: sessions of csky-unknown-elf-gdb with our ROMs and test programs."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import pytest
from gdb.real_client import converse, serve, session
from support.gdb_client import ATCMD

import roms
from emu import Machine
from emu.gdb.server import GdbServer

ROMS = Path(roms.__file__).parent
PROGRAMS = Path(__file__).parents[1] / "firmware" / "programs"


def in_order(text: str, *patterns: str) -> None:
    """Each pattern is found behind the one before."""
    position = 0
    for pattern in patterns:
        found = re.compile(pattern, re.MULTILINE).search(text, position)
        assert found, f"{pattern!r} is not in:\n{text[position:]}\n--- the whole session:\n{text}"
        position = found.end()


def test_breakpoints_steps_and_calls(gdb: str, machine: Machine, tmp_path: Path) -> None:
    script = """
info registers
break app_main
continue
backtrace 2
next
next
next
next
next
step
finish
info threads
p $vtime > 70000000
p crc32(0, (const void *)0x08010000, 16) != 0
"""
    text = session(gdb, machine, ATCMD, script, tmp_path)
    in_order(
        text,
        r"^reset_handler \(\)",
        r"^pc +0x8010790",
        r"^psr .*\[.* S \]",
        r"^Breakpoint 1, app_main \(\)",
        r"^#1 .* in run_application",
        *("^12\t", "^14\t", "^15\t", "^log_line", r"in app_main \(\)"),
        r"Thread 1 \"CPU\" \(no task runs\)",
        r"\$1 = 1",
    )


def test_watchpoints_code_in_ram_and_wait(gdb: str, machine: Machine, tmp_path: Path) -> None:
    script = """
tbreak *sleep_ticks
continue
watch *(unsigned *)&ticks
continue
continue
delete
tbreak idle
continue
stepi
stepi
stepi
stepi
info symbol $pc
"""
    text = session(gdb, machine, ATCMD, script, tmp_path)
    in_order(
        text, r"Temporary breakpoint 1, .*sleep_ticks", r"Old value = \d+\nNew value = \d+", "Old value = "
    )
    in_order(text, r"Temporary breakpoint \d, idle", r"^idle")


def test_backwards(gdb: str, machine: Machine, tmp_path: Path) -> None:
    script = """
break log_version
continue
tbreak idle
continue
watch *(unsigned *)&ticks
reverse-continue
info symbol $pc
delete
break log_version
reverse-continue
reverse-finish
reverse-next
next
reverse-stepi
p $vtime
reverse-continue
"""
    text = session(gdb, machine, ATCMD, script, tmp_path)
    in_order(
        text,
        r"^Breakpoint 1, log_version",
        r"Temporary breakpoint 2, idle",
        r"Old value = (\d+)\nNew value = (\d+)",
        r"Breakpoint \d, log_version",
        r"^\$1 = 7\d{7}",
        "No more reverse-execution history",
    )


def test_floats(gdb: str, tmp_path: Path, translations: Path) -> None:
    program = PROGRAMS / "hard_float.elf"
    with Machine.load(program, cache=translations) as machine:
        script = """
break *app_main
continue
p $fr0 = 2.5
p $fr0 * 2
info registers fr0 fcr fesr
info locals
"""
        text = session(gdb, machine, program, script, tmp_path)
    in_order(text, r"\$1 = 2\.5", r"\$2 = 5", r"^fr0 +2\.5", r"^fcr +0x", r"^fesr +0x")


def test_tasks(gdb: str, tmp_path: Path, translations: Path) -> None:
    program = PROGRAMS / "tasks.elf"
    with Machine.load(program, cache=translations) as machine:
        script = """
tbreak fail
continue
info threads
thread apply all backtrace 3
thread 3
info registers pc
thread 2
stepi
continue
"""
        text = session(gdb, machine, program, script, tmp_path)
    in_order(
        text, r"Thread 2 \"worker\" hit Temporary breakpoint", r'\* 2 .*"worker" \(priority 3, running\)'
    )
    in_order(text, r'"gone" \(priority 1, deleted\)', r'Thread 4 .*"reader"', r"wait_for_input", r"^pc ")
    in_order(text, "access error", r"received signal SIGSEGV", r"in fail \(\)")


def test_over_two_reboots(gdb: str, tmp_path: Path, translations: Path) -> None:
    """From the firmware that an update has installed, back into the one that has fetched it."""
    update, new = ROMS / "ota_ops" / "ota_ops.elf", ATCMD
    with Machine.load(cache=translations) as machine:
        script = f"""
tbreak app_main
continue
p $vtime
file {new}
tbreak query_version
monitor uart 1 send AT+QVER\\r
tbreak settings_start
continue
p $vtime
file {update}
break app_main
reverse-continue
p $vtime
monitor time
reverse-continue
"""
        text = session(gdb, machine, update, script, tmp_path)
    in_order(text, r"Temporary breakpoint 1, app_main", r"\$1 = (\d+)", r"settings_start", r"\$2 = \d{10}")
    in_order(text, r"\$2 = ", r"Breakpoint \d, .*app_main", r"\$3 = \d{8}$", "in the past", "No more reverse")


def test_load_and_begin_anew(gdb: str, machine: Machine, tmp_path: Path) -> None:
    with closing(GdbServer(machine, 0)) as server:
        text = serve(
            gdb,
            server,
            ATCMD,
            f"""set pagination off
set confirm off
target extended-remote :{server.port}
load
tbreak app_main
run
monitor reset
maintenance flush register-cache
info symbol $pc
kill
tbreak log_version
run
disconnect
target extended-remote :{server.port}
backtrace 1
detach
""",
            tmp_path,
        )
    in_order(text, "Loading section .text", "fits the program again", "Temporary breakpoint 1, app_main")
    in_order(
        text,
        "the chip was reset",
        r"^reset_handler",
        "Temporary breakpoint 2, log_version",
        "^#0  log_version",
    )


def test_the_machine_interface_of_editors(gdb: str, machine: Machine, tmp_path: Path) -> None:
    """What VS Code and CLion send, each command when the one before has been answered."""
    with closing(GdbServer(machine, 0)) as server:
        conversation = (
            ("-gdb-set mi-async on", r"\^done"),
            (f"-target-select remote :{server.port}", r"\^connected"),
            ("-break-insert -t app_main", r"\^done,bkpt="),
            ("-exec-continue", r'\*stopped,.*reason="breakpoint-hit".*func="app_main"'),
            ("-stack-list-frames", r'\^done,stack=\[frame=\{level="0".*func="run_application"'),
            ("-thread-info", r'\^done,threads=\[\{id="1"'),
            ("-data-list-register-values x 72", r'\^done,register-values=\[\{number="72",value="0x80119d0"'),
            ("-exec-next", r'\*stopped,reason="end-stepping-range"'),
            ("-exec-next --reverse", r"\*stopped"),
            ("-exec-continue", r"\*running"),
            ("-exec-interrupt", r'\*stopped,.*signal-name="SIGINT"'),
            ("-data-read-memory-bytes 0x08010000 4", r"\^done,memory="),
        )
        converse(gdb, server, ATCMD, conversation, tmp_path)


def test_conditions_are_evaluated_here(gdb: str, machine: Machine, tmp_path: Path) -> None:
    script = """
set breakpoint condition-evaluation target
break uart_write if $r2 == 42
continue
info breakpoints
info registers r2
reverse-continue
"""
    text = session(gdb, machine, ATCMD, script, tmp_path)
    in_order(text, "Breakpoint 1, uart_write", "stop only if .r2 == 42 .target evals", r"^r2 +0x2a +42")


def test_the_macros_of_the_sdk(gdb: str, sdk: Path, atcmd_image: Path, tmp_path: Path) -> None:
    macros = sdk / "tools" / "wm" / "w800.gdb"
    if not macros.exists():
        pytest.skip(f"needs {macros}")
    program = PROGRAMS / "tasks.elf"
    with Machine.load(program, cache=False) as machine:
        text = session(gdb, machine, program, "tbreak fail\ncontinue\nwmbt\n", tmp_path, "-x", str(macros))
    in_order(text, "Temporary breakpoint 1", "display freertos task stacks")
