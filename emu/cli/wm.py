"""`w800emu wm`: the SDK's own tools against an emulator."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import click

from emu.cli.text_type import TextType
from emu.quantities import parse_port

OF_A_PORT: Final = ("flash", "monitor", "ramdump")
"""The tools that are given a serial port; each is a script of its own name."""


@click.command("wm", context_settings={"ignore_unknown_options": True})
@click.option(
    "--sdk",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    envvar="WM_IOT_SDK_PATH",
    required=True,
    help="Folder of the WM IoT SDK. [default: $WM_IOT_SDK_PATH]",
)
@click.option("--port", type=TextType(parse_port), help="Use the emulator with --uart0 rfc2217:PORT.")
@click.option(
    "--flash-file", type=click.Path(path_type=Path), help="Start an emulator with this flash; made if new."
)
@click.option("--python", default=sys.executable, metavar="PATH", help="What has the modules that they need.")
@click.argument("tool")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(
    sdk: Path, port: int | None, flash_file: Path | None, python: str, tool: str, arguments: tuple[str, ...]
) -> int:
    """Run TOOL of the WM IoT SDK, unmodified, against an emulator: flash, monitor, ramdump.

    The other commands of its wm.py run as usual. The exit code is the tool's.
    """
    from emu.cli.sdk_tool import run, run_against  # few need what starts processes

    tools = sdk / "tools" / "wm"
    script = tools / (f"{tool}.py" if tool in OF_A_PORT else "wm.py")
    if not script.exists():
        raise click.UsageError(f"--sdk: {script} is not there")
    if tool not in OF_A_PORT:
        return run([python, str(script), tool, *arguments])
    if (port is None) == (flash_file is None):
        raise click.UsageError(
            f"{tool} needs an emulator: --port of one that runs, or --flash-file to start it"
        )
    return run_against(port, flash_file, [python, str(script)], arguments)
