"""Error correction's fields and blocks: against octets as printed, and split and damaged anywhere."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faxhw import hdlc
from faxhw.t30 import ecm, frames
from faxhw.t30.ecm import Block, Contents, PartialPage
from faxhw.t30.frames import Fcf
from faxhw.terms import LADDER, Coding, Family, Modulation, Parameters, Resolution

# ----------------------------------------------------------------------------------------------------------
# Frames and fields, in the order of the line: first bit lowest. X is 1 from the sender that has called.


@pytest.mark.parametrize(
    ("frame", "octets"),
    [
        # From a trace in the field: a page of 16 frames, of which the fifth to the eighth are asked for.
        (
            frames.build(Fcf.PPS, PartialPage(Fcf.MPS, 0, 0, 16).field(x=True), x=True),
            "ff 13 bf 4f 00 00 0f",
        ),
        (frames.build(Fcf.PPR, ecm.request(range(4, 8), 16)), "ff 13 bc f0 00" + " ff" * 30),
        # From T.30's print (annex A.4): 0000 0000, 1111 0001, 1111 0100 after 1111 1101; X as 0 when polled.
        (frames.build(Fcf.PPS, PartialPage(None, 1, 2, 256).field(x=True), x=True), "ff 13 bf 00 01 02 ff"),
        (
            frames.build(Fcf.PPS, PartialPage(Fcf.EOM, 255, 0, 1).field(x=True), x=True),
            "ff 13 bf 8f ff 00 00",
        ),
        (frames.build(Fcf.PPS, PartialPage(Fcf.EOP, 3, 0, 9).field(x=True), x=True), "ff 13 bf 2f 03 00 08"),
        (frames.build(Fcf.PPS, PartialPage(Fcf.EOP, 3, 0, 9).field(x=False)), "ff 13 be 2e 03 00 08"),
        (frames.build(Fcf.EOR, ecm.post_message_field(Fcf.EOP, x=True), x=True), "ff 13 cf 2f"),
        (frames.build(Fcf.EOR, ecm.post_message_field(None, x=True), x=True), "ff 13 cf 00"),
        (frames.build(Fcf.RR, x=True), "ff 13 6f"),
        (frames.build(Fcf.RNR), "ff 13 ec"),
        (frames.build(Fcf.ERR), "ff 13 1c"),
        (frames.build(Fcf.CTR), "ff 13 c4"),
        (frames.build(Fcf.PPR, ecm.request([], 256)), "ff 13 bc" + " 00" * 32),
        (frames.build(Fcf.PPR, ecm.request([0, 255], 256)), "ff 13 bc 01" + " 00" * 30 + " 80"),
        (frames.build(Fcf.PPR, ecm.request([0], 1)), "ff 13 bc" + " ff" * 32),
    ],
)
def test_frames_as_they_stand_on_the_line(frame: bytes, octets: str) -> None:
    assert frame.hex(" ") == octets


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("4f 00 00 0f", PartialPage(Fcf.MPS, 0, 0, 16)),
        ("4e 00 00 0f", PartialPage(Fcf.MPS, 0, 0, 16)),
        ("00 07 01 ff", PartialPage(None, 7, 1, 256)),
        ("01 07 01 ff", PartialPage(None, 7, 1, 256)),  # X in NULL, where T.30 prints none
        ("8f 00 00 00", PartialPage(Fcf.EOM, 0, 0, 1)),
        ("2f ff ff 00", PartialPage(Fcf.EOP, 255, 255, 1)),
        ("9f 00 00 00", PartialPage(Fcf.EOM, 0, 0, 1)),  # PRI-EOM, PRI-MPS, PRI-EOP
        ("5f 00 00 00", PartialPage(Fcf.MPS, 0, 0, 1)),
        ("3f 00 00 00", PartialPage(Fcf.EOP, 0, 0, 1)),
        ("1f 00 00 00", PartialPage(Fcf.EOM, 0, 0, 1)),  # EOS
        ("2f 00 00 00 12 34", PartialPage(Fcf.EOP, 0, 0, 1)),
        ("2f 00 00", None),
        ("", None),
        ("55 00 00 00", None),
        ("8c 00 00 00", None),  # MCF
    ],
)
def test_what_a_pps_says(field: str, said: PartialPage | None) -> None:
    assert ecm.partial_page(bytes.fromhex(field)) == said


@given(st.binary(max_size=40))
def test_any_field_is_survived(field: bytes) -> None:
    ecm.partial_page(field)
    ecm.post_message(field)
    ecm.says_what_follows(field)
    ecm.rate_named(field)
    assert set(ecm.requested(field, 100)) <= set(range(100))


@given(st.sets(st.integers(0, 255)), st.integers(1, 256))
def test_a_request_is_read_as_it_was_meant(missing: set[int], count: int) -> None:
    """A bit a frame, 1 for what has not come, and 1 for all that the block has not (annex A.4.4)."""
    within = {number for number in missing if number < count}
    field = ecm.request(sorted(within), count)
    assert len(field) == 32
    assert ecm.requested(field, count) == sorted(within)
    assert ecm.requested(field, 256) == [*sorted(within), *range(count, 256)]


@pytest.mark.parametrize("octets", [0, 1, 31, 33, 100])
def test_a_request_of_another_length_asks_for_what_it_says(octets: int) -> None:
    wanted = ecm.requested(b"\x05" * octets, 256)
    assert wanted == [number for number in range(min(8 * octets, 256)) if number % 8 in (0, 2)]


RATES = {
    "V.27ter 2400": "00",
    "V.27ter 4800": "08",
    "V.29 9600": "04",
    "V.29 7200": "0c",
    "V.17 14400": "20",
    "V.17 12000": "28",
    "V.17 9600": "24",
    "V.17 7200": "2c",
}
"""Bits 11 to 14 of a DCS, in its second octet (T.30 table 2)."""


@pytest.mark.parametrize("modulation", LADDER, ids=str)
def test_a_ctc_names_its_rate_where_a_dcs_does(modulation: Modulation) -> None:
    parameters = Parameters(modulation, Coding.MR, Resolution.FINE, ecm=True)
    field = ecm.rate_field(parameters)
    assert len(field) == 2
    assert field[1] & 0x3C == int(RATES[str(modulation)], 16)
    assert field[1] & ~0x3C == 0xC2  # receive, fine, MR: bits 10, 15, 16
    assert ecm.rate_named(field) == modulation


def test_only_the_rate_counts_in_a_ctc() -> None:
    assert ecm.rate_named(b"\xff\xc3") == Modulation(Family.V27TER, 2400) != ecm.rate_named(b"\xff\xff")
    assert ecm.rate_named(b"\xff\xff") is None
    assert ecm.rate_named(b"") == Modulation(Family.V27TER, 2400)


# ----------------------------------------------------------------------------------------------------------
# Blocks, sent

PIECES = st.lists(st.binary(max_size=300), max_size=12)
SIZES = st.sampled_from([64, 256])


def taken(pieces: Iterable[bytes], size: int) -> list[list[bytes]]:
    """A page, cut into blocks."""
    contents = Contents(pieces, size)
    blocks: list[list[bytes]] = []
    while not blocks or not contents.all_taken:
        blocks.append([each for each in contents.block() if each is not None])
    return blocks


@given(PIECES, SIZES)
def test_a_page_is_cut_without_loss(pieces: list[bytes], size: int) -> None:
    """Whatever the pieces in which it comes; its last frame is filled up with zeros (T.4 annex A.3.5)."""
    page = b"".join(pieces)
    blocks = taken(pieces, size)
    sent = b"".join(content for block in blocks for content in block)
    assert sent == page.ljust(-(-len(page) // size) * size, b"\0")
    assert all(len(content) == size for block in blocks for content in block)


def test_a_page_that_is_not_there_yet_is_waited_for_with_flags() -> None:
    contents = Contents([b"", b"a" * 40, b"", b"b" * 40, b""], 64)
    assert list(contents.block()) == [None, None, b"a" * 40 + b"b" * 24, None, b"b" * 16 + b"\0" * 48]
    waiting = ecm.transmission([None, (0, b"a" * 64), None, None], 2400)
    plain = ecm.transmission([(0, b"a" * 64)], 2400)
    assert hdlc.bits(b"".join(waiting)).count(hdlc.FLAG) == hdlc.bits(b"".join(plain)).count(hdlc.FLAG) + 3


def test_a_block_ends_when_it_is_known_whether_there_is_another() -> None:
    for more, all_taken in ((b"b", False), (None, True)):
        pieces = [b"a" * 64 * 256, b"", b"", *([more] if more else [])]
        contents = Contents(pieces, 64)
        assert list(contents.block())[256:] == [None, None]
        assert contents.all_taken is all_taken


@pytest.mark.parametrize("octets", [1, 63, 64, 65, 64 * 256 - 1, 64 * 256, 64 * 256 + 1, 64 * 600])
def test_a_block_has_256_frames_at_most(octets: int) -> None:
    blocks = taken([b"\xaa" * octets], 64)
    frames_in_all = -(-octets // 64)
    assert [len(each) for each in blocks] == [
        *[256] * (frames_in_all // 256),
        *([frames_in_all % 256] if frames_in_all % 256 else []),
    ]


@pytest.mark.parametrize("modulation", LADDER, ids=str)
def test_what_goes_on_the_line(modulation: Modulation) -> None:
    """200 to 300 ms of flags, FCD with their numbers, three RCP (T.4 annex A.3): octets written by hand."""
    line = b"".join(ecm.transmission([(7, b"\xaa" * 64), (0, b"\x55" * 64)], modulation.rate))
    flags = len(line) - len(line.lstrip(b"\x7e"))
    assert 0.2 <= flags * 8 / modulation.rate <= 0.3
    found = hdlc.Deframer(300).feed(line + b"\x7e")
    assert [each.octets.hex() for each in found] == [
        "ff0306" + "07" + "aa" * 64,
        "ff0306" + "00" + "55" * 64,
        *["ff0386"] * 3,
    ]
    assert all(each.good for each in found)


# ----------------------------------------------------------------------------------------------------------
# Blocks, received


def sent(contents: list[bytes], numbers: Iterable[int] | None = None) -> bytes:
    """Frames of a block on the line, all of them if no numbers are given."""
    wanted = range(len(contents)) if numbers is None else numbers
    return b"".join(ecm.transmission([(number, contents[number]) for number in wanted], 14400))


FIVE = [bytes([number]) * 64 for number in (0x00, 0xFF, 0x7E, 0xAA, 0x3E)]


def test_a_block_may_be_split_at_every_octet() -> None:
    line = sent(FIVE)
    for at in range(len(line) + 1):
        block = Block()
        block.feed(line[:at])
        block.feed(line[at:])
        assert block.take() == b"".join(FIVE)
        assert block.count == 5
        assert not block.missing()


@given(st.lists(st.binary(min_size=64, max_size=64), min_size=1, max_size=6), st.data())
def test_a_block_may_be_split_anywhere(contents: list[bytes], data: st.DataObject) -> None:
    line = sent(contents)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(line)), max_size=12)))
    block, came = Block(), False
    for start, end in zip([0, *cuts], [*cuts, len(line)], strict=True):
        came = block.feed(line[start:end]) or came
    assert came
    assert block.take() == b"".join(contents)


@given(st.data())
def test_a_damaged_bit_costs_frames_and_never_changes_one(data: st.DataObject) -> None:
    """Two of them at most: where the flag between two is hit."""
    line = bytearray(sent(FIVE))
    bit = data.draw(st.integers(0, 8 * len(line) - 1))
    line[bit // 8] ^= 1 << bit % 8
    block = Block()
    block.feed(bytes(line))
    block.learn(5)
    missing = block.missing()
    assert len(missing) <= 2
    assert block.take_all() == b"".join(each for number, each in enumerate(FIVE) if number not in missing)


@given(st.lists(st.lists(st.integers(0, 39), max_size=50), min_size=1, max_size=5))
def test_frames_come_in_any_order_and_some_of_them_often(carriers: list[list[int]]) -> None:
    contents = [f"{number:064}".encode() for number in range(40)]
    block, told = Block(), b""
    for numbers in carriers:
        block.carrier()
        block.feed(sent(contents, numbers))
        told += block.take()
    block.learn(40)
    come = {number for numbers in carriers for number in numbers}
    assert block.missing() == [number for number in range(40) if number not in come]
    told += block.take_all()
    assert told == b"".join(contents[number] for number in sorted(come))
    assert block.take() == block.take_all() == b""


def test_a_frame_that_came_whole_is_kept_as_it_came() -> None:
    block = Block()
    block.feed(sent([b"first".ljust(64)]))
    assert not block.feed(sent([b"second".ljust(64)]))
    assert block.take() == b"first".ljust(64)


def test_what_a_carrier_leaves_unfinished_is_no_part_of_the_next() -> None:
    line = sent(FIVE)
    block = Block()
    block.feed(line[: len(line) // 2])
    block.carrier()
    block.feed(line[len(line) // 2 :])
    assert 0 < len(block.missing()) < 3
    assert set(block.take_all()) <= set(b"".join(FIVE))


def test_a_repetition_that_counts_its_own_frames_only() -> None:
    """spandsp's PPS after a repetition says how many frames that had: the block has as many as before."""
    contents = [bytes([number]) * 256 for number in range(40)]
    block = Block()
    block.feed(sent(contents, (number for number in range(40) if number not in (1, 30, 37))))
    block.learn(40)
    assert block.missing() == [1, 30, 37]
    block.carrier()
    block.feed(sent(contents, (1, 37)))
    block.learn(3)
    assert block.missing() == [30]
    block.carrier()
    block.feed(sent(contents, (30,)))
    block.learn(1)
    assert block.missing() == []
    assert block.take() == b"".join(contents)


