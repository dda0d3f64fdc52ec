"""Whole faxes through a channel on DAHDI's stand-in, software modems at both ends of a line with sound."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from faxhw.audio.laws import Law
from faxhw.audio.port import AudioPort
from faxhw.audio.recording import RecordedAudio
from faxhw.audio.wav import WavReader, WavWriter
from faxhw.channel import Channel
from faxhw.device import SoftLine
from faxhw.errors import DeviceError
from faxhw.fax.documents import FaxToReceive, FaxToSend
from faxhw.fax.overhearing import judged, store
from faxhw.session import Event, PageWanted, Reply
from faxhw.t30.answering import answer
from faxhw.t30.calling import call
from faxhw.terms import Coding, Resolution, Settings
from faxhw_drivers.dsp import driver as modem
from faxhw_drivers.dsp.dahdi.device import DahdiDevice
from faxhw_drivers.dsp.driver import DspDriver
from faxhw_drivers.sim.audio import CLEAN, Echo, Impairments
from faxhw_drivers.sim.dahdi import DahdiLine, Manners
from faxhw_drivers.sim.far_end import KeepsPages
from tests.installed import needs_software_modem
from tests.pages import append_page
from tests.virtual.calls import OURS, THEIRS, Pages, drawn, pixels, text_pages
from tests.virtual.sound_bench import SoundBench, SoundStation, voice

pytestmark = needs_software_modem

THEIR = Settings(ident="+49 89 200", resolutions=frozenset({Resolution.STANDARD}))
CORRECTED = replace(THEIR, ecm=True, codings=frozenset(Coding))


@dataclass
class Setting:
    """A channel on a DAHDI line, and the far end."""

    bench: SoundBench
    line: DahdiLine
    device: DahdiDevice
    channel: Channel
    station: SoundStation

    def rings_with(self, count: int, settings: Settings = THEIR) -> Pages:
        """The far end calls with so many pages, and is answered."""
        sent = Pages(text_pages(count))
        self.station.call(OURS, call(settings), sent)
        self.answers()
        return sent

    def answers(self) -> None:
        assert self.channel.wait_for_call(60) == "CALL_INCOMING"
        assert self.channel.answer() == "ANSWERED"

    def dials(self, settings: Settings = THEIR) -> KeepsPages:
        """A far end that receives is called."""
        kept = KeepsPages()
        self.station.answer_with(lambda: answer(settings), kept)
        assert self.channel.call(THEIRS) == "ANSWERED"
        return kept


@contextmanager
def setting(
    manners: Manners | None = None,
    to_called: Impairments = CLEAN,
    to_caller: Impairments = CLEAN,
    **options: str,
) -> Iterator[Setting]:
    bench = SoundBench(1, to_called, to_caller)
    device = bench.dahdi(OURS, manners, **options)
    line = bench.card.channels[1]
    with Channel(device) as channel:
        yield Setting(bench, line, device, channel, bench.station(THEIRS))


ANALOGUE = Impairments(
    band_limits=True, gain=-12.0, noise=-45.0, near_echo=Echo(delay=0.003, loss=12.0), law=Law.A
)
LINES = pytest.mark.parametrize("line", [CLEAN, ANALOGUE], ids=["clean", "analogue"])
BOTH = pytest.mark.parametrize("theirs", [THEIR, CORRECTED], ids=["plain", "corrected"])


@LINES
@BOTH
def test_a_fax_is_received(line: Impairments, theirs: Settings, tmp_path: Path) -> None:
    with setting(None, line, line) as this:
        sent = this.rings_with(2, theirs)
        assert this.channel.FaxReceiver.receive(FaxToReceive(tmp_path / "fax.tif")) == "NORMAL"
        assert this.channel.hang_up() == "IDLE"
        this.bench.run(5.0)
    assert sent.confirmed == 2
    assert pixels(tmp_path / "fax.tif") == drawn(sent.pages)
    assert this.device.rhythm.kept
    assert not this.line.echo_canceller


@LINES
@BOTH
def test_a_fax_is_sent(line: Impairments, theirs: Settings, tmp_path: Path) -> None:
    pages = text_pages(2)
    for page in pages:
        append_page(tmp_path / "fax.tif", page.image())
    with setting(None, line, line) as this:
        kept = this.dials(theirs)
        assert this.line.dialled == THEIRS
        assert this.channel.FaxSender.send(FaxToSend(tmp_path / "fax.tif")) == "NORMAL"
    assert len(kept.pages) == 2


@pytest.mark.parametrize("law", list(Law))
@pytest.mark.parametrize("coding", ["law", "linear"])
def test_sound_may_be_coded_as_on_the_line(law: Law, coding: str, tmp_path: Path) -> None:
    with setting(Manners(law=law, linear=False), coding=coding) as this:
        sent = this.rings_with(1)
        assert this.channel.FaxReceiver.receive(FaxToReceive(tmp_path / "fax.tif")) == "NORMAL"
    assert pixels(tmp_path / "fax.tif") == drawn(sent.pages)


def test_the_sound_of_a_call_is_kept_if_somebody_wants_it(tmp_path: Path) -> None:
    kept: list[RecordedAudio] = []

    def tap(audio: AudioPort) -> AudioPort:
        kept.append(RecordedAudio(audio, WavWriter(tmp_path / f"call-{len(kept)}.wav")))
        return kept[-1]

    with setting(None, ANALOGUE, ANALOGUE) as this:
        this.device.tap_sound(tap)
        sent = this.rings_with(2)
        assert this.channel.FaxReceiver.receive(FaxToReceive(tmp_path / "fax.tif")) == "NORMAL"
        this.channel.hang_up()
        this.device.tap_sound(None)
        this.bench.run(10.0)
        this.dials()
    assert len(kept) == 1
    with WavReader(tmp_path / "call-0.wav") as recording:
        heard = judged(modem.overhear(recording.pieces()).pages)
    assert store(heard, FaxToReceive(tmp_path / "overheard.tif")) == sent.confirmed == 2
    assert pixels(tmp_path / "overheard.tif") == drawn(sent.pages)


class _HangsUp(Pages):
    """Three pages, of which the second is begun and no more."""

    def __init__(self, this: Setting) -> None:
        super().__init__(text_pages(3))
        self._this = this
        self.hung_up = 0.0

    def __call__(self, event: Event) -> Reply:
        if isinstance(event, PageWanted) and self.confirmed:
            self.hung_up = self._this.bench.clock.monotonic() + 8.0
            self._this.bench.clock.world.call_later(8.0, self._this.station.hang_up)
        return super().__call__(event)


def test_a_call_that_is_hung_up_in_mid_page_is_over_at_once(tmp_path: Path) -> None:
    for manners in (Manners(), Manners(breaks_loop=False), Manners(False, reverses_polarity=True)):
        with setting(manners) as this:
            sent = _HangsUp(this)
            this.station.call(OURS, call(THEIR), sent)
            this.answers()
            assert this.channel.FaxReceiver.receive(FaxToReceive(tmp_path / "fax.tif")) == "HANGUP"
            assert this.bench.clock.monotonic() - sent.hung_up < 6.0
            assert len(pixels(tmp_path / "fax.tif")) == sent.confirmed == 1
            (tmp_path / "fax.tif").unlink()
            assert this.channel.state() == "IDLE"


def test_a_fax_that_is_cancelled_ends_and_the_line_is_free(tmp_path: Path) -> None:
    with setting() as this:
        this.rings_with(3)
        receiver = this.channel.FaxReceiver
        receiver.start(FaxToReceive(tmp_path / "fax.tif"))
        this.bench.run(20.0)
        receiver.stop()
        assert receiver.wait_until_finished() == "ABORTED"
        assert this.channel.hang_up() == "IDLE"
        assert not this.line.off_hook
        this.bench.run(60.0)
        sent = this.rings_with(1)
        assert receiver.receive(FaxToReceive(tmp_path / "again.tif")) == "NORMAL"
        assert sent.confirmed == 1


def test_a_fax_is_stopped_while_the_software_modem_is_set_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with setting() as this:
        this.rings_with(1)

        def set_up(driver: DspDriver, audio: AudioPort, *, calling: bool) -> SoftLine:
            this.device.cancel()
            return line_on(driver, audio, calling=calling)

        line_on = DspDriver.line_on
        monkeypatch.setattr(DspDriver, "line_on", set_up)
        assert this.channel.FaxReceiver.receive(FaxToReceive(tmp_path / "fax.tif")) == "ABORTED"


def test_a_page_that_came_damaged_is_asked_for_again(tmp_path: Path) -> None:
    bursts = Impairments(burst_every=8.0, burst_length=0.08, burst_level=-3.0)
    with setting(None, bursts) as this:
        sent = this.rings_with(2, CORRECTED)
        assert this.channel.FaxReceiver.receive(FaxToReceive(tmp_path / "fax.tif")) == "NORMAL"
        assert this.channel.FaxReceiver.Details.pages == 2
    assert pixels(tmp_path / "fax.tif") == drawn(sent.pages)


def test_a_human_who_calls_is_no_fax(tmp_path: Path) -> None:
    with setting() as this:
        this.station.call(OURS, voice)
        assert this.channel.wait_for_call(60) == "CALL_INCOMING"
        this.channel.answer()
        assert this.channel.FaxReceiver.receive(FaxToReceive(tmp_path / "fax.tif")) == "NOTFAX"


def test_a_channel_in_use_cannot_be_opened_and_is_free_once_closed() -> None:
    with setting() as this:
        with pytest.raises(DeviceError, match=r"dahdi:1: the device is busy: another program"):
            this.bench.driver().open_on("1", this.bench.clock, modem, {})
        this.channel.close()
        this.bench.driver().open_on("1", this.bench.clock, modem, {}).close()


def test_a_card_that_is_pulled_out_fails_its_fax_and_nothing_hangs(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with setting() as this:
        this.rings_with(3)
        this.bench.clock.world.call_later(20.0, this.line.remove)
        assert this.channel.FaxReceiver.receive(FaxToReceive(tmp_path / "fax.tif")) == "ERROR"
        assert "dahdi:1: the channel was removed; is the card still there?" in caplog.text


def test_a_line_that_is_pulled_out_is_told_of_between_calls(tmp_path: Path) -> None:
    with setting() as this:
        this.device.check()
        this.line.unplug()
        with pytest.raises(DeviceError, match=r"no telephone line .alarm.; is it plugged in"):
            this.device.check()
        this.line.plug_in()
        this.device.check()
        this.rings_with(2)
        this.bench.clock.world.call_later(20.0, this.line.unplug)
        assert this.channel.FaxReceiver.receive(FaxToReceive(tmp_path / "fax.tif")) == "HANGUP"
