"""Stations call stations: honest timing, odd far ends, and what befalls calls."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from faxhw.session import Outcome, Status
from faxhw.t4.decode import PageDecoder
from faxhw.t30 import answering, calling
from faxhw.t30.line import (
    AnswerTone,
    CarrierLost,
    Data,
    Disconnected,
    Done,
    Heard,
    Nothing,
    OtherCarrier,
    Pause,
    Procedure,
    ReceiveFrames,
    ReceiveMore,
    ReceivePage,
    SendFrames,
    SendPage,
    StopReceiving,
)
from faxhw.terms import Coding, Family, Modulation, Resolution, Settings
from faxhw_drivers.sim import (
    Bench,
    BitErrors,
    Bursts,
    Cut,
    Dcn,
    Delay,
    Direction,
    DropOut,
    GivesPages,
    KeepsPages,
    StationCall,
    Tone,
)
from faxhw_drivers.sim.exchange import Impairment
from faxhw_drivers.sim.paper import pages

V17 = Modulation(Family.V17, 14400)
V29 = Modulation(Family.V29, 9600)
DONE = Outcome(Status.NORMAL)
FRAME = b"\xff\x13\x21"


def meet(
    bench: Bench, caller: Procedure, called: Callable[[], Procedure], seconds: float = 60.0
) -> StationCall:
    """Two stations' procedures, for so long; what the called one did."""
    far = bench.station("200")
    far.answer_with(called)
    bench.station("100").call("200", caller)
    bench.run(seconds)
    return far.calls[0]


def script(*operations: object) -> Procedure:
    """A procedure that does one thing after the other, whatever is answered."""
    for operation in operations:  # noqa: UP028 - answers are sent in
        yield operation  # type: ignore[misc]
    return DONE


def test_operations_take_the_time_they_take() -> None:
    bench = Bench()
    far = meet(
        bench,
        script(ReceiveFrames(35.0), Pause(0.075), SendPage(V17, [bytes(1800)]), Pause(9.0)),
        lambda: script(AnswerTone(), SendFrames((FRAME,)), ReceivePage(V17, 9.0), *[ReceiveMore()] * 40),
    )
    begun, times = far.steps[0].begun, [step.answer.time for step in far.steps]
    assert times[0] - begun == pytest.approx(3.075, abs=1e-6)
    frame_bits = 8 * (len(FRAME) + 2)
    assert times[1] - times[0] == pytest.approx(1.0 + (frame_bits + 24) / 300, abs=0.08)
    page = [step for step in far.steps if isinstance(step.answer, Data)]
    assert b"".join(step.answer.octets for step in page if isinstance(step.answer, Data)) == bytes(1800)
    assert page[-1].answer.time - times[1] == pytest.approx(0.075 + 1.393 + 1.0, abs=0.1)
    assert isinstance(far.steps[3 + len(page) - 1].answer, CarrierLost)


@pytest.mark.parametrize(
    ("said", "listened", "answer"),
    [
        (SendFrames((FRAME,)), ReceiveFrames(5.0), Heard),
        (SendFrames((FRAME,)), ReceivePage(V17, 5.0), OtherCarrier),
        (SendPage(V17, [bytes(900)]), ReceiveFrames(5.0), OtherCarrier),
        (SendPage(V17, [bytes(900)]), ReceivePage(V29, 5.0), OtherCarrier),
        (SendPage(V17, [bytes(900)]), ReceivePage(V17, 5.0), Data),
        (SendPage(V17, [bytes(900)], short_training=True), ReceivePage(V17, 5.0), OtherCarrier),
        (
            SendPage(V17, [bytes(900)], short_training=True),
            ReceivePage(V17, 5.0, short_training=True),
            CarrierLost,
        ),
        (SendPage(V17, []), ReceivePage(V17, 5.0), CarrierLost),
        (Pause(4.0), ReceiveFrames(3.0), Nothing),
    ],
)
def test_what_is_heard_of_what_is_said(said: object, listened: object, answer: type) -> None:
    bench = Bench()
    far = meet(bench, script(Pause(2.0), said, Pause(9.0)), lambda: script(listened))
    assert isinstance(far.steps[0].answer, answer)


def test_frames_heard_in_order_and_up_to_the_final_one() -> None:
    bench = Bench()
    frames = (b"\xff\x03\x01", b"\xff\x03\x02", b"\xff\x13\x03")
    far = meet(bench, script(Pause(2.0), SendFrames(frames)), lambda: script(ReceiveFrames(9.0)))
    [step] = far.steps
    assert isinstance(step.answer, Heard)
    assert tuple(frame.octets for frame in step.answer.frames) == frames
    assert all(frame.good for frame in step.answer.frames)


