"""Stations: far ends of calls that perform a T.30 procedure, or make a sound that is no fax at all.

A procedure is any generator of ``faxhw.t30.line``; a test's odd far end is ten lines of one. What happened
is kept: a ``StationCall`` for each call, with every operation and its answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from faxhw.session import Event, Outcome, PageEnds, PageWanted, Reply, Verdict
from faxhw.t30.line import Procedure
from faxhw_drivers.sim.cng import CallingTone
from faxhw_drivers.sim.exchange import Call, CallerId, Exchange, Hook
from faxhw_drivers.sim.performer import Later, OnEvent, Performer, Step
from faxhw_drivers.sim.signals import Carrier, Digit, Signal, Tone
from faxhw_drivers.sim.world import Timer, World

DIAL_AFTER = 0.5
ANSWERS_AFTER = 0.2
"""Seconds from the beginning of the last ring that it waits for."""
ANSWER_DELAY = 1.9
"""Seconds of silence before CED (T.30 clause 4.1.1: 1.8 to 2.5 s)."""
DIGIT_TIME = DIGIT_GAP = 0.1
"""Seconds of a digit that is pressed, and of the pause after it."""
GIVES_UP = 60.0
"""Seconds for which a calling station lets it ring."""
BUSY_HEARD = 1.0
"""Seconds of busy tone after which a station takes the call for gone."""
ODD_SOUND = 30.0
"""Seconds for which a voice, a data modem or a silent caller stays."""


def confirm_all(event: Event) -> Reply:
    """The replies of a far end that has nothing to say of its own: every page it receives is good."""
    if isinstance(event, PageWanted):
        raise TypeError("this station has no pages to send: give it an on_event that does")
    return Verdict.GOOD if isinstance(event, PageEnds) else None


@dataclass
class StationCall:
    """One call of a station, and what became of it."""

    number: str
    """Whom it called, or who called it."""
    act: Procedure | Tone
    on_event: OnEvent
    events: list[Event] = field(default_factory=list)
    outcome: Outcome | None = None
    """How the procedure ended."""
    failure: str = ""
    """Why there was no call: BUSY or NO ANSWER."""
    connected: float | None = None
    ended: float | None = None
    steps: list[Step] = field(default_factory=list)

    def reply(self, event: Event) -> Reply | Later:
        self.events.append(event)
        return self.on_event(event)


class Station:
    """A subscriber who is no modem of ours."""

    def __init__(self, world: World, exchange: Exchange, number: str) -> None:
        self.phone = exchange.subscribe(number, self)
        self.calls: list[StationCall] = []
        """Calls made and answered, in order."""
        self._world = world
        self._answering: Callable[[], tuple[Procedure | Tone, OnEvent]] | None = None
        self._rings_wanted = 1
        self._rings = 0
        self._ringing: Call | None = None
        self._call: StationCall | None = None
        self._performer: Performer | None = None
        self._cng: CallingTone | None = None
        self._timer: Timer | None = None
        self._signal: Signal = Tone.SILENCE

    # -- what a test has it do

    def call(self, number: str, act: Procedure | Tone, on_event: OnEvent = confirm_all) -> StationCall:
        """Dial a number and, once answered, perform a procedure or sound a tone."""
        with self._world.lock:
            if self.phone.state is not Hook.IDLE:
                raise RuntimeError(f"station {self.phone.number} is on a call already")
            call = self._call = StationCall(number, act, on_event)
            self.calls.append(call)
            self.phone.off_hook()
            self._after(DIAL_AFTER, lambda: self.phone.dial(number))
            self._world.call_later(GIVES_UP, lambda: self._give_up(call))
        return call

    def answer_with(
        self, make: Callable[[], Procedure] | Tone, on_event: OnEvent = confirm_all, rings: int = 1
    ) -> None:
        """Answer calls from now on, after so many rings, each with a new procedure or with a tone."""
        self._answering = lambda: (make if isinstance(make, Tone) else make(), on_event)
        self._rings_wanted = rings

    def press(self, digits: str) -> None:
        """Dial on the call that stands, as a person does, and be silent after it."""
        with self._world.lock:
            for place, digit in enumerate(digits):
                for signal, after in ((Digit(digit), 0.0), (Tone.SILENCE, DIGIT_TIME)):
                    self._sound_later(signal, place * (DIGIT_TIME + DIGIT_GAP) + after)

    def sound(self, tone: Tone) -> None:
        """Sound so from now on, on the call that stands."""
        with self._world.lock:
            self.phone.send(tone)

    def _sound_later(self, signal: Signal, seconds: float) -> None:
        self._world.call_later(seconds, lambda: self.phone.send(signal))

    def hang_up(self) -> None:
        """Put the phone down in the middle of whatever goes on."""
        with self._world.lock:
            self._end("")

    # -- the phone's listener

    def rings(self, on: bool) -> None:
        if not on:
            return
        self._rings = self._rings + 1 if self.phone.call is self._ringing else 1
        self._ringing = self.phone.call
        if self._answering is not None and self._rings >= self._rings_wanted:
            act, on_event = self._answering()
            caller = self.phone.call.caller.number if self.phone.call else ""
            self._call = StationCall(caller, act, on_event)
            self.calls.append(self._call)
            self._after(ANSWERS_AFTER, self._answer)

    def caller_id(self, caller: CallerId) -> None:
        pass

    def give_up(self) -> None:
        with self._world.lock:
            if self._performer is not None:
                call = self.phone.call
                self._performer.give_up(calling=call is not None and call.caller is self.phone)

    def hears(self, signal: Signal) -> None:
        self._signal = signal
        if isinstance(signal, Carrier):
            self._stop_cng()
        if self._performer is not None:
            self._performer.operations.receiver.hears(signal)
        elif self.phone.state is Hook.TALKING and self._call and self._call.connected is None:
            self._connected(self._call, calling=True)
        if signal is Tone.BUSY:
            self._world.call_later(BUSY_HEARD, self._busy_heard)

    def hears_octets(self, octets: bytes) -> None:
        if self._performer is not None:
            self._performer.operations.receiver.hears_octets(octets)

    # -- the course of a call

    def _answer(self) -> None:
        call = self._call
        if call is None or self.phone.state is not Hook.RINGING:
            self._call = None
            return
        call.connected = self._world.now
        self.phone.off_hook()
        self._after(ANSWER_DELAY, lambda: self._connected(call, calling=False))

    def _connected(self, call: StationCall, calling: bool) -> None:
        call.connected = self._world.now if call.connected is None else call.connected
        if isinstance(call.act, Tone):
            self.phone.send(call.act)
            self._after(ODD_SOUND, lambda: self._end(""))
            return
        performer = Performer(self._world, self.phone, call.act, call.reply, self._ended)
        self._performer = performer
        call.steps = performer.steps
        performer.operations.receiver.hears(self._signal)
        performer.start()
        if calling:
            self._cng = CallingTone(self._world, self.phone, performer.operations)
            self._cng.start()

    def _ended(self, outcome: Outcome) -> None:
        if self._call is not None:
            self._call.outcome = outcome
        self._after(0.1, lambda: self._end(""))

    def _end(self, failure: str) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._stop_cng()
        performer, self._performer = self._performer, None
        if performer is not None:
            performer.operations.disconnected()
        call, self._call = self._call, None
        if call is not None:
            call.failure, call.ended = failure, self._world.now
        self.phone.on_hook()

    def _busy_heard(self) -> None:
        if self._signal is not Tone.BUSY or self._call is None:
            return
        if self._performer is not None:
            self._performer.operations.disconnected()
        else:
            self._end("BUSY" if self._call.connected is None else "")

    def _give_up(self, call: StationCall) -> None:
        if self._call is call and call.connected is None:
            self._end("NO ANSWER")

    def _stop_cng(self) -> None:
        if self._cng is not None:
            self._cng.stop()
            self._cng = None

    def _after(self, seconds: float, action: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._world.call_later(seconds, action)
