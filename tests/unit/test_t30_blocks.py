"""Blocks of error correction: which frames of one are missing, whatever its sender says of their number."""

from __future__ import annotations

from faxhw.t30 import ecm

CONTENTS = [bytes([number]) * 256 for number in range(40)]


def sent(*numbers: int) -> bytes:
    """These frames on the line."""
    return b"".join(ecm.transmission([(number, CONTENTS[number]) for number in numbers], 14400))


def test_a_repetition_that_counts_its_own_frames_only() -> None:
    """spandsp's PPS after a repetition says how many frames that had: the block has as many as before."""
    block = ecm.Block()
    missed = (1, 30, 37)
    block.feed(sent(*(number for number in range(40) if number not in missed)))
    block.learn(40)
    assert block.missing() == [1, 30, 37]
    block.carrier()
    block.feed(sent(1, 37))
    block.learn(3)
    assert block.missing() == [30]
    block.carrier()
    block.feed(sent(30))
    block.learn(1)
    assert block.missing() == []
    assert block.take() == b"".join(CONTENTS)


def test_frames_beyond_what_a_pps_says_are_missed_too() -> None:
    block = ecm.Block()
    block.feed(sent(0, 1, 39))
    block.learn(2)
    assert block.missing() == list(range(2, 39))
