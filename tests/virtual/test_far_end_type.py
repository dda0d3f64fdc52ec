"""Fax, voice and data told apart on answered calls: by ear in voice class, and by an adaptive answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

import faxhw
from faxhw.at.library import profiles
from faxhw.at.profile import Profile
from faxhw.channel import Channel
from faxhw.device import Device
from faxhw.errors import Hangup
from faxhw.modem.meeting import Meeting
from faxhw.modem.wishes import Wishes
from faxhw.t30.calling import call
from faxhw_drivers.class1 import driver
from faxhw_drivers.class1.opening import Class1Opening
from faxhw_drivers.class2.opening import Class2Opening
from faxhw_drivers.sim import MODELS, Bench, FaxQuirks, PluggedModem, Quirks, Tone
from tests.virtual.calls import OURS, STANDARD, THEIRS, Pages, Setting, text_pages

VOICE = ("+FCLASS=8", "+VLS=1")


@contextmanager
def on(bench: Bench, device: Device) -> Iterator[Setting]:
    with Channel(device) as channel:
        yield Setting(bench, device, channel, bench.station(THEIRS))


@contextmanager
def listening(quirks: Quirks | None = None) -> Iterator[Setting]:
    """A channel on a Class 1 modem that has voice class."""
    bench = Bench()
    plugged = bench.modem(OURS, "conexant", quirks=quirks)
    with on(bench, driver.open_on(plugged.port, bench.clock, {})) as it:
        yield it


def class2_device(bench: Bench, plugged: PluggedModem, profile: Profile) -> Device:
    """A device on a modem of a profile that is in no file."""
    wishes = Wishes(profile=profile, fclass=profile.classes[0])
    return Class2Opening(Meeting(plugged.port, bench.clock, wishes, "class2:test")).device()


@contextmanager
def listening_in_class_2() -> Iterator[Setting]:
    bench = Bench()
    plugged = bench.modem(OURS, classes=("0", "2", "2.0", "8"))
    profile = replace(profiles()["generic-2.0"], voice=VOICE)
    with on(bench, class2_device(bench, plugged, profile)) as it:
        yield it


def receives(it: Setting, path: Path) -> None:
    assert it.channel.FaxReceiver.receive(faxhw.FaxToReceive(str(path))) == "NORMAL"
    assert it.channel.Details.far_end_type == "FAX"


@pytest.mark.parametrize("ways", [listening, listening_in_class_2])
def test_a_fax_is_known_by_its_calling_tone_and_received(
    tmp_path: Path, ways: Callable[[], AbstractContextManager[Setting]]
) -> None:
    with ways() as it:
        it.sent = Pages(text_pages(1))
        it.station.call(OURS, call(STANDARD), it.sent)
        it.answered()
        began = it.bench.clock.monotonic()
        assert it.channel.listen(10) == "FAX"
        assert it.bench.clock.monotonic() - began < 4.0  # a calling tone comes every 3.5 s
        assert it.channel.listen(10) == "FAX"  # known already
        receives(it, tmp_path / "fax.tif")
        it.channel.hang_up()
        it.bench.run(10)
        it.rings_with(1)
        receives(it, tmp_path / "next.tif")


def test_a_fax_may_be_received_without_listening(tmp_path: Path) -> None:
    with listening() as it:
        it.rings_with(1)
        it.bench.run(4.0)
        receives(it, tmp_path / "fax.tif")


@pytest.mark.parametrize(("tone", "found"), [(Tone.VOICE, "VOICE"), (Tone.DATA, "DATA")])
def test_what_is_no_fax(tone: Tone, found: str) -> None:
    with listening() as it:
        assert it.channel.Details.far_end_type == "UNKNOWN"
        it.station.call(OURS, tone)
        it.answered()
        assert it.channel.listen(10) == found
        assert it.channel.Details.far_end_type == found


def test_news_of_the_far_end_while_the_script_thinks() -> None:
    with listening() as it:
        it.station.call(OURS, Tone.VOICE)
        it.answered()
        it.bench.run(3.0)
        assert it.channel.Details.far_end_type == "UNKNOWN"
        assert it.channel.state() == "ANSWERED"
        assert it.channel.Details.far_end_type == "VOICE"
        it.station.sound(Tone.CNG)  # it was a noise before the fax
        it.bench.run(1.0)
        it.channel.state()
        assert it.channel.Details.far_end_type == "FAX"
        it.station.sound(Tone.VOICE)
        it.bench.run(1.0)
        it.channel.state()
        assert it.channel.Details.far_end_type == "FAX"


def test_who_says_nothing_is_unknown() -> None:
    with listening() as it:
        it.station.call(OURS, Tone.SILENCE)
        it.answered()
        began = it.bench.clock.monotonic()
        assert it.channel.listen(8) == "UNKNOWN"
        assert it.bench.clock.monotonic() - began == pytest.approx(8, abs=0.1)


def test_a_modem_that_does_not_know_the_calling_tone(tmp_path: Path) -> None:
    with listening(Quirks(deaf_to=frozenset("c"))) as it:
        it.rings_with(1)
        assert it.channel.listen(5) == "UNKNOWN"
        receives(it, tmp_path / "fax.tif")


@pytest.mark.parametrize("framed", [False, True])
def test_digits_are_heard(framed: bool) -> None:
    with listening(Quirks(frames_digits=framed)) as it:
        it.station.call(OURS, Tone.SILENCE)
        it.answered()
        it.bench.run(1.0)
        it.station.press("12*#")
        assert it.channel.listen(3) == "UNKNOWN"
        assert it.channel.Details.digits == "12*#"


def test_a_caller_who_hangs_up_while_the_script_thinks() -> None:
    with listening() as it:
        it.station.call(OURS, Tone.VOICE)
        it.answered()
        it.bench.run(3.0)
        it.station.hang_up()
        it.bench.run(2.0)
        assert it.channel.state() == "IDLE"
        it.station.call(OURS, Tone.SILENCE)
        it.answered()

        def give_up() -> None:
            it.bench.run(3.0)
            it.station.hang_up()

        it.bench.clock.spawn(give_up, "the caller")
        with pytest.raises(Hangup):
            it.channel.listen(30)


def test_another_thread_ends_listening() -> None:
    with listening() as it:
        it.station.call(OURS, Tone.SILENCE)
        it.answered()

        def hang_up() -> None:
            it.bench.run(3.0)
            it.channel.hang_up()

        worker = it.bench.clock.spawn(hang_up, "hangs up")
        with pytest.raises(Hangup):
            it.channel.listen(100)
        assert worker.join(20)
        assert it.bench.clock.monotonic() < 40
        it.bench.run(10)
        it.rings_with(1)


def test_a_modem_that_refuses_voice_class_takes_the_line_as_ever(tmp_path: Path) -> None:
    bench = Bench()
    plugged = bench.modem(OURS, replace(MODELS["conexant"], quirks=Quirks(refuses=frozenset({"+VLS"}))))
    with on(bench, driver.open_on(plugged.port, bench.clock, {})) as it:
        for name in ("one.tif", "two.tif"):
            it.rings_with(1)
            assert it.channel.listen(5) == "UNKNOWN"
            receives(it, tmp_path / name)
            it.channel.hang_up()
            it.bench.run(10)


def test_declining_leaves_voice_class() -> None:
    with listening() as it:
        it.station.call(OURS, Tone.VOICE)
        assert it.channel.wait_for_call(60) == "CALL_INCOMING"
        it.channel.reject()
        it.bench.run(20)
        it.rings_with(1)
        assert it.channel.listen(10) == "FAX"


# ----------------------------------------------------------------------------------------------------------
# Adaptive answer


@contextmanager
def adaptive(fclass: str) -> Iterator[Setting]:
    """A channel on a modem that finds out by itself whether a fax calls: Rockwell's way, or T.32's."""
    bench = Bench()
    rockwell = fclass == "2"
    fax = FaxQuirks(connect_at_answer=rockwell, data_report="DATA" if rockwell else "+FDM", starts_on=b"\x12")
    plugged = bench.modem(OURS, quirks=Quirks(fax=fax), classes=("0", fclass))
    profile = profiles()[f"generic-{fclass}"]
    command = "+FAA=1;+FCLASS=0" if rockwell else "+FAA=1"
    traits = replace(profile.class2, adaptive_answer=command, start="DC2")
    with on(bench, class2_device(bench, plugged, replace(profile, class2=traits))) as it:
        yield it


@contextmanager
def adaptive_in_class_1(quirks: Quirks, *, listens: bool = False) -> Iterator[Setting]:
    """The same in Class 1: T.31's way, or others'. ``listens``: it takes the line in voice class first."""
    bench = Bench()
    plugged = bench.modem(OURS, quirks=quirks, classes=("0", "1", "8") if listens else ("0", "1"))
    profile = profiles()["generic"]
    traits = replace(profile.class1, adaptive_answer="+FAA=1")
    profile = replace(profile, class1=traits, voice=VOICE if listens else ())
    meeting = Meeting(plugged.port, bench.clock, Wishes(profile=profile, fclass="1"), "class1:test")
    with on(bench, Class1Opening(meeting).device()) as it:
        yield it


@contextmanager
def rockwell_in_class_1() -> Iterator[Setting]:
    """A modem that adapts by a profile of the package, which somebody has asked for."""
    bench = Bench()
    plugged = bench.modem(OURS, "rockwell")
    with on(bench, driver.open_on(plugged.port, bench.clock, {"profile": "rc288dpi-1-adaptive"})) as it:
        yield it


FAX_FIRST = Quirks(fax_report="FAX", data_report="DATA")
WAYS = {
    "class 2, Rockwell": lambda: adaptive("2"),
    "class 2.0": lambda: adaptive("2.0"),
    "class 1, T.31": lambda: adaptive_in_class_1(Quirks()),
    "class 1, with class 2.0's word": lambda: adaptive_in_class_1(Quirks(data_report="+FDM")),
    "class 1, Motorola": lambda: adaptive_in_class_1(FAX_FIRST),
    "class 1, Rockwell": rockwell_in_class_1,
    "class 1, after voice class": lambda: adaptive_in_class_1(Quirks(), listens=True),
}
EVERY_WAY = pytest.mark.parametrize("ways", WAYS.values(), ids=WAYS)


@EVERY_WAY
def test_a_data_modem_is_no_fax(ways: Callable[[], AbstractContextManager[Setting]], tmp_path: Path) -> None:
    with ways() as it:
        it.station.call(OURS, Tone.DATA)
        it.answered()
        assert it.channel.FaxReceiver.receive(faxhw.FaxToReceive(str(tmp_path / "none.tif"))) == "NOTFAX"
        assert it.channel.Details.far_end_type == "DATA"
        assert it.channel.FaxReceiver.Details.raw_cause == "0x108"
        assert it.channel.state() == "IDLE"
        assert it.bench.exchange.calls[-1].ended is not None
        it.bench.run(40)
        it.rings_with(1)
        receives(it, tmp_path / "fax.tif")


@EVERY_WAY
def test_a_fax_is_one(ways: Callable[[], AbstractContextManager[Setting]], tmp_path: Path) -> None:
    with ways() as it:
        it.rings_with(1)
        receives(it, tmp_path / "fax.tif")


@EVERY_WAY
def test_a_human_is_no_fax_and_no_data_modem(
    ways: Callable[[], AbstractContextManager[Setting]], tmp_path: Path
) -> None:
    with ways() as it:
        it.station.call(OURS, Tone.VOICE)
        it.answered()
        assert it.channel.FaxReceiver.receive(faxhw.FaxToReceive(str(tmp_path / "none.tif"))) == "NOTFAX"
        assert it.channel.Details.far_end_type != "DATA"
        it.channel.hang_up()
        it.bench.run(40)
        it.rings_with(1)
        receives(it, tmp_path / "fax.tif")


def test_a_job_that_is_told_to_stop_while_the_modem_finds_out(tmp_path: Path) -> None:
    with adaptive_in_class_1(FAX_FIRST) as it:
        it.station.call(OURS, Tone.DATA)
        it.answered()
        it.channel.FaxReceiver.start(faxhw.FaxToReceive(str(tmp_path / "none.tif")))
        it.bench.run(1.0)
        began = it.bench.clock.monotonic()
        it.channel.FaxReceiver.stop()
        it.channel.FaxReceiver.wait_until_finished(30)
        assert it.bench.clock.monotonic() - began < 10.0
        it.channel.hang_up()
        it.bench.run(40)
        it.rings_with(1)
        receives(it, tmp_path / "fax.tif")
