"""GPSEC: CRC, SHA-1, MD5, AES, DES and RC4 jobs on memory, and random numbers.

Layout: wm_gpsec_reg_struct.h. Behaviour: wm_hal_crc.c, wm_hal_hash.c, wm_hal_crypto.c, wm_hal_rng.c.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Final

from peripherals.crypto import ciphers, md5, sha1
from peripherals.crypto.crc import CrcKind, crc_update, reverse_bits
from peripherals.crypto.rng import DeterministicRng
from peripherals.framework.countdown import Countdown
from peripherals.framework.environment import Environment, Line
from peripherals.framework.errors import BusError
from peripherals.framework.fields import choice, ro, rw, unmodelled, w1c, wo
from peripherals.framework.peripheral import Peripheral, on_read, on_write
from peripherals.framework.register import Register, at
from peripherals.framework.reset import ResetCause

_ENGINE_HZ: Final = 80_000_000  # RCC can select 160 MHz, which would halve the times
_TRNG_WORD_CLOCKS: Final = 3200
"""GUESS: 100 clocks a bit, 40 us. Drivers set the bounds: longer than an interrupt routine of 294 steps
(wm_crypto_hard.c of the W800 SDK 1.x, whose thread waits meanwhile), and done within the millisecond that
wm_hal_rng.c lets pass before it polls."""


class Algorithm(IntEnum):
    """What a job computes (wm_gpsec_cypher_mode_t)."""

    NONE = 0
    RC4 = 1
    SHA1 = 2
    AES = 3
    DES = 4
    TRIPLE_DES = 5
    CRC = 6
    MD5 = 7


# GUESS: (bytes, clocks) of a block: a clock for each round and for each word of memory.
_BLOCK_TIMES: Final = {
    Algorithm.NONE: (1, 0),
    Algorithm.RC4: (1, 3),
    Algorithm.SHA1: (sha1.BLOCK_SIZE, 80 + 16),
    Algorithm.AES: (ciphers.AES_BLOCK_SIZE, 10 + 8),
    Algorithm.DES: (ciphers.DES_BLOCK_SIZE, 16 + 4),
    Algorithm.TRIPLE_DES: (ciphers.DES_BLOCK_SIZE, 48 + 4),
    Algorithm.CRC: (4, 1),
    Algorithm.MD5: (md5.BLOCK_SIZE, 64 + 16),
}


class Gpsec(Peripheral):
    """The general purpose security engine: one job at a time, done some virtual time after its start.

    A job takes all its input at the start: the bootloader refills the flash controller's buffer with the next
    block while the CRC of the last one is still running. It begins from the key, vector and digest registers,
    as after a soft reset: the SDK does one before every cipher job.
    """

    class Word(Register):
        """32 bits of an address, a key, a vector or a digest."""

        bits = rw(31, 0)

    class Config(Register):
        """What to do."""

        total_bytes = rw(15, 0)
        algorithm = choice(18, 16, Algorithm)
        interrupt_mask = rw(19)
        decrypt = rw(20)
        sub_mode = rw(22, 21, "cipher mode, or kind of CRC")
        reverse_output = rw(23, doc="CRC register reads low bit first")
        reverse_input = rw(24, doc="CRC takes each byte low bit first")
        rc4_reset = wo(25)
        aes_reset = wo(26)
        des_reset = wo(27)
        prng_32_bits = rw(28)
        prng_load_seed = wo(29)
        prng_start = rw(30)
        rc4_key_256 = rw(31)

    class Control(Register):
        """Starts and stops a job."""

        start = rw(0, doc="reads as 1 while the job runs")
        stop = wo(1)
        clear_crc_fifo = wo(2)

    class Status(Register):
        """How far the job is."""

        transferred_bytes = ro(15, 0)
        done = w1c(16)

    class RandomWord(Register):
        """The next random number."""

        bits = ro(31, 0)

    class TrngControl(Register):
        """The true random number generator."""

        enable = rw(0)
        select = rw(1, doc="random words come from this generator")
        bypass = unmodelled(2, doc="random numbers are good with and without post-processing")
        charge_pump = rw(5, 3, "analogue, without effect here")
        interrupt_mask = rw(6)

    # fmt: off
    source        = at(0x00, Word)
    destination   = at(0x04, Word)
    config        = at(0x08, Config)
    control       = at(0x0C, Control)
    key           = at(0x10, Word, "words 0 to 3; word 0 is also the seed", count=4)
    key_or_vector = at(0x20, Word, "key words 4 and 5, or vector words 2 and 3", count=2)
    vector        = at(0x28, Word, "words 0 and 1", count=2)
    status        = at(0x30, Status)
    digest        = at(0x34, Word, "state of a hash; word 4 is also the CRC register", count=5)
    random_word   = at(0x48, RandomWord)
    late_key      = at(0x4C, Word, "key words 6 and 7", count=2)
    trng_control  = at(0x54, TrngControl, reset=0x40)
    # fmt: on

    saved_state = ("_input", "_job", "_trng_word", "_prng", "_trng")

    def __init__(self, name: str, environment: Environment, irq: Line, *, seed: int = 0) -> None:
        super().__init__(name, environment)
        self._irq = irq
        self._seed = seed
        self._input = b""
        self._job = self._countdown(self._finish)
        self._trng_word = self._countdown(self._announce_random_word)
        self._prng = DeterministicRng()
        self._trng = DeterministicRng(seed)
        self._jobs: dict[Algorithm, Callable[[bytes], None]] = {
            Algorithm.RC4: self._rc4,
            Algorithm.SHA1: self._sha1,
            Algorithm.AES: self._aes,
            Algorithm.DES: self._des,
            Algorithm.TRIPLE_DES: self._des,
            Algorithm.CRC: self._crc,
            Algorithm.MD5: self._md5,
        }

    def _countdown(self, on_expire: Callable[[int], None]) -> Countdown:
        countdown = Countdown(self.environment.clock, on_expire, periodic=False)
        countdown.frequency_hz = _ENGINE_HZ
        return countdown

    def _on_reset(self, cause: ResetCause) -> None:
        self._job.restart(0)
        self._trng_word.restart(0)
        self._prng.seed(0)
        for word, bits in zip(self.digest, sha1.INITIAL, strict=True):  # W806 manual, 7.4.1
            word.bits = bits
        if cause is ResetCause.POWER_ON:
            self._trng.seed(self._seed)
        self._update_irq()

    @on_write(Control)
    def _start_or_stop(self, _data: int) -> None:
        if self.control.stop:
            self._job.stop()
        elif self.control.start and not self._job.is_running:
            self.status.transferred_bytes = 0
            self._input = self._read_input()
            block_size, clocks = _BLOCK_TIMES[self.config.algorithm]
            self._job.restart(max(1, -(-self.config.total_bytes // block_size) * clocks))
        self.control.start = int(self._job.is_running)

    @on_read(Control, steady=True)
    def _read_control(self) -> int:
        self._job.catch_up()
        return self.control.value

    @on_read(Status, steady=True)
    def _read_status(self) -> int:
        self._job.catch_up()
        self._trng_word.catch_up()
        return self.status.value

    @on_write(Status, TrngControl)
    def _continue_trng(self, _data: int) -> None:
        """Announce the next random word some time after the last one was acknowledged.

        Acknowledging is clearing the done flag, which jobs use too.
        """
        # GUESS: the mask also keeps the done flag from being set. Without that the generator, which the SDK
        # masks but leaves enabled, would end later jobs early.
        if not self.trng_control.enable or self.trng_control.interrupt_mask:
            self._trng_word.stop()
        elif not self.status.done and not self._trng_word.is_running:
            self._trng_word.restart(_TRNG_WORD_CLOCKS)
        self._update_irq()

    @on_write(Config)
    def _configure(self, _data: int) -> None:
        if self.config.prng_load_seed:
            self._prng.seed(self.key[0].bits)
        self._update_irq()

    @on_read(RandomWord, consumes=True)
    def _read_random_word(self) -> int:
        if self.trng_control.select:
            self.random_word.bits = self._trng.next_word()
        elif self.config.prng_start:
            self.random_word.bits = self._prng.next_word() >> (0 if self.config.prng_32_bits else 16)
        return self.random_word.value

    def _announce_random_word(self, _periods: int) -> None:
        self.status.done = 1
        self._update_irq()

    def _read_input(self) -> bytes:
        try:
            return self.environment.memory.read(self.source.bits, self.config.total_bytes)
        except BusError as error:
            self._report(error)
            return bytes(self.config.total_bytes)

    def _write_result(self, result: bytes) -> None:
        try:
            self.environment.memory.write(self.destination.bits, result)
        except BusError as error:
            self._report(error)

    def _report(self, error: BusError) -> None:
        self.environment.log.unmodelled(f"{self.name}.{self.config.algorithm.name}", f"job met a {error}")

    def _finish(self, _periods: int) -> None:
        if job := self._jobs.get(self.config.algorithm):
            job(self._input)
        self.control.start = 0
        self.status.transferred_bytes = self.config.total_bytes
        self.status.done = 1
        self._update_irq()

    def _crc(self, data: bytes) -> None:
        kind = CrcKind(self.config.sub_mode)
        state = self.digest[4].bits & (1 << kind.width_bits) - 1
        state = crc_update(kind, state, data, reverse_input=bool(self.config.reverse_input))
        self.digest[4].bits = reverse_bits(state, kind.width_bits) if self.config.reverse_output else state

    def _sha1(self, data: bytes) -> None:
        self._hash(sha1.compress, self.digest, data)

    def _md5(self, data: bytes) -> None:
        self._hash(md5.compress, self.digest[:4], data)

    def _hash(
        self,
        compress: Callable[[Sequence[int], bytes], Sequence[int]],
        digest: Sequence[Gpsec.Word],
        data: bytes,
    ) -> None:
        state: Sequence[int] = [word.bits for word in digest]
        for start in range(0, len(data) - sha1.BLOCK_SIZE + 1, sha1.BLOCK_SIZE):
            state = compress(state, data[start : start + sha1.BLOCK_SIZE])
        for word, bits in zip(digest, state, strict=True):
            word.bits = bits

    def _rc4(self, data: bytes) -> None:
        key = self._key_bytes(32 if self.config.rc4_key_256 else 16)
        self._write_result(ciphers.rc4(key, data))

    def _aes(self, data: bytes) -> None:
        mode = ciphers.CipherMode(self.config.sub_mode)
        if mode is ciphers.CipherMode.MAC:
            self.environment.log.unmodelled(f"{self.name}.AES_MAC", "job gives no result")
            return
        vector = _bytes_of(*self.vector, *self.key_or_vector)
        whole = data[: len(data) & -ciphers.AES_BLOCK_SIZE]
        decrypt = bool(self.config.decrypt)
        self._write_result(ciphers.aes(self._key_bytes(16), mode, vector, whole, decrypt=decrypt))

    def _des(self, data: bytes) -> None:
        mode = ciphers.CipherMode(self.config.sub_mode & 1)
        key = self._key_bytes(24 if self.config.algorithm is Algorithm.TRIPLE_DES else 8)
        whole = data[: len(data) & -ciphers.DES_BLOCK_SIZE]
        decrypt = bool(self.config.decrypt)
        self._write_result(ciphers.des(key, mode, _bytes_of(*self.vector), whole, decrypt=decrypt))

    def _key_bytes(self, size_bytes: int) -> bytes:
        return _bytes_of(*self.key, *self.key_or_vector, *self.late_key)[:size_bytes]

    def _update_irq(self) -> None:
        trng_unmasked = self.trng_control.enable and not self.trng_control.interrupt_mask
        self._irq(bool(self.status.done and (trng_unmasked or not self.config.interrupt_mask)))


def _bytes_of(*words: Gpsec.Word) -> bytes:
    """The bytes that software stored as little-endian words."""
    return struct.pack(f"<{len(words)}I", *(word.bits for word in words))
