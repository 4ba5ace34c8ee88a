"""Commands that are imported when they are used."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

import click


class LazyGroup(click.Group):
    """Takes the sub-command `a-name` from the object `command` of the module `<prefix>a_name`."""

    def __init__(self, *arguments: Any, names: Sequence[str], prefix: str, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.names = tuple(names)
        self._prefix = prefix

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, without importing anything."""
        return list(self.names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the one that is used."""
        if cmd_name not in self.names:
            return None
        command: click.Command = importlib.import_module(self._prefix + cmd_name.replace("-", "_")).command
        return command
