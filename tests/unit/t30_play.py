"""Canned calls: a T.30 procedure is played against a list of what the far end does, without any line.

What the procedure says and does comes back as text, one word an act; what it hears is taken from a list, one
item each time it listens. So a call is a row of data, in the words of ``t30_words``.

Each time something is heard, the player notes it together with what was said or came last: by these pairs
``test_t30_coverage`` knows what the canned calls prove.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from faxhw.session import (
    Event,
    NextStep,
    Outcome,
    OutgoingPage,
    PageBegins,
    PageData,
    PageEnds,
    PageSent,
    PageWanted,
    Refused,
    Reply,
    Verdict,
    VerdictWanted,
)
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

from . import t30_words as words
from .t30_state import State

SILENCE = "silence"
GARBLED = "garbled"
CARRIER = "other carrier"
UNTRAINED = "untrained carrier"
GONE = "gone"
TCF = bytes(1800)
"""A good TCF at 9600 bit/s; at other rates it is shorter or longer than 1.5 s, and still good."""
BAD_TCF = bytes(range(256)) * 8
PAGE = b"page"


DCS = bytes.fromhex("00 06 70")
"""Receive, V.29 at 9600, no minimum scan time: bits 10, 11, 21 to 23 (T.30 table 2)."""
DCS_ECM = bytes.fromhex("00 06 f0 04")
"""The same with error correction, bit 27, in a fourth octet (bit 24)."""
DIS = bytes.fromhex("00 06 70")
"""Can receive, V.29 at 9600 and 7200, no minimum scan time."""
DIS_ECM = bytes.fromhex("00 06 f0 04")
"""The same with error correction."""
DIS_64 = bytes.fromhex("40 06 f0 04")
"""With error correction, and frames of 64 octets preferred (bit 7)."""
DIS_TO_POLL = bytes.fromhex("00 0d 70")
"""A document to be polled, V.27ter and V.29: bits 9, 11 and 12."""

Item = str | bytes | tuple[bytes, ...]


def is_carrier(item: Item) -> bool:
    """Whether what is heard is a carrier other than V.21's."""
    return isinstance(item, bytes) or item in (CARRIER, UNTRAINED) or str(item).startswith("block")


def is_frames(item: Item) -> bool:
    """Whether what is heard are frames, good or damaged."""
    return item not in (SILENCE, GONE) and not is_carrier(item)


