"""Whole calls received: what befalls the line, the disk and the script, and what is left of the pages."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from faxhw import Error, Hangup, hdlc
from faxhw.session import Event, NextStep, OutgoingPage, PageWanted, Reply, Status
from faxhw.t4.encode import encode_page
from faxhw.t30 import frames
from faxhw.t30.bits import Bits
from faxhw.t30.calling import call
from faxhw.t30.frames import Fcf
from faxhw.t30.line import Pause, Procedure, ReceiveFrames, SendFrames
from faxhw.terms import DCS_FAMILIES, Coding, Family, Resolution, Settings
from faxhw_drivers.sim import BitErrors, Bursts, Cut, Delay, Direction, DropOut, Quirks, Tone
from faxhw_drivers.sim.exchange import Call
from faxhw_drivers.sim.signals import Carrier
from tests.pages import page_bitmap

from .calls import OURS, STANDARD, Pages, Setting, drawn, pixels, setting, text_pages


@pytest.fixture
def fax(tmp_path: Path) -> Path:
    return tmp_path / "fax.tif"


# ----------------------------------------------------------------------------------------------------------
# Modulations, codings, resolutions


@pytest.mark.parametrize("family", sorted(DCS_FAMILIES))
@pytest.mark.parametrize("coding", [Coding.MH, Coding.MR])
@pytest.mark.parametrize("resolution", [Resolution.STANDARD, Resolution.FINE])
def test_what_was_sent_is_what_is_in_the_file(
    family: Family, coding: Coding, resolution: Resolution, fax: Path
) -> None:
    settings = Settings(
        ident="1",
        families=frozenset({family}),
        codings=frozenset({Coding.MH, coding}),
        resolutions=frozenset({resolution}),
    )
    with setting() as this:
        channel = this.rings_with(2, settings)
        assert channel.FaxReceiver.receive(filename=fax) == "NORMAL"
        negotiated = channel.FaxReceiver.Details.negotiated
        assert (negotiated["Modem"], negotiated["Compression"]) == (family, coding)
        assert negotiated["HighRes"] is (resolution is Resolution.FINE)
    assert pixels(fax) == drawn(text_pages(2))


@pytest.mark.parametrize(
    ("options", "modem", "rate"),
    [
        ({"v17": "NO"}, "V.29", 9600),
        ({"v17": "NO", "v29": "NO"}, "V.27ter", 4800),
        ({"MaxDataRate": "12000"}, "V.17", 12000),
        ({"MaxDataRate": "9600"}, "V.29", 9600),
        ({"MaxDataRate": "7200", "v29": "NO"}, "V.17", 7200),
        ({"MaxDataRate": "2400"}, "V.27ter", 2400),
    ],
)
def test_options_limit_what_is_negotiated(options: dict[str, str], modem: str, rate: int, fax: Path) -> None:
    with setting() as this:
        channel = this.rings_with(1)
        assert channel.FaxReceiver.receive(filename=fax, fax_options=options) == "NORMAL"
        negotiated = channel.FaxReceiver.Details.negotiated
        assert (negotiated["Modem"], negotiated["DataRate"]) == (modem, rate)


def test_high_res_can_be_refused(fax: Path) -> None:
    with setting() as this:
        channel = this.rings_with(1, Settings(ident="1"))
        assert channel.FaxReceiver.receive(filename=fax, fax_options={"HighRes": "NO"}) == "NORMAL"
        assert channel.FaxReceiver.Details.negotiated["HighRes"] is False


# ----------------------------------------------------------------------------------------------------------
# Lines that do harm


def test_noise_brings_the_rate_down(fax: Path) -> None:
    with setting() as this:
        this.bench.impair(BitErrors(rate=0.02, above=7200, v21=False))
        channel = this.rings_with(1)
        assert channel.FaxReceiver.receive(filename=fax) == "NORMAL"
        assert channel.FaxReceiver.Details.negotiated["DataRate"] == 7200


def test_two_satellites(fax: Path) -> None:
    with setting() as this:
        this.bench.impair(Delay(seconds=0.55))
        assert this.rings_with(2).FaxReceiver.receive(filename=fax) == "NORMAL"
    assert pixels(fax) == drawn(text_pages(2))


def test_a_damaged_page_is_asked_for_again(fax: Path) -> None:
    with setting() as this:
        this.bench.impair(DropOut(at=3.0, length=0.4, page=2, directions=(Direction.TO_CALLED,)))
        channel = this.rings_with(2)
        assert channel.FaxReceiver.receive(filename=fax) == "NORMAL"
        assert (this.sent.confirmed, this.sent.refused) == (2, 1)
    assert pixels(fax) == drawn(text_pages(2))


def test_a_page_that_stays_bad_is_given_up(fax: Path) -> None:
    class Spoilt(Pages):
        """A scanner gone mad: every page holds the same wrong code words each time."""

        def __call__(self, event: Event) -> Reply:
            reply = super().__call__(event)
            if isinstance(reply, OutgoingPage):
                data = bytearray(b"".join(reply.data))
                data[500::500] = bytes(len(data[500::500]))
                return OutgoingPage([bytes(data)], reply.next_step)
            return reply

    with setting() as this:
        sent = Spoilt(text_pages(2))
        this.station.call(OURS, call(STANDARD), sent)
        channel = this.answered()
        options = {"MaxPercentBadLines": 1, "MaxConsecBadLines": 1}
        assert channel.FaxReceiver.receive(filename=fax, fax_options=options) == "PAGEQUALITY"
        assert channel.FaxReceiver.Details.raw_cause == f"{Status.PAGE_QUALITY:#x}"
        assert (sent.confirmed, sent.refused) == (0, 2)
    assert not fax.exists()


def test_a_page_with_little_damage_is_repaired_and_kept(fax: Path) -> None:
    with setting(seed=5) as this:
        this.bench.impair(Bursts(every=8.0, length=0.01, directions=(Direction.TO_CALLED,)))
        channel = this.rings_with(3, Settings(ident="1", codings=frozenset({Coding.MH})))
        assert channel.FaxReceiver.receive(filename=fax) == "NORMAL"
    damaged = sum(got != sent for got, sent in zip(pixels(fax), drawn(text_pages(3)), strict=True))
    assert damaged, "no burst hit a page: this test says nothing"


@pytest.mark.parametrize("seed", range(4))
def test_whatever_noise_does_confirmed_pages_are_in_the_file(seed: int, fax: Path) -> None:
    with setting(seed=seed) as this:
        this.bench.impair(BitErrors(rate=3e-4), Bursts(every=6.0, length=0.05))
        channel = this.rings_with(3)
        channel.FaxReceiver.receive(filename=fax)
        channel.hang_up()
        this.bench.run(60.0)
        stored = len(pixels(fax)) if fax.exists() else 0
        assert stored == channel.FaxReceiver.Details.pages
        assert stored - this.sent.confirmed in (0, 1)


class LoseFrame:
    """Silence in place of a certain reply of ours, once."""

    def __init__(self, fcf: Fcf, nth: int = 1) -> None:
        self.wanted = frames.build(fcf)
        self.left = nth

    def join(self, call_: Call) -> None:
        deframer = hdlc.Deframer()

        def lose(carrier: object, octets: bytes) -> bytes:
            for frame in deframer.feed(octets):
                if frame.good and frame.octets == self.wanted:
                    self.left -= 1
                    if self.left == 0:
                        return bytes(len(octets))
            return octets

        call_.paths[Direction.TO_CALLER].filters.append(lose)


class SpoilTraining:
    """A click in the training of one page carrier of the sender: nobody can make anything of that page."""

    def __init__(self, page: int) -> None:
        self.page = page

    def join(self, call_: Call) -> None:
        path = call_.paths[Direction.TO_CALLED]

        def spoil(carrier: Carrier) -> Carrier:
            return (
                replace(carrier, spoilt=True) if carrier.modulation and path.pages == self.page else carrier
            )

        path.on_carrier.append(spoil)


@pytest.mark.parametrize("page", [2, 3, 4])
def test_a_short_page_that_could_not_be_trained_on_is_not_confirmed(page: int, fax: Path) -> None:
    with setting() as this:
        this.bench.impair(SpoilTraining(page))
        short = [page_bitmap("text", rows=60, seed=number) for number in range(3)]
        sent = Pages(short)
        this.station.call(OURS, call(STANDARD), sent)
        assert this.answered().FaxReceiver.receive(filename=fax) == "NORMAL"
        assert (sent.confirmed, sent.refused) == (3, 1)
    assert pixels(fax) == drawn(short)


@pytest.mark.parametrize("fcf", [Fcf.CFR, Fcf.MCF])
@pytest.mark.parametrize("nth", [1, 2, 3])
def test_a_lost_reply_doubles_no_page(fcf: Fcf, nth: int, fax: Path) -> None:
    with setting() as this:
        this.bench.impair(LoseFrame(fcf, nth))
        assert this.rings_with(3).FaxReceiver.receive(filename=fax) == "NORMAL"
        assert this.sent.confirmed == 3
    assert pixels(fax) == drawn(text_pages(3))


# ----------------------------------------------------------------------------------------------------------
# Far ends that go, or are no fax


@pytest.mark.parametrize("at", [0.5, 2.0, 6.0])
def test_a_call_cut_in_the_second_page(at: float, fax: Path) -> None:
    with setting() as this:
        this.bench.impair(Cut(at=at, page=3))
        channel = this.rings_with(3)
        assert channel.FaxReceiver.receive(filename=fax) == "HANGUP"
        assert channel.state() == "IDLE"
        assert channel.FaxReceiver.Details.last_page is True
        with pytest.raises(Hangup):
            channel.FaxReceiver.receive(filename=fax)
    assert pixels(fax) == drawn(text_pages(1))


@pytest.mark.parametrize("sound", [Tone.VOICE, Tone.SILENCE, Tone.DATA])
def test_what_is_no_fax(sound: Tone, fax: Path) -> None:
    with setting() as this:
        this.station.call(OURS, sound)
        channel = this.answered()
        began = this.bench.clock.monotonic()
        assert channel.FaxReceiver.receive(filename=fax) == "NOTFAX"
        assert this.bench.clock.monotonic() - began < 60
        assert channel.FaxReceiver.wait_for_negotiated_settings() == {}
    assert not fax.exists()


def says_dcs_and_no_more(dcs: Bits) -> Procedure:
    """Hears a DIS, says DCS, and hears what comes of it."""
    yield ReceiveFrames(30.0)
    yield Pause(0.075)
    yield SendFrames(frames.transmission((Fcf.DCS, dcs.octets), x=True))
    yield ReceiveFrames(5.0)
    yield from hangs_up()
    raise AssertionError("unreachable")


def hangs_up() -> Procedure:
    from faxhw.session import Outcome  # noqa: PLC0415

    yield Pause(0.1)
    return Outcome(Status.NORMAL)


@dataclass(frozen=True)
class Odd:
    dcs: Bits
    cause: str
    status: Status


@pytest.mark.parametrize(
    "odd",
    [
        Odd(Bits.of(["receiver", "t38"]), "STANDARDMISMATCH", Status.STANDARD_MISMATCH),
        Odd(Bits.of(["receiver", "ecm", "jbig"]), "COMMSFAULT", Status.RECEIVE_B_BAD_COMMAND),
    ],
)
def test_a_dcs_that_we_cannot_follow(odd: Odd, fax: Path) -> None:
    with setting() as this:
        this.station.call(OURS, says_dcs_and_no_more(odd.dcs))
        channel = this.answered()
        assert channel.FaxReceiver.receive(filename=fax) == odd.cause
        assert channel.FaxReceiver.Details.raw_cause == f"{odd.status:#04x}"


def test_a_sender_that_gives_up_with_dcn(fax: Path) -> None:
    def gives_up() -> Procedure:
        yield ReceiveFrames(30.0)
        yield Pause(0.075)
        yield SendFrames(frames.transmission((Fcf.DCN, b""), x=True))
        return (yield from hangs_up())

    with setting() as this:
        this.station.call(OURS, gives_up())
        assert this.answered().FaxReceiver.receive(filename=fax) == "COMMSFAULT"


# ----------------------------------------------------------------------------------------------------------
# Pages that end oddly


@pytest.mark.parametrize("turn_off", [0.0, 0.005, 0.02])
def test_a_sender_without_rtc_is_asked_once_and_then_believed(turn_off: float, fax: Path) -> None:
    """Also where the modem hands up the ones that its carrier goes down with."""

    class WithoutRtc(Pages):
        def __call__(self, event: Event) -> Reply:
            if not isinstance(event, PageWanted):
                return super().__call__(event)
            page = self.pages[self.confirmed]
            data = encode_page(page.rows, event.parameters.coding, page.width, finish=False)
            last = self.confirmed + 1 == len(self.pages)
            return OutgoingPage([data], NextStep.NO_MORE if last else NextStep.MORE_PAGES)

    with setting(quirks=Quirks(turn_off=turn_off)) as this:
        sent = WithoutRtc(text_pages(3))
        this.station.call(OURS, call(STANDARD), sent)
        assert this.answered().FaxReceiver.receive(filename=fax) == "NORMAL"
        assert (sent.confirmed, sent.refused) == (3, 1)
    assert pixels(fax) == drawn(text_pages(3))


# ----------------------------------------------------------------------------------------------------------
# Disks


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Called, it makes every sync of a file fail from then on."""

    def fill() -> None:
        def fails(_: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, "fsync", fails)
        monkeypatch.setattr(os, "fdatasync", fails)

    yield fill
    monkeypatch.undo()


