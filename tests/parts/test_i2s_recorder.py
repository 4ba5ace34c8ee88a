"""The recorder alone, and its files read back with the standard library."""

from __future__ import annotations

import wave
from io import BytesIO

import pytest
from support.parts import Bench

from emu.parts import I2sRecorder, SampleFormat


@pytest.fixture
def recorder() -> I2sRecorder:
    return Bench().attach(I2sRecorder())


@pytest.mark.parametrize(("bits", "channels"), [(16, 2), (16, 1), (24, 2), (32, 1), (8, 2)])
def test_samples_become_a_file(recorder: I2sRecorder, bits: int, channels: int) -> None:
    data = bytes(range(48))
    recorder.take(data, SampleFormat(44_100, bits, channels))
    with wave.open(BytesIO(recorder.as_file())) as file:
        assert (file.getframerate(), 8 * file.getsampwidth(), file.getnchannels()) == (44_100, bits, channels)
        frames = file.readframes(file.getnframes())
    assert frames == (bytes(byte ^ 0x80 for byte in data) if bits == 8 else data)
    assert recorder.duration_s == pytest.approx(48 * 8 / bits / channels / 44_100)


def test_another_format_begins_anew(recorder: I2sRecorder) -> None:
    recorder.take(b"1234", SampleFormat(44_100, 16, 2))
    recorder.take(b"56", SampleFormat(8_000, 16, 1))
    recorder.take(b"78", SampleFormat(8_000, 16, 1))
    assert (recorder.samples, recorder.how) == (b"5678", SampleFormat(8_000, 16, 1))


def test_silence_is_a_file_too(recorder: I2sRecorder) -> None:
    with wave.open(BytesIO(recorder.as_file())) as file:
        assert file.getnframes() == 0
    assert recorder.duration_s == 0


def test_the_state_is_in_snapshots(recorder: I2sRecorder) -> None:
    how = SampleFormat(8_000, 16, 1)
    for _ in range(5_000):
        recorder.take(b"more", how)
    recorder.take(b"end!", how)
    snapshot = recorder.save()
    recorder.take(b"later", how)
    recorder.power_on()
    assert recorder.samples == b""
    recorder.restore(snapshot)
    assert (len(recorder.samples), recorder.samples[-4:], recorder.how) == (20_004, b"end!", how)
