"""The version of the emulator: from the source, as to ask for that of an installed package takes its time."""

__version__ = "0.1.0"