def test_a_full_disk_is_told_to_the_sender(fax: Path, full_disk: Callable[[], None]) -> None:
    with setting() as this:
        channel = this.rings_with(3)
        assert channel.FaxReceiver.start(filename=fax)
        assert channel.FaxReceiver.wait_for_next_page() == 1
        full_disk()
        assert channel.FaxReceiver.wait_until_finished() == "ERROR"
        details = channel.FaxReceiver.Details
        assert "space" in details.raw_cause_text
        with pytest.raises(Error, match="space") as caught:
            channel.FaxReceiver.wait_for_next_page()
        assert caught.value.__cause__ is not None
        channel.hang_up()
        this.bench.run(30.0)
        assert this.sent.confirmed == details.pages == 1
    assert pixels(fax) == drawn(text_pages(1))


# ----------------------------------------------------------------------------------------------------------
# Scripts


def test_the_file_can_be_read_after_each_page(fax: Path) -> None:
    with setting() as this:
        receiver = this.rings_with(3).FaxReceiver
        assert receiver.start(filename=fax)
        for number in (1, 2, 3):
            assert receiver.wait_for_next_page() == number
            assert pixels(fax) == drawn(text_pages(number))
        assert receiver.wait_until_finished() == "NORMAL"


def test_an_exception_in_the_script_releases_the_line(fax: Path) -> None:
    def script(this: Setting) -> None:
        assert this.rings_with(3).FaxReceiver.start(filename=fax)
        this.bench.run(20.0)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), setting() as this:
        script(this)
    assert all(call.ended is not None for call in this.bench.exchange.calls)


