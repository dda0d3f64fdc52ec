"""Calls of the software modem in memory: two of our own lines, each in a thread, joined block by block."""

from __future__ import annotations

import itertools
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from queue import Queue
from random import Random
from typing import Protocol

from faxhw.audio.port import BLOCK_OCTETS, SILENCE
from faxhw.clock import SYSTEM_CLOCK, Clock
from faxhw.session import (
    Event,
    Negotiated,
    NextStep,
    Outcome,
    OutgoingPage,
    PageBegins,
    PageData,
    PageEnds,
    PageSent,
    PageWanted,
    Reply,
    Session,
    Verdict,
)
from faxhw.t4.encode import encode_page
from faxhw.t30 import procedures
from faxhw.t30.line import Answer, Operation, session
from faxhw.terms import Modulation, Parameters, Settings
from faxhw_drivers.dsp import driver
from faxhw_drivers.dsp.library import library
from faxhw_drivers.dsp.line import SoundLine
from faxhw_drivers.dsp.modems.frames import FrameSender
from faxhw_drivers.dsp.modems.pages import PageSender

WAIT = 300.0
"""Seconds of the host's after which a call that does not end is a failure."""


class JoinedPort:
    """One end of two that hear each other (``faxhw.audio.port.AudioPort``)."""

    clock: Clock = SYSTEM_CLOCK

    def __init__(self, name: str) -> None:
        self.name = name
        self.heard: Queue[bytes] = Queue()
        self.other: JoinedPort | None = None
        self._gone = False

    def transfer(self, said: bytes) -> bytes:
        assert self.other is not None
        assert len(said) == BLOCK_OCTETS
        if self._gone:
            return b""
        self.other.heard.put(said)
        heard = self.heard.get(timeout=WAIT)
        self._gone = not heard
        return heard

    def skip(self) -> int:
        return 0

    def close(self) -> None:
        assert self.other is not None
        self.other.heard.put(b"")
        self.heard.put(b"")


def joined() -> tuple[JoinedPort, JoinedPort]:
    one, other = JoinedPort("one"), JoinedPort("other")
    one.other, other.other = other, one
    return one, other


class FunctionPort:
    """A port whose other end is a function, from what is said to what is heard."""

    clock: Clock = SYSTEM_CLOCK
    name = "function"

    def __init__(self, end: Callable[[bytes], bytes]) -> None:
        self._end = end
        self.blocks = 0

    def transfer(self, said: bytes) -> bytes:
        self.blocks += 1
        return self._end(said)

    def skip(self) -> int:
        return 0

    def close(self) -> None:
        pass


@dataclass
class Sends:
    """A job that sends pages of rows, coded as the far end wants them."""

    pages: list[list[tuple[int, ...]]]
    confirmed: int = 0
    modulations: list[str] = field(default_factory=list)

    def __call__(self, event: Event) -> Reply:
        match event:
            case Negotiated(parameters):
                self.modulations.append(str(parameters.modulation))
            case PageWanted(parameters):
                last = self.confirmed + 1 == len(self.pages)
                return OutgoingPage(
                    _pieces(self.pages[self.confirmed], parameters),
                    NextStep.NO_MORE if last else NextStep.MORE_PAGES,
                )
            case PageSent(confirmed):
                self.confirmed += confirmed
        return None


def _pieces(rows: list[tuple[int, ...]], parameters: Parameters) -> Iterator[bytes]:
    data = encode_page(rows, parameters.coding, parameters.row_dots, finish=True)
    return (data[at : at + 200] for at in range(0, len(data), 200))


@dataclass
class Receives:
    """A job that keeps what comes."""

    pages: list[bytearray] = field(default_factory=list)
    ends: list[PageEnds] = field(default_factory=list)
    parameters: Parameters | None = None

    def __call__(self, event: Event) -> Reply:
        match event:
            case PageBegins(parameters):
                self.parameters = parameters
                self.pages.append(bytearray())
            case PageData(data):
                self.pages[-1] += data
            case PageEnds():
                self.ends.append(event)
                return Verdict.GOOD
        return None


def rows(seed: int, count: int) -> list[tuple[int, ...]]:
    """Rows of a page: some runs each, never the same ones."""
    return [
        (10 + (seed + at) % 50, 100 + at % 90 + seed, 400 + 7 * at % 500, 1200 + seed % 100)
        for at in range(count)
    ]


def drive(conversation: Session, job: Callable[[Event], Reply]) -> Outcome:
    """Run a session to its end."""
    reply: Reply = None
    try:
        while True:
            reply = job(conversation.send(reply))
    except StopIteration as stop:
        outcome: Outcome = stop.value
        return outcome