def test_a_reception_can_be_left() -> None:
    bench = Bench()
    far = meet(
        bench,
        script(Pause(2.0), SendPage(V29, [bytes(9600)]), SendFrames((FRAME,)), Pause(5.0)),
        lambda: script(
            ReceivePage(V29, 9.0), StopReceiving(), ReceiveFrames(3.0), Pause(8.2), ReceiveFrames(9.0)
        ),
    )
    assert [type(step.answer) for step in far.steps] == [Data, Done, OtherCarrier, Done, Heard]


def test_a_far_end_that_hangs_up_disconnects_whatever_goes_on() -> None:
    for doing in (Pause(30.0), ReceiveFrames(30.0), SendPage(V29, [bytes(99_999)]), ReceivePage(V29, 30.0)):
        bench = Bench()
        far = meet(bench, script(Pause(4.0)), lambda doing=doing: script(doing, Pause(1.0)))  # type: ignore[misc]
        assert [type(step.answer) for step in far.steps] == [Disconnected, Disconnected]
        assert far.ended is not None
        assert far.ended < 10


def test_odd_sounds_are_heard_and_end() -> None:
    bench = Bench()
    far = bench.station("200")
    far.answer_with(Tone.VOICE)
    call = bench.station("100").call("200", script(ReceiveFrames(90.0)))
    bench.run(60)
    assert [type(step.answer) for step in call.steps] == [Disconnected]
    assert far.calls[0].ended is not None


def test_a_call_that_fails_says_why() -> None:
    bench = Bench()
    one, other = bench.station("100"), bench.station("200")
    unanswered = one.call("200", script(Pause(1.0)))
    bench.run(70)
    other.phone.off_hook()
    busy = one.call("200", script(Pause(1.0)))
    bench.run(20)
    nobodys = one.call("999", script(Pause(1.0)))
    bench.run(20)
    assert [call.failure for call in (unanswered, busy, nobodys)] == ["NO ANSWER", "BUSY", "BUSY"]


# ----------------------------------------------------------------------------------------------------------
# Whole faxes, our procedures at both ends


SETTINGS = Settings(
    ident="+1 200", resolutions=frozenset({Resolution.STANDARD}), codings=frozenset({Coding.MH})
)


def fax(
    *impairments: Impairment, seed: int = 1, count: int = 2, seconds: float = 900
) -> tuple[Bench, KeepsPages]:
    bench = Bench(seed)
    bench.impair(*impairments)
    kept = KeepsPages()
    bench.station("200").answer_with(lambda: answering.answer(SETTINGS), kept)
    bench.station("100").call("200", calling.call(SETTINGS), GivesPages(pages(count)))
    bench.run(seconds)
    return bench, kept


def test_pages_arrive_as_they_were_drawn() -> None:
    bench, kept = fax(count=3)
    assert len(kept.pages) == 3
    for page, parameters, draw in zip(kept.pages, kept.parameters, pages(3), strict=True):
        decoder = PageDecoder(parameters.coding, parameters.row_dots)
        decoder.feed(page)
        assert decoder.finish().rows == list(draw(parameters))
        assert parameters.modulation == V17
    assert len(bench.exchange.calls) == 1


@pytest.mark.parametrize(
    "impairment",
    [
        Delay(seconds=0.3),
        BitErrors(rate=0.0001, v21=False),
        BitErrors(rate=0.02, above=9600, v21=False),
        Bursts(every=15.0, length=0.02),
        DropOut(at=1.0, length=0.2, page=1),
        DropOut(at=3.0, length=0.4, directions=(Direction.TO_CALLER,)),
    ],
    ids=str,
)
def test_faxes_get_over_what_can_be_got_over(impairment: Impairment) -> None:
    _, kept = fax(impairment, seed=5)
    assert len(kept.pages) == 2


def test_noise_above_a_rate_makes_them_fall_back_to_it() -> None:
    _, kept = fax(BitErrors(rate=0.02, above=7200, v21=False))
    assert {page.modulation.rate for page in kept.parameters} == {7200}


def test_a_cut_ends_the_call_for_both() -> None:
    bench, kept = fax(Cut(at=2.0, page=3))
    assert len(kept.pages) == 1
    [call] = bench.exchange.calls
    assert call.ended is not None
    assert call.connected is not None
    third = [line for line in bench.trace if "SendPage" in line]
    assert third[-1].endswith("SendPage -> Disconnected")


