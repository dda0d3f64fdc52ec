"""Calls as libspandsp's terminals would not have them, made turn by turn, and overheard."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from faxhw.fax.overhearing import judged
from faxhw.t4.encode import encode_page
from faxhw.t4.rows import Row
from faxhw.t30 import capabilities, ecm, frames
from faxhw.t30.ecm import PartialPage
from faxhw.t30.frames import Fcf
from faxhw.t30.overheard import Fate, Overheard
from faxhw.terms import Coding, Family, Modulation, Parameters
from faxhw_drivers.dsp import driver
from faxhw_drivers.dsp.library import library
from faxhw_drivers.dsp.modems.frames import FrameSender
from faxhw_drivers.dsp.modems.pages import PageSender
from tests.installed import needs_libspandsp
from tests.interop.fax_sounds import mixed

pytestmark = [pytest.mark.interop, needs_libspandsp]

V17, SLOWER, V29 = (
    Modulation(Family.V17, 14400),
    Modulation(Family.V17, 9600),
    Modulation(Family.V29, 7200),
)
GAP = bytes(1200)
"""75 ms of silence."""


def rows(number: int) -> list[Row]:
    return [(number + row, 300 * number + 2 * row) for row in range(120)]


@dataclass
class Call:
    """A call as it is said, on one channel or two; the caller sends."""

    channels: int
    said: list[bytearray] = field(default_factory=lambda: [bytearray(), bytearray()])

    def caller(self, *frames_: tuple[Fcf, bytes] | Fcf) -> None:
        self._frames(0, frames_)

    def called(self, *frames_: tuple[Fcf, bytes] | Fcf) -> None:
        self._frames(1, frames_)

    def _frames(self, end: int, frames_: tuple[tuple[Fcf, bytes] | Fcf, ...]) -> None:
        sender = FrameSender(library())
        sender.add(
            frames.transmission(
                *(each if isinstance(each, tuple) else (each, b"") for each in frames_), x=not end
            )
        )
        sender.end()
        self._say(end, sender.next_block)

    def page(self, modulation: Modulation, data: bytes, *, short: bool | None = None) -> None:
        short = modulation.has_short_training if short is None else short
        self._say(0, PageSender(library(), modulation, [data], short_training=short).next_block)

    def settle(self, parameters: Parameters, reply: Fcf = Fcf.CFR) -> None:
        self.caller((Fcf.DCS, capabilities.command(parameters).octets))
        self.page(parameters.modulation, bytes(parameters.modulation.rate * 3 // 16), short=False)
        self.called(reply)

    def _say(self, end: int, next_block: Callable[[], bytes]) -> None:
        while block := next_block():
            self.said[end] += block
        self.said[end] += GAP
        self.said[1 - end] += bytes(len(self.said[end]) - len(self.said[1 - end]))

    def overheard(self) -> Overheard:
        first, second = (bytes(each) for each in self.said)
        # In pieces of an odd length, as a file might come.
        sound = [first, second] if self.channels == 2 else [mixed((first, second))]
        pieces = [[each[at : at + 3002] for each in sound] for at in range(0, len(first), 3002)]
        return driver.overhear(pieces)


@pytest.fixture(params=[1, 2], ids=["one-channel", "two-channels"])
def call(request: pytest.FixtureRequest) -> Call:
    return Call(request.param)


def test_a_page_that_was_refused_and_came_again(call: Call) -> None:
    parameters = Parameters(V17, Coding.MR)
    good = encode_page(rows(1), Coding.MR, 1728)
    for data, reply in ((good[:300] + bytes(200) + good[500:], Fcf.RTN), (good, Fcf.MCF)):
        call.settle(parameters)
        call.page(V17, data)
        call.caller(Fcf.EOP)
        call.called(reply)
    heard = call.overheard()
    assert [each.fate for each in heard.pages] == [Fate.REFUSED, Fate.CONFIRMED]
    [page] = judged(heard.pages)
    assert (page.decoded.rows, page.details.retransmissions) == (rows(1), 1)


def test_two_documents_of_different_kinds(call: Call) -> None:
    for number, (modulation, coding, command) in enumerate(
        ((V29, Coding.MH, Fcf.EOM), (V17, Coding.MR, Fcf.MPS), (None, Coding.MR, Fcf.EOP)), 1
    ):
        if modulation is not None:
            parameters = Parameters(modulation, coding)
            call.settle(parameters)
        call.page(parameters.modulation, encode_page(rows(number), coding, 1728))
        call.caller(command)
        call.called(Fcf.MCF)
    kept = judged(call.overheard().pages)
    assert [each.decoded.rows for each in kept] == [rows(1), rows(2), rows(3)]
    assert [each.details.compression for each in kept] == ["MH", "MR", "MR"]


def test_a_training_that_fails_leaves_the_next_one_unharmed(call: Call) -> None:
    call.settle(Parameters(V17), Fcf.FTT)
    call.settle(Parameters(SLOWER), Fcf.FTT)
    call.settle(Parameters(V29))
    call.page(V29, encode_page(rows(1), Coding.MH, 1728))
    call.caller(Fcf.EOP)
    call.called(Fcf.MCF)
    [page] = judged(call.overheard().pages)
    assert page.decoded.rows == rows(1)
    assert page.details.data_rate == 7200


def test_a_sender_that_trains_at_length_for_each_page(call: Call) -> None:
    call.settle(Parameters(V17))
    for number, command in ((1, Fcf.MPS), (2, Fcf.MPS), (3, Fcf.EOP)):
        call.page(V17, encode_page(rows(number), Coding.MH, 1728), short=number == 3)
        call.caller(command)
        call.called(Fcf.MCF)
    kept = judged(call.overheard().pages)
    assert [each.decoded.rows for each in kept] == [rows(1), rows(2), rows(3)]


def test_error_correction_that_goes_on_at_a_slower_rate(call: Call) -> None:
    parameters = Parameters(V17, Coding.MMR, ecm=True)
    data = encode_page(rows(1), Coding.MMR, 1728).ljust(256 * 3, b"\0")
    numbered = [(number, data[256 * number : 256 * number + 256]) for number in range(3)]
    call.settle(parameters)
    partial = (Fcf.PPS, PartialPage(Fcf.EOP, 0, 0, 3).field(x=True))
    call.page(V17, b"".join(ecm.transmission(numbered[:1], 14400)))
    for number in (1, 2):
        call.caller(partial)
        call.called((Fcf.PPR, ecm.request(range(number, 3), 3)))
        if number == 1:
            call.caller((Fcf.CTC, ecm.rate_field(Parameters(SLOWER))))
            call.called(Fcf.CTR)
        sent = numbered[number : number + 1]
        call.page(SLOWER, b"".join(ecm.transmission(sent, 9600)), short=number == 2)
    call.caller(partial)
    call.called(Fcf.MCF)
    [page] = judged(call.overheard().pages)
    assert (page.decoded.rows, page.heard.intact, page.details.retransmissions) == (rows(1), True, 2)


def test_a_page_that_was_drowned_is_told_of(call: Call) -> None:
    call.settle(Parameters(V17))
    dice = random.Random(1)
    noise = iter([dice.randbytes(320) for _ in range(400)])
    call._say(0, lambda: next(noise, b""))
    call.caller(Fcf.MPS)
    call.called(Fcf.MCF)
    call.page(V17, encode_page(rows(2), Coding.MH, 1728))
    call.caller(Fcf.EOP)
    call.called(Fcf.MCF)
    kept = judged(call.overheard().pages)
    assert [(each.readable, each.decoded.rows) for each in kept] == [(False, []), (True, rows(2))]
