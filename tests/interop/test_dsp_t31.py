"""The software modem, and libspandsp's T.31 modem at the other end of the audio line.

Our own Class 1 driver commands that modem in simulated time, Debian's efax in real time, on a pseudo-tty.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

import faxhw
from faxhw.audio.laws import Law
from faxhw.channel import Channel
from faxhw.ports.memory import MemoryPort
from faxhw.ports.pty import Pty
from faxhw_drivers.class1 import driver as class1
from faxhw_drivers.sim import Bench
from faxhw_drivers.sim.audio import Impairments, SoundNetwork
from tests.installed import needs_libspandsp
from tests.interop.documents import pixels, write_tiff
from tests.interop.efax import as_efax_sends, assert_came, drawn
from tests.interop.sound import OURS, THEIRS, SoundDevice
from tests.interop.sound_t31 import PluggedT31
from tests.pages import page_bitmap

pytestmark = [pytest.mark.interop, needs_libspandsp]
needs_efax = pytest.mark.skipif(
    shutil.which("efax") is None, reason="efax is not installed: Debian package efax"
)

TELEPHONE = Impairments(gain=-10.0, law=Law.A, delay=0.03)
"""What a call is like that goes through the digital network."""


@dataclass
class Pair:
    """A channel with the software modem, and one with the T.31 modem."""

    soft: Channel
    hard: Channel
    bench: Bench

    def fax(self, *, soft_calls: bool, sent: Path, received: Path, options: dict[str, str]) -> list[str]:
        """Send a document from one to the other: the causes of the called end and of the caller."""
        caller, called = (self.soft, self.hard) if soft_calls else (self.hard, self.soft)
        causes: list[str] = []

        def receive() -> None:
            called.wait_for_call()
            called.answer()
            causes.append(called.FaxReceiver.receive(faxhw.FaxToReceive(str(received))))
            called.hang_up()

        worker = self.bench.clock.spawn(receive, "called")
        assert caller.call(THEIRS if soft_calls else OURS) == "ANSWERED"
        causes.append(caller.FaxSender.send(faxhw.FaxToSend(str(sent)), options))
        caller.hang_up()
        worker.join()
        return causes


@contextmanager
def pair() -> Iterator[Pair]:
    bench = Bench()
    network = SoundNetwork(bench.clock, bench.exchange, TELEPHONE, TELEPHONE)
    port = MemoryPort(bench.clock, "soft modem")
    port.attach(PluggedT31(network, THEIRS, port))
    with (
        Channel(SoundDevice(network.card(OURS))) as soft,
        Channel(class1.open_on(port, bench.clock, {})) as hard,
    ):
        yield Pair(soft, hard, bench)


@pytest.mark.parametrize("ecm", ["YES", "NO"])
@pytest.mark.parametrize("modem", ["V.17", "V.29", "V.27ter"])
@pytest.mark.parametrize("soft_calls", [True, False], ids=["soft modem sends", "Class 1 sends"])
def test_our_class_1_driver(tmp_path: Path, soft_calls: bool, modem: str, ecm: str) -> None:
    sent, received = tmp_path / "sent.tif", tmp_path / "received.tif"
    write_tiff(sent, [page_bitmap("text", rows=300).image(), page_bitmap("form", rows=200).image()], 196)
    options = {
        "ECM": ecm,
        "v17": "YES" if modem == "V.17" else "NO",
        "v29": "NO" if modem == "V.27ter" else "YES",
    }
    with pair() as both:
        causes = both.fax(soft_calls=soft_calls, sent=sent, received=received, options=options)
        fax = both.soft.FaxSender if soft_calls else both.soft.FaxReceiver
        assert causes == ["NORMAL", "NORMAL"]
        assert fax.Details.negotiated["Modem"] == modem
    assert pixels(received) == pixels(sent)


# ----------------------------------------------------------------------------------------------------------
# efax, in real time

LOOK = 0.005
"""Seconds after which the pseudo-tty is looked at."""


@dataclass
class RealTime:
    """A channel with the software modem, and efax on a T.31 modem: the line is kept to the host's time."""

    bench: Bench
    channel: Channel
    program: subprocess.Popen[str]

    def said_at_the_end(self) -> str:
        """What efax has written, once it has ended."""
        while self.program.poll() is None:
            self.bench.run(0.5)
        assert self.program.stderr is not None
        said = self.program.stderr.read()
        assert self.program.returncode == 0, said
        return said


@contextmanager
def efax(*arguments: str) -> Iterator[RealTime]:
    bench = Bench(pace=1.0)
    network = SoundNetwork(bench.clock, bench.exchange, TELEPHONE, TELEPHONE)
    terminal = Pty()

    def serve() -> None:
        terminal.serve()
        bench.world.call_later(LOOK, serve)

    with closing(terminal), Channel(SoundDevice(network.card(OURS))) as channel:
        terminal.attach(PluggedT31(network, THEIRS, terminal))
        with bench.clock.lock:
            serve()
        command = ["efax", "-v", "ewi", "-d", terminal.path, "-o1", "-l", "+1 200", "-c", "1,5,0,2,0,0,0,0"]
        program = subprocess.Popen([*command, *arguments], stderr=subprocess.PIPE, text=True)
        try:
            yield RealTime(bench, channel, program)
        finally:
            program.kill()
            program.communicate()


@needs_efax
def test_efax_calls_and_sends(tmp_path: Path) -> None:
    files = [as_efax_sends(page, tmp_path / f"sent{at}.tif", 196) for at, page in enumerate(drawn())]
    with efax("-h", "", "-t", "T100", *map(str, files)) as call:
        channel = call.channel
        assert channel.wait_for_call(30) == "CALL_INCOMING"
        assert channel.answer() == "ANSWERED"
        cause = channel.FaxReceiver.receive(faxhw.FaxToReceive(str(tmp_path / "received.tif")))
        channel.hang_up()
        said = call.said_at_the_end()
    assert cause == "NORMAL", said
    settled = channel.FaxReceiver.Details.negotiated
    assert (settled["Modem"], settled["DataRate"]) == ("V.17", 14400)
    assert_came(tmp_path / "received.tif", drawn(), fine=True)


@needs_efax
def test_efax_is_called_and_receives(tmp_path: Path) -> None:
    sent = tmp_path / "sent.tif"
    write_tiff(sent, [page.image() for page in drawn()], 196)
    with efax("-iS0=1", "-w", "-r", str(tmp_path / "received")) as call:
        call.bench.run(2)  # it resets the modem before it listens
        assert call.channel.call(THEIRS) == "ANSWERED"
        cause = call.channel.FaxSender.send(faxhw.FaxToSend(str(sent)))
        call.channel.hang_up()
        said = call.said_at_the_end()
    assert cause == "NORMAL", said
    received = [pixels(tmp_path / f"received.{number:03}") for number in (1, 2)]
    assert [page for document in received for page in document] == pixels(sent)
