"""Whole calls by the driver ``capi`` on the virtual controller, whose T.30 is in the card."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

import faxhw
from faxhw.audio.port import AudioPort
from faxhw.audio.recording import RecordedAudio
from faxhw.audio.wav import WavReader, WavWriter
from faxhw.channel import Channel
from faxhw.clock import Worker
from faxhw.device import ListeningDriver, Tap
from faxhw.errors import DeviceError
from faxhw.fax.overhearing import judged, store
from faxhw.finding import load_driver
from faxhw.ports.base import Port
from faxhw.t30.calling import call
from faxhw.terms import Resolution, Settings
from faxhw_drivers.capi import driver
from faxhw_drivers.sim import Bench, Cut, Tone
from faxhw_drivers.sim.audio import SoundNetwork
from faxhw_drivers.sim.capi.model import Model
from faxhw_drivers.sim.capi.plugged import PluggedController
from tests.installed import needs_software_modem
from tests.interop.documents import pixels, write_tiff
from tests.pages import page_bitmap
from tests.virtual.test_sim_capi_calls import drawn, gives, receiver, rows

MSN, THEIRS = "5031", "200"
PAGES = [page_bitmap("text", rows=300, seed=1), page_bitmap("form", rows=200, seed=2)]
FAR_END = Settings(ident="+49 89 200", ecm=True)
FINE = Settings(ident="+49 89 200", ecm=True, resolutions=frozenset({Resolution.FINE}))


@dataclass
class Plugged:
    """A channel on a controller of a bench."""

    bench: Bench
    box: PluggedController
    channel: Channel


@contextmanager
def plugged(framing: str = "tcp", model: Model | None = None, **options: str) -> Iterator[Plugged]:
    bench = Bench()
    box = bench.capi(MSN, model=model)
    device = driver.open_by(box.connect, bench.clock, options, framing=framing)
    with Channel(device) as channel:
        yield Plugged(bench, box, channel)


@pytest.fixture
def original(tmp_path: Path) -> faxhw.FaxToSend:
    write_tiff(tmp_path / "original.tif", [page.image() for page in PAGES], 196)
    return faxhw.FaxToSend(tmp_path / "original.tif")


@pytest.fixture
def came(tmp_path: Path) -> faxhw.FaxToReceive:
    return faxhw.FaxToReceive(tmp_path / "came.tif")


def pictures(document: faxhw.FaxToReceive) -> list[bytes]:
    return [octets for _, octets in pixels(document.path)]


def answered(it: Plugged) -> Channel:
    assert it.channel.wait_for_call(60) == "CALL_INCOMING"
    assert it.channel.answer() == "ANSWERED"
    return it.channel


@pytest.mark.parametrize("framing", ["tcp", "rcapi"])
@pytest.mark.parametrize("ecm", [False, True])
def test_a_fax_is_received(framing: str, came: faxhw.FaxToReceive, *, ecm: bool) -> None:
    with plugged(framing) as it:
        given = gives(PAGES)
        settings = Settings(ident="+49 89 200", ecm=ecm, resolutions=frozenset({Resolution.FINE}))
        it.bench.station(THEIRS).call(MSN, call(settings), given)
        channel = answered(it)
        assert (channel.Details.call_from, channel.Details.call_to) == (THEIRS, MSN)
        assert channel.FaxReceiver.receive(came) == "NORMAL"
        details = channel.FaxReceiver.Details
        assert (details.pages, details.remote_id, details.raw_cause) == (2, "+49 89 200", "0x00")
        assert channel.state() == "IDLE"
    assert given.confirmed == 2
    assert pictures(came) == [page.image().tobytes() for page in PAGES]
    assert {each.resolution for each in came.PageDetails} == {"204x196"}


@pytest.mark.parametrize("framing", ["tcp", "rcapi"])
@pytest.mark.parametrize("fine", [False, True])
def test_a_fax_is_sent(framing: str, tmp_path: Path, *, fine: bool) -> None:
    write_tiff(tmp_path / "out.tif", [page.image() for page in PAGES], 196 if fine else 98)
    with plugged(framing) as it:
        _, kept = receiver(it.bench)
        assert it.channel.call(THEIRS) == "ANSWERED"
        assert it.channel.FaxSender.send(faxhw.FaxToSend(tmp_path / "out.tif")) == "NORMAL"
        details = it.channel.FaxSender.Details
        assert (details.pages, details.remote_id, details.raw_cause) == (2, "+49 89 200", "0x00")
        assert it.channel.state() == "IDLE"
    assert rows(kept) == drawn(PAGES)
    assert kept.parameters[0].resolution is (Resolution.FINE if fine else Resolution.STANDARD)


def test_a_card_that_confirms_pages_in_haste(came: faxhw.FaxToReceive) -> None:
    with plugged(model=Model(hasty=True)) as it:
        given = gives(PAGES)
        it.bench.station(THEIRS).call(MSN, call(FINE), given)
        assert answered(it).FaxReceiver.receive(came) == "NORMAL"
    assert given.confirmed == 2
    assert pictures(came) == [page.image().tobytes() for page in PAGES]


def test_one_call_after_another(came: faxhw.FaxToReceive, original: faxhw.FaxToSend) -> None:
    with plugged() as it:
        station, kept = receiver(it.bench)
        for _ in range(2):
            assert it.channel.call(THEIRS) == "ANSWERED"
            assert it.channel.FaxSender.send(original) == "NORMAL"
            it.bench.run(5)
            station.call(MSN, call(FINE), gives(PAGES))
            assert answered(it).FaxReceiver.receive(came) == "NORMAL"
            it.bench.run(5)
    assert len(rows(kept)) == 4


def test_two_lines_share_a_controller(came: faxhw.FaxToReceive) -> None:
    bench = Bench()
    box = bench.capi(MSN)
    with (
        Channel(driver.open_by(box.connect, bench.clock, {})) as one,
        Channel(driver.open_by(box.connect, bench.clock, {})) as other,
    ):
        states: list[str] = []
        waiting = bench.clock.spawn(lambda: states.append(other.wait_for_call(60)), "waits")
        given = gives(PAGES)
        bench.station(THEIRS).call(MSN, call(FINE), given)
        assert one.wait_for_call(60) == "CALL_INCOMING"
        assert one.answer() == "ANSWERED"
        assert one.FaxReceiver.receive(came) == "NORMAL"
        assert waiting.join(120)
        assert other.answer() != "ANSWERED"
    assert given.confirmed == 2


def test_fetching_by_polling_and_holding_ready(came: faxhw.FaxToReceive, original: faxhw.FaxToSend) -> None:
    bench = Bench()
    box = bench.capi("1", "2")
    with (
        Channel(driver.open_by(box.connect, bench.clock, {"msn": "1"})) as fetches,
        Channel(driver.open_by(box.connect, bench.clock, {"msn": "2"})) as holds,
    ):

        def hold() -> None:
            holds.wait_for_call(60)
            holds.answer()
            holds.FaxSender.send(original, {"Poll": "YES"})

        holding = bench.clock.spawn(hold, "holds")
        bench.run(1)
        assert fetches.call("2") == "ANSWERED"
        assert fetches.FaxReceiver.receive(came, {"Poll": "YES"}) == "NORMAL"
        assert holding.join(60)
        assert holds.FaxSender.cause() == "NORMAL"
    assert pictures(came) == [page.image().tobytes() for page in PAGES]


# ----------------------------------------------------------------------------------------------------------
# Calls that come to nothing


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        (0x3490, "OTHER"),
        (0x3491, "BUSY"),
        (0x3493, "NOANSWER"),
        (0x3495, "REJECTED"),
        (0x3481, "UNOBTAINABLE"),
        (0x3496, "CHANGED"),
        (0x34A2, "NOCHANNELS"),
        (0x34AA, "CONGESTION"),
        (0x34B9, "BARRED"),
        (0x34E6, "TIMEOUT"),
    ],
)
def test_why_there_is_no_call(code: int, cause: str) -> None:
    with plugged() as it:
        it.box.faults.call_reason = code
        assert it.channel.call(THEIRS) == "IDLE"
        assert it.channel.cause() == cause
        assert it.channel.Details.raw_cause.startswith(f"0x{code:04x}: ")


def test_a_number_that_there_is_not() -> None:
    with plugged() as it:
        assert it.channel.call("999") == "IDLE"
        assert it.channel.cause() == "UNOBTAINABLE"


def test_a_call_that_nobody_answers_in_time_is_given_up() -> None:
    with plugged() as it:
        silent = it.bench.station(THEIRS)
        assert it.channel.call(THEIRS, seconds_timeout=10) == "IDLE"
        assert it.channel.cause() == "TIMEOUT"
        it.bench.run(1)
        assert silent.phone.state.value == "on hook"


def test_a_call_is_declined_with_a_cause() -> None:
    bench = Bench()
    box = bench.capi("1", "2")
    with (
        Channel(driver.open_by(box.connect, bench.clock, {"msn": "1"})) as caller,
        Channel(driver.open_by(box.connect, bench.clock, {"msn": "2"})) as called,
    ):

        def decline() -> None:
            assert called.wait_for_call(60) == "CALL_INCOMING"
            called.reject(called.Cause.BUSY)

        declining = bench.clock.spawn(decline, "declines")
        bench.run(1)
        assert caller.call("2") == "IDLE"
        assert caller.cause() == "REJECTED"
        assert declining.join(10)
        assert called.cause() == "BUSY"


def test_a_caller_that_gives_up_while_it_rings() -> None:
    with plugged() as it:
        station = it.bench.station(THEIRS)
        station.call(MSN, call(FAR_END), gives(PAGES))
        assert it.channel.wait_for_call(60) == "CALL_INCOMING"
        assert it.channel.ring() == "RING_INCOMING"
        station.hang_up()
        it.bench.run(1)
        assert it.channel.ring() == "IDLE"
        assert it.channel.wait_for_call(5) == "WAITING"
        station.call(MSN, call(FAR_END), gives(PAGES))
        assert it.channel.wait_for_call(60, rings=3) == "CALL_INCOMING"


def test_calls_for_others_are_theirs() -> None:
    bench = Bench()
    box = bench.capi("5031", "5032")
    station = bench.station(THEIRS)
    with Channel(driver.open_by(box.connect, bench.clock, {"msn": "31, 77"})) as channel:
        station.call("5032", call(FAR_END), gives(PAGES))
        assert channel.wait_for_call(20) == "WAITING"
        station.hang_up()
        station.call("5031", call(FAR_END), gives(PAGES))
        assert channel.wait_for_call(20) == "CALL_INCOMING"


def test_another_application_takes_the_call(came: faxhw.FaxToReceive) -> None:
    bench = Bench()
    box = bench.capi(MSN)
    with (
        Channel(driver.open_by(box.connect, bench.clock, {})) as first,
        Channel(driver.open_by(box.connect, bench.clock, {})) as second,
    ):
        assert first.wait_for_call(0.5) == second.wait_for_call(0.5) == "WAITING"
        bench.station(THEIRS).call(MSN, call(FAR_END), gives(PAGES))
        assert first.wait_for_call(60) == second.wait_for_call(60) == "CALL_INCOMING"
        assert first.answer() == "ANSWERED"
        first.FaxReceiver.start(came)
        bench.run(2)
        assert second.ring() == "IDLE"
        assert first.FaxReceiver.wait_until_finished() == "NORMAL"


# ----------------------------------------------------------------------------------------------------------
# Faxes that do not end well


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        (0x3312, "COMMSFAULT"),
        (0x3314, "HANGUP"),
        (0x3315, "COMMSFAULT"),
        (0x3316, "ERROR"),
        (0x3317, "ERROR"),
        (0x3319, "ERROR"),
    ],
)
@pytest.mark.parametrize("sends", [False, True])
def test_a_fax_that_fails_in_its_second_page(
    code: int, cause: str, original: faxhw.FaxToSend, came: faxhw.FaxToReceive, *, sends: bool
) -> None:
    with plugged() as it:
        it.box.faults.fax_reason, it.box.faults.in_page = code, 2
        if sends:
            receiver(it.bench)
            it.channel.call(THEIRS)
            assert it.channel.FaxSender.send(original) == cause
            details = it.channel.FaxSender.Details
            assert original.next_page == 2
        else:
            it.bench.station(THEIRS).call(MSN, call(FINE), gives(PAGES))
            assert answered(it).FaxReceiver.receive(came) == cause
            details = it.channel.FaxReceiver.Details
            assert pictures(came) == [PAGES[0].image().tobytes()]
        assert (details.pages, details.raw_cause) == (1, f"0x{code:04x}")
        assert it.channel.state() == "IDLE"


def test_the_line_is_cut_in_the_second_page(came: faxhw.FaxToReceive) -> None:
    with plugged() as it:
        it.bench.impair(Cut(at=1.0, page=3))
        given = gives(PAGES)
        it.bench.station(THEIRS).call(MSN, call(Settings(ident="200")), given)
        assert answered(it).FaxReceiver.receive(came) == "HANGUP"
        assert (given.confirmed, it.channel.FaxReceiver.Details.pages) == (1, 1)


def test_a_far_end_that_is_no_fax(original: faxhw.FaxToSend, came: faxhw.FaxToReceive) -> None:
    with plugged() as it:
        station = it.bench.station(THEIRS)
        station.answer_with(Tone.VOICE)
        assert it.channel.call(THEIRS) == "ANSWERED"
        assert it.channel.FaxSender.send(original) in ("NOTFAX", "HANGUP")
        it.bench.run(5)
        station.call(MSN, Tone.VOICE)
        assert answered(it).FaxReceiver.receive(came) in ("NOTFAX", "HANGUP")


def test_a_fax_is_stopped(original: faxhw.FaxToSend, came: faxhw.FaxToReceive) -> None:
    with plugged() as it:
        station, kept = receiver(it.bench)
        it.channel.call(THEIRS)
        it.channel.FaxSender.start(original)
        it.bench.run(25)
        it.channel.FaxSender.stop()
        assert it.channel.FaxSender.cause() == "ABORTED"
        assert it.channel.state() == "IDLE"
        assert len(kept.pages) < 2
        it.bench.run(30)
        station.call(MSN, call(FINE), gives(PAGES))
        answered(it).FaxReceiver.start(came)
        it.bench.run(12)
        it.channel.hang_up()
        assert it.channel.FaxReceiver.cause() == "ABORTED"
        assert it.channel.state() == "IDLE"


def test_waits_for_calls_are_ended_by_others() -> None:
    with plugged() as it:
        waiting: list[str] = []
        worker = it.bench.clock.spawn(lambda: waiting.append(it.channel.wait_for_call()), "waits")
        it.bench.run(5)
        it.channel.hang_up()
        assert worker.join(10)
        assert waiting == ["IDLE"]


# ----------------------------------------------------------------------------------------------------------
# A connection that is lost


def test_the_connection_is_lost_in_a_page_and_made_anew(came: faxhw.FaxToReceive) -> None:
    with plugged() as it:
        it.box.faults.drops, it.box.faults.in_page = True, 2
        given, station = gives(PAGES), it.bench.station(THEIRS)
        station.call(MSN, call(FINE), given)
        assert answered(it).FaxReceiver.receive(came) == "ERROR"
        details = it.channel.FaxReceiver.Details
        assert details.pages == given.confirmed == 1
        assert pictures(came) == [PAGES[0].image().tobytes()]
        assert details.raw_cause == "0x104"
        assert it.channel.state() == "IDLE"
        it.bench.run(60)
        again = gives(PAGES)
        station.call(MSN, call(FINE), again)
        assert answered(it).FaxReceiver.receive(came) == "NORMAL"
        assert again.confirmed == 2


def test_the_connection_is_lost_while_a_page_is_sent(original: faxhw.FaxToSend) -> None:
    with plugged() as it:
        it.box.faults.drops, it.box.faults.in_page = True, 2
        receiver(it.bench)
        it.channel.call(THEIRS)
        assert it.channel.FaxSender.send(original) == "ERROR"
        assert it.channel.FaxSender.Details.pages == 0  # nobody can tell
        it.bench.run(60)
        assert it.channel.call(THEIRS) == "ANSWERED"
        assert it.channel.FaxSender.send(original) == "NORMAL"


def test_the_connection_is_lost_between_calls() -> None:
    bench = Bench()
    box = bench.capi(MSN)
    ports: list[Port] = []
    connect = kept_in(ports, box.connect)
    with Channel(driver.open_by(connect, bench.clock, {})) as channel:
        assert channel.wait_for_call(1) == "WAITING"
        ports[0].close()
        channel.check()
        assert len(ports) == 2
        ports[1].close()
        bench.station(THEIRS).call(MSN, call(FAR_END), gives(PAGES))
        assert channel.wait_for_call(60) == "CALL_INCOMING"
        assert len(ports) == 3


def kept_in(ports: list[Port], connect: Callable[[], Port]) -> Callable[[], Port]:
    def connected() -> Port:
        ports.append(connect())
        return ports[-1]

    return connected


@pytest.mark.parametrize("deed", [Channel.check, Channel.wait_for_call, lambda it: it.call(THEIRS)])
def test_a_connection_that_cannot_be_made_anew(deed: Callable[[Channel], object]) -> None:
    bench = Bench()
    box = bench.capi(MSN)
    ports: list[Port] = []

    def connect() -> Port:
        if ports:
            raise DeviceError("capi:memory: nobody there")
        ports.append(box.connect())
        return ports[0]

    with Channel(driver.open_by(connect, bench.clock, {})) as channel:
        ports[0].close()
        with pytest.raises(DeviceError, match="nobody there"):
            deed(channel)


# ----------------------------------------------------------------------------------------------------------
# Controllers that are of no use, and ones that break the rules


def test_a_controller_that_there_is_not() -> None:
    bench = Bench()
    with pytest.raises(DeviceError, match=r"there is no controller 2 \(0x2002"):
        driver.open_by(bench.capi(MSN).connect, bench.clock, {}, controller=2)


@needs_software_modem
def test_controllers_that_are_of_no_use_for_faxes() -> None:
    bench = Bench()
    box = bench.capi(MSN, model=Model(fax=False, transparent=False))
    with pytest.raises(DeviceError, match="of no use for faxes"):
        driver.open_by(box.connect, bench.clock, {})
    box = bench.capi("5032", model=Model(fax=False))
    with pytest.raises(DeviceError, match=r"does not run T\.30 itself; leave out mode=card"):
        driver.open_by(box.connect, bench.clock, {"mode": "card"})
    with Channel(driver.open_by(box.connect, bench.clock, {})) as channel:
        assert "software modem" in channel._call.device.description


def test_messages_that_are_cut_short() -> None:
    with plugged() as it:
        it.box.faults.cut_short = frozenset({"CONNECT_CONF"})
        with pytest.raises(DeviceError, match="does not answer CONNECT_REQ; it sent CONNECT_CONF says"):
            it.channel.call(THEIRS)


def test_a_controller_that_does_not_answer() -> None:
    with plugged() as it:
        it.box.faults.deaf_to = frozenset({"CONNECT_REQ"})
        with pytest.raises(DeviceError, match="the CAPI does not answer CONNECT_REQ"):
            it.channel.call(THEIRS)


def test_what_a_card_cannot_do_is_said(came: faxhw.FaxToReceive) -> None:
    with plugged() as it:
        it.bench.station(THEIRS).call(MSN, call(FAR_END), gives(PAGES))
        assert answered(it).FaxReceiver.receive(came, {"Password": "1234"}) == "ERROR"
        assert "neither sub-addresses nor passwords" in it.channel.FaxReceiver.Details.raw_cause_text


# ----------------------------------------------------------------------------------------------------------
# The software modem on a call's sound


@contextmanager
def two_by_sound(tap: Tap | None = None) -> Iterator[tuple[Bench, list[Port], Channel, Channel]]:
    """A bench, the ports of the channel that is to call, that channel, and the one to be called: "2".

    The sound of the one that calls passes through ``tap``.
    """
    bench = Bench()
    network = SoundNetwork(bench.clock, bench.exchange)
    box = bench.capi("1", "2", model=Model(fax=False), network=network)
    ports: list[Port] = []
    calling = driver.open_by(kept_in(ports, box.connect), bench.clock, {"msn": "1"})
    calling.tap_sound(tap)
    with (
        Channel(calling) as calls,
        Channel(driver.open_by(box.connect, bench.clock, {"msn": "2"})) as called,
    ):
        yield bench, ports, calls, called


def receiving_by_sound(
    bench: Bench, channel: Channel, came: faxhw.FaxToReceive, ecm: str, causes: list[str]
) -> Worker:
    def receive() -> None:
        channel.wait_for_call(60)
        assert channel.answer() == "ANSWERED"
        causes.append(channel.FaxReceiver.receive(came, {"ECM": ecm}))

    worker = bench.clock.spawn(receive, "receives")
    bench.run(1)
    return worker


@needs_software_modem
@pytest.mark.parametrize("ecm", ["NO", "YES"])
def test_a_fax_by_the_software_modem_at_both_ends(
    original: faxhw.FaxToSend, came: faxhw.FaxToReceive, ecm: str
) -> None:
    causes: list[str] = []
    with two_by_sound() as (bench, _, sends, receives):
        receiving = receiving_by_sound(bench, receives, came, ecm, causes)
        assert sends.call("2") == "ANSWERED"
        assert sends.FaxSender.send(original, {"ECM": ecm}) == "NORMAL"
        assert receiving.join(120)
    assert causes == ["NORMAL"]
    assert pictures(came) == [page.image().tobytes() for page in PAGES]


@needs_software_modem
def test_the_sound_of_a_call_is_kept_if_somebody_wants_it(
    original: faxhw.FaxToSend, came: faxhw.FaxToReceive, tmp_path: Path
) -> None:
    def tap(audio: AudioPort) -> AudioPort:
        return RecordedAudio(audio, WavWriter(tmp_path / "call.wav"))

    causes: list[str] = []
    with two_by_sound(tap) as (bench, _, sends, receives):
        receiving = receiving_by_sound(bench, receives, came, "NO", causes)
        assert sends.call("2") == "ANSWERED"
        assert sends.FaxSender.send(original, {"ECM": "NO"}) == "NORMAL"
        assert receiving.join(120)
        sends.hang_up()
    with WavReader(tmp_path / "call.wav") as recording:
        pages = judged(cast(ListeningDriver, load_driver("dsp")).overhear(recording.pieces()).pages)
    assert store(pages, faxhw.FaxToReceive(tmp_path / "overheard.tif")) == 2
    assert pixels(tmp_path / "overheard.tif") == pixels(came.path)


def test_a_card_that_runs_t30_keeps_its_sound() -> None:
    bench = Bench()
    device = driver.open_by(bench.capi(MSN).connect, bench.clock, {})
    with pytest.raises(DeviceError, match=r"the card runs T\.30 itself; open it with mode=sound"):
        device.tap_sound(lambda audio: audio)
    device.close()


@needs_software_modem
def test_a_fax_by_the_software_modem_is_stopped(original: faxhw.FaxToSend, came: faxhw.FaxToReceive) -> None:
    causes: list[str] = []
    with two_by_sound() as (bench, _, sends, receives):
        receiving = receiving_by_sound(bench, receives, came, "NO", causes)
        sends.call("2")
        sends.FaxSender.start(original)
        bench.run(10)
        sends.hang_up()
        assert sends.FaxSender.cause() == "ABORTED"
        assert sends.state() == "IDLE"
        assert receiving.join(120)
    assert causes[0] in ("HANGUP", "COMMSFAULT", "TIMEOUT")


@needs_software_modem
def test_the_connection_is_lost_in_a_fax_by_the_software_modem(
    original: faxhw.FaxToSend, came: faxhw.FaxToReceive
) -> None:
    causes: list[str] = []
    with two_by_sound() as (bench, ports, sends, receives):
        receiving = receiving_by_sound(bench, receives, came, "NO", causes)
        sends.call("2")
        sends.FaxSender.start(original)
        bench.run(10)
        ports[0].close()
        assert sends.FaxSender.wait_until_finished() == "ERROR"
        assert sends.FaxSender.Details.raw_cause == "0x104"
        assert sends.state() == "IDLE"
        assert receiving.join(120)
        bench.run(5)
        receiving = receiving_by_sound(bench, receives, came, "NO", causes)
        assert sends.call("2") == "ANSWERED"
        assert sends.FaxSender.send(original, {"ECM": "NO"}) == "NORMAL"
        assert receiving.join(120)
    assert len(ports) == 2
    assert causes[1] == "NORMAL"
