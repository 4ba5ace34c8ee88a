"""Random guest programs: straight code of every kind, branches, calls, stores into the code itself."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from random import Random

from support.guest import DEVICE, FLASH, SRAM

from emu.isa.assembler import assemble, to_bytes
from emu.isa.insn import Flow, Insn
from emu.isa.state import SP, Control, Psr
from emu.isa.table import INSNS

VECTORS = FLASH + 0x6000
HANDLERS = FLASH + 0x7000
DATA = SRAM + 0x1000
DATA_BYTES = 0x4_0000
MOVED = (*Control.PLAIN, Control.PSR, Control.FCR, Control.FESR, Control.CHR, Control.CPUID, Control.USER_SP)
PSR_CHANGES = (0, Psr.C, Psr.IE, Psr.EE, Psr.IE | Psr.EE, Psr.FE, Psr.MM, Psr.S, 1 << Psr.VEC_SHIFT, 1 << 14)
INTERESTING = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF)
ZEROS_AND_INFINITIES = (0, 0x8000_0000, 0x7F80_0000, 0xFF80_0000)
NUMBERS = (*ZEROS_AND_INFINITIES, 0x3F80_0000, 0xBF80_0000, 0x4049_0FDB, 0x0080_0000, 0x7F7F_FFFF)
DENORMALS = (1, 0x8000_0001, 0x007F_FFFF)
NANS = (0x7FC0_0000, 0xFFC0_0000, 0x7FC0_0001, 0xFFFF_FFFF, 0x7F80_0001, 0xFF80_0001, 0x7FBF_FFFF)
FLOATS = (*NUMBERS, *DENORMALS, *NANS)

PLAIN = [row for row in INSNS if row.flow is Flow.NEXT or row.inline]
SHORT = [row for row in PLAIN if row.size_bytes == 2]
MEMORY = [
    row
    for row in PLAIN
    if re.match(r"(p|f|)(ld|st)", row.mnemonic)
    and "rx" in {operand.name for operand in row.operands}
    and row.size_bytes == 4
]
ARITHMETIC = re.compile(r"f(add|sub|n?mul|n?ma|n?ms|div|recip|sqrt|cmp|[su]i|sto)")
FLOAT = [row for row in PLAIN if ARITHMETIC.match(row.mnemonic)]
SYSTEM = [row for row in INSNS if row.flow is Flow.SYSTEM]
CONDITIONAL = [row for row in INSNS if row.flow is Flow.CONDITIONAL]
STORES = ("st.h", "st.h", "st.w", "st.b")
RETURNS = (assemble("rts16"), assemble("rts16"), assemble("pop16", registers=0x10), assemble("rte"))


def random_encoding(rng: Random, row: Insn) -> bytes:
    while True:
        word = rng.getrandbits(row.size_bytes * 8) & ~row.mask | row.match
        if row.is_defined(word):
            return to_bytes(row, word)


def move_control(mnemonic: str, control: tuple[int, int], **register: int) -> bytes:
    """`mfcr` or `mtcr` of any control register: those of the FPU have encodings of their own."""
    index, bank = control
    if bank == Control.FCR[1]:
        return assemble(f"{mnemonic}32_float", index=index, **register)
    return assemble(f"{mnemonic}32", index=index, bank=bank, **register)


def conditional_branch(rng: Random, row: Insn, offset: int) -> bytes:
    """A random conditional branch to `offset` bytes from itself."""
    word = rng.getrandbits(row.size_bytes * 8) & ~row.mask | row.match
    for operand in row.operands:
        if operand.name == "offset":
            lsb, width = operand.parts[0]
            word = word & ~((1 << width) - 1 << lsb) | operand.kind.raw(offset, width) << lsb
    return to_bytes(row, word)


def random_value(rng: Random) -> int:
    """Often an address in memory, in code or of the device, sometimes nowhere."""
    kind = rng.random()
    if kind < 0.4:
        return DATA + rng.randrange(DATA_BYTES) & ~(3 if rng.random() < 0.8 else 0)
    if kind < 0.55:
        places = (FLASH + 0x4000, DEVICE + 0x20, DEVICE + 0xFC, SRAM + rng.randrange(0x100), 0x6000_0000)
        return rng.choice((*places, 0xFFFF_FFF0))
    return rng.choice(INTERESTING) if kind < 0.75 else rng.getrandbits(32)


@dataclass
class RandomProgram:
    """Instructions by address; functions first, so that the main part can call them."""

    rng: Random
    code: dict[int, bytes] = field(default_factory=dict)
    functions: list[int] = field(default_factory=list)
    entry: int = 0

    def __post_init__(self) -> None:
        for base in (FLASH, SRAM):
            self._at = base
            for _ in range(self.rng.randrange(1, 3)):
                self._function(self.rng.randrange(2, 12))
        self._at = self.rng.choice((FLASH, SRAM)) + 0x200
        self.entry = self._at
        self._body(45)
        self._put(assemble("br16", offset=0))
        for number in range(8):
            self._at = HANDLERS + number * 0x40
            self._handler()

    # ---- pieces ----------------------------------------------------------------------------------

    def _function(self, size: int) -> None:
        self.functions.append(self._at)
        self._body(size)
        self._put(self.rng.choice(RETURNS))
        self._at += -self._at % 4

    def _handler(self) -> None:
        """Often steps over the instruction that raised; may allow nesting."""
        if nested := self.rng.random() < 0.3:
            self._put(assemble("nie"))
            self._put(assemble("ipush"))
        for _ in range(self.rng.randrange(4)):
            self._put(random_encoding(self.rng, self.rng.choice(SHORT)))
        if self.rng.random() < 0.3:
            self._store_into_code([*self.code])
        if nested:
            self._put(assemble("ipop"))
            self._put(assemble("nir"))
            return
        if self.rng.random() < 0.6:
            self._put(assemble("mfcr", rz=12, index=4, bank=0))
            self._put(assemble("addi", rz=12, rx=12, oimm=self.rng.choice((2, 4))))
            self._put(assemble("mtcr", rx=12, index=4, bank=0))
        self._put(assemble("rte"))

    def _body(self, size: int) -> None:
        starts: list[int] = []
        for _ in range(size):
            starts.append(self._at)
            roll = self.rng.random()
            if roll < 0.14:
                self._branch(starts)
            elif roll < 0.20 and self.functions:
                self._call(self.rng.choice(self.functions))
            elif roll < 0.23:
                self._put(random_encoding(self.rng, self.rng.choice(SYSTEM)))
            elif roll < 0.25:
                self._privileged()
            elif roll < 0.28:
                self._store_into_code(starts)
            elif roll < 0.29:
                self._push_over_code()
            elif roll < 0.42:
                self._access()
            elif roll < 0.50:
                self._arithmetic()
            else:
                self._put(random_encoding(self.rng, self.rng.choice(PLAIN)))

    def _branch(self, starts: list[int]) -> None:
        """Back to something, or forwards over the next instruction or two."""
        row = self.rng.choice(CONDITIONAL)
        if self.rng.random() < 0.5:
            self._put(conditional_branch(self.rng, row, self.rng.choice(starts[-8:]) - self._at))
        elif self.rng.random() < 0.7:
            self._put(conditional_branch(self.rng, row, row.size_bytes + self.rng.choice((0, 2, 4))))
        else:
            self._put(assemble("br16", offset=self.rng.choice((2, 4, 6))))

    def _call(self, target: int) -> None:
        offset = target - self._at
        if abs(offset) < 0x8000 and self.rng.random() < 0.5:
            self._put(assemble("bsr32", offset=offset))
            return
        register = self.rng.randrange(12)
        self._constant(register, target)
        self._put(assemble(self.rng.choice(("jsr", "jsr", "jmp")), rx=register))

    def _access(self) -> None:
        """A load or store whose base register leads somewhere."""
        row = self.rng.choice(MEMORY)
        code = random_encoding(self.rng, row)
        word = int.from_bytes(code[:2], "little") << 16 | int.from_bytes(code[2:], "little")
        operands = dict(zip((operand.name for operand in row.operands), row.decode(word), strict=True))
        place = self.rng.choice(
            (DATA + self.rng.randrange(0x1000) * 4, DATA, DEVICE + self.rng.randrange(0x20) * 4)
        )
        self._constant(operands["rx"], place)
        if "ry" in operands and operands["ry"] != operands["rx"]:
            self._constant(operands["ry"], self.rng.randrange(8))
        self._put(code)

    def _arithmetic(self) -> None:
        """Arithmetic on floats, often special ones; somebody may look at the exceptions or forget them."""
        for _ in range(self.rng.randrange(1, 6)):
            register, roll = self.rng.randrange(12), self.rng.random()
            if roll < 0.25:
                self._constant(register, self.rng.choice(FLOATS))
                self._put(assemble("fmtvrl", frz=self.rng.randrange(16), rx=register))
            elif roll < 0.32:
                self._put(move_control("mfcr", Control.FESR, rz=register))
            elif roll < 0.34:
                self._put(move_control("mtcr", Control.FESR, rx=register))
            elif roll < 0.40:
                self._access()
            else:
                self._put(random_encoding(self.rng, self.rng.choice(FLOAT)))

    def _privileged(self) -> None:
        """Move a control register, often PSR with a bit changed; or save and restore the interrupt's state."""
        register, roll = self.rng.randrange(12), self.rng.random()
        if roll < 0.3:
            self._put(move_control("mfcr", Control.PSR, rz=register))
            self._constant(12, self.rng.choice(PSR_CHANGES))
            self._put(assemble("xor32", rz=register, rx=register, ry=12))
            self._put(move_control("mtcr", Control.PSR, rx=register))
        elif roll < 0.6:
            self._put(move_control("mtcr", self.rng.choice(MOVED), rx=register))
        elif roll < 0.8:
            self._put(move_control("mfcr", self.rng.choice(MOVED), rz=register))
        else:
            self._put(assemble("nie"))
            self._put(assemble("ipush"))
            self._put(random_encoding(self.rng, self.rng.choice(SHORT)))
            self._put(assemble("ipop"))
            if roll < 0.9:
                self._put(assemble("nir"))

    def _store_into_code(self, starts: list[int]) -> None:
        """Store an instruction over others, where those are in RAM: often the next one, or one that is called."""
        address, value = self.rng.sample(range(8), 2)
        store = assemble(self.rng.choice(STORES), rz=value, rx=address, offset=0)
        roll, function = self.rng.random(), None
        target = self._at + 16 + len(store)
        if roll < 0.3:
            target = self.rng.choice([*starts[-8:], *self.code])
        elif roll < 0.6 and self.functions:
            target = function = self.rng.choice(self.functions)
        self._constant(address, target + self.rng.choice((0, 0, 0, 2, -1, -2, -3, 24)))
        self._constant(value, int.from_bytes(random_encoding(self.rng, self.rng.choice(SHORT)) * 2, "little"))
        self._put(store)
        if function is not None and function not in starts:
            self._call(function)

    def _push_over_code(self) -> None:
        """Push so that the stack ends, where this is in RAM, a little before or behind the next instruction."""
        registers = self.rng.randrange(1, 32)
        self._constant(SP, (self._at + 10 & ~3) + 4 * self.rng.randrange(6))
        self._put(assemble("push16", registers=registers))

    def _constant(self, register: int, value: int) -> None:
        self._put(assemble("movih", rz=register, imm=value >> 16))
        self._put(assemble("ori", rz=register, rx=register, imm=value & 0xFFFF))

    def _put(self, code: bytes) -> None:
        self.code[self._at] = code
        self._at += len(code)
