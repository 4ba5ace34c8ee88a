"""RSA: a Montgomery multiplier of up to 2048 bits.

Layout: wm_rsa_reg_struct.h. Behaviour: wm_hal_rsa.c, from whose algebra the kind of product follows.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from peripherals.framework.countdown import Countdown
from peripherals.framework.environment import Environment, Line
from peripherals.framework.fields import choice, ro, rw, wo
from peripherals.framework.peripheral import Peripheral, on_read, on_write
from peripherals.framework.register import Register, at
from peripherals.framework.reset import ResetCause
from peripherals.shared_buffer import SharedBuffer

_ENGINE_HZ: Final = 80_000_000  # RCC can select 160 MHz, which would halve the times
_WORD_MASK: Final = 0xFFFF_FFFF
_MAX_WORDS: Final = 64
_X, _Y, _M, _D = (slice(start, start + 0x100) for start in range(0, SharedBuffer.size_bytes, 0x100))


class Product(IntEnum):
    """Which buffers are multiplied, and where the product goes."""

    X_BECOMES_D_D = 0
    D_BECOMES_X_Y = 1
    X_BECOMES_D_Y = 2
    D_BECOMES_X_X = 3


_OPERANDS: Final = {  # result, factor, factor
    Product.X_BECOMES_D_D: (_X, _D, _D),
    Product.D_BECOMES_X_Y: (_D, _X, _Y),
    Product.X_BECOMES_D_Y: (_X, _D, _Y),
    Product.D_BECOMES_X_X: (_D, _X, _X),
}


class Rsa(Peripheral):
    """The multiplier; X, Y, M and D fill the shared buffer before its registers, 64 words each, low first."""

    class Control(Register):
        """Mode and start of a product."""

        done = ro(0, doc="cleared by writing 0")
        product = choice(3, 2, Product)
        reset = wo(4)
        start = rw(5, doc="reads as 1 while it multiplies")

    class NegativeInverse(Register):
        """-M^-1 mod 2^32, "MC"; reads as 0."""

        word = wo(31, 0)

    class Length(Register):
        """Words of the operands, "N"."""

        words = rw(6, 0)

    # fmt: off
    control          = at(0x00, Control)
    negative_inverse = at(0x04, NegativeInverse)
    length           = at(0x08, Length)
    # fmt: on

    saved_state = ("_job",)

    def __init__(
        self, name: str, environment: Environment, irq: Line, *, shared_buffer: SharedBuffer
    ) -> None:
        super().__init__(name, environment)
        self._buffer = shared_buffer.contents
        self._irq = irq
        self._job = Countdown(environment.clock, self._finish, periodic=False)
        self._job.frequency_hz = _ENGINE_HZ

    def _on_reset(self, cause: ResetCause) -> None:
        self._job.restart(0)
        self._irq(False)

    @on_write(Control)
    def _control(self, data: int) -> None:
        if not data & Rsa.Control.done.mask:
            self.control.done = 0
        if self.control.reset:
            self._abort()
        elif self.control.start and not self._job.is_running:
            # GUESS: a word product a clock, two for each pair of words, and a few to begin.
            words = self.length.words
            self._job.restart(2 * words * words + 8)
        self.control.start = int(self._job.is_running)
        self._update_irq()

    @on_read(Control, steady=True)
    def _read_control(self) -> int:
        self._job.catch_up()
        return self.control.value

    def _abort(self) -> None:
        """End a running product, leaving the buffers; a reset also clears MC and N."""
        if self._job.is_running:
            self._job.restart(0)
            self.control.done = 1
        self.negative_inverse.word = self.length.words = 0

    def _finish(self, _periods: int) -> None:
        words = min(self.length.words, _MAX_WORDS)
        result, *factors = (self._buffer[part] for part in _OPERANDS[self.control.product])
        modulus = self._buffer[_M]
        first, second, m = (int.from_bytes(part[: 4 * words], "little") for part in (*factors, modulus))
        product = montgomery_product(first, second, m, self.negative_inverse.word, words)
        result[: 4 * words] = product.to_bytes(4 * words, "little")
        self.control.done = 1
        self.control.start = 0
        self._update_irq()

    def _update_irq(self) -> None:
        self._irq(bool(self.control.done))


def montgomery_product(first: int, second: int, modulus: int, negative_inverse: int, words: int) -> int:
    """first * second * 2^(-32 * words) mod modulus, a word at a time as the hardware does.

    `negative_inverse` is -modulus^-1 mod 2^32; another value gives the hardware's wrong result.
    """
    total = first * second
    for _ in range(words):
        total = total + (total * negative_inverse & _WORD_MASK) * modulus >> 32
    if total >= modulus:
        total -= modulus
    return total & (1 << 32 * words) - 1
