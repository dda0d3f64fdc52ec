"""Frames and the bit table: against T.30's own print, and both ways."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faxhw import hdlc
from faxhw.t30 import bits, capabilities, frames, training
from faxhw.t30.bits import Bits
from faxhw.t30.frames import Fcf
from faxhw.t30.line import Frame
from faxhw.terms import (
    DCS_FAMILIES,
    LADDER,
    Coding,
    Family,
    Modulation,
    PageLength,
    PageWidth,
    Parameters,
    Resolution,
    Settings,
)


def test_frames_as_they_stand_on_the_line() -> None:
    # Frames as soft modems in the field log them: DIS 0x80, EOP 0x2f and DCS 0x83 with X set, MCF 0x8c.
    assert frames.build(Fcf.DIS) == bytes.fromhex("ff1380")
    assert frames.build(Fcf.EOP, x=True) == bytes.fromhex("ff132f")
    assert frames.build(Fcf.DCS, x=True, final=False) == bytes.fromhex("ff0383")
    assert frames.build(Fcf.MCF) == bytes.fromhex("ff138c")
    assert frames.build(Fcf.DTC, x=True) == bytes.fromhex("ff1381")


@pytest.mark.parametrize("x", [False, True])
@pytest.mark.parametrize("fcf", Fcf)
def test_control_field_is_found_whatever_x(fcf: Fcf, x: bool) -> None:
    assert frames.control_field(frames.build(fcf, x=x)[2]) == fcf


def test_identification_is_sent_last_digit_first() -> None:
    assert frames.identification("+49 89") == b"98 94+" + b" " * 14
    assert frames.identification_text(b"98 94+" + b" " * 14) == "+49 89"


def test_identification_of_control_characters_is_cleaned() -> None:
    assert frames.identification_text(b"\x1b[2J\x00\xff123") == "321"[:3] + "  J2["


@given(st.lists(st.binary(max_size=600), max_size=6))
def test_any_frames_are_survived(octets: list[bytes]) -> None:
    frames.read(Frame(each) for each in octets)
    for each in octets:
        capabilities.understand(Bits(each)).summary()
        capabilities.settled(Bits(each))
        Bits(each).names()


def test_a_frame_without_the_final_bit_is_no_message() -> None:
    assert frames.read([Frame(frames.build(Fcf.TSI, final=False))]) is None


def test_a_damaged_frame_before_the_last_is_passed_over() -> None:
    message = frames.read([Frame(b"\xff\x03\x43", good=False), Frame(frames.build(Fcf.DCS, b"\0\x46\x88"))])
    assert message is not None
    assert (message.label, message.before) == ("DCS", ())


def test_unknown_bits_survive() -> None:
    field = Bits(bytes.fromhex("0246f8c480808080808080804000"))
    assert field.octets.hex() == "0246f8c480808080808080804000"
    assert field.unknown() == (2, 103)


def test_bits_beyond_the_extension_do_not_count() -> None:
    assert not Bits(bytes([0, 0, 0, 0xFF]))["ecm"]
    assert Bits(bytes([0, 0, 0x80, 0x04]))["ecm"]


PARAMETERS = st.builds(
    Parameters,
    modulation=st.sampled_from(LADDER),
    coding=st.sampled_from(Coding),
    resolution=st.sampled_from([each for each in Resolution if each is not Resolution.DPI_300]),
    width=st.sampled_from(PageWidth),
    length=st.sampled_from(PageLength),
    min_scan_time=st.sampled_from([0.0, 0.005, 0.010, 0.020, 0.040]),
    ecm=st.just(True),
    ecm_frame_size=st.sampled_from([64, 256]),
)


@given(PARAMETERS)
def test_a_dcs_says_what_was_settled(parameters: Parameters) -> None:
    assert capabilities.settled(capabilities.command(parameters)) == parameters


@given(
    st.sets(st.sampled_from(sorted(DCS_FAMILIES)), min_size=1),
    st.sampled_from([2400, 4800, 7200, 9600, 12000, 14400]),
)
def test_a_dis_offers_all_that_we_take(families: set[Family], max_rate: int) -> None:
    settings = Settings(families=frozenset(families), max_rate=max_rate)
    remote = capabilities.understand(capabilities.offer(settings))
    if Family.V29 in families and Family.V17 in families and max_rate <= 9600:
        families.discard(Family.V17)
    wanted = {each for each in settings.modulations() if each.family in families}
    assert wanted <= set(capabilities.ladder(Settings(), remote))


def test_a_dis_of_the_field() -> None:
    # What a soft modem with V.17, ECM and MMR sends: a real frame, seen on the line.
    remote = capabilities.understand(Bits(bytes.fromhex("00eef8c48080808080808000")))
    assert remote.families == {Family.V27TER, Family.V29, Family.V17}
    assert remote.max_rate == 14400
    assert remote.ecm
    assert remote.width is PageWidth.A4
    assert remote.scan_times == (0.0, 0.0)


def test_widths_of_old_machines() -> None:
    # Both width bits: invalid, yet sent, and to be read as the widest (a note to T.30 table 2).
    both = Bits(bytes([0, 2, 0x03]))
    assert capabilities.understand(both).width is PageWidth.A3
    assert capabilities.offer(Settings(width=PageWidth.A3)).group(bits.WIDTH) == (0, 1)


def test_inch_based_resolutions_are_offered_as_such() -> None:
    ours = Settings(resolutions=frozenset({Resolution.STANDARD, Resolution.DPI_200, Resolution.DPI_400}))
    offered = capabilities.understand(capabilities.offer(ours)).resolutions
    assert ours.resolutions <= offered
    metric = capabilities.understand(capabilities.offer(Settings())).resolutions
    assert metric == {Resolution.STANDARD, Resolution.FINE}


def test_the_x_bit_tells_who_speaks() -> None:
    # T.30 5.3.6.1: 1 from the station that has received a DIS, 0 from the one that said it.
    called = [Fcf.CFR, Fcf.FTT, Fcf.MCF, Fcf.RTN, Fcf.RTP, Fcf.CRP, Fcf.DCN]
    assert [frames.build(each)[2] for each in called] == [0x84, 0x44, 0x8C, 0x4C, 0xCC, 0x1A, 0xFA]
    caller = [Fcf.DCS, Fcf.TSI, Fcf.SUB, Fcf.SID, Fcf.MPS, Fcf.EOM, Fcf.EOP, Fcf.CRP, Fcf.DCN]
    printed = [0xC1, 0xC2, 0xC3, 0xC5, 0xF2, 0xF1, 0xF4, 0xD8, 0xDF]
    assert [frames.build(each, x=True)[2] for each in caller] == [hdlc.REVERSED[each] for each in printed]


def test_the_best_that_both_can_do() -> None:
    remote = capabilities.understand(capabilities.offer(Settings(width=PageWidth.B4, length=PageLength.B4)))
    ours = Settings(width=PageWidth.A3)
    best = capabilities.best(capabilities.formats(ours, remote))
    settled = capabilities.agree(ours, remote, Modulation(Family.V29, 9600), best)
    assert settled == Parameters(
        Modulation(Family.V29, 9600), Coding.MR, Resolution.FINE, PageWidth.B4, PageLength.B4
    )


def test_every_row_of_the_table_is_its_own_bit() -> None:
    numbers = [each.number for each in bits.BITS] + [*bits.RATE, *bits.WIDTH, *bits.LENGTH, *bits.SCAN_TIME]
    assert len(set(numbers)) == len(numbers)
    assert not set(numbers) & set(bits.EXTENSIONS)


@pytest.mark.parametrize(
    ("heard", "good", "settings"),
    [
        (bytes(2700), True, Settings()),
        (b"\xff\x81" + bytes(2700) + b"\x55", True, Settings()),
        (bytes(1700), False, Settings()),
        (bytes(1700), True, Settings(tcf_zeros=0.9)),
        (b"", False, Settings()),
        (bytes(900) + b"\xff" * 400 + bytes(1800), False, Settings()),
        (bytes(900) + b"\xff" * 400 + bytes(1800), True, Settings(tcf_errors=0.15)),
    ],
)
def test_tcf(heard: bytes, good: bool, settings: Settings) -> None:
    assert b"".join(training.tcf(14400)) == bytes(2700)
    assert training.judge(heard, 14400).satisfies(settings) is good