@dataclass
class Called:
    """How a call between two of our ends went."""

    sent: Outcome
    received: Outcome
    seconds: float
    """Of the line."""


def call(sends: Sends, receives: Receives, settings: Settings, receiving: Settings | None = None) -> Called:
    """A caller that sends, and a called station that receives, each in a thread of its own."""
    ports = joined()
    lines = [SoundLine(port, library(), calling=at == 0) for at, port in enumerate(ports)]
    outcomes: dict[int, Outcome] = {}
    failures: list[BaseException] = []

    def run(at: int, conversation: Session, job: Callable[[Event], Reply]) -> None:
        try:
            outcomes[at] = drive(conversation, job)
        except BaseException as error:  # noqa: BLE001 - raised again in the test's own thread
            failures.append(error)
        finally:
            lines[at].close()
            ports[at].close()

    sessions: list[tuple[Session, Callable[[Event], Reply]]] = [
        (session(procedures.sending(settings, dialled=True), lines[0]), sends),
        (session(procedures.receiving(receiving or settings, dialled=False), lines[1]), receives),
    ]
    workers = [SYSTEM_CLOCK.spawn(partial(run, at, *each), f"end {at}") for at, each in enumerate(sessions)]
    for worker in workers:
        assert worker.join(WAIT), "the call does not end"
    if failures:
        raise failures[0]
    return Called(outcomes[0], outcomes[1], lines[0]._sound.time)


# ----------------------------------------------------------------------------------------------------------
# Sound


class _Sender(Protocol):
    def next_block(self) -> bytes: ...


def whole(sender: _Sender) -> Iterator[bytes]:
    """All that a sender says, in whole blocks."""
    while block := sender.next_block():
        yield block + bytes(BLOCK_OCTETS - len(block))


def louder(sound: Iterable[bytes], gain: float) -> Iterator[bytes]:
    """Sound by so many dB louder."""
    factor = 10 ** (gain / 20)
    for block in sound:
        yield array(
            "h", (max(-32768, min(32767, round(factor * each))) for each in array("h", block))
        ).tobytes()


def noisy(sound: Iterable[bytes], level: float, seed: int = 1) -> Iterator[bytes]:
    """Sound with white noise of a level in dBm0."""
    dice, sigma = Random(seed), 32768 * 10 ** ((level - 3.14) / 20) / 2**0.5
    for block in sound:
        samples = (each + round(dice.gauss(0, sigma)) for each in array("h", block))
        yield array("h", (max(-32768, min(32767, each)) for each in samples)).tobytes()


# ----------------------------------------------------------------------------------------------------------
# A far end that follows a script


@dataclass
class Script:
    """A port on which a far end says its blocks, then silence; what it is told is kept."""

    says: list[bytes]
    echo: int = 0
    """Blocks after which it hears itself; 0: it does not."""
    hangs_up: int = 10**9
    """The block from which the call is gone."""
    at_block: Callable[[int], None] = lambda _: None
    heard: list[bytes] = field(default_factory=list)
    skipped: int = 0
    clock: Clock = SYSTEM_CLOCK
    name: str = "script"

    def transfer(self, said: bytes) -> bytes:
        assert len(said) == BLOCK_OCTETS
        at = len(self.heard)
        self.at_block(at)
        if at >= self.hangs_up:
            return b""
        self.heard.append(said)
        if self.echo and at >= self.echo and self.heard[at - self.echo] != SILENCE:
            return next(louder([self.heard[at - self.echo]], -15.0))
        return self.says[at] if at < len(self.says) else SILENCE

    def skip(self) -> int:
        skipped, self.skipped = self.skipped, 0
        return skipped

    def close(self) -> None:
        pass


def silence(seconds: float) -> list[bytes]:
    return [SILENCE] * round(seconds * 50)


def frames(*said: bytes, preamble: float = 1.0) -> list[bytes]:
    sender = FrameSender(library(), preamble)
    sender.add(said)
    sender.end()
    return list(whole(sender))


def page(modulation: Modulation, data: bytes, *, short: bool = False) -> list[bytes]:
    return list(whole(PageSender(library(), modulation, [data], short_training=short)))


def says(
    *parts: Iterable[bytes], calling: bool = False, **script: object
) -> tuple[Callable[[Operation], Answer], Script]:
    """What performs operations on a line whose far end says this, and its port."""
    port = Script(list(itertools.chain(*parts)), **script)  # type: ignore[arg-type]
    return driver.line_on(port, calling=calling).perform, port
