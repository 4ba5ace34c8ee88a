from __future__ import annotations

import hashlib
import struct
import zlib

import pytest
from support.environment import FakeWorld
from support.line import FakeLine

from peripherals.crypto.ciphers import CipherMode, aes, des, rc4
from peripherals.gpsec import Algorithm, Gpsec

RAM = 0x2000_0000
RESULT = RAM + 0x8000
START, DONE = 1, 1 << 16
REVERSE_OUT, REVERSE_IN, INTERRUPT_MASK, DECRYPT = 1 << 23, 1 << 24, 1 << 19, 1 << 20
PRNG_32_BITS, PRNG_LOAD_SEED, PRNG_START = 1 << 28, 1 << 29, 1 << 30
TRNG_ENABLE, TRNG_SELECT, TRNG_MASK = 1, 2, 1 << 6
KEY = bytes(range(100, 132))
IV = bytes(range(50, 66))
PLAIN = bytes(range(48))


class Engine:
    """A GPSEC in a fake world, driven through its registers as the SDK does."""

    def __init__(self, world: FakeWorld) -> None:
        self.world = world
        self.irq = FakeLine()
        self.gpsec = Gpsec("gpsec", world.environment, self.irq, seed=5)

    def store_words(self, offset: int, data: bytes) -> None:
        for index, word in enumerate(struct.unpack(f"<{len(data) // 4}I", data)):
            self.gpsec.write(offset + 4 * index, word)

    def start(self, algorithm: Algorithm, data: bytes, options: int = 0, sub_mode: int = 0) -> None:
        self.world.memory.write(RAM, data)
        self.gpsec.write(Gpsec.slots["source"].offset, RAM)
        self.gpsec.write(Gpsec.slots["destination"].offset, RESULT)
        self.gpsec.write(Gpsec.slots["config"].offset, len(data) | algorithm << 16 | sub_mode << 21 | options)
        self.gpsec.write(Gpsec.slots["control"].offset, START)

    def finish(self) -> None:
        while not self.status & DONE:
            self.world.clock.advance(100)
        self.gpsec.write(Gpsec.slots["status"].offset, DONE)

    @property
    def status(self) -> int:
        return self.gpsec.read(Gpsec.slots["status"].offset)

    def is_interrupting(self) -> bool:
        return self.irq.level

    def result(self, size_bytes: int) -> bytes:
        return self.world.memory.read(RESULT, size_bytes)

    def digest(self, words: int) -> list[int]:
        return [self.gpsec.read(offset) for offset in Gpsec.slots["digest"].offsets][:words]


@pytest.fixture
def engine(world: FakeWorld) -> Engine:
    return Engine(world)


def test_a_crc32_over_parts_is_that_of_the_images(engine: Engine) -> None:
    crc_register = Gpsec.slots["digest"].offset + 16
    crc = 0xFFFF_FFFF
    for part in (b"firm", b"ware"):
        engine.gpsec.write(crc_register, int(f"{crc:032b}"[::-1], 2))
        engine.start(Algorithm.CRC, part, REVERSE_OUT | REVERSE_IN, sub_mode=3)
        engine.finish()
        crc = engine.gpsec.read(crc_register)
    assert crc == zlib.crc32(b"firmware") ^ 0xFFFF_FFFF


def test_a_narrow_crc_ignores_the_high_bits_of_its_register(engine: Engine) -> None:
    engine.gpsec.write(Gpsec.slots["digest"].offset + 16, 0xFFFF_FFFF)
    engine.start(Algorithm.CRC, b"123456789", REVERSE_OUT | REVERSE_IN, sub_mode=1)
    engine.finish()
    assert engine.digest(5)[4] == 0x4B37


@pytest.mark.parametrize(
    ("algorithm", "words", "order", "name"),
    [(Algorithm.SHA1, 5, ">", "sha1"), (Algorithm.MD5, 4, "<", "md5")],
)
def test_hash_blocks_chain_through_the_digest_registers(
    engine: Engine, algorithm: Algorithm, words: int, order: str, name: str
) -> None:
    state = (0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0)
    engine.store_words(Gpsec.slots["digest"].offset, struct.pack("<5I", *state))
    message = bytes(range(70))
    padded = message + b"\x80" + bytes(49) + struct.pack(order + "Q", 8 * 70)
    for start in (0, 64):
        engine.start(algorithm, padded[start : start + 64])
        engine.finish()
    assert struct.pack(f"{order}{words}I", *engine.digest(words)) == hashlib.new(name, message).digest()


