"""Partition tables as the SDK's users write them."""

from __future__ import annotations

from emu.loader.partition_table import PartitionTable


def csv_of(table: PartitionTable) -> str:
    """The lines of a table."""
    rows = [
        f"{entry.name + ',':<17}{entry.offset:#x}, {entry.size_bytes:#x}, {entry.flag:#x}"
        for entry in table.partitions
    ]
    return "\n".join(["# name, offset, size, flag", *rows, ""])