def test_frames_beyond_what_a_pps_says_are_missed_too() -> None:
    block = Block()
    block.feed(sent([bytes(64)] * 40, (0, 1, 39)))
    block.learn(2)
    assert block.missing() == list(range(2, 39))


def test_blocks_are_the_same_by_what_is_in_them() -> None:
    blocks = [Block(), Block(), Block()]
    for block, contents in zip(blocks, (FIVE, FIVE, FIVE[::-1]), strict=True):
        block.feed(sent(contents))
    assert blocks[0].same(blocks[1])
    assert not blocks[0].same(blocks[2])


@pytest.mark.parametrize(
    "octets",
    [
        b"\xff\x03\x06",  # no number
        b"\xff\x03\x06\x00",  # nothing in it
        b"\xff\x03\x06\x00" + bytes(257),
        b"\xff\x13\x06\x00" + bytes(64),  # the final bit, which FCD has not
        b"\xff\x03\x86",
        b"\xff\x03\x86\x00" + bytes(64),
        b"\x00\x03\x06\x00" + bytes(64),
    ],
)
def test_what_is_no_frame_of_a_page_is_passed_over(octets: bytes) -> None:
    block = Block()
    assert not block.feed(hdlc.transmission((octets,), 5) + b"\x7e")
    assert block.count == 0


