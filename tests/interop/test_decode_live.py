"""A call of the software modem, recorded meanwhile: its sound has the pages that it received or sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import faxhw
from faxhw.audio.recording import RecordedAudio
from faxhw.audio.wav import WavWriter
from faxhw.channel import Channel
from faxhw.clock import SYSTEM_CLOCK
from faxhw.session import Session
from faxhw.t30 import procedures
from faxhw.t30.line import session
from faxhw.terms import Coding, Resolution, Settings
from faxhw_drivers.dsp import driver
from tests.installed import needs_libspandsp
from tests.interop.documents import pixels, write_tiff
from tests.interop.spandsp import MH, MMR, MR, Plan
from tests.interop.test_decode import shell
from tests.interop.test_dsp_terminal import _End
from tests.pages import page_bitmap
from tests.unit.cli.bench import Shell
from tests.unit.dsp_bench import FunctionPort
from tests.unit.fax_bench import FakeDevice

__all__ = ["shell"]

pytestmark = [pytest.mark.interop, needs_libspandsp]

_ABLE = Settings(resolutions=frozenset(Resolution), codings=frozenset(Coding), ecm=True)


@contextmanager
def recorded(plan: Plan, recording: Path) -> Iterator[Channel]:
    """A channel whose far end is libspandsp's terminal, and the recording of its call."""
    calling = not plan.calls
    audio = RecordedAudio(FunctionPort(_End(plan)), WavWriter(recording))
    line = driver.line_on(audio, calling=calling)

    def script(_: FakeDevice, settings: Settings) -> Session:
        make = procedures.sending if calling else procedures.receiving
        return session(make(settings, dialled=calling), line)

    with Channel(FakeDevice(script, clock=SYSTEM_CLOCK, able=_ABLE)) as channel:
        yield channel
    audio.close()


def drawn(path: Path) -> Path:
    write_tiff(path, [page_bitmap("text", rows=300).image(), page_bitmap("form", rows=200).image()], 196)
    return path


@pytest.mark.parametrize("ecm", [False, True])
def test_a_fax_that_we_receive(tmp_path: Path, shell: Shell, ecm: bool) -> None:
    plan = Plan(str(drawn(tmp_path / "sent.tif")), compressions=MH | MR | MMR * ecm, ecm=ecm)
    with recorded(plan, tmp_path / "call.wav") as channel:
        channel.wait_for_call()
        channel.answer()
        cause = channel.FaxReceiver.receive(faxhw.FaxToReceive(tmp_path / "live.tif"))
    assert cause == channel.FaxReceiver.Cause.NORMAL
    assert shell("decode", tmp_path / "call.wav", tmp_path / "fax.tif").code == 0
    assert pixels(tmp_path / "fax.tif") == pixels(tmp_path / "live.tif") == pixels(tmp_path / "sent.tif")


def test_a_fax_that_we_send(tmp_path: Path, shell: Shell) -> None:
    plan = Plan(str(tmp_path / "live.tif"), calls=False, compressions=MH | MR)
    with recorded(plan, tmp_path / "call.wav") as channel:
        channel.call("5550100")
        cause = channel.FaxSender.send(faxhw.FaxToSend(drawn(tmp_path / "sent.tif")))
    assert cause == channel.FaxSender.Cause.NORMAL
    assert shell("decode", tmp_path / "call.wav", tmp_path / "fax.tif").code == 0
    assert pixels(tmp_path / "fax.tif") == pixels(tmp_path / "sent.tif")
