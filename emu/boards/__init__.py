"""Boards: a chip and the parts around it, as TOML files. Those here ship with the emulator."""

from emu.boards.board_file import BoardFile, BoardPart, board_names, read_board

__all__ = ["BoardFile", "BoardPart", "board_names", "read_board"]
