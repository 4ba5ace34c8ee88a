from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.environment import FakeWorld
from support.line import FakeLine

from peripherals.rsa import Product, Rsa, montgomery_product
from peripherals.shared_buffer import SharedBuffer

X, Y, M, D = 0x000, 0x100, 0x200, 0x300
CONTROL, NEGATIVE_INVERSE, LENGTH = (
    Rsa.slots[name].offset for name in ("control", "negative_inverse", "length")
)
DONE, RESET, START = 1, 1 << 4, 1 << 5


class Multiplier:
    """An RSA block in a fake world."""

    def __init__(self, world: FakeWorld) -> None:
        self.world = world
        self.irq = FakeLine()
        self.buffer = SharedBuffer("shared_buffer", world.environment)
        self.rsa = Rsa("rsa", world.environment, self.irq, shared_buffer=self.buffer)

    def prepare(self, modulus: int, words: int) -> None:
        self.words = words
        self.rsa.write(LENGTH, words)
        self.rsa.write(NEGATIVE_INVERSE, -pow(modulus, -1, 1 << 32) % (1 << 32))
        self.store(M, modulus)

    def store(self, offset: int, number: int) -> None:
        for index in range(self.words):
            self.buffer.write(offset + 4 * index, number >> 32 * index & 0xFFFF_FFFF)

    def load(self, offset: int) -> int:
        return sum(self.buffer.read(offset + 4 * index) << 32 * index for index in range(self.words))

    def is_interrupting(self) -> bool:
        return self.irq.level

    def multiply(self, product: Product) -> None:
        self.rsa.write(CONTROL, START | product << 2)
        while not self.rsa.read(CONTROL) & DONE:
            self.world.clock.advance(1_000)
        self.rsa.write(CONTROL, 0)


@pytest.fixture
def multiplier(world: FakeWorld) -> Multiplier:
    return Multiplier(world)


@given(
    words=st.integers(1, 8),
    numbers=st.tuples(*[st.integers(0, 1 << 256)] * 3),
)
def test_the_product_is_montgomerys(words: int, numbers: tuple[int, int, int]) -> None:
    modulus = numbers[2] % (1 << 32 * words) | 1 << 32 * words - 1 | 1
    first, second = numbers[0] % modulus, numbers[1] % modulus
    negative_inverse = -pow(modulus, -1, 1 << 32) % (1 << 32)
    product = montgomery_product(first, second, modulus, negative_inverse, words)
    assert product == first * second * pow(1 << 32 * words, -1, modulus) % modulus


@pytest.mark.parametrize(
    ("product", "factors", "result"),
    [
        (Product.X_BECOMES_D_D, (D, D), X),
        (Product.D_BECOMES_X_Y, (X, Y), D),
        (Product.X_BECOMES_D_Y, (D, Y), X),
        (Product.D_BECOMES_X_X, (X, X), D),
    ],
)
def test_each_mode_multiplies_its_buffers(
    multiplier: Multiplier, product: Product, factors: tuple[int, int], result: int
) -> None:
    modulus = 0xF123_4567_89AB_CDEF
    operands = {X: 0x1111_2222_3333, Y: 0x4444_5555_6666, D: 0x7777_8888_9999}
    multiplier.prepare(modulus, 2)
    for offset, number in operands.items():
        multiplier.store(offset, number)
    multiplier.multiply(product)
    first, second = (operands[factor] for factor in factors)
    assert multiplier.load(result) == first * second * pow(1 << 64, -1, modulus) % modulus


@pytest.mark.parametrize("words", [1, 32, 64])
def test_exponentiation_as_the_sdk_does_it_gives_the_power(multiplier: Multiplier, words: int) -> None:
    source = random.Random(words)
    modulus = source.getrandbits(32 * words) | 1 << 32 * words - 1 | 1
    base, exponent = source.getrandbits(32 * words) % modulus, 0b1_0110_1001
    one = (1 << 32 * words) % modulus
    multiplier.prepare(modulus, words)
    multiplier.store(Y, base * one % modulus)
    multiplier.store(X, one)
    in_d = False
    for bit in f"{exponent:b}":
        multiplier.multiply(Product.X_BECOMES_D_D if in_d else Product.D_BECOMES_X_X)
        in_d = not in_d
        if bit == "1":
            multiplier.multiply(Product.X_BECOMES_D_Y if in_d else Product.D_BECOMES_X_Y)
            in_d = not in_d
    multiplier.store(Y, 1)
    multiplier.multiply(Product.X_BECOMES_D_Y if in_d else Product.D_BECOMES_X_Y)
    assert multiplier.load(X if in_d else D) == pow(base, exponent, modulus)


def test_words_beyond_the_length_stay(multiplier: Multiplier) -> None:
    multiplier.prepare(0xFFFF_FFFB, 1)
    multiplier.buffer.write(D + 4, 0x1234_5678)
    multiplier.multiply(Product.D_BECOMES_X_Y)
    assert multiplier.buffer.read(D + 4) == 0x1234_5678


def test_it_runs_for_a_while_and_says_so(multiplier: Multiplier) -> None:
    multiplier.prepare(0xFFFF_FFFB, 1)
    multiplier.rsa.write(CONTROL, START)
    assert multiplier.rsa.read(CONTROL) == START
    multiplier.world.clock.advance(125)
    assert multiplier.rsa.read(CONTROL) == DONE


def test_done_interrupts_until_software_writes_0(multiplier: Multiplier) -> None:
    multiplier.prepare(0xFFFF_FFFB, 1)
    multiplier.rsa.write(CONTROL, START)
    multiplier.world.clock.advance(125)
    multiplier.rsa.write(CONTROL, DONE)
    assert multiplier.is_interrupting()
    multiplier.rsa.write(CONTROL, 0)
    assert not multiplier.is_interrupting()
    assert multiplier.rsa.read(CONTROL) == 0


def test_software_cannot_set_the_done_flag(multiplier: Multiplier) -> None:
    multiplier.rsa.write(CONTROL, DONE)
    assert multiplier.rsa.read(CONTROL) == 0


def test_a_soft_reset_ends_the_product_and_clears_the_parameters(multiplier: Multiplier) -> None:
    multiplier.prepare(0xFFFF_FFFB, 1)
    multiplier.store(X, 77)
    multiplier.rsa.write(CONTROL, START | Product.X_BECOMES_D_D << 2)
    multiplier.rsa.write(CONTROL, RESET)
    assert multiplier.rsa.read(CONTROL) & ~0xC == DONE
    assert multiplier.rsa.read(LENGTH) == 0
    multiplier.world.clock.advance(1_000_000)
    assert multiplier.load(X) == 77


def test_the_inverse_reads_as_0(multiplier: Multiplier) -> None:
    multiplier.rsa.write(NEGATIVE_INVERSE, 0x1234)
    assert multiplier.rsa.read(NEGATIVE_INVERSE) == 0
