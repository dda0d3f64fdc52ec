"""HDLC framing: against published check values, at every split, and under damage."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faxhw import hdlc


def test_frame_check_of_the_catalogue_string() -> None:
    # CRC-16/IBM-SDLC (X.25): the check value of "123456789" is 0x906E, sent low octet first.
    assert hdlc.frame_check(b"123456789") == bytes([0x6E, 0x90])
    assert hdlc.check(b"123456789\x6e\x90")
    assert not hdlc.check(b"123456788\x6e\x90")


def test_zero_is_inserted_after_five_ones() -> None:
    assert hdlc.framed(b"\xff\xff").startswith("1111101111101111101")


@given(st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=5), st.integers(1, 9), st.data())
def test_any_split_gives_the_same_frames(frames: list[bytes], flags: int, data: st.DataObject) -> None:
    line = hdlc.transmission(frames, flags, closing_flags=1)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(line)), max_size=6)))
    deframer, heard = hdlc.Deframer(), []
    for start, end in zip([0, *cuts], [*cuts, len(line)], strict=True):
        heard += deframer.feed(line[start:end])
    assert [each.octets for each in heard if each.good] == frames
    assert all(each.good for each in heard)


def test_a_flag_may_serve_two_frames_and_alignment_is_free() -> None:
    line = (
        "10" + hdlc.FLAG + hdlc.framed(b"\xff\x03\x80") + hdlc.FLAG + hdlc.framed(b"\xff\x13\x2f") + hdlc.FLAG
    )
    assert [each.octets for each in hdlc.Deframer().feed(hdlc.pack(line))] == [
        b"\xff\x03\x80",
        b"\xff\x13\x2f",
    ]


def test_two_flags_may_share_a_zero() -> None:
    line = "011111101111110" + hdlc.framed(b"\xff\x13\x2f") + hdlc.FLAG
    assert [each.octets for each in hdlc.Deframer().feed(hdlc.pack(line))] == [b"\xff\x13\x2f"]


@pytest.mark.parametrize("bit", range(0, 24, 5))
def test_a_flipped_bit_is_a_bad_frame(bit: int) -> None:
    body = hdlc.framed(bytes.fromhex("ff1384"))
    damaged = body[:bit] + "10"[int(body[bit])] + body[bit + 1 :]
    heard = hdlc.Deframer().feed(hdlc.pack(hdlc.FLAG * 2 + damaged + hdlc.FLAG * 2))
    assert not any(each.good for each in heard)


def test_a_frame_that_is_aborted_is_a_bad_frame_and_idle_is_none() -> None:
    body = hdlc.framed(bytes.fromhex("ff13840102030405"))
    aborted = hdlc.FLAG * 2 + body[:50] + "1" * 9 + "0" + hdlc.FLAG * 2
    assert [each.good for each in hdlc.Deframer().feed(hdlc.pack(aborted))] == [False]
    idle = hdlc.FLAG * 2 + "1" * 40 + hdlc.FLAG * 2 + body + hdlc.FLAG
    assert [each.good for each in hdlc.Deframer().feed(hdlc.pack(idle))] == [True]


def test_endless_noise_is_bounded() -> None:
    deframer = hdlc.Deframer(max_octets=100)
    deframer.feed(hdlc.pack(hdlc.FLAG))
    heard = [frame for _ in range(50) for frame in deframer.feed(b"\x55" * 64)]
    assert heard == [hdlc.Unframed(b"", good=False)]
    assert [each.good for each in deframer.feed(hdlc.transmission([b"abc"], 2))][-1]
