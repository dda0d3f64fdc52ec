"""Canned calls: a T.30 procedure is played against a list of what the far end does, without any line.

What the procedure says and does comes back as text, one word an act; what it hears is taken from a list, one
item each time it listens. So a call is a row of data.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from faxhw.session import (
    Event,
    Negotiated,
    NextStep,
    Outcome,
    OutgoingPage,
    PageBegins,
    PageEnds,
    PageSent,
    PageWanted,
    RemoteInfo,
    Reply,
    Verdict,
    VerdictWanted,
)
from faxhw.t30 import frames
from faxhw.t30.frames import Fcf
from faxhw.t30.line import (
    Answer,
    CarrierLost,
    Data,
    Disconnected,
    Done,
    Frame,
    Heard,
    Nothing,
    Operation,
    OtherCarrier,
    Pause,
    Procedure,
    ReceiveFrames,
    ReceiveMore,
    ReceivePage,
    SendFlags,
    SendFrames,
    SendPage,
)

SILENCE = "silence"
GARBLED = "garbled"
CARRIER = "other carrier"
UNTRAINED = "untrained carrier"
GONE = "gone"
TCF = bytes(1800)
"""A good TCF at 9600 bit/s; at other rates it is shorter or longer than 1.5 s, and still good."""
BAD_TCF = bytes(range(256)) * 8
PAGE = b"page"


Item = str | bytes | tuple[bytes, ...]


@dataclass
class Play:
    """How a procedure is played, and what came of it."""

    hears: Iterable[Item]
    """One item each time it listens: labels ("TSI DCS"), octets of a page, ready frames, or a constant."""
    dcs: bytes = b""
    verdicts: Iterable[Verdict] = ()
    """The job's words on pages, GOOD when they run out."""
    pages: Iterable[NextStep] = ()
    dis: bytes = b""
    orderly: bool = True
    """Whether a page may only come where one is waited for, and everything must be heard."""
    acts: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    asked: list[Operation] = field(default_factory=list)
    outcome: Outcome | None = None
    time: float = 0.0
    paging: bool = False
    """Whether a page or TCF is being heard."""

    def __post_init__(self) -> None:
        self._left = list(self.hears)
        self._verdicts = iter(self.verdicts)
        self._pages = iter(self.pages)

    def run(self, procedure: Procedure) -> Play:
        try:
            item = next(procedure)
            while True:
                reply = self.on_event(item) if isinstance(item, Event) else self.perform(item)
                item = procedure.send(reply)
        except StopIteration as stop:
            self.outcome = stop.value
        assert not self._left or not self.orderly, f"never heard: {self._left}"
        return self

    @property
    def due(self) -> Item:
        """What will be heard next."""
        return self._left[0] if self._left else SILENCE

    @property
    def said(self) -> str:
        return " ".join(self.acts)

    def on_event(self, event: Event) -> Reply:
        self.events.append(event)
        match event:
            case PageEnds() | VerdictWanted():
                return next(self._verdicts, Verdict.GOOD)
            case PageWanted():
                return OutgoingPage([PAGE], next(self._pages, NextStep.NO_MORE))
            case Negotiated() | PageBegins() | RemoteInfo() | PageSent():
                return None
        return None

    def perform(self, operation: Operation) -> Answer:
        self.asked.append(operation)
        answer = self._perform(operation)
        self.paging = isinstance(answer, Data)
        return answer

    def _perform(self, operation: Operation) -> Answer:
        match operation:
            case SendFlags():
                self.acts.append("flags")
                self.time += 0.1
            case SendFrames(octets):
                self.acts.append("+".join(frames.label(frames.control_field(each[2])) for each in octets))
                self.time += 1.0 + 0.2 * len(octets)
            case SendPage(modulation, data, short):
                what = "page" if b"".join(data) == PAGE else "TCF"
                self.acts.append(f"{what}@{modulation}{' short' if short else ''}")
                self.time += 2.0
            case ReceiveFrames(timeout) | ReceivePage(_, timeout):
                return self._hear(operation, timeout)
            case ReceiveMore():
                return CarrierLost(time=self.time)
            case Pause(seconds):
                self.time += seconds
        return Done(time=self.time)

    def _hear(self, operation: Operation, timeout: float) -> Answer:
        item = self._left.pop(0) if self._left else SILENCE
        if item == SILENCE:
            self.time += timeout
            return Nothing(time=self.time)
        if item == GONE:
            return Disconnected(time=self.time)
        if item == UNTRAINED and isinstance(operation, ReceivePage):
            self.time += 1.0
            return CarrierLost(time=self.time)
        if item in (CARRIER, UNTRAINED):
            return OtherCarrier(time=self.time)
        if isinstance(item, bytes):
            if not isinstance(operation, ReceivePage):
                assert not self.orderly, f"a page or TCF for {operation}"
                return OtherCarrier(time=self.time)
            self.time += 1.5
            return Data(item, time=self.time)
        if isinstance(operation, ReceivePage):
            self._left.insert(0, item)  # the frames are still to be heard
            return OtherCarrier(time=self.time)
        self.time += 1.3
        if item == GARBLED:
            return Heard((Frame(b"\xff\x13\x00", good=False),), time=self.time)
        if isinstance(item, str):
            item = frames.transmission(
                *((Fcf[name], self._information(name)) for name in item.split()), x=True
            )
        return Heard(tuple(Frame(each) for each in item), time=self.time)

    def _information(self, name: str) -> bytes:
        if name in ("TSI", "CSI", "CIG"):
            return frames.identification("+49 89 1234")
        told = {"SUB": "42", "SEP": "77", "SID": "secret"}
        if name in told:
            return frames.identification(told[name])
        return {"DCS": self.dcs, "DIS": self.dis, "DTC": self.dis}.get(name, b"")
