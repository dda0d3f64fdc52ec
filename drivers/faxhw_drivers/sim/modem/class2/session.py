"""One fax call of a modem that runs T.30 itself: our own procedure on its phone, and the DTE's commands.

The events of the procedure are answered when the DTE has spoken. Each command of the DTE is a ``Turn``, which
lasts until its result; between two turns the procedure waits at an event, and so does the far end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from faxhw.session import Event, Negotiated, Outcome, RemoteInfo, Reply, Status
from faxhw.t30 import answering, calling
from faxhw.t30.line import Heard, Procedure
from faxhw.t32.dialect import PAGE_END, Dialect
from faxhw.t32.parameters import reported
from faxhw.terms import DCS_FAMILIES, Family, Settings
from faxhw_drivers.sim.modem.class2.quirks import Fate
from faxhw_drivers.sim.modem.class2.receiving import Receiving
from faxhw_drivers.sim.modem.class2.reports import Reports
from faxhw_drivers.sim.modem.class2.sending import Sending
from faxhw_drivers.sim.modem.class2.settings import HOLDS, POLLS, FaxSettings
from faxhw_drivers.sim.performer import Later, Performer, Step
from faxhw_drivers.sim.signals import Signal, Tone
from faxhw_drivers.sim.world import Timer

if TYPE_CHECKING:
    from faxhw_drivers.sim.modem.core import VirtualModem

CAN = 0x18
FATE_AFTER = 1.0
"""Seconds of a page until the modem meets the fate that it is given (``FaxQuirks``)."""
BUSY_HEARD = 1.0
"""Seconds of busy tone that make a modem sure that the far end has hung up."""


class Turn:
    """A command of the DTE, from its beginning to its result (``Action``)."""

    def __init__(self, session: FaxSession, deed: Callable[[], None], *, fragile: bool = False) -> None:
        """``fragile``: any octet of the DTE breaks it off."""
        self.fragile = fragile
        self._session = session
        self._deed = deed

    @property
    def takes_data(self) -> bool:
        return self._session.role.raw

    def begin(self) -> None:
        self._session.begins(self, self._deed)

    def from_dte(self, data: bytes) -> None:
        self._session.from_dte(data)

    def heard(self, signal: Signal) -> None:
        pass

    def stop(self) -> None:
        self._session.turn = None


class FaxSession:
    """A call, from the first sound of a fax to the hang-up code."""

    def __init__(self, modem: VirtualModem, *, dialled: bool) -> None:
        self.modem = modem
        self.values: FaxSettings = modem.registers.fax_values
        self.dialect: Dialect = self.values.dialect
        self.dialled = dialled
        self.turn: Turn | None = None
        self.outcome: Outcome | None = None
        """How the call ended, before the DTE was told."""
        self._met = False
        """Whether the far end was found to be a fax."""
        self._reason: Status | None = None
        """Why we end the call ourselves."""
        self._busy: Timer | None = None
        self._pages = 0
        self._stuck = False
        self.reports = Reports(modem, self.values)
        self.receiving = Receiving(self)
        self.sending = Sending(self)
        self.role: Receiving | Sending = self.receiving
        self.performer = Performer(
            modem.world,
            modem.phone,
            self._procedure(),
            self._on_event,
            self._ended,
            receiver=modem.receiver,
            watch=self._watch,
        )
        self.values.session_begins()

    def _procedure(self) -> Procedure:
        if self.dialled:
            return calling.decide()
        if self.values.number(HOLDS):
            self.role = self.sending
            return answering.hold_ready(self.settings())
        return answering.answer(self.settings())

    def settings(self, *, poll: bool = False) -> Settings:
        """What T.30 is to offer, or to ask for."""
        settings = self.values.settings(dialled=self.dialled, poll=poll)
        if register := self.modem.quirks.fax.v17_register:
            off = {Family.V17} if self.modem.registers.s.get(register) else set()
            return replace(settings, families=DCS_FAMILIES - off)
        return settings

    # -- the DTE's commands

    def connect(self) -> Turn:
        """ATA and ATD, from where there is something to be heard."""
        if not self.dialled:
            self.modem.uart.speak_at(self.modem.quirks.fax.speed_at_answer)
            self.modem.uart.own_flow = self.modem.quirks.fax.flow_at_answer
        return Turn(self, self.performer.start, fragile=True)

    def receive(self) -> Turn:
        """+FDR."""
        return Turn(self, self._nothing if "+FDR" in self._unanswered else self._receive)

    def send(self) -> Turn:
        """+FDT."""
        return Turn(self, self._send)

    def post_page(self, word: int) -> Turn:
        """+FET."""
        return Turn(self, self._nothing if PAGE_END in self._unanswered else lambda: self.sending.post(word))

    def leave(self) -> Turn:
        """+FK: end the call."""
        return Turn(self, lambda: self.abort(Status.ABORTED))

    def begins(self, turn: Turn, deed: Callable[[], None]) -> None:
        """A turn begins: to do its deed, if the call still stands."""
        self.turn = turn
        if self.outcome is None:
            deed()
        else:
            self._tell_end(self.outcome)

    def from_dte(self, data: bytes) -> None:
        """What the DTE says before the result of its command."""
        understood = self.role.from_dte(data)
        if not understood and self.turn is not None and (self.turn.fragile or CAN in data):
            self.abort(Status.ABORTED)

    def _nothing(self) -> None:
        """A command that nothing comes of: only DTR gets the DTE out of it."""
        self._stuck = True
        self.sending.no_hurry()

    @property
    def _unanswered(self) -> frozenset[str]:
        return self.modem.quirks.fax.never_answers

    def _receive(self) -> None:
        polls = self.role is self.sending and self.sending.undecided and self.values.number(POLLS)
        if self.role is self.sending and not polls:
            self.finish("ERROR")
            return
        self.role = self.receiving
        self.receiving.go_on()
        if polls:
            self.performer.reply(self.settings(poll=True))

    def _send(self) -> None:
        if self.role is self.sending:
            self.sending.go_on()
        else:
            self.finish("ERROR")

    # -- for the roles

    def finish(self, result: str) -> None:
        """The DTE's command is carried out."""
        self.reports.flush()
        if self.turn is not None:
            self.turn = None
            self.modem.complete(result)

    def connect_data(self) -> None:
        """Data are to follow."""
        self.reports.flush()
        self.modem.result("CONNECT")

    def page_begins(self) -> None:
        """A page is on the line, and with it perhaps the modem's fate."""
        self._pages += 1
        fate, page = self.modem.quirks.fax.fate, self.modem.quirks.fax.fate_in_page
        if fate is not None and page == self._pages:
            self.modem.world.call_later(FATE_AFTER, lambda: meet_fate(self, fate))

    def abort(self, reason: Status) -> None:
        """End the call for a reason of our own, politely where that can be."""
        if self.outcome is None and self._reason is None:
            self._reason = reason
            self.receiving.no_more_words()
            self.performer.cancel()

    # -- what happens on the line

    def heard(self, signal: Signal) -> None:
        """The line sounds otherwise from now on."""
        if self._busy is not None:
            self._busy.cancel()
            self._busy = None
        if signal is Tone.BUSY and self.outcome is None:
            self._busy = self.modem.world.call_later(BUSY_HEARD, self.performer.operations.disconnected)

    def dropped(self) -> None:
        """The modem has hung up, whatever we were doing."""
        if self.outcome is None:
            self.outcome = Outcome(Status.ABORTED)
            self.performer.drop()
            self._tidy()
            self.modem.session = None

    def _watch(self, step: Step) -> None:
        """An operation has ended."""
        heard = isinstance(step.answer, Heard) and any(frame.good for frame in step.answer.frames)
        if heard and not self._met:
            self._met = True
            if not self.dialled and self.modem.quirks.fax.connect_at_answer:
                self.connect_data()
            self.reports.say(self.dialect.connected)
        self.reports.trace(step)

    def _on_event(self, event: Event) -> Reply | Later:
        match event:
            case RemoteInfo():
                self.reports.far_end(event, dialled=self.dialled)
                return None
            case Negotiated(parameters):
                self.values.settled = reported(parameters, self.dialect)
                if br := self.modem.quirks.fax.v34:
                    self.values.settled = replace(self.values.settled, br=br)
            case calling.Identified():
                self.role = self.sending
        return self.role.on(event)

    def _ended(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.modem.note(f"the call ends: {outcome.detail}")
        self.role.ended()
        self._tidy()
        self.modem.hang_up()
        if self.turn is not None:
            self._tell_end(outcome)

    def _tidy(self) -> None:
        if self._busy is not None:
            self._busy.cancel()
        self.sending.tidy()
        self.receiving.tidy()
        self.values.session_ends()
        self.modem.uart.speak_at(0)
        self.modem.uart.own_flow = None
        if self.modem.quirks.fax.leaves_class:
            self.modem.registers.fclass = "0"

    def _tell_end(self, outcome: Outcome) -> None:
        quirks = self.modem.quirks.fax
        if self._stuck:
            return
        self.modem.session = None
        self.reports.hung_up(self._end_of(outcome))
        fax = (self._met or self._reason is not None) and not quirks.no_carrier_for_hang_up
        self.reports.flush()
        if fax and quirks.no_ok_after_hang_up:
            self.turn = None
            self.modem.break_off()
        else:
            self.finish("OK" if fax else "NO CARRIER")

    def _end_of(self, outcome: Outcome) -> Status:
        """What the DTE is told of the end."""
        if self._reason is not None:
            return self._reason
        if outcome.status is Status.LINE_DROPPED and not self._met:
            return Status.PHASE_A if self.dialled else Status.RING_NO_HANDSHAKE
        if outcome.status is Status.LINE_DROPPED and self.role is self.sending:
            return Status.SEND_D if self._pages else Status.SEND_B
        return outcome.status


def meet_fate(session: FaxSession, fate: Fate) -> None:
    """Fail in the middle of a page."""
    modem = session.modem
    if session.outcome is not None:
        return
    modem.note(f"the modem {fate.value}")
    match fate:
        case Fate.HANGS_UP:
            session.role.forget_page()
            session.abort(Status.RECEIVE_C if session.role is session.receiving else Status.SEND_C)
        case Fate.RESETS:
            modem.break_off()
            modem.hang_up()
            modem.reset()
            modem.session = None
        case Fate.DIES:
            modem.break_off()
            modem.hang_up()
            modem.dead = True
