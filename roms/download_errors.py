"""What goes wrong in download mode: a letter of the mask ROM (rom.rst, "ROM Error Codes") and the reason."""

from __future__ import annotations

from enum import StrEnum


class Letter(StrEnum):
    """The letters that no check of an image comes to; those are in `roms.boot_chip.Verdict`."""

    CANCELLED = "D"
    NO_DATA = "F"
    BAD_NUMBER = "G"
    INCOMPLETE = "P"
    BAD_FRAME = "R"
    BAD_PARAMETER = "S"
    NO_FACTORY_PARAMETERS = "T"
    GAIN_NOT_SET = "U"
    MAC_NOT_SET = "V"


class DownloadError(Exception):
    """A command or a transfer has failed: the letter is the prompt from now on."""

    def __init__(self, letter: str, reason: str) -> None:
        super().__init__(reason)
        self.letter = letter
