"""What an overheard call comes to: who said what, and which carriers are pages.

Frames and carriers are told as they are heard, with their times; the last DCS says what the carriers after it
are (T.30 5.3.6.1.1), and so what to listen for. Nothing here hears or waits. One call may follow another.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace

from faxhw.hdlc import REVERSED
from faxhw.t30 import capabilities, ecm, frames
from faxhw.t30.bits import Bits
from faxhw.t30.describe import describe
from faxhw.t30.frames import PLAIN, Fcf
from faxhw.t30.line import Frame
from faxhw.t30.overheard import Entry, Overheard, OverheardPage, Party
from faxhw.terms import Modulation, Parameters, SignalFigures
from faxhw_drivers.dsp.decoding.pages import (
    COMMANDS,
    FATES,
    Carrier,
    Document,
    EcmDocument,
    Page,
    PlainDocument,
)

LONGEST_TRAINING = 2.5
"""Seconds of data that a carrier before CFR has at the most, to be TCF: that lasts 1.5 s +-10 %."""
_TONES = {"CNG": (Party.CALLER, "calling tone"), "CED": (Party.CALLED, "answer tone")}
_FIRST = frozenset({Fcf.DIS, Fcf.NSF, Fcf.CSI})
"""With what a called station begins."""

Expect = Callable[[int, Modulation | None, bool], None]
"""Listen on a channel for a modulation (``None``: for none), with short training or not."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Where and when something was heard."""

    channel: int
    time: float
    """Its end, in seconds."""
    level: float | None = None


