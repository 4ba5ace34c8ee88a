"""AES, DES, triple DES and RC4, by pycryptodome: the optional extra `crypto`."""

from __future__ import annotations

from enum import IntEnum
from types import ModuleType
from typing import Any, Final

AES_BLOCK_SIZE: Final = 16
DES_BLOCK_SIZE: Final = 8
_DES_KEY_SIZE: Final = 8
_PARITY_FREE: Final = bytes(byte & 0xFE for byte in range(256))


class CipherUnavailableError(RuntimeError):
    """Firmware started a cipher job, and the package that computes it is not installed."""


class CipherMode(IntEnum):
    """Modes of a block cipher, with the SDK's numbers (wm_gpsec_sub_mode_t)."""

    ECB = 0
    CBC = 1
    CTR = 2
    MAC = 3


def aes(key: bytes, mode: CipherMode, iv: bytes, data: bytes, *, decrypt: bool) -> bytes:
    """Encrypt or decrypt whole blocks; raises CipherUnavailableError, and ValueError for `CipherMode.MAC`.

    In CTR mode the initialisation vector is the first counter, big-endian.
    """
    module = _cipher_module("AES")
    if mode is CipherMode.CTR:
        cipher = module.new(key, module.MODE_CTR, nonce=b"", initial_value=iv)
    else:
        cipher = _block_cipher(module, key, mode, iv)
    return _run(cipher, data, decrypt=decrypt)


def des(key: bytes, mode: CipherMode, iv: bytes, data: bytes, *, decrypt: bool) -> bytes:
    """Encrypt or decrypt whole blocks with a key of 8 bytes, or of 24 for triple DES; ECB and CBC only."""
    parts = _distinct_des_keys(key)
    module = _cipher_module("DES" if len(parts) == 1 else "DES3")
    return _run(_block_cipher(module, b"".join(parts), mode, iv), data, decrypt=decrypt)


def rc4(key: bytes, data: bytes) -> bytes:
    """Encrypt or decrypt from the beginning of the key stream."""
    return _run(_cipher_module("ARC4").new(key), data, decrypt=False)


def _cipher_module(name: str) -> ModuleType:
    try:
        from Crypto.Cipher import AES, ARC4, DES, DES3
    except ImportError as error:
        raise CipherUnavailableError(f"{name} needs pycryptodome: pip install w800emu[crypto]") from error
    modules: dict[str, ModuleType] = {"AES": AES, "ARC4": ARC4, "DES": DES, "DES3": DES3}
    return modules[name]


def _block_cipher(module: ModuleType, key: bytes, mode: CipherMode, iv: bytes) -> Any:
    if mode is CipherMode.ECB:
        return module.new(key, module.MODE_ECB)
    if mode is CipherMode.CBC:
        return module.new(key, module.MODE_CBC, iv)
    raise ValueError(f"{mode.name} is not a mode of this cipher")


def _run(cipher: Any, data: bytes, *, decrypt: bool) -> bytes:
    result: bytes = cipher.decrypt(data) if decrypt else cipher.encrypt(data)
    return result


def _distinct_des_keys(key: bytes) -> list[bytes]:
    """Split a triple key; where two neighbours cancel out, only the single key that remains.

    pycryptodome refuses such keys as weak, the engine does not.
    """
    parts = [key[start : start + _DES_KEY_SIZE] for start in range(0, len(key), _DES_KEY_SIZE)]
    significant = [part.translate(_PARITY_FREE) for part in parts]
    if len(parts) == 1 or significant[1] == significant[2]:
        return parts[:1]
    return parts[2:] if significant[0] == significant[1] else parts
