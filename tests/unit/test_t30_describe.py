"""What ``faxhw explain`` says of frames, good and bad."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faxhw import hdlc
from faxhw.t30 import capabilities, frames
from faxhw.t30.describe import MEANINGS, describe, parse_hex
from faxhw.t30.frames import Fcf
from faxhw.terms import Coding, Family, Modulation, Parameters, Resolution


def test_every_frame_has_a_meaning() -> None:
    assert set(MEANINGS) == set(Fcf)


def test_a_dcs_in_words() -> None:
    parameters = Parameters(Modulation(Family.V17, 14400), coding=Coding.MR, resolution=Resolution.FINE)
    said = "\n".join(describe(frames.build(Fcf.DCS, capabilities.command(parameters).octets, x=True)))
    assert said.startswith("DCS: ")
    for part in ("V.17 14400", "MR", "204x196", "no ECM"):
        assert part in said


def test_both_bit_orders_and_the_frame_check_are_taken() -> None:
    frame = frames.build(Fcf.CSI, frames.identification("123"), final=False)
    turned = (frame + hdlc.frame_check(frame)).translate(hdlc.REVERSED)
    assert (
        describe(parse_hex(turned.hex(":")))
        == describe(frame)
        == [
            "CSI: called subscriber identification (another frame follows)",
            "  '123'",
        ]
    )


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        ("ff13bf4f000025", "  MPS; page 0, block 0, 38 frames"),
        ("ff13bf00020100", "  NULL: the page goes on; page 2, block 1, 1 frames"),
        ("ff13bf4f", "  4f"),
        ("ff13bcf000" + "ff" * 30, "  frames 4, 5, 6, 7, and all from 16 on that there are"),
        ("ff13120008", "  at V.27ter 4800"),
        ("ff13120000", "  at V.27ter 2400"),
        ("ff1320ad0055", "  HylaFAX (United States)"),
        ("ff1320", "NSF: non-standard facilities"),
    ],
)
def test_fields_are_explained(frame: str, said: str) -> None:
    assert said in describe(parse_hex(frame))


def test_unknown_things_are_said_to_be_that() -> None:
    assert describe(b"\x01\x02") == ["no T.30 frame: 01 02"]
    assert describe(b"\xff\x13\xee\x01") == ["unknown frame 77: not in T.30", "  01"]
    assert describe(bytes.fromhex("ff1380000080808080808080808004"))[-1] == "  bit 91: set, meaning not known"


@given(st.binary(max_size=80))
def test_anything_can_be_described(octets: bytes) -> None:
    assert all(line.isprintable() for line in describe(octets) + describe(b"\xff\x13" + octets))


@pytest.mark.parametrize(
    ("text", "why"), [("", "no frame"), ("zz", "digit"), ("fff", "odd"), ("00" * 2000, "more")]
)
def test_what_is_no_frame_is_refused_with_a_reason(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_hex(text)
