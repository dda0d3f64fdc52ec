"""A bench for channels and fax jobs: a device whose sessions a test writes by hand, on simulated time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from faxhw.channel import Channel
from faxhw.clock import Clock
from faxhw.device import CallResult, IncomingCall
from faxhw.errors import PortError
from faxhw.fax.documents import FaxToReceive
from faxhw.session import (
    Cancelled,
    Negotiated,
    NextStep,
    Outcome,
    PageBegins,
    PageData,
    PageEnds,
    RemoteInfo,
    Session,
    Status,
    Verdict,
)
from faxhw.t4.encode import encode_page
from faxhw.t4.rows import Row
from faxhw.terms import Coding, Family, Modulation, Parameters, Settings
from faxhw_drivers.sim.clock import SimulatedClock
from faxhw_drivers.sim.world import World

PARAMETERS = Parameters(Modulation(Family.V17, 14400), Coding.MH)
ROWS = [(10 * row, 10 * row + 7) for row in range(100)]
NORMAL = Outcome(Status.NORMAL)

Script = Callable[["FakeDevice", Settings], Session]


@dataclass
class FakeDevice:
    """A device that does as it is told; ``said`` is what reached its line."""

    script: Script | None = None
    ring: IncomingCall | None = field(default_factory=lambda: IncomingCall(call_from="0123", rings=1))
    result: CallResult = CallResult.CONNECTED
    able: Settings = field(default_factory=Settings)
    clock: Clock = field(default_factory=lambda: SimulatedClock(World()))
    name: str = "fake:1"
    description: str = "a device made of paper"
    up: bool = True
    broken: bool = False
    heedless: bool = False
    """Whether ``cancel`` is ignored."""
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.monitor = self.clock.monitor()
        self._cancelled = False
        self._closed = False

    def pause(self, seconds: float | None) -> bool:
        """Wait; True if that was cut short by ``cancel`` or ``close``."""
        with self.monitor:
            self.monitor.wait_for(lambda: self._cancelled or self._closed, seconds)
            cut, self._cancelled = self._cancelled, False
        if self._closed:
            raise PortError("fake:1: the port was closed")
        return cut

    def wait(self, seconds: float | None) -> None:
        """A session's wait."""
        if self.pause(seconds):
            raise Cancelled

    def capabilities(self) -> Settings:
        return self.able

    def wait_for_call(self, timeout: float | None, rings: int = 1) -> IncomingCall | None:
        self._work("wait for a call")
        if self.ring is None:
            self.pause(timeout)
            return None
        return replace(self.ring, rings=rings)

    def keep_ringing(self) -> bool:
        return self.ring is not None

    def answer(self, timeout: float | None) -> CallResult:
        self._work("answer")
        return self.result

    def reject(self) -> None:
        self._work("reject")

    def dial(self, number: str, timeout: float | None) -> CallResult:
        self._work(f"dial {number}")
        return self.result

    def hang_up(self) -> None:
        self._work("hang up")

    def check(self) -> None:
        self._work("check")

    def line_up(self) -> bool:
        return self.up

    def receive(self, settings: Settings) -> Session:
        self._work("receive")
        assert self.script is not None
        return self.script(self, settings)

    def send(self, settings: Settings) -> Session:
        self._work("send")
        assert self.script is not None
        return self.script(self, settings)

    def cancel(self) -> None:
        if not self.heedless:
            with self.monitor:
                self._cancelled = True
                self.monitor.notify_all()

    def close(self) -> None:
        self.said.append("close")
        with self.monitor:
            self._closed = True
            self.monitor.notify_all()

    def _work(self, what: str) -> None:
        self.said.append(what)
        if self.broken:
            raise PortError("fake:1: the modem has vanished")


@contextmanager
def answered(script: Script | None = None, **device: object) -> Iterator[tuple[Channel, FakeDevice]]:
    """A channel with an answered call."""
    fake = FakeDevice(script, **device)  # type: ignore[arg-type]
    with Channel(fake) as channel:
        channel.wait_for_call()
        channel.answer()
        fake.said.clear()
        yield channel, fake


def coded(rows: Sequence[Row] | None = None, coding: Coding = Coding.MH) -> bytes:
    return encode_page(ROWS if rows is None else rows, coding, 1728)


def with_bad_rows(bad: int, total: int = 100) -> bytes:
    """A page on which every other row is one dot short, ``bad`` of them in all."""
    good = encode_page([(5, 9)], Coding.MH, 1728, finish=False)
    short = encode_page([(5, 9)], Coding.MH, 1727, finish=False)
    rows = [short if row % 2 and row < 2 * bad else good for row in range(total)]
    return b"".join(rows) + encode_page(
        [], Coding.MH, 1728
    )  # zeros that fill an octet are fill before an EOL


def page(
    device: FakeDevice,
    data: bytes,
    step: NextStep = NextStep.NO_MORE,
    parameters: Parameters = PARAMETERS,
    **ends: object,
) -> Session:
    """One page of a session that receives; returns the verdict's outcome, NORMAL if it was confirmed."""
    yield PageBegins(parameters)
    for start in range(0, len(data), 200):
        device.wait(0.1)
        yield PageData(data[start : start + 200])
    verdict = yield PageEnds(step, **ends)  # type: ignore[arg-type]
    assert isinstance(verdict, Verdict)
    device.said.append(verdict.value)
    statuses = {Verdict.FAILED: Status.STORAGE_FAILED, Verdict.GIVEN_UP: Status.PAGE_QUALITY}
    return Outcome(statuses.get(verdict, Status.NORMAL))


def fax(*pages: bytes, parameters: Parameters = PARAMETERS) -> Script:
    """A session that receives these pages, sending each again as often as it is rejected."""

    def script(device: FakeDevice, settings: Settings) -> Session:
        yield RemoteInfo(ident="+44 1908 273800", nsf=b"\x01")
        device.wait(3.0)
        yield Negotiated(parameters)
        outcome = NORMAL
        for number, data in enumerate(pages, 1):
            step = NextStep.NO_MORE if number == len(pages) else NextStep.MORE_PAGES
            before = None
            while before is None or device.said[-1] == "RTN":
                before = outcome = yield from page(device, data, step, parameters)
            if outcome.status is not Status.NORMAL:
                break
        return outcome

    return script


def ends_with(outcome: Outcome, negotiated: bool = False) -> Script:
    """A session that ends so after a second."""

    def script(device: FakeDevice, settings: Settings) -> Session:
        if negotiated:
            yield Negotiated(PARAMETERS)
        device.wait(1.0)
        return outcome

    return script


def stored_rows(document: FaxToReceive) -> list[int]:
    """The number of rows of each stored page."""
    from PIL import Image  # noqa: PLC0415

    with Image.open(document.path) as image:
        lengths = []
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            assert image.width == 1728
            lengths.append(image.height)
        return lengths
