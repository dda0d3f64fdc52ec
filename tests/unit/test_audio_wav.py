"""Recorded calls: what telephone systems write is read, and what is no recording is refused in one line."""

from __future__ import annotations

import struct
import wave
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from faxhw.audio.laws import Law, compress, expand
from faxhw.audio.wav import WavReader, WavWriter
from faxhw.errors import StorageError

from .wav_files import chunk, extensible, form, wav

LEFT = struct.pack("<6h", 0, 1, -1, 32767, -32768, 260)
RIGHT = struct.pack("<6h", 5, 4, 3, 2, 1, 0)
BOTH = b"".join(LEFT[at : at + 2] + RIGHT[at : at + 2] for at in range(0, 12, 2))


def read(path: Path, octets: bytes) -> list[bytes]:
    """What is read of a file: the channels."""
    path.write_bytes(octets)
    with WavReader(path) as reader:
        pieces = list(reader.pieces())
    return [b"".join(each) for each in zip(*pieces, strict=True)] if pieces else [b""] * reader.channels


def refusal(path: Path, octets: bytes) -> str:
    with pytest.raises(StorageError) as raised:
        read(path, octets)
    assert str(path) in str(raised.value)
    return str(raised.value)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "call.wav"


def test_what_the_standard_library_writes_is_read(path: Path) -> None:
    with wave.open(str(path), "wb") as writer:
        writer.setnchannels(2)
        writer.setsampwidth(2)
        writer.setframerate(8000)
        writer.writeframes(BOTH)
    assert read(path, path.read_bytes()) == [LEFT, RIGHT]


@pytest.mark.parametrize(("tag", "law"), [(6, Law.A), (7, Law.MU)])
@pytest.mark.parametrize("header", [form, extensible])
def test_law_coded_files(path: Path, tag: int, law: Law, header: Callable[..., bytes]) -> None:
    left, right = compress(LEFT, law), compress(RIGHT, law)
    both = b"".join(bytes(each) for each in zip(left, right, strict=True))
    said = read(path, wav(header(tag, channels=2, bits=8), chunk(b"data", both)))
    assert said == [expand(left, law), expand(right, law)]


def test_eight_bits(path: Path) -> None:
    said = read(path, wav(form(bits=8), chunk(b"data", bytes([128, 255, 0, 129]))))
    assert said == [struct.pack("<4h", 0, 127 << 8, -128 << 8, 256)]


def test_other_chunks_are_passed_over_whatever_their_size(path: Path) -> None:
    said = read(
        path,
        wav(chunk(b"LIST", b"odd"), form(), chunk(b"fact", bytes(200_001)), chunk(b"data", LEFT), b"junk"),
    )
    assert said == [LEFT]


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 0x7FFFFFF0, 13])
def test_a_recorder_that_was_killed_leaves_what_it_had_written(path: Path, size: int) -> None:
    whole = wav(form(), chunk(b"data", LEFT, size))
    assert read(path, whole) == [LEFT]
    assert read(path, whole[:-3]) == [LEFT[:-4]]


def test_the_size_of_the_sound_is_kept_to(path: Path) -> None:
    assert read(path, wav(form(), chunk(b"data", LEFT[:4]), chunk(b"LIST", RIGHT))) == [LEFT[:4]]


def test_long_sound_comes_in_pieces_of_a_second(path: Path) -> None:
    path.write_bytes(wav(form(channels=2), chunk(b"data", bytes(4 * 20_000))))
    with WavReader(path) as reader:
        assert [[len(each) for each in piece] for piece in reader.pieces()] == [
            [16000, 16000],
            [16000, 16000],
            [8000, 8000],
        ]


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        (b"", "is no RIFF WAVE file; convert it: sox "),
        (b"ID3 and so on, a long one", "is no RIFF WAVE file; convert it: sox "),
        (wav(form(rate=44100), chunk(b"data", LEFT)), "has 44100 samples a second, a telephone call 8000; "),
        (wav(form(tag=49, bits=0), chunk(b"data", LEFT)), "has 0-bit samples in format 49, not PCM"),
        (wav(form(bits=24), chunk(b"data", LEFT)), "has 24-bit samples in format 1, not PCM"),
        (wav(form(channels=4), chunk(b"data", LEFT)), "has 4 channels, a call one or two; "),
        (wav(form(channels=0), chunk(b"data", LEFT)), "has 0 channels, a call one or two; "),
        (wav(form()), "is a WAVE file without sound"),
        (wav(chunk(b"data", LEFT)), "is a damaged WAVE file"),
        (wav(chunk(b"fmt ", b"short"), chunk(b"data", LEFT)), "is a damaged WAVE file"),
    ],
)
def test_what_is_no_recording_of_a_call(path: Path, octets: bytes, why: str) -> None:
    assert f"{path} {why}" in refusal(path, octets)


def test_another_rate_is_refused_with_the_command_that_converts(tmp_path: Path) -> None:
    path = tmp_path / "a call.wav"
    said = refusal(path, wav(form(rate=16000), chunk(b"data", LEFT)))
    assert said.endswith(f"; convert it: sox '{path}' -r 8000 OUT.wav")


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="No such file"):
        WavReader(tmp_path / "none.wav")
    with pytest.raises(StorageError, match="Is a directory"):
        WavReader(tmp_path)
    with pytest.raises(StorageError, match="null"):
        WavReader("a\0b")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=200), st.binary(max_size=80).map(lambda each: wav(form(), each))))
def test_any_octets_are_read_or_refused(path: Path, octets: bytes) -> None:
    with suppress(StorageError):
        assert all(len(channel) % 2 == 0 for channel in read(path, octets))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_good_file_with_any_octet_changed(path: Path, data: st.DataObject) -> None:
    octets = bytearray(wav(extensible(1, 2, 16), chunk(b"fact", b"four"), chunk(b"data", BOTH)))
    octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    with suppress(StorageError):
        read(path, bytes(octets))


# ----------------------------------------------------------------------------------------------------------
# Writing


def test_what_is_written_is_valid_at_every_moment(path: Path) -> None:
    writer = WavWriter(path)
    assert read(path, path.read_bytes()) == [b"", b""]
    for times in range(1, 4):
        writer.add(LEFT, RIGHT)
        with wave.open(str(path), "rb") as reader:
            assert (reader.getnchannels(), reader.getframerate(), reader.getsampwidth()) == (2, 8000, 2)
            assert reader.readframes(100) == times * BOTH
    writer.close()
    writer.close()
    assert read(path, path.read_bytes()) == [3 * LEFT, 3 * RIGHT]


def test_a_file_is_replaced_only_if_that_is_asked_for(path: Path) -> None:
    path.write_bytes(b"precious")
    with pytest.raises(StorageError, match="exists: name another file"):
        WavWriter(path)
    assert path.read_bytes() == b"precious"
    writer = WavWriter(path, replace=True)
    assert path.read_bytes() == b"precious"  # as long as there is nothing to put in its place
    writer.add(LEFT, RIGHT)
    writer.close()
    assert read(path, path.read_bytes()) == [LEFT, RIGHT]


def test_a_file_that_cannot_be_made(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"cannot record to .*No such file or directory"):
        WavWriter(tmp_path / "none" / "call.wav")


def test_one_channel(path: Path) -> None:
    writer = WavWriter(path, channels=1)
    writer.add(LEFT)
    writer.close()
    assert read(path, path.read_bytes()) == [LEFT]
