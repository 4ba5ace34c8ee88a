"""What a page of docs/ shows: its blocks of code, and the commands in them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

_BLOCK = re.compile(r"^```(?P<language>\w*)\n(?P<fenced>.*?)^```|(?P<indented>(?:^ {4}[^\n]*\n)+)", re.DOTALL | re.MULTILINE)  # fmt: skip


class Block(NamedTuple):
    """`language` is that of a fence; empty for lines that are indented."""

    language: str
    text: str

    @property
    def commands(self) -> list[str]:
        """Those of a shell; at a prompt, what follows it."""
        lines = self.text.splitlines()
        if self.language == "console":
            return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
        return lines if self.language in ("", "sh") else []

    @property
    def shown(self) -> str:
        """What is printed, at a prompt."""
        lines = self.text.splitlines(keepends=True)
        return "".join(line for line in lines if not line.startswith("$ "))


def blocks_of(page: Path) -> list[Block]:
    """All of them, from top to bottom."""
    blocks = []
    for found in _BLOCK.finditer(page.read_text(encoding="utf-8")):
        indented = found["indented"]
        text = found["fenced"] if indented is None else re.sub("^ {4}", "", indented, flags=re.MULTILINE)
        blocks.append(Block(found["language"] or "", text))
    return blocks