@pytest.mark.parametrize(
    ("dcn", "pages_kept"),
    [
        (Dcn(at=2.0, page=2), 0),
        (Dcn(at=2.0, page=3), 1),
        (Dcn(at=3.0, direction=Direction.TO_CALLER), 0),
    ],
    ids=str,
)
def test_an_end_that_gives_up_says_dcn(dcn: Dcn, pages_kept: int) -> None:
    bench, kept = Bench(), KeepsPages()
    bench.impair(dcn)
    receiver = bench.station("200")
    receiver.answer_with(lambda: answering.answer(SETTINGS), kept)
    sent = bench.station("100").call("200", calling.call(SETTINGS), GivesPages(pages(2)))
    bench.run(120)
    gave_up, heard_so = sent.outcome, receiver.calls[0].outcome
    if dcn.direction is Direction.TO_CALLER:
        gave_up, heard_so = heard_so, gave_up
    assert gave_up is not None
    assert gave_up.status is Status.ABORTED
    assert heard_so is not None
    assert "DCN" in heard_so.detail, heard_so
    assert len(kept.pages) == pages_kept


def test_a_drop_out_loses_the_rest_of_the_carrier() -> None:
    bench = Bench()
    bench.impair(DropOut(at=1.0, length=0.2, page=1))
    far = meet(
        bench,
        script(Pause(2.0), SendPage(V29, [bytes(9600)]), Pause(9.0)),
        lambda: script(ReceivePage(V29, 9.0), *[ReceiveMore()] * 50),
    )
    heard = sum(len(step.answer.octets) for step in far.steps if isinstance(step.answer, Data))
    assert heard == pytest.approx((1.0 - 0.253) * 1200, rel=0.1)


def test_bit_errors_are_as_many_as_were_asked_for() -> None:
    bench = Bench()
    bench.impair(BitErrors(rate=0.005))
    far = meet(
        bench,
        script(Pause(2.0), SendPage(V29, [bytes(12_000)]), Pause(9.0)),
        lambda: script(ReceivePage(V29, 9.0), *[ReceiveMore()] * 500),
    )
    heard = b"".join(step.answer.octets for step in far.steps if isinstance(step.answer, Data))
    assert int.from_bytes(heard, "big").bit_count() == pytest.approx(0.005 * 96_000, rel=0.2)


def test_bursts_hit_stretches() -> None:
    bench = Bench()
    bench.impair(Bursts(every=2.0, length=0.1))
    far = meet(
        bench,
        script(Pause(2.0), SendPage(V29, [bytes(24_000)]), Pause(9.0)),
        lambda: script(ReceivePage(V29, 9.0), *[ReceiveMore()] * 900),
        seconds=90,
    )
    heard = b"".join(step.answer.octets for step in far.steps if isinstance(step.answer, Data))
    hit = [place for place, octet in enumerate(heard) if octet]
    stretches = [place for before, place in zip([-1000, *hit], hit, strict=False) if place - before > 60]
    assert len(heard) == 24_000
    assert 4 <= len(stretches) <= 16
    assert len(hit) == pytest.approx(len(stretches) * 120, rel=0.3)


@pytest.mark.parametrize("seed", [1, 7])
def test_the_same_seed_gives_the_same_run_to_the_byte(seed: int) -> None:
    harm = (BitErrors(rate=0.0003), Bursts(every=6.0, length=0.05))
    first, kept = fax(*harm, seed=seed)
    second, kept_again = fax(*harm, seed=seed)
    assert first.trace == second.trace
    assert kept.pages == kept_again.pages
    other, _ = fax(*harm, seed=seed + 1)
    assert other.trace != first.trace


def test_a_caller_who_gives_up_does_not_disturb_the_call_of_whom_it_called() -> None:
    bench = Bench()
    far = bench.station("200")
    far.answer_with(lambda: script(Pause(20.0)), rings=2)
    talking = bench.station("100").call("200", script(Pause(20.0)))
    bench.run(9.0)
    other = bench.station("300")
    for seconds in (0.7, 3.0):
        other.call("200", script(Pause(1.0)))
        bench.run(seconds)
        other.hang_up()
        bench.run(3.0)
    assert talking.ended is None
    bench.run(20.0)
    assert talking.outcome == DONE


def test_rings_of_different_calls_do_not_add_up() -> None:
    bench = Bench()
    far = bench.station("200")
    far.answer_with(lambda: script(Pause(1.0)), rings=2)
    caller = bench.station("100")
    for _ in range(3):
        caller.call("200", script(Pause(1.0)))
        bench.run(4.0)
        caller.hang_up()
        bench.run(1.0)
    assert not far.calls
