from __future__ import annotations

import sys

import pytest

from peripherals.crypto.ciphers import CipherMode, CipherUnavailableError, aes, des, rc4

# NIST SP 800-38A, appendix F: key, vector and plain text of all its AES-128 examples.
KEY = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
PLAIN = bytes.fromhex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51")
IV = bytes(range(16))
COUNTER = bytes.fromhex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff")


@pytest.mark.parametrize(
    ("mode", "iv", "cipher_text"),
    [
        (CipherMode.ECB, IV, "3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf"),
        (CipherMode.CBC, IV, "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"),
        (CipherMode.CTR, COUNTER, "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff"),
    ],
)
def test_aes_gives_the_published_examples(mode: CipherMode, iv: bytes, cipher_text: str) -> None:
    assert aes(KEY, mode, iv, PLAIN, decrypt=False) == bytes.fromhex(cipher_text)
    assert aes(KEY, mode, iv, bytes.fromhex(cipher_text), decrypt=True) == PLAIN


def test_a_mode_the_cipher_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="MAC is not a mode of this cipher"):
        aes(KEY, CipherMode.MAC, IV, PLAIN, decrypt=False)


def test_des_gives_a_published_example() -> None:
    key, plain = bytes.fromhex("133457799bbcdff1"), bytes.fromhex("0123456789abcdef")
    assert des(key, CipherMode.ECB, bytes(8), plain, decrypt=False).hex() == "85e813540f0ab405"


def test_triple_des_is_encrypt_decrypt_encrypt() -> None:
    keys = [bytes([number]) * 8 for number in (0x10, 0x20, 0x40)]
    once = des(keys[0], CipherMode.ECB, bytes(8), PLAIN, decrypt=False)
    twice = des(keys[1], CipherMode.ECB, bytes(8), once, decrypt=True)
    expected = des(keys[2], CipherMode.ECB, bytes(8), twice, decrypt=False)
    assert des(b"".join(keys), CipherMode.ECB, bytes(8), PLAIN, decrypt=False) == expected


@pytest.mark.parametrize("parts", [(1, 1, 2), (2, 1, 1), (2, 2, 2)])
def test_triple_des_with_equal_neighbours_is_single_des(parts: tuple[int, int, int]) -> None:
    keys = [bytes([part << 4]) * 8 for part in parts]
    single = bytes([2 << 4]) * 8
    expected = des(single, CipherMode.CBC, bytes(8), PLAIN, decrypt=False)
    assert des(b"".join(keys), CipherMode.CBC, bytes(8), PLAIN, decrypt=False) == expected


def test_rc4_gives_the_published_example() -> None:
    assert rc4(b"Key", b"Plaintext").hex() == "bbf316e8d940af0ad3"


def test_without_pycryptodome_the_error_tells_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "Crypto.Cipher", None)
    message = r"AES needs pycryptodome: pip install w800emu\[crypto\]"
    with pytest.raises(CipherUnavailableError, match=message):
        aes(KEY, CipherMode.ECB, IV, PLAIN, decrypt=False)
