"""`w800emu run`: the options of a run, and what they turn into."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from emu.cli.machine_options import machine_options, take_machine_options
from emu.cli.run_options import RunOptions
from emu.cli.screenshot import parse_screenshot
from emu.cli.script_options import script_options, take_steps
from emu.cli.text_type import TextType
from emu.host.backends import FORMS, BackendChoice, parse_backend
from emu.host.message import tell
from emu.host.network_choices import parse_allowed, parse_forward
from emu.listening import GDB_PORT
from emu.network.network import Network, parse_access_point
from emu.options import MachineOptions
from emu.quantities import parse_duration, parse_port

FILE = click.Path(path_type=Path)
DURATION = TextType(parse_duration)
BACKEND = TextType(parse_backend)
STATION = TextType(parse_access_point)
FORWARD = TextType(parse_forward)
ALLOWED = TextType(parse_allowed)
UART_COUNT = 6
GDB_HELP = "Let gdb attach to this TCP port of this host; 0 is any."
TRACE_FORMATS = ("flow", "text")
DEMOS = ("ota_ops", "ota_http")


def parse_gdb_port(text: str) -> int:
    """The port; what follows `--gdb` is taken for it."""
    try:
        return parse_port(text)
    except ValueError as error:
        raise ValueError(f"{error} (with --gdb alone, the file stands before it)") from None


def gdb_option(text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--gdb` of a command, with its help."""
    return click.option(
        "--gdb",
        type=TextType(parse_gdb_port),
        is_flag=False,
        flag_value=str(GDB_PORT),
        metavar="[PORT]",
        help=f"{text} [{GDB_PORT}]",
    )


def parse_part_file(text: str) -> tuple[str, Path]:
    """The name of a part, and a file."""
    name, equals, path = text.partition("=")
    if not (name and equals and path):
        raise ValueError("NAME=FILE is wanted, such as card=after.img")
    return name, Path(path)


SCREENSHOT = TextType(parse_screenshot)
PART_FILE = TextType(parse_part_file)