class Exchange:
    """Takes in all that is heard, in the order of time."""

    def __init__(self, expect: Expect) -> None:
        self._expect = expect
        self._entries: list[Entry] = []
        self._pages: list[OverheardPage] = []
        self._call = 1
        self._begin()

    def _begin(self) -> None:
        """Nothing is known of the call."""
        self._document: Document | None = None
        self._parameters: Parameters | None = None
        self._modulation: Modulation | None = None
        self._channel = 0
        self._sender_party = Party.UNKNOWN
        self._sender = ""
        self._training = False
        """Whether a DCS waits for the word on its training."""
        self._trained = False
        """Whether a carrier was understood since training was last begun anew, so that it is short now."""
        self._last_page = False
        """Whether EOP was said."""
        self._over = False
        self._tones: set[str] = set()
        """Those that were told of since the last frame."""

    def result(self, seconds: float) -> Overheard:
        """All that there is; nothing more comes."""
        self._leave_document()
        pages = sorted(self._pages, key=lambda each: each.time)
        return Overheard(tuple(self._by_channel()), tuple(pages), seconds)

    # ------------------------------------------------------------------------------------------------------
    # What is heard

    def tone(self, name: str, heard: Heard) -> None:
        """CNG or CED has begun."""
        if self._over or self._parameters is not None:
            self._next_call()
        if name not in self._tones:  # CNG comes every 3.5 s
            self._tones.add(name)
            party, what = _TONES[name]
            self._enter(heard, party, name, (f"{name}: {what}",))

    def frame(self, frame: Frame, heard: Heard) -> None:
        """A frame of V.21's. What is no frame of T.30's, and damage that has no likeness to one, is noise."""
        if not frames.is_t30(frame.octets):
            return
        if not frame.good:
            self._enter(
                heard,
                Party.UNKNOWN,
                "damaged frame",
                (f"damaged frame: {frame.octets[:32].hex(' ')}",),
                octets=frame.octets,
                good=False,
            )
            return
        fcf = frames.control_field(frame.octets[2])
        if (self._over and fcf != Fcf.DCN) or (self._last_page and fcf in _FIRST):
            self._next_call()
        self._tones.clear()
        party = Party.CALLER if REVERSED[frame.octets[2]] & 0x80 else Party.CALLED
        self._enter(heard, party, frames.label(fcf), tuple(describe(frame.octets)), octets=frame.octets)
        self._follow(fcf, frame.octets[3:], heard, party)
        if frame.octets[1] & frames.FINAL:
            self._listen()  # what the modem for pages has made of these frames, or their echo, is forgotten

    def carrier(self, carrier: Carrier, channel: int) -> None:
        """A carrier of the modulation that was expected has come to its end."""
        seconds = carrier.ended - carrier.began
        training = self._training and seconds < LONGEST_TRAINING
        zeros = carrier.octets.count(0) / max(1, len(carrier.octets))
        what = f"training check, {zeros:.0%} zeros" if training else f"{len(carrier.octets)} octets of a page"
        end = "" if carrier.whole else ", to the end of the recording"
        name, signal = str(self._modulation), carrier.signal or SignalFigures()
        self._enter(
            Heard(channel, carrier.ended, None if signal.level is None else round(signal.level, 1)),
            self._sender_party,
            name,
            (f"{name}: {what} in {seconds:.1f} s{end}, {signal}",),
        )
        self._trained = True
        if self._document is not None and not training:
            self._training = False
            self._document.carrier(carrier)
        self._listen()

    # ------------------------------------------------------------------------------------------------------
    # What it means

    def _follow(self, fcf: int, information: bytes, heard: Heard, party: Party) -> None:
        plain = PLAIN.get(fcf, fcf)
        document = self._document
        if fcf == Fcf.DCS:
            self._settle(information, heard, party)
        elif fcf == Fcf.TSI:
            self._sender = frames.identification_text(information)
        elif fcf == Fcf.CFR:
            self._training = False
        elif fcf == Fcf.CTC and (modulation := ecm.rate_named(information)) is not None:
            self._modulation, self._trained = modulation, False
        elif document is not None and (plain in COMMANDS or fcf in (Fcf.PPS, Fcf.EOR)):
            last = plain if plain in COMMANDS else ecm.post_message(information)
            self._last_page = last == Fcf.EOP
            document.command(Fcf(plain), information, heard.time)
        elif document is not None and (fcf in FATES or fcf == Fcf.PPR):
            document.response(Fcf(fcf), heard.time)
        elif fcf == Fcf.DCN:
            self._leave_document()
            self._over = True

    def _settle(self, information: bytes, heard: Heard, party: Party) -> None:
        """Pages as a DCS says are to come on its channel."""
        self._leave_document()
        self._parameters = parameters = capabilities.settled(Bits(information))
        self._channel, self._sender_party = heard.channel, party
        self._training, self._trained, self._last_page = True, False, False
        self._modulation = parameters.modulation if parameters is not None else None
        if parameters is None:
            return
        if parameters.ecm:
            self._document = EcmDocument(parameters, self._take)
        else:
            self._document = PlainDocument(parameters, heard.time, self._take)

    def _leave_document(self) -> None:
        if self._document is not None:
            self._document.over()
        self._document = self._modulation = None

    def _next_call(self) -> None:
        self._leave_document()
        self._begin()
        self._call += 1

    def _take(self, page: Page) -> None:
        self._pages.append(
            OverheardPage(
                call=self._call,
                time=page.began,
                seconds=page.ended - page.began,
                channel=self._channel,
                parameters=page.parameters,
                data=page.data,
                intact=page.intact,
                ended=page.commanded,
                fate=page.fate,
                repetitions=page.repetitions,
                sender=self._sender,
                signal=page.signal,
            )
        )

    def _listen(self) -> None:
        modulation = self._modulation
        short = modulation is not None and modulation.has_short_training and self._trained
        self._expect(self._channel, modulation, short)

    # ------------------------------------------------------------------------------------------------------
    # The list

    def _enter(
        self,
        heard: Heard,
        party: Party,
        name: str,
        said: tuple[str, ...],
        octets: bytes = b"",
        *,
        good: bool = True,
    ) -> None:
        self._entries.append(
            Entry(self._call, heard.time, heard.channel, party, name, said, octets, good, heard.level)
        )

    def _by_channel(self) -> list[Entry]:
        """The entries: where each end has a channel of its own, by that, for X bits are not always right."""
        votes: dict[tuple[int, int], Counter[Party]] = defaultdict(Counter)
        for each in self._entries:
            votes[each.call, each.channel][each.party] += each.party is not Party.UNKNOWN
        usual = {where: counted.most_common(1)[0][0] for where, counted in votes.items()}
        apart = {call for call, _ in usual if usual.get((call, 0)) is not usual.get((call, 1))}
        return [
            replace(each, party=usual[each.call, each.channel])
            if each.call in apart and (each.call, 1 - each.channel) in usual
            else each
            for each in self._entries
        ]
