"""What is made of an overheard call, told frame by frame and carrier by carrier: no sound, no modem."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faxhw.t30 import capabilities, ecm, frames
from faxhw.t30.ecm import PartialPage
from faxhw.t30.frames import Fcf
from faxhw.t30.line import Frame
from faxhw.t30.overheard import Fate, Overheard, Party
from faxhw.terms import Coding, Family, Modulation, Parameters, SignalFigures
from faxhw_drivers.dsp.decoding.exchange import Exchange, Heard
from faxhw_drivers.dsp.decoding.pages import Carrier

V17, V29 = Modulation(Family.V17, 14400), Modulation(Family.V29, 9600)
PLAIN = Parameters(V17, Coding.MH)
ECM = Parameters(V17, Coding.MMR, ecm=True, ecm_frame_size=64)
TCF = bytes(2700)


@dataclass
class Call:
    """Tells an exchange of a call, turn by turn; the caller sends."""

    channels: tuple[int, int] = (0, 1)
    """The caller's, and the called's."""
    time: float = 0.0
    expected: list[tuple[int, Modulation | None, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.exchange = Exchange(lambda *expected: self.expected.append(expected))

    def caller(self, fcf: Fcf, information: bytes = b"", *, x: bool = True, good: bool = True) -> None:
        self._frame(0, frames.build(fcf, information, x=x), good=good)

    def called(self, fcf: Fcf, information: bytes = b"", *, good: bool = True) -> None:
        self._frame(1, frames.build(fcf, information), good=good)

    def _frame(self, end: int, octets: bytes, *, good: bool) -> None:
        self.time += 1.5
        self.exchange.frame(Frame(octets, good), Heard(self.channels[end], self.time, -14.0))

    def page(self, octets: bytes, seconds: float = 5.0, *, whole: bool = True) -> None:
        began, self.time = self.time + 1, self.time + 1 + seconds
        signal = SignalFigures(-14.0, 30.0)
        self.exchange.carrier(Carrier(began, self.time, octets, whole, signal), self.channels[0])

    def settle(self, parameters: Parameters = PLAIN, *, confirmed: bool = True) -> None:
        """DCS, TCF and the word on it."""
        self.caller(Fcf.DCS, capabilities.command(parameters).octets)
        self.page(TCF, 1.5)
        self.called(Fcf.CFR if confirmed else Fcf.FTT)

    def frames(self, *numbered: tuple[int, bytes]) -> None:
        """A carrier with frames of a block."""
        self.page(b"".join(ecm.transmission(numbered, 14400)))

    def partial(self, command: Fcf | None, page: int, block: int, count: int) -> None:
        self.caller(Fcf.PPS, PartialPage(command, page, block, count).field(x=True))

    def over(self) -> Overheard:
        return self.exchange.result(self.time)


def pages(heard: Overheard) -> list[tuple[bytes, Fate, bool, bool]]:
    return [(each.data, each.fate, each.ended, each.intact) for each in heard.pages]


# ----------------------------------------------------------------------------------------------------------
# What is listened for


@pytest.mark.parametrize("parameters", [PLAIN, Parameters(V29)])
def test_a_dcs_tells_what_to_listen_for_on_its_channel_and_training_is_short_only_after_a_long_one(
    parameters: Parameters,
) -> None:
    call = Call(channels=(1, 0))
    call.settle(parameters)
    short = parameters.modulation.has_short_training
    assert call.expected == [
        (1, parameters.modulation, False),
        (1, parameters.modulation, short),  # after TCF
        (1, parameters.modulation, short),  # after CFR
    ]
    call.page(b"page")
    call.caller(Fcf.MPS)
    assert call.expected[3:] == 2 * [(1, parameters.modulation, short)]
    call.caller(Fcf.DCS, capabilities.command(parameters).octets)
    assert call.expected[-1] == (1, parameters.modulation, False)


def test_continue_to_correct_names_another_modulation_with_long_training() -> None:
    call = Call()
    call.settle(ECM)
    call.frames((0, b"a" * 64))
    slower = Modulation(Family.V17, 9600)
    call.caller(Fcf.CTC, ecm.rate_field(Parameters(slower)))
    assert call.expected[-1] == (0, slower, False)
    call.frames((0, b"a" * 64))
    assert call.expected[-1] == (0, slower, True)
    assert call.over().entries[-1].name == "V.17 9600"


def test_a_dcs_that_t30_does_not_define_is_listed_and_no_page_listened_for() -> None:
    call = Call()
    call.caller(Fcf.DCS, b"\x00\x3c\x00")
    assert call.expected == [(0, None, False)]
    assert [each.name for each in call.over().entries] == ["DCS"]


# ----------------------------------------------------------------------------------------------------------
# Pages without error correction


def test_pages_lie_between_carrier_and_command() -> None:
    call = Call()
    call.caller(Fcf.TSI, frames.identification("+1 555 0100"))
    call.settle()
    for octets, command in ((b"one", Fcf.MPS), (b"two", Fcf.EOP)):
        call.page(octets)
        call.caller(command)
        call.called(Fcf.MCF)
    call.caller(Fcf.DCN)
    heard = call.over()
    assert pages(heard) == [
        (b"one", Fate.CONFIRMED, True, False),
        (b"two", Fate.CONFIRMED, True, False),
    ]
    first = heard.pages[0]
    assert (first.call, first.channel, first.parameters, first.sender) == (1, 0, PLAIN, "+1 555 0100")
    assert (first.seconds, first.signal) == (5.0, SignalFigures(-14.0, 30.0))


@pytest.mark.parametrize(
    ("response", "fate"),
    [(Fcf.MCF, Fate.CONFIRMED), (Fcf.RTP, Fate.CONFIRMED), (Fcf.RTN, Fate.REFUSED), (Fcf.PIN, Fate.REFUSED)],
)
def test_the_response_is_a_pages_fate(response: Fcf, fate: Fate) -> None:
    call = Call()
    call.settle()
    call.page(b"page")
    call.caller(Fcf.PRI_EOP)
    call.called(response)
    call.called(Fcf.MCF)  # whatever comes then
    assert pages(call.over()) == [(b"page", fate, True, False)]


def test_a_command_that_is_repeated_is_no_page() -> None:
    call = Call()
    call.settle()
    call.page(b"page")
    for _ in range(2):
        call.caller(Fcf.MPS)
        call.called(Fcf.MCF)
    assert len(call.over().pages) == 1


def test_a_page_that_nobody_could_understand_is_told_of() -> None:
    call = Call()
    call.settle()
    call.time += 8
    call.caller(Fcf.EOP)
    call.called(Fcf.MCF)
    assert pages(call.over()) == [(b"", Fate.CONFIRMED, True, False)]


def test_what_is_cut_off_is_not_ended() -> None:
    call = Call()
    call.settle()
    call.page(b"one")
    call.page(b"two", whole=False)
    heard = call.over()
    assert pages(heard) == [
        (b"one", Fate.UNANSWERED, False, False),
        (b"two", Fate.UNANSWERED, False, False),
    ]
    assert "to the end of the recording" in heard.entries[-1].said[0]


def test_training_that_fails_and_is_done_again_is_no_page() -> None:
    call = Call()
    call.settle(confirmed=False)
    call.settle(Parameters(V29))
    call.page(b"page")
    call.caller(Fcf.EOP)
    call.called(Fcf.MCF)
    heard = call.over()
    assert [(each.data, each.parameters.modulation) for each in heard.pages] == [(b"page", V29)]
    assert [each.name for each in heard.entries if not each.octets] == [
        "V.17 14400",
        "V.29 9600",
        "V.29 9600",
    ]


def test_a_page_that_is_as_short_as_a_training_check() -> None:
    call = Call()
    call.settle()
    call.page(b"page", 1.5)
    call.caller(Fcf.EOP)
    assert pages(call.over()) == [(b"page", Fate.UNANSWERED, True, False)]


def test_a_page_after_a_lost_cfr_is_a_page() -> None:
    call = Call()
    call.caller(Fcf.DCS, capabilities.command(PLAIN).octets)
    call.page(TCF, 1.5)
    call.page(b"page")
    call.caller(Fcf.EOP)
    call.called(Fcf.MCF)
    assert pages(call.over()) == [(b"page", Fate.CONFIRMED, True, False)]


# ----------------------------------------------------------------------------------------------------------
# Pages with error correction


A, B, C, D = (letter * 64 for letter in (b"a", b"b", b"c", b"d"))


def test_frames_come_in_their_order_over_all_rounds() -> None:
    call = Call()
    call.settle(ECM)
    call.frames((0, A), (3, D))
    call.partial(Fcf.EOP, 0, 0, 4)
    call.called(Fcf.PPR, ecm.request([1, 2], 4))
    call.frames((2, C), (1, B))
    call.partial(Fcf.EOP, 0, 0, 2)
    call.called(Fcf.RNR)
    call.caller(Fcf.RR)
    call.called(Fcf.MCF)
    heard = call.over()
    assert pages(heard) == [(A + B + C + D, Fate.CONFIRMED, True, True)]
    assert heard.pages[0].repetitions == 1


def test_blocks_are_joined_and_pages_told_apart_by_their_counters() -> None:
    call = Call()
    call.settle(ECM)
    for command, page, block, content in (
        (None, 0, 0, A),
        (Fcf.MPS, 0, 1, B),
        (Fcf.EOP, 1, 0, C),
    ):
        call.frames((0, content))
        call.partial(command, page, block, 1)
        call.called(Fcf.MCF)
    assert pages(call.over()) == [
        (A + B, Fate.CONFIRMED, True, True),
        (C, Fate.CONFIRMED, True, True),
    ]


def test_a_block_that_comes_again_because_its_confirmation_was_lost_is_not_taken_twice() -> None:
    call = Call()
    call.settle(ECM)
    for _ in range(2):
        call.frames((0, A))
        call.partial(Fcf.MPS, 0, 0, 1)
        call.called(Fcf.MCF)
    call.frames((0, B))
    call.partial(Fcf.EOP, 1, 0, 1)
    call.called(Fcf.MCF)
    assert [each.data for each in call.over().pages] == [A, B]


def test_a_page_with_a_frame_missing_is_not_intact() -> None:
    call = Call()
    call.settle(ECM)
    call.frames((0, A), (2, C))
    call.partial(Fcf.EOP, 0, 0, 3)
    call.called(Fcf.MCF)  # the receiver had it
    assert pages(call.over()) == [(A + C, Fate.CONFIRMED, True, False)]


def test_a_page_of_which_a_part_was_given_up() -> None:
    call = Call()
    call.settle(ECM)
    call.frames((0, A))
    call.partial(Fcf.EOP, 0, 0, 2)
    call.called(Fcf.PPR, ecm.request([1], 2))
    call.caller(Fcf.EOR, ecm.post_message_field(Fcf.EOP, x=True))
    call.called(Fcf.ERR)
    assert pages(call.over()) == [(A, Fate.UNANSWERED, True, False)]


def test_a_refused_page_comes_again_under_the_same_counters() -> None:
    call = Call()
    for _ in range(2):
        call.settle(ECM)
        call.frames((0, A))
        call.partial(Fcf.EOP, 0, 0, 1)
        call.called(Fcf.RTN if call.time < 20 else Fcf.MCF)
    assert [each.fate for each in call.over().pages] == [Fate.REFUSED, Fate.CONFIRMED]


def test_a_block_that_is_cut_off() -> None:
    call = Call()
    call.settle(ECM)
    call.frames((0, A))
    call.partial(None, 0, 0, 1)
    call.called(Fcf.MCF)
    call.frames((0, B))
    assert pages(call.over()) == [(A + B, Fate.UNANSWERED, False, False)]


@pytest.mark.parametrize("answered", [True, False])
def test_what_is_cut_off_after_a_page_is_another_page(answered: bool) -> None:
    call = Call()
    call.settle(ECM)
    call.frames((0, A))
    call.partial(Fcf.MPS, 0, 0, 1)
    if answered:
        call.called(Fcf.MCF)
    call.frames((0, B))
    assert pages(call.over()) == [
        (A, Fate.CONFIRMED if answered else Fate.UNANSWERED, True, True),
        (B, Fate.UNANSWERED, False, False),
    ]


def test_a_round_that_is_cut_off_belongs_to_its_block() -> None:
    call = Call()
    call.settle(ECM)
    call.frames((1, B))
    call.partial(Fcf.EOP, 0, 0, 2)
    call.called(Fcf.PPR, ecm.request([0], 2))
    call.frames((0, A))
    [page] = call.over().pages
    assert page.data == A + B


# ----------------------------------------------------------------------------------------------------------
# The exchange


def test_each_end_has_its_channel_whatever_its_x_bits_say() -> None:
    call = Call(channels=(1, 0))
    call.exchange.tone("CNG", Heard(1, 0.5))
    call.exchange.tone("CED", Heard(0, 0.6))
    call.called(Fcf.DIS, bytes(3))
    call.settle()
    call.caller(Fcf.DCN, x=False)
    heard = call.over()
    assert [(each.name, each.party) for each in heard.entries] == [
        ("CNG", Party.CALLER),
        ("CED", Party.CALLED),
        ("DIS", Party.CALLED),
        ("DCS", Party.CALLER),
        ("V.17 14400", Party.CALLER),
        ("CFR", Party.CALLED),
        ("DCN", Party.CALLER),
    ]


def test_on_one_channel_x_bits_tell_who_speaks() -> None:
    call = Call(channels=(0, 0))
    call.called(Fcf.DIS, bytes(3))
    call.settle()
    assert [each.party for each in call.over().entries] == [
        Party.CALLED,
        Party.CALLER,
        Party.CALLER,
        Party.CALLED,
    ]


def test_a_tone_that_comes_again_is_told_once() -> None:
    call = Call()
    for time in (1.0, 4.5, 8.0):
        call.exchange.tone("CNG", Heard(0, time))
    assert [each.name for each in call.over().entries] == ["CNG"]


def test_damaged_frames_are_listed_where_they_are_like_t30s_and_change_nothing() -> None:
    call = Call()
    call.settle()
    call.caller(Fcf.DCS, capabilities.command(Parameters(V29)).octets, good=False)
    call.exchange.frame(Frame(b"\x12\x34\x56", good=False), Heard(0, call.time))
    call.exchange.frame(Frame(b"\x12\x34\x56"), Heard(0, call.time))
    heard = call.over()
    assert [(each.name, each.good) for each in heard.entries[3:]] == [("damaged frame", False)]
    assert call.expected[-1] == (0, V17, True)


@pytest.mark.parametrize("hung_up", [True, False])
def test_calls_are_told_apart(hung_up: bool) -> None:
    call = Call()
    for octets in (b"one", b"two"):
        if not hung_up:
            call.exchange.tone("CED", Heard(1, call.time))
        call.called(Fcf.DIS, bytes(3))
        call.caller(Fcf.TSI, frames.identification(octets.decode()))
        call.settle()
        call.page(octets)
        if hung_up:
            call.caller(Fcf.MPS)
            call.called(Fcf.MCF)
            for _ in range(2):
                call.caller(Fcf.DCN)
    heard = call.over()
    assert [(each.call, each.data, each.sender) for each in heard.pages] == [
        (1, b"one", "one"),
        (2, b"two", "two"),
    ]
    assert [each.call for each in heard.entries if each.name == "DIS"] == [1, 2]


def test_another_document_of_the_same_call() -> None:
    call = Call()
    call.called(Fcf.DIS, bytes(3))
    for octets, command in ((b"one", Fcf.EOM), (b"two", Fcf.EOP)):
        call.settle()
        call.page(octets)
        call.caller(command)
        call.called(Fcf.MCF)
        call.called(Fcf.DIS, bytes(3))
    heard = call.over()
    assert [(each.call, each.data) for each in heard.pages] == [(1, b"one"), (1, b"two")]


@given(
    st.lists(
        st.one_of(
            st.tuples(st.integers(0, 1), st.sampled_from([*Fcf]), st.binary(max_size=40)),
            st.binary(max_size=300),
        ),
        max_size=40,
    )
)
def test_any_call_comes_to_something(turns: list[tuple[int, Fcf, bytes] | bytes]) -> None:
    call = Call()
    call.settle(ECM)
    for turn in turns:
        if isinstance(turn, bytes):
            call.page(turn)
        elif turn[0]:
            call.called(turn[1], turn[2])
        else:
            call.caller(turn[1], turn[2])
    heard = call.over()
    assert [each.time for each in heard.entries] == sorted(each.time for each in heard.entries)
    assert len({(each.call, each.time) for each in heard.pages}) == len(heard.pages)
