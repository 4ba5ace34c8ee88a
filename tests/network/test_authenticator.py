"""Keys of WPA2 against the examples of IEEE 802.11, and a handshake that somebody disturbs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from emu.network.formats import eapol
from emu.network.formats.eapol import KeyFrame
from emu.network.formats.rsn import PSK, Rsn
from emu.network.wireless.authenticator import Authenticator, Handshake
from emu.network.wireless.key_data import group_key_in
from emu.network.wireless.key_derivation import master_key, pairwise_keys

AP, STATION = bytes.fromhex("02aabbccdd00"), bytes.fromhex("028000000001")
NONCE = bytes(range(32))


@pytest.mark.parametrize(
    ("password", "ssid", "key"),
    [
        ("password", b"IEEE", "f42c6fc52df0ebef9ebb4b90b38a5f902e83fe1b135a70e23aed762e9710a12e"),
        (
            "ThisIsAPassword",
            b"ThisIsASSID",
            "0dc0d6eb90555ed6419756b9a15ec3e3209b63df707dd508d14581f8982721af",
        ),
    ],
)
def test_master_keys_of_the_standard(password: str, ssid: bytes, key: str) -> None:
    assert master_key(ssid, password).hex() == key


@pytest.fixture
def authenticator() -> Authenticator:
    return Authenticator(b"lobby", "correct horse", AP, Rsn((PSK,)))


def begun(authenticator: Authenticator) -> Handshake:
    return authenticator.begin(authenticator.shared_key, Rsn((PSK,)))


def keys_of(handshake: Handshake) -> bytes:
    return pairwise_keys(master_key(b"lobby", "correct horse"), (AP, STATION), (handshake.nonce, NONCE))


def second(handshake: Handshake) -> KeyFrame:
    return KeyFrame(eapol.PAIRWISE, handshake.replay_counter, NONCE).signed(keys_of(handshake)[:16])


def test_four_messages_make_the_keys(authenticator: Authenticator) -> None:
    handshake = begun(authenticator)
    first = KeyFrame.parse(authenticator.message(handshake))
    assert first.nonce == handshake.nonce
    assert authenticator.take(handshake, STATION, second(handshake).build())
    third = authenticator.message(handshake)
    assert eapol.is_signed(third, keys_of(handshake)[:16])
    assert group_key_in(keys_of(handshake), KeyFrame.parse(third).data) == (1, authenticator.group_key)
    fourth = KeyFrame(eapol.PAIRWISE | eapol.SECURE, handshake.replay_counter).signed(keys_of(handshake)[:16])
    assert authenticator.take(handshake, STATION, fourth.build())
    assert (handshake.step, handshake.temporal_key) == (4, keys_of(handshake)[32:48])


def test_what_does_not_belong_there_changes_nothing(authenticator: Authenticator) -> None:
    handshake = begun(authenticator)
    authenticator.message(handshake)
    right = second(handshake)
    wrong = (
        replace(right, mic=bytes(16)),
        replace(right, replay_counter=right.replay_counter + 1),
        replace(right, info=right.info | eapol.SECURE),
        replace(right, info=right.info & ~eapol.MIC),
        replace(right, info=right.info | eapol.ACK),
    )
    assert not any(authenticator.take(handshake, STATION, frame.build()) for frame in wrong)
    assert handshake.step == 1
    assert authenticator.take(handshake, STATION, right.build())
    assert not authenticator.take(handshake, STATION, right.build())


def test_key_data_of_somebody_else_hold_no_key() -> None:
    assert group_key_in(bytes(48), bytes(64)) == (0, b"")