@pytest.mark.parametrize("octets", [1, 63, 64, 255, 256])
def test_frames_of_any_size_up_to_256_are_taken(octets: int) -> None:
    """Some senders do not fill up the last one."""
    block = Block()
    block.feed(hdlc.transmission((b"\xff\x03\x06\x00" + b"\xaa" * octets,), 5) + b"\x7e")
    assert block.take() == b"\xaa" * octets


# ----------------------------------------------------------------------------------------------------------
# Floods

MUCH = 400_000


@pytest.mark.parametrize(
    "chunk",
    [
        b"\x7e",
        b"\x00",
        b"\xff",
        b"\x55",
        b"\x7e\x00",
        hdlc.transmission((b"\xff\x03\x06\x01" + bytes(256),), 1),
    ],
    ids=["flags", "zeros", "ones", "bits", "short frames", "frames"],
)
def test_a_flood_is_not_kept(chunk: bytes) -> None:
    block, flood = Block(), chunk * (4096 // len(chunk))
    block.feed(flood)
    tracemalloc.start()
    for _ in range(MUCH // len(flood)):
        block.feed(flood)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < MUCH // 4
    assert len(block.take_all()) <= 256


@given(st.binary(max_size=2000))
def test_noise_is_no_frame(octets: bytes) -> None:
    block = Block()
    block.feed(octets)
    assert block.count <= 256