def uart_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--uart0` to `--uart5`."""
    for number in reversed(range(UART_COUNT)):
        what = f"{FORMS} (repeatable)." if number == 0 else "Likewise."
        option = click.option(f"--uart{number}", type=BACKEND, multiple=True, metavar="BACKEND", help=what)
        command = option(command)
    return command


@click.command("run")
@click.argument("firmware", type=FILE, required=False)
@machine_options
@click.option(
    "--demo", type=click.Choice(DEMOS), help="The built-in demo to run without FIRMWARE. [default: ota_ops]"
)
@click.option("--load-state", type=FILE, help="Go on from a machine that --save-state has saved.")
@click.option("--save-state", type=FILE, help="Write the whole machine to this file at the end.")
@click.option("--record", type=FILE, help="Write all that comes in to this file at the end, for `replay`.")
@click.option("--hash-every", type=DURATION, metavar="TIME", help="Keep a hash of the state in it so often.")
@click.option("--save-flash", is_flag=True, help="Write the flash contents to --flash-file at the end.")
@uart_options
@script_options
@click.option("--fail-on-reset", is_flag=True, help="End with 1 when the chip is reset: --max-resets 0.")
@click.option("--max-time", type=DURATION, metavar="TIME", help="End with 42 after this virtual time.")
@click.option("--realtime/--no-realtime", default=None, help="Follow the host's clock. [default: if live]")
@click.option("--ramdump", type=FILE, help="Write registers and RAM of the first crash as the SDK does.")
@click.option(
    "--screenshot",
    type=SCREENSHOT,
    multiple=True,
    metavar="NAME=FILE[@TEXT]",
    help="Write what a display shows, as PNG or text, at the end or when a UART prints TEXT (repeatable).",
)
@click.option(
    "--save-part",
    type=PART_FILE,
    multiple=True,
    metavar="NAME=FILE",
    help="Write what a part holds at the end: bytes of a memory, WAV of sound, a text (repeatable).",
)
@click.option("--trace", type=FILE, help="Write what is executed to this file, for `w800emu trace`.")
@click.option(
    "--trace-format",
    type=click.Choice(TRACE_FORMATS),
    default=TRACE_FORMATS[0],
    show_default=True,
    help="flow: all that is needed to tell it; text: lines of the interpreter, which is slow.",
)
@click.option(
    "--trace-last",
    type=DURATION,
    metavar="TIME",
    help="Write to --trace what was executed last, at the end: it costs nothing before.",
)
@gdb_option(GDB_HELP)
@click.option("--gdb-wait/--no-gdb-wait", default=True, help="Wait for gdb before anything is executed.")
@click.option("--coverage", type=FILE, help="Write what code is executed to this file, for `coverage`.")
@click.option(
    "--wifi-station",
    type=STATION,
    metavar="SSID[:PASSWORD]",
    help="Have a station join the device's own access point of that name.",
)
@click.option("--wifi-pcap", type=FILE, help="Write what goes through the air to this file, for Wireshark.")
@click.option(
    "--wifi-forward",
    type=FORWARD,
    multiple=True,
    metavar="PORT:PORT",
    help="Let a TCP port of 127.0.0.1 lead to one of the device (repeatable).",
)
@click.option(
    "--wifi-allow",
    type=ALLOWED,
    multiple=True,
    metavar="HOST[:PORT]",
    help="Let the device reach this host; localhost is 10.0.2.2 to it (repeatable). [default: none]",
)
@click.option("--report-unmodeled", is_flag=True, help="List hardware without a model that was used.")
@click.option("--stats", is_flag=True, help="Print what the run took, and that list.")
def command(firmware: Path | None, **options: Any) -> int:
    """Run FIRMWARE: an ELF, .img, .fls, .hex, .srec, .soc or .bin file, packed or not, or a build folder.

    It is recognised by its contents. Without FIRMWARE a built-in demo runs: an OTA update, then the AT
    firmware it installs; with --demo ota_http it comes over the air, from a server in a virtual network.

    UART0 is on the terminal. All times are virtual. The exit code is 0 for the expected end, 1 for a failure,
    a crash or a reset too many, 2 for wrong usage, 42 when --max-time is up, 130 after Ctrl-C,
    143 after SIGTERM.
    """
    machine = take_machine_options(options)
    if options.pop("fail_on_reset"):
        machine["max_resets"] = 0
    if options["save_flash"] and "flash_file" not in machine:
        raise click.UsageError("--save-flash needs --flash-file, which says where")
    if options["hash_every"] and not options["record"]:
        raise click.UsageError("--hash-every needs --record, which says where")
    options["steps"] = take_steps(options)
    _check_files(options)
    _add_station(machine, options)
    if "network" not in machine and not options["load_state"] and options["demo"] != "ota_http":
        _check_no_wifi(options)
    if options["demo"] and (firmware is not None or options["load_state"]):
        raise click.UsageError("--demo: runs without FIRMWARE and --load-state: leave them out")
    if options["load_state"] and firmware is not None:
        raise click.UsageError("--load-state: the saved machine has its firmware: leave FIRMWARE out")
    options["uarts"] = tuple(options.pop(f"uart{number}") for number in range(UART_COUNT))
    _check_backends(options["uarts"])
    if options["trace_last"] and (not options["trace"] or options["trace_format"] == "text"):
        raise click.UsageError("--trace-last needs --trace, which says where, and its format flow")
    writes_text = options["trace"] and options["trace_format"] == "text"
    if writes_text and machine.setdefault("engine", "interpreter") == "translator":
        raise click.UsageError("--trace-format text needs --engine interpreter")
    from emu.cli.runner import (
        Runner,  # the emulator takes its time to import: wrong usage need not wait for it
    )

    ending = Runner(RunOptions(firmware=firmware, machine=machine, **options)).run()
    if ending.message:
        tell(ending.message)
    return ending.code


def _check_files(options: dict[str, Any]) -> None:
    names = ("ramdump", "save_state", "record", "trace", "coverage", "wifi_pcap", "json")
    of_parts = [
        *(("screenshot", each.path) for each in options["screenshot"]),
        *(("save_part", path) for _, path in options["save_part"]),
    ]
    for name, path in (*((name, options[name]) for name in names), *of_parts):
        if path and not path.parent.is_dir():
            raise click.UsageError(f"--{name.replace('_', '-')}: {path.parent} is no folder")


def _add_station(machine: MachineOptions, options: dict[str, Any]) -> None:
    wanted: Network | None = options.pop("wifi_station")
    if wanted is not None:
        network = machine.setdefault("network", Network())
        assert network is not None
        for ap in wanted.access_points:
            network.add_station(ap.ssid, ap.password)


def _check_no_wifi(options: dict[str, Any]) -> None:
    for name in ("wifi_pcap", "wifi_forward", "wifi_allow"):
        if options[name]:
            raise click.UsageError(
                f"--{name.replace('_', '-')} needs --wifi or --wifi-station, which say what is in the air"
            )


def _check_backends(choices: tuple[tuple[BackendChoice, ...], ...]) -> None:
    """Two UARTs in one file would overwrite each other."""
    taken: dict[BackendChoice, int] = {}
    for number, choice in ((number, choice) for number, chosen in enumerate(choices) for choice in chosen):
        if choice.argument not in ("", "0"):
            if choice in taken:
                raise click.UsageError(
                    f"--uart{number}: {choice.argument} is for uart{taken[choice]} already"
                )
            taken[choice] = number