@dataclass
class Play:
    """How a procedure is played, and what came of it."""

    hears: Iterable[Item]
    """One item each time it listens: words ("TSI DCS", "block(0-3)"), octets of a page, ready frames, or a
    constant."""
    dcs: bytes = b""
    verdicts: Iterable[Verdict] = ()
    """The job's words on pages, GOOD when they run out."""
    pages: Iterable[NextStep] = ()
    page: bytes = PAGE
    """Each page that the job gives to be sent."""
    refusals: Iterable[Refused | None] = ()
    """What the job does about pages that are refused; nothing when they run out."""
    dis: bytes = b""
    x: bool = True
    """The X bit of what is heard: 1 from who has heard a DIS, 0 from who said it (T.30 5.3.6.1)."""
    orderly: bool = True
    """Whether a page may only come where one is waited for, and everything must be heard."""
    acts: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    asked: list[Operation] = field(default_factory=list)
    state: State = field(default_factory=State)
    blocks: dict[str, dict[int, bytes]] = field(default_factory=dict)
    """The frames that we sent, by the PPS that spoke of them."""
    outcome: Outcome | None = None
    time: float = 0.0
    paging: bool = False
    """Whether a page or TCF is being heard."""
    frames: int = 256
    """How many frames the block has that a PPS spoke of last."""

    def __post_init__(self) -> None:
        self._left = list(self.hears)
        self._verdicts = iter(self.verdicts)
        self._pages = iter(self.pages)
        self._refusals = iter(self.refusals)
        self._sent: dict[int, bytes] = {}
        self._counts: dict[bytes, int] = {}

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
    def pending(self) -> bool:
        """Whether anything but silence will be heard yet."""
        return bool(self._left)

    @property
    def said(self) -> str:
        return " ".join(self.acts)

    @property
    def told(self) -> tuple[str, ...]:
        """What the job was told of each page, by frames (``words.told``)."""
        pages: list[bytes] = []
        for each in self.events:
            if isinstance(each, PageBegins):
                pages.append(b"")
            elif isinstance(each, PageData):
                pages[-1] += each.data
        return tuple(words.told(each) for each in pages)

    def on_event(self, event: Event) -> Reply:
        self.events.append(event)
        match event:
            case PageEnds() | VerdictWanted():
                return next(self._verdicts, Verdict.GOOD)
            case PageWanted():
                return OutgoingPage([self.page], next(self._pages, NextStep.NO_MORE))
            case PageSent(confirmed=False):
                return next(self._refusals, None)
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
                self._note_pps(octets[-1])
                self._act(words.said(octets, self.frames))
                self.time += 1.0 + 0.2 * len(octets)
            case SendPage(modulation, data, short):
                what = self._what_is_sent(b"".join(data))
                self._act(f"{what}@{modulation}{' short' if short else ''}")
                self.time += 2.0
            case ReceiveFrames(timeout) | ReceivePage(_, timeout):
                return self._hear(operation, timeout)
            case ReceiveMore():
                return CarrierLost(time=self.time)
            case Pause(seconds):
                self.time += seconds
        return Done(time=self.time)

    def _act(self, act: str) -> None:
        self.acts.append(act)
        self.state.did(act)

    def _what_is_sent(self, octets: bytes) -> str:
        if octets == self.page or not octets.strip(b"\0"):
            return "page" if octets == self.page else "TCF"
        self._sent = words.frames_of(octets)
        return f"block({words.ranges(self._sent)})"

    def _note_pps(self, octets: bytes) -> None:
        """A PPS of ours, or of the far end's, that says how many frames a block has (T.30 annex A.4.3)."""
        if octets[2] in (0xBE, 0xBF) and len(octets) == 7:
            block = octets[4:6]
            # Some count only what they have just repeated.
            self.frames = self._counts[block] = max(octets[6] + 1, self._counts.get(block, 0))
            self.blocks.setdefault(f"{octets[4]},{octets[5]}", {}).update(self._sent)

    def _hear(self, operation: Operation, timeout: float) -> Answer:
        item = self._left.pop(0) if self._left else SILENCE
        for_page = isinstance(operation, ReceivePage)
        if for_page and is_frames(item):
            self._left.insert(0, item)  # the frames are still to be heard
            return OtherCarrier(time=self.time)
        self.state.heard(item)
        if item == SILENCE:
            self.time += timeout
            return Nothing(time=self.time)
        if item == GONE:
            return Disconnected(time=self.time)
        if item == UNTRAINED and for_page:
            self.time += 1.0
            return CarrierLost(time=self.time)
        if item in (CARRIER, UNTRAINED):
            self.time += 0.2 * for_page
            return OtherCarrier(time=self.time)
        if isinstance(item, str) and is_carrier(item):
            item = words.block_carrier(item)
        if isinstance(item, bytes):
            if not for_page:
                assert not self.orderly, f"a page or TCF for {operation}"
                return OtherCarrier(time=self.time)
            self.time += 1.5
            return Data(item, time=self.time)
        self.time += 1.3
        return Heard(self._frames(item), time=self.time)

    def _frames(self, item: str | tuple[bytes, ...]) -> tuple[Frame, ...]:
        if item == GARBLED:
            return (Frame(b"\xff\x13\x00", good=False),)
        if isinstance(item, tuple):
            return tuple(Frame(each) for each in item)
        heard = words.heard(item, x=self.x, fields=self._fields(), block=self.frames)
        if heard[-1].good:
            self._note_pps(heard[-1].octets)
        return heard

    def _fields(self) -> Mapping[str, bytes]:
        return {"DCS": self.dcs, "DIS": self.dis, "DTC": self.dis}
