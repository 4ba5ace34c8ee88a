from __future__ import annotations

from peripherals.crypto.rng import DeterministicRng


def words(rng: DeterministicRng, count: int) -> list[int]:
    return [rng.next_word() for _ in range(count)]


def test_a_seed_gives_the_same_words_every_time() -> None:
    assert words(DeterministicRng(7), 3) == words(DeterministicRng(7), 3)
    assert words(DeterministicRng(7), 3) != words(DeterministicRng(8), 3)


def test_the_words_look_random_even_from_seed_0() -> None:
    some = words(DeterministicRng(), 1000)
    assert len(set(some)) == 1000
    assert all(0 <= word <= 0xFFFF_FFFF for word in some)
    ones = sum(word.bit_count() for word in some)
    assert 15_500 < ones < 16_500


def test_a_snapshot_continues_the_sequence() -> None:
    rng = DeterministicRng(1)
    snapshot = rng.save()
    expected = words(rng, 2)
    rng.restore(snapshot)
    assert words(rng, 2) == expected
