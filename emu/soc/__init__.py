"""The chip: its memory map, and what is wired to what."""