@pytest.mark.parametrize("mode", [CipherMode.ECB, CipherMode.CBC, CipherMode.CTR])
@pytest.mark.parametrize("option", [0, DECRYPT])
def test_aes_takes_key_and_vector_from_their_registers(engine: Engine, mode: CipherMode, option: int) -> None:
    engine.store_words(Gpsec.slots["key"].offset, KEY[:16])
    engine.store_words(Gpsec.slots["vector"].offset, IV[:8])
    engine.store_words(Gpsec.slots["key_or_vector"].offset, IV[8:])
    engine.start(Algorithm.AES, PLAIN, option, sub_mode=mode)
    engine.finish()
    assert engine.result(48) == aes(KEY[:16], mode, IV, PLAIN, decrypt=bool(option))


def test_the_mac_mode_of_aes_is_reported_and_gives_no_result(engine: Engine) -> None:
    engine.start(Algorithm.AES, PLAIN, sub_mode=CipherMode.MAC)
    engine.finish()
    assert engine.world.log.names == ["gpsec.AES_MAC"]
    assert engine.result(48) == bytes(48)


@pytest.mark.parametrize(("algorithm", "key_size"), [(Algorithm.DES, 8), (Algorithm.TRIPLE_DES, 24)])
@pytest.mark.parametrize("mode", [CipherMode.ECB, CipherMode.CBC])
def test_des_uses_one_key_or_three(
    engine: Engine, algorithm: Algorithm, key_size: int, mode: CipherMode
) -> None:
    engine.store_words(Gpsec.slots["key"].offset, KEY[:24])
    engine.store_words(Gpsec.slots["vector"].offset, IV[:8])
    engine.start(algorithm, PLAIN, sub_mode=mode)
    engine.finish()
    assert engine.result(48) == des(KEY[:key_size], mode, IV[:8], PLAIN, decrypt=False)


@pytest.mark.parametrize(("option", "key_size"), [(0, 16), (1 << 31, 32)])
def test_rc4_uses_a_key_of_16_or_32_bytes(engine: Engine, option: int, key_size: int) -> None:
    engine.store_words(Gpsec.slots["key"].offset, KEY[:24])
    engine.store_words(Gpsec.slots["late_key"].offset, KEY[24:])
    engine.start(Algorithm.RC4, PLAIN[:7], option)
    engine.finish()
    assert engine.result(7) == rc4(KEY[:key_size], PLAIN[:7])


def test_a_crc_of_4096_bytes_takes_1024_clocks_of_80_mhz(engine: Engine) -> None:
    engine.start(Algorithm.CRC, bytes(4096), sub_mode=3)
    engine.world.clock.advance(12_799)
    assert engine.status == 0
    assert engine.gpsec.read(Gpsec.slots["control"].offset) == START
    engine.world.clock.advance(1)
    assert engine.status == DONE | 4096
    assert engine.gpsec.read(Gpsec.slots["control"].offset) == 0


def test_a_poll_sees_the_end_even_before_the_alarm(engine: Engine) -> None:
    engine.start(Algorithm.CRC, bytes(4096), sub_mode=3)
    engine.world.clock.jump(12_800)
    assert engine.status == DONE | 4096


def test_a_stopped_job_does_nothing(engine: Engine) -> None:
    engine.start(Algorithm.RC4, PLAIN)
    engine.gpsec.write(Gpsec.slots["control"].offset, 2)
    engine.world.clock.advance(1_000_000)
    assert engine.status == 0
    assert engine.result(48) == bytes(48)


def test_clearing_the_crc_fifo_does_not_stop_a_job(engine: Engine) -> None:
    engine.start(Algorithm.CRC, bytes(64), sub_mode=3)
    engine.gpsec.write(Gpsec.slots["control"].offset, 4)
    engine.world.clock.advance(1_000)
    assert engine.status == DONE | 64


def test_the_interrupt_follows_the_done_flag_and_its_mask(engine: Engine) -> None:
    engine.start(Algorithm.CRC, bytes(4), INTERRUPT_MASK)
    engine.world.clock.advance(100)
    assert not engine.is_interrupting()
    engine.gpsec.write(Gpsec.slots["config"].offset, 0)
    assert engine.is_interrupting()
    engine.gpsec.write(Gpsec.slots["status"].offset, DONE)
    assert not engine.is_interrupting()


