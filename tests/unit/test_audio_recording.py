"""A call's sound kept: both ways, in step, and never at the cost of the call."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from faxhw.audio.port import BLOCK, BLOCK_OCTETS, SILENCE, AudioPort
from faxhw.audio.recording import RecordedAudio
from faxhw.audio.wav import WavReader, WavWriter
from faxhw.clock import SYSTEM_CLOCK, Clock


class Call:
    """A port that is told what is heard, block by block."""

    name = "call 1"
    clock: Clock = SYSTEM_CLOCK

    def __init__(self, heard: list[bytes]) -> None:
        self.heard = heard
        self.said: list[bytes] = []
        self.skipped = 0
        self.closed = False

    def transfer(self, said: bytes) -> bytes:
        self.said.append(said)
        return self.heard.pop(0) if self.heard and not self.closed else b""

    def skip(self) -> int:
        return self.skipped

    def close(self) -> None:
        self.closed = True


def tone(number: int) -> bytes:
    return number.to_bytes(2, "little") * BLOCK


def kept(path: Path) -> list[bytes]:
    with WavReader(path) as reader:
        pieces = list(reader.pieces())
    return [b"".join(each) for each in zip(*pieces, strict=True)]


def test_both_ways_are_kept_in_step(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    call = Call([tone(number) for number in range(100, 220)])
    audio: AudioPort = RecordedAudio(call, WavWriter(path))
    assert (audio.name, audio.clock) == (call.name, call.clock)
    for number in range(120):
        assert audio.transfer(tone(number)) == tone(100 + number)
    assert audio.transfer(SILENCE) == b""
    audio.close()
    audio.close()
    assert call.closed
    assert call.said[:120] == [tone(number) for number in range(120)]
    assert kept(path) == [
        b"".join(tone(number) for number in range(120)),
        b"".join(tone(number) for number in range(100, 220)),
    ]


def test_what_is_skipped_is_silence_of_that_length(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    call = Call([tone(2), tone(4)])
    audio = RecordedAudio(call, WavWriter(path))
    audio.transfer(tone(1))
    call.skipped = BLOCK + 7
    assert audio.skip() == BLOCK + 7
    audio.transfer(tone(3))
    audio.close()
    gap = bytes(BLOCK_OCTETS + 14)
    assert kept(path) == [tone(1) + gap + tone(3), tone(2) + gap + tone(4)]


def test_nothing_is_kept_after_the_end(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    audio = RecordedAudio(Call([tone(2)] * 2), WavWriter(path))
    audio.transfer(tone(1))
    audio.finish()
    assert audio.transfer(tone(3)) == tone(2)
    assert kept(path) == [tone(1), tone(2)]


class FullDisk(WavWriter):
    def add(self, *channels: bytes) -> None:
        raise OSError(28, "No space left on device")


def test_a_full_disk_ends_the_recording_and_not_the_call(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "call.wav"
    audio = RecordedAudio(Call([tone(2)] * 200), FullDisk(path))
    with caplog.at_level(logging.ERROR):
        assert all(audio.transfer(tone(1)) == tone(2) for _ in range(200))
        audio.close()
    assert [each.getMessage() for each in caplog.records] == [
        f"{path}: the recording of call 1 ends early: No space left on device"
    ]


def test_a_disk_that_does_not_keep_up_ends_the_recording(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monitor = SYSTEM_CLOCK.monitor()
    waits, goes_on = [False], [False]

    class SlowDisk(WavWriter):
        def add(self, *channels: bytes) -> None:
            with monitor:
                waits[0] = True
                monitor.notify_all()
                monitor.wait_for(lambda: goes_on[0])
            super().add(*channels)

    audio = RecordedAudio(Call([tone(2)] * 15200), SlowDisk(tmp_path / "call.wav"))
    with caplog.at_level(logging.ERROR):
        assert all(audio.transfer(tone(1)) for _ in range(100))
        with monitor:
            monitor.wait_for(lambda: waits[0])
        assert all(audio.transfer(tone(1)) == tone(2) for _ in range(15100))
    with monitor:
        goes_on[0] = True
        monitor.notify_all()
    audio.close()
    assert [each.getMessage() for each in caplog.records] == [
        f"{tmp_path / 'call.wav'}: the recording of call 1 ends early: the disk does not keep up"
    ]
