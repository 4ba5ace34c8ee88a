"""Values of options, from their text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click


class TextType(click.ParamType[Any]):
    """What a function makes of a text; its ValueError is wrong usage."""

    def __init__(self, parse: Callable[[str], Any], name: str = "text") -> None:
        self.name = name
        self._parse = parse

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Parse it, unless it is a default that needs no parsing."""
        if not isinstance(value, str):
            return value
        try:
            return self._parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
