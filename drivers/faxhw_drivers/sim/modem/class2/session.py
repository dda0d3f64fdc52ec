"""One fax call of a modem that runs T.30 itself: our own procedure on its phone, and the DTE's commands.

The events of the procedure are answered when the DTE has spoken. Each command of the DTE is a ``Turn``, which
lasts until its result; between two turns the procedure waits at an event, and so does the far end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from faxhw.session import Event, Negotiated, Outcome, RemoteInfo, Reply, Status
from faxhw.t30 import answering, calling
from faxhw.t30.capabilities import Capabilities
from faxhw.t30.line import Procedure
from faxhw.t32.dialect import TRAINED, Dialect
from faxhw.t32.hangup import code_of
from faxhw.t32.parameters import Subparameters, described, reported
from faxhw_drivers.sim.modem.class2 import reports
from faxhw_drivers.sim.modem.class2.receiving import Receiving
from faxhw_drivers.sim.modem.class2.sending import Sending
from faxhw_drivers.sim.modem.class2.settings import HOLDS, POLLS, FaxSettings
from faxhw_drivers.sim.performer import Later, Performer
from faxhw_drivers.sim.signals import Signal, Tone
from faxhw_drivers.sim.world import Timer

if TYPE_CHECKING:
    from faxhw_drivers.sim.modem.core import VirtualModem

CAN = 0x18
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
        )
        self.values.session_begins()

    def _procedure(self) -> Procedure:
        if self.dialled:
            return calling.decide()
        if self.values.number(HOLDS):
            self.role = self.sending
            return answering.hold_ready(self.values.settings())
        return answering.answer(self.values.settings())

    # -- the DTE's commands

    def connect(self) -> Turn:
        """ATA and ATD, from where there is something to be heard."""
        return Turn(self, self.performer.start, fragile=True)

    def receive(self) -> Turn:
        """+FDR."""
        return Turn(self, self._receive)

    def send(self) -> Turn:
        """+FDT."""
        return Turn(self, self.sending.go_on)

    def post_page(self, word: int) -> Turn:
        """+FET."""
        return Turn(self, lambda: self.sending.post(word))

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

    def _receive(self) -> None:
        polls = self.role is self.sending and self.sending.undecided and self.values.number(POLLS)
        if polls:
            self.role = self.receiving
        self.receiving.go_on()
        if polls:
            self.performer.reply(self.values.settings(poll=True))

    # -- for the roles

    def report(self, name: str, value: str = "") -> None:
        """Tell the DTE something that no command asked for."""
        self.modem.tell(f"{name}:{value}" if value else name)

    def finish(self, result: str) -> None:
        """The DTE's command is carried out."""
        if self.turn is not None:
            self.turn = None
            self.modem.complete(result)

    def numbers(self, numbers: Subparameters) -> str:
        """A list of numbers as the class writes it."""
        return numbers.text(self.dialect)

    def report_settled(self) -> None:
        """What the DCS has settled."""
        if reports.wanted(self.values)[1]:
            self.report(self.dialect.dcs, self.numbers(self.values.settled))

    def report_trained(self) -> None:
        """Our CFR, or the far end's."""
        if self.dialect.base == 10:
            self.report(TRAINED)

    def report_remote(self, name: str, remote: Capabilities) -> None:
        """What the far end can do."""
        if reports.wanted(self.values)[0]:
            self.report(name, self.numbers(described(remote, self.dialect)))

    def abort(self, reason: Status) -> None:
        """End the call for a reason of our own, politely where that can be."""
        if self.outcome is None and self._reason is None:
            self._reason = reason
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

    def _on_event(self, event: Event) -> Reply | Later:
        if not self._met:
            self._met = True
            self.report(self.dialect.connected)
        match event:
            case RemoteInfo():
                for name, value in reports.of_far_end(event, self.values, dialled=self.dialled):
                    self.report(name, value)
                return None
            case Negotiated(parameters):
                self.values.settled = reported(parameters, self.dialect)
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

    def _tell_end(self, outcome: Outcome) -> None:
        status = self._reason if self._reason is not None else outcome.status
        hexadecimal = self.dialect.base == 16
        self.values.hang_up = code_of(status, hexadecimal=hexadecimal)
        self.modem.session = None
        self.report(self.dialect.hung_up, self.values.hang_up)
        self.finish("OK" if self._met or self._reason is not None else "NO CARRIER")
