"""T.30 in the card: our own procedure on the controller's line, SFF to and from the application.

``FaxLink`` is what the two roles share; ``receiving`` and ``sending`` are the roles.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from faxhw.capi import structures
from faxhw.capi.structures import B3_FAX, FaxOption
from faxhw.session import Event, Negotiated, Outcome, RemoteInfo, Reply, Status
from faxhw.t30 import procedures
from faxhw.terms import Coding, Parameters, Resolution
from faxhw_drivers.sim.capi.model import FaxReason
from faxhw_drivers.sim.capi.protocols import BProtocol
from faxhw_drivers.sim.capi.receiving import Receiving
from faxhw_drivers.sim.capi.sending import Sending
from faxhw_drivers.sim.cng import CallingTone
from faxhw_drivers.sim.performer import Later, Performer, Step
from faxhw_drivers.sim.signals import Carrier
from faxhw_drivers.sim.world import Timer

if TYPE_CHECKING:
    from faxhw_drivers.sim.capi.ncci import Ncci
    from faxhw_drivers.sim.capi.plci import Plci

ANSWER_DELAY = 1.9
"""Seconds of silence before CED (T.30 clause 4.1.1: 1.8 to 2.5 s)."""
FAULT_AFTER = 1.0
"""Seconds of a page after which a fault strikes (``Faults``)."""
_REASONS = {
    Status.NORMAL: FaxReason.NONE,
    Status.ABORTED: FaxReason.LOCAL_ABORT,
    Status.NO_DIS: FaxReason.NOT_G3,
    Status.NO_ANSWER_T1: FaxReason.NOT_G3,
    Status.DCS_NO_REPLY: FaxReason.TRAINING,
    Status.TRAINING_FAILED: FaxReason.TRAINING,
    Status.NO_COMMON_RATE: FaxReason.TRAINING,
    Status.CANNOT_BE_POLLED: FaxReason.UNSUPPORTED,
    Status.RECEIVE_B_BAD_COMMAND: FaxReason.UNSUPPORTED,
    Status.STANDARD_MISMATCH: FaxReason.UNSUPPORTED,
    Status.LINE_DROPPED: FaxReason.REMOTE_ABORT,
    Status.DCN_RECEIVED: FaxReason.REMOTE_ABORT,
    Status.SEND_B_DCN: FaxReason.REMOTE_ABORT,
}
"""What CAPI has for each end of T.30; of all others, that the procedure went wrong."""


class FaxLink:
    """One fax on one call (``Link``)."""

    def __init__(self, plci: Plci, ncci: Ncci, protocol: BProtocol) -> None:
        self.ncci = ncci
        self.world = plci.world
        self.protocol = protocol
        self.pages = 0
        """Pages confirmed."""
        self.parameters: Parameters | None = None
        """What was settled last."""
        self._plci = plci
        self._ident = ""
        self._reason: int | None = None
        """Why we end it ourselves."""
        self._outcome: Outcome | None = None
        self._answers: Timer | None = None
        sends = plci.dialled is not protocol.polls
        self._role = Sending(self) if sends else Receiving(self, hasty=plci.model.hasty)
        make = procedures.sending if sends else procedures.receiving
        procedure = make(protocol.settings(), dialled=plci.dialled)
        self._performer = Performer(
            plci.world,
            plci.line.phone,
            procedure,
            self._on_event,
            self._ended,
            receiver=plci.line.receiver,
            watch=self._watch,
        )
        self._cng = CallingTone(plci.world, plci.line.phone, self._performer.operations)

    @property
    def ncpi(self) -> bytes:
        settled = self.parameters
        if settled is None:
            return b""
        fine = settled.resolution is not Resolution.STANDARD
        options = FaxOption.HIGH_RESOLUTION if fine else FaxOption(0)
        if self.protocol.b3 != B3_FAX:
            options |= FaxOption(0) if settled.ecm else FaxOption.NO_ECM
            options |= FaxOption.NO_MMR if settled.coding is not Coding.MMR else FaxOption(0)
            options |= FaxOption.NO_MR if settled.coding is Coding.MH else FaxOption(0)
        return structures.build(
            structures.FAX_NCPI,
            rate=settled.modulation.rate,
            options=int(options),
            format=structures.SFF_FORMAT,
            pages=self.pages,
            ident=self._ident.encode("ascii", "replace"),
        )

    # -- what the B3 connection asks for

    def start(self) -> None:
        if self._plci.dialled:
            self._performer.start()
            self._cng.start()
        else:
            self._answers = self.world.call_later(ANSWER_DELAY, self._performer.start)

    def write(self, data: bytes, taken: Callable[[], None]) -> None:
        self._role.write(data, taken)

    def drained(self) -> None:
        self._role.drained()

    def finish(self) -> None:
        if not self._role.finish():
            self.abort()

    def abort(self) -> None:
        self.end(FaxReason.LOCAL_ABORT)

    def gone(self) -> None:
        if self._has_begun:
            self._performer.operations.disconnected()
        self._over(FaxReason.REMOTE_ABORT)

    # -- for the roles

    def reply(self, reply: Reply) -> None:
        """The reply to the event that was put off."""
        self._performer.reply(reply)

    def end(self, reason: int) -> None:
        """End the fax for a reason of our own, politely where that can be."""
        if self._reason is not None or self._outcome is not None:
            return
        self._reason = reason
        self._role.cancelled()
        if self._has_begun:
            self._performer.cancel()
        else:
            self._over(reason)

    def end_soon(self, reason: FaxReason) -> None:
        """The same from within an event of the procedure."""
        self.world.call_later(0.0, lambda: self.end(reason))

    def page_begins(self) -> None:
        """A page is on the line, and with it perhaps a fault."""
        faults = self._plci.faults
        if self.pages + 1 != faults.in_page:
            return
        if faults.fax_reason:
            self.world.call_later(FAULT_AFTER, lambda: self.end(faults.fax_reason))
        elif faults.drops and isinstance(self._role, Sending):
            self.world.call_later(FAULT_AFTER, self.drop)

    @property
    def drops_now(self) -> bool:
        """Whether the connection to the application is to be lost in the page that is being delivered."""
        return self._plci.faults.drops and self.pages + 1 == self._plci.faults.in_page

    def drop(self) -> None:
        """Lose the connection to the application, once."""
        self._plci.faults.drops = False
        self._plci.note("the connection to the application is lost")
        self._plci.application.drop()

    # -- what the procedure tells

    @property
    def _has_begun(self) -> bool:
        return self._plci.dialled or self._answers is None or self._answers.action is None

    def _on_event(self, event: Event) -> Reply | Later:
        if isinstance(event, RemoteInfo):
            self._ident = event.ident or self._ident
            return None
        if isinstance(event, Negotiated):
            self.parameters = event.parameters
            self.ncci.ready()
            return None
        return self._role.on(event)

    def _watch(self, step: Step) -> None:
        if isinstance(self._plci.line.receiver.signal, Carrier):
            self._cng.stop()

    def _ended(self, outcome: Outcome) -> None:
        self._outcome = outcome
        self._plci.note(f"the fax ends: {outcome.detail}")
        self._role.ended()
        self._over(_REASONS.get(outcome.status, FaxReason.PROCEDURE))

    def _over(self, reason: int) -> None:
        self._cng.stop()
        if self._answers is not None:
            self._answers.cancel()
        self.ncci.over(reason if self._reason is None else self._reason)
