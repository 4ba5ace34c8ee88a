"""The whole instruction set: importing the chapters declares their instructions."""

from emu.isa.chapters import (
    alu16,
    alu32,
    bits,
    branch,
    compare,
    conditional,
    control,
    coprocessor,
    dsp_add,
    dsp_compare,
    dsp_multiply,
    dsp_multiply_packed,
    dsp_pack,
    dsp_shift,
    float_arithmetic,
    float_move,
    load_store,
    load_store_multiple,
    load_store_step,
    multiply,
    shift,
)
from emu.isa.insn import TABLE, Insn

CHAPTERS = (
    alu16,
    alu32,
    compare,
    conditional,
    shift,
    bits,
    multiply,
    branch,
    load_store,
    load_store_step,
    load_store_multiple,
    control,
    dsp_add,
    dsp_compare,
    dsp_shift,
    dsp_pack,
    dsp_multiply,
    dsp_multiply_packed,
    float_arithmetic,
    float_move,
    coprocessor,
)

INSNS: tuple[Insn, ...] = TABLE.rows
BY_NAME: dict[str, Insn] = {row.name: row for row in INSNS}
