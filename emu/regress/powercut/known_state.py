"""A state of the whole device that another run has been in: from there on everything comes again."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final

from emu.regress.powercut.page_digests import PageDigests

_RUN_ONLY: Final = (("loop", "slice_end"), ("loop", "reported_at"), ("engine", "limit"))


class KnownState(Exception):  # noqa: N818 - an event, not a mistake
    """The run has come to a state that another one has been in."""

    def __init__(self, run: int) -> None:
        super().__init__(f"as run {run}")
        self.run = run


def digest_without_flash(state: Mapping[str, Any], digests: PageDigests) -> bytes:
    """16 bytes for the state tree of a snapshot, but for what the flash holds.

    How many instructions were executed does not count: the time does, and nothing else tells the chip.
    """
    chip = dict(state["chip"])
    memories = [digests.of_all(memory) for memory in chip.pop("ram")]
    core = chip["core"] = {name: dict(part) for name, part in chip["core"].items()}
    for name, unseen in _RUN_ONLY:
        del core[name][unseen]
    chip["clock"] = {
        **chip["clock"],
        "base_elapsed": chip["clock"]["base_elapsed"] - core["engine"].pop("elapsed"),
    }
    del core["engine"]["executed"]  # another number of polls has led here
    controller = chip["soc"]["flash_controller"]
    flash = {**controller["state"]["flash"], "contents": None}
    controller = {**controller, "state": {**controller["state"], "flash": flash}}
    chip["soc"] = {**chip["soc"], "flash_controller": controller}
    rest = repr({**state, "chip": chip}).encode()
    return blake2b(b"".join((*memories, rest)), digest_size=16).digest()
