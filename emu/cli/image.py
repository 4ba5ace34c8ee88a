"""`w800emu image`: look into firmware files, build them, pack OTA images."""

from __future__ import annotations

import click

from emu.cli.lazy_group import LazyGroup


class InspectByDefault(LazyGroup):
    """Takes `image FILE` as `image info FILE`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the sub-command in where a file name stands."""
        if args and not args[0].startswith("-") and args[0] not in self.names:
            args.insert(0, "info")
        return super().parse_args(ctx, args)


@click.group("image", cls=InspectByDefault, names=("info", "build", "pack"), prefix="emu.cli.image_")
def command() -> None:
    """Look into firmware files, build them, pack OTA images.

    `w800emu image FILE` is short for `w800emu image info FILE`.
    """