def test_a_job_on_memory_that_is_not_there_ends_and_is_reported(engine: Engine) -> None:
    engine.gpsec.write(Gpsec.slots["source"].offset, 0x6000_0000)
    engine.gpsec.write(Gpsec.slots["config"].offset, 4 | Algorithm.CRC << 16)
    engine.gpsec.write(Gpsec.slots["control"].offset, START)
    engine.world.clock.advance(100)
    assert engine.status == DONE | 4
    assert engine.world.log.entries == [
        ("gpsec.CRC", "job met a bus error at 0x60000000: nothing answers there")
    ]


def test_a_result_that_cannot_be_written_is_reported(engine: Engine) -> None:
    engine.gpsec.write(Gpsec.slots["source"].offset, RAM)
    engine.gpsec.write(Gpsec.slots["config"].offset, 4 | Algorithm.RC4 << 16)
    engine.gpsec.write(Gpsec.slots["control"].offset, START)
    engine.world.clock.advance(1_000)
    assert engine.status == DONE | 4
    assert engine.world.log.names == ["gpsec.RC4"]


def test_input_changed_while_the_job_runs_does_not_count(engine: Engine) -> None:
    engine.gpsec.write(Gpsec.slots["digest"].offset + 16, 0)
    engine.start(Algorithm.CRC, b"123456789", sub_mode=0)
    engine.world.memory.write(RAM, bytes(9))
    engine.finish()
    assert engine.digest(5)[4] == 0xF4


def test_pseudo_random_words_repeat_with_the_seed(engine: Engine) -> None:
    def sequence(options: int) -> list[int]:
        engine.gpsec.write(Gpsec.slots["key"].offset, 99)
        engine.gpsec.write(Gpsec.slots["config"].offset, PRNG_LOAD_SEED | options)
        assert engine.gpsec.read(Gpsec.slots["config"].offset) == options
        engine.gpsec.write(Gpsec.slots["config"].offset, PRNG_START | options)
        return [engine.gpsec.read(Gpsec.slots["random_word"].offset) for _ in range(4)]

    wide = sequence(PRNG_32_BITS)
    assert len(set(wide)) == 4
    assert sequence(PRNG_32_BITS) == wide
    assert sequence(0) == [word >> 16 for word in wide]


def test_true_random_words_are_announced_one_by_one(engine: Engine) -> None:
    engine.gpsec.write(Gpsec.slots["trng_control"].offset, TRNG_ENABLE | TRNG_SELECT)
    words = []
    for _ in range(3):
        assert engine.status == 0
        engine.world.clock.advance(39_999)
        assert engine.status == 0  # an interrupt routine of 294 instructions is over by now, even at 10 MHz
        engine.world.clock.advance(1)
        assert engine.status == DONE
        assert engine.is_interrupting()
        engine.gpsec.write(Gpsec.slots["status"].offset, DONE)
        words.append(engine.gpsec.read(Gpsec.slots["random_word"].offset))
    assert len(set(words)) == 3


def test_a_masked_generator_leaves_the_done_flag_to_jobs(engine: Engine) -> None:
    engine.gpsec.write(Gpsec.slots["trng_control"].offset, TRNG_ENABLE | TRNG_SELECT)
    engine.gpsec.write(Gpsec.slots["trng_control"].offset, TRNG_ENABLE | TRNG_SELECT | TRNG_MASK)
    engine.start(Algorithm.CRC, bytes(32_768), sub_mode=3)
    engine.world.clock.advance(50_000)
    assert engine.status == 0
    assert engine.world.clock.next_due_ns == 102_400


def test_the_true_generator_is_the_same_in_every_run_of_a_seed() -> None:
    def first_word(seed: int) -> int:
        gpsec = Gpsec("gpsec", FakeWorld().environment, FakeLine(), seed=seed)
        gpsec.write(Gpsec.slots["trng_control"].offset, TRNG_ENABLE | TRNG_SELECT)
        return gpsec.read(Gpsec.slots["random_word"].offset)

    assert first_word(1) == first_word(1)
    assert first_word(1) != first_word(2)


def test_a_reset_ends_a_job(engine: Engine) -> None:
    engine.start(Algorithm.CRC, bytes(64), sub_mode=3)
    engine.gpsec.reset()
    engine.world.clock.advance(1_000_000)
    assert engine.status == 0
    assert not engine.is_interrupting()


def test_a_snapshot_restores_a_running_job(engine: Engine) -> None:
    engine.start(Algorithm.CRC, bytes(4096), sub_mode=3)
    snapshot = engine.gpsec.save()
    engine.gpsec.reset()
    engine.gpsec.restore(snapshot)
    engine.world.clock.advance(12_800)
    assert engine.status == DONE | 4096