def test_stop_from_another_thread(fax: Path) -> None:
    with setting() as this:
        channel = this.rings_with(3)
        stopped: list[tuple[bool, float]] = []

        def stop() -> None:
            this.bench.clock.sleep(25.0)
            began = this.bench.clock.monotonic()
            stopped.append((channel.FaxReceiver.stop(), this.bench.clock.monotonic() - began))

        thread = this.bench.clock.spawn(stop, "stops")
        assert channel.FaxReceiver.receive(filename=fax) == "ABORTED"
        assert thread.join(20.0)
        assert stopped[0][0] is True
        assert stopped[0][1] < 10.0
        assert channel.state() == "ANSWERED", "stop leaves the line up"
        assert channel.FaxReceiver.state() == "IDLE"


def test_two_lines_at_once(tmp_path: Path) -> None:
    from faxhw.channel import Channel  # noqa: PLC0415
    from faxhw_drivers.class1 import driver  # noqa: PLC0415

    with setting() as this:
        bench = this.bench
        with Channel(driver.open_on(bench.modem("101").port, bench.clock, {})) as second:
            more = Pages(text_pages(1))
            bench.station("201").call("101", call(STANDARD), more)
            first = this.rings_with(3)
            assert second.wait_for_call(60) == "CALL_INCOMING"
            assert second.answer() == "ANSWERED"
            assert first.FaxReceiver.start(filename=tmp_path / "1.tif")
            assert second.FaxReceiver.start(filename=tmp_path / "2.tif")
            assert second.FaxReceiver.wait_until_finished() == "NORMAL"
            assert first.FaxReceiver.state() == "RECEIVING"
            assert first.FaxReceiver.wait_until_finished() == "NORMAL"
    assert pixels(tmp_path / "1.tif") == drawn(text_pages(3))
    assert pixels(tmp_path / "2.tif") == drawn(text_pages(1))


def test_the_same_seed_gives_the_same_run(tmp_path: Path) -> None:
    def run(name: str) -> tuple[bytes, list[str]]:
        with setting(seed=9) as this:
            this.bench.impair(BitErrors(rate=1e-4), Bursts(every=9.0, length=0.02))
            this.rings_with(2).FaxReceiver.receive(filename=tmp_path / name)
        return (tmp_path / name).read_bytes(), this.bench.trace

    assert run("a.tif") == run("b.tif")


def test_control_characters_reach_neither_details_nor_file(fax: Path) -> None:
    hostile = Settings(ident="\x1b[2J\x07+49", resolutions=frozenset({Resolution.STANDARD}))
    with setting() as this:
        channel = this.rings_with(1, hostile)
        assert channel.FaxReceiver.receive(filename=fax) == "NORMAL"
        assert channel.FaxReceiver.Details.remote_id.isprintable()
    assert b"\x1b[2J" not in fax.read_bytes()
