"""The software modem against libspandsp's own fax terminal, which calls and sends to us, and the reverse.

The modems' code is the same at both ends; training, timing, T.30 and the pages are not. Line time passes as
fast as it is worked out.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

import faxhw
from faxhw.audio.port import SILENCE
from faxhw.channel import Channel
from faxhw.clock import SYSTEM_CLOCK
from faxhw.session import Session
from faxhw.t30 import procedures
from faxhw.t30.line import session
from faxhw.terms import Coding, PageWidth, Resolution, Settings
from faxhw_drivers.dsp import driver
from tests.installed import needs_libspandsp
from tests.interop.documents import pixels, write_tiff
from tests.interop.spandsp import (
    BLOCK,
    MH,
    MMR,
    MR,
    V17,
    V27TER,
    V29,
    Plan,
    Terminal,
    library,
    typed,
)
from tests.pages import page_bitmap
from tests.unit.dsp_bench import FunctionPort
from tests.unit.fax_bench import FakeDevice

pytestmark = [pytest.mark.interop, needs_libspandsp]

_ABLE = Settings(
    resolutions=frozenset(Resolution), codings=frozenset(Coding), ecm=True, width=PageWidth.A3, poll=True
)


class _End:
    """The terminal as a port's other end, a block at a time."""

    def __init__(self, plan: Plan) -> None:
        self.terminal = Terminal(typed(ctypes.CDLL(library() or "")), plan)

    def __call__(self, said: bytes) -> bytes:
        piece = 2 * BLOCK
        return b"".join(
            bytes(self.terminal.exchange((ctypes.c_short * BLOCK).from_buffer_copy(said[at : at + piece])))
            for at in range(0, len(said), piece)
        )

    def code(self) -> int | None:
        """How the call ended for the terminal, which may take some seconds to find out."""
        for _ in range(10 * 50):
            if self.terminal.code is None:
                self(SILENCE)
        return self.terminal.code


@dataclass(frozen=True)
class Case:
    modems: int
    compressions: int
    ecm: bool
    negotiated: tuple[str, int, str]
    dots_down: int = 196
    kinds: tuple[str, ...] = ("text:500", "form:300", "blank:100")

    @property
    def name(self) -> str:
        return "-".join(map(str, (*self.negotiated, "ecm" if self.ecm else "plain")))

    def draw(self, path: Path) -> None:
        drawn = [page_bitmap(kind, rows=int(rows)) for kind, rows in (each.split(":") for each in self.kinds)]
        write_tiff(path, [each.image() for each in drawn], self.dots_down)


_ALL = V17 | V29 | V27TER
CASES = [
    Case(_ALL, MH | MR, False, ("V.17", 14400, "MR")),
    Case(_ALL, MH | MR | MMR, True, ("V.17", 14400, "MMR")),
    Case(V29 | V27TER, MH | MR, False, ("V.29", 9600, "MR")),
    Case(V29 | V27TER, MH | MR | MMR, True, ("V.29", 9600, "MMR"), 98),
    Case(V27TER, MH, False, ("V.27ter", 4800, "MH"), 98, ("text:200", "form:200")),
    Case(V27TER, MH | MR | MMR, True, ("V.27ter", 4800, "MMR"), 98),
]


def _device(plan: Plan, *, calling: bool) -> tuple[FakeDevice, _End]:
    end = _End(plan)
    line = driver.line_on(FunctionPort(end), calling=calling)

    def script(_: FakeDevice, settings: Settings) -> Session:
        make = procedures.sending if calling else procedures.receiving
        return session(make(settings, dialled=calling), line)

    return FakeDevice(script, clock=SYSTEM_CLOCK, able=_ABLE), end


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_it_calls_and_sends(tmp_path: Path, case: Case) -> None:
    sent, received = tmp_path / "sent.tif", faxhw.FaxToReceive(str(tmp_path / "received.tif"))
    case.draw(sent)
    device, end = _device(
        Plan(str(sent), modems=case.modems, compressions=case.compressions, ecm=case.ecm), calling=False
    )
    with Channel(device) as channel:
        channel.wait_for_call()
        channel.answer()
        cause = channel.FaxReceiver.receive(received)
    settled = channel.FaxReceiver.Details.negotiated
    assert cause == channel.FaxReceiver.Cause.NORMAL
    assert (settled["Modem"], settled["DataRate"], settled["Compression"]) == case.negotiated
    assert settled["ECM"] is case.ecm
    assert pixels(received.path) == pixels(sent)
    assert (end.code(), len(received.PageDetails)) == (0, len(case.kinds))
    assert [each.retransmissions for each in received.PageDetails] == [0] * len(case.kinds)
    for page in received.PageDetails:
        assert page.signal_level == pytest.approx(-14.0, abs=2.0)
        assert page.signal_quality is not None
        assert page.signal_quality > 15


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_it_is_called_and_receives(tmp_path: Path, case: Case) -> None:
    sent, received = tmp_path / "sent.tif", tmp_path / "received.tif"
    case.draw(sent)
    plan = Plan(str(received), modems=case.modems, compressions=case.compressions, ecm=case.ecm)
    device, end = _device(replace(plan, calls=False), calling=True)
    with Channel(device) as channel:
        channel.call("5550100")
        cause = channel.FaxSender.send(faxhw.FaxToSend(str(sent)))
    settled = channel.FaxSender.Details.negotiated
    assert cause == channel.FaxSender.Cause.NORMAL
    assert (settled["Modem"], settled["DataRate"], settled["Compression"]) == case.negotiated
    assert end.code() == 0
    assert pixels(received) == pixels(sent)
