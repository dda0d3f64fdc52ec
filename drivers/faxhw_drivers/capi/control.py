"""Call control on a controller: calls that come in and go out, one at a time, up to the fax.

``call`` is the one that rings or stands, ``offer`` its CONNECT_IND until that is answered: at once where the
call's sound is ours, else by the fax, for only then is it known what the card is to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress

from faxhw.capi import structures
from faxhw.capi.messages import Message
from faxhw.capi.reasons import (
    ACCEPT,
    IGNORE,
    NETWORK,
    REJECT_BUSY,
    REJECT_NO_CHANNEL,
    REJECT_NORMAL,
    Reason,
    reason,
)
from faxhw.clock import Deadline
from faxhw.device import CallResult, IncomingCall
from faxhw.errors import DeviceError, PortError, UsageError
from faxhw_drivers.capi.call import PLCI, Call
from faxhw_drivers.capi.client import Client, RefusedError
from faxhw_drivers.capi.registration import Registration
from faxhw_drivers.capi.transports import Transport
from faxhw_drivers.capi.wishes import Wishes

_RING = 5.0
"""Seconds of ringing that count as one ring: ISDN tells of a call once."""
_LOOK = 60.0
"""Seconds after which, while no call comes, the CAPI is asked whether it is still there: a box that was
switched off says nothing."""
_CLEARING = 10.0
_NUMBER = re.compile(r"\+?[0-9*#]{1,40}")
_MOST_TEXT = 40
_NO_NUMBER = {structures.RESTRICTED: "WITHHELD", structures.UNAVAILABLE: "UNAVAILABLE"}
_DECLINED = {
    "NORMAL": REJECT_NORMAL,
    "BUSY": REJECT_BUSY,
    "NOCHANNELS": REJECT_NO_CHANNEL,
    "UNOBTAINABLE": NETWORK + 1,
    "CHANGED": NETWORK + 22,
    "OUTOFORDER": NETWORK + 27,
    "CONGESTION": NETWORK + 42,
    "BARRED": NETWORK + 57,
}
"""What a caller is told, by the cause for which he is declined."""
_REJECTED = NETWORK + 21


class CallControl:
    """The calls of one registration."""

    def __init__(self, name: str, connect: Callable[[], Transport], controller: int, wishes: Wishes) -> None:
        self.call: Call | None = None
        self.offer: Message | None = None
        self.reason: Reason | None = None
        """Why the last call came to nothing, as far as that was told."""
        self._name = name
        self._wishes = wishes
        self._calls: dict[int, Call] = {}
        """Those of which the controller still has something to say, by their PLCI."""
        self.registration = Registration(name, connect, controller, self._hear, self._lost)

    @property
    def client(self) -> Client:
        return self.registration.client

    # ------------------------------------------------------------------------------------------------------
    # What the controller tells

    def _hear(self, each: Message) -> bool:
        if each.name == "CONNECT_IND":
            self._offered(each)
            return True
        call = self._calls.get(each.address & PLCI)
        known = call is not None and call.hear(each)
        if call is not None and call.reason is not None:
            del self._calls[call.plci]
        return known

    def _offered(self, each: Message) -> None:
        """A call comes in: its caller is alerted, if it is ours; else whoever is there may take it."""
        called = structures.read_number(each.octets("called")).digits
        if self._stands() or not self._wishes.is_ours(called):
            self.client.respond(each, reject=IGNORE)
            return
        self.call = self._calls[each.address] = Call(self.client, each.address, dialled=False)
        self.offer = each
        self.client.say("ALERT_REQ", plci=each.address)

    def _stands(self) -> bool:
        return self.call is not None and self.call.reason is None

    # ------------------------------------------------------------------------------------------------------
    # Incoming calls

    def wait_for_call(self, timeout: float | None, rings: int) -> IncomingCall | None:
        """As ``Device.wait_for_call``."""
        deadline = Deadline(self.client.clock, timeout)
        while True:
            if not self.registration.attend(deadline):
                self.client.take_interrupt()
                return None
            try:
                left = deadline.left()
                rung = self.client.wait_for(self.rings, _LOOK if left is None else min(left, _LOOK))
                if rung and rings > 1:
                    rung = not self.client.wait_for(lambda: not self.rings(), _RING * (rings - 1))
            except PortError as error:
                self.registration.lose(error)
                continue
            if self.client.take_interrupt():
                return None
            if rung and self.offer is not None:
                return self._incoming(self.offer, rings)
            self.forget()
            if deadline.passed():
                return None
            if not rung:
                self.registration.refresh()

    def rings(self) -> bool:
        """Whether a call rings, as far as it was told."""
        return self.offer is not None and self._stands()

    def _incoming(self, offer: Message, rings: int) -> IncomingCall:
        caller = structures.read_number(offer.octets("calling"))
        withheld = _NO_NUMBER.get(caller.presentation, "")
        return IncomingCall(
            call_from="" if withheld else caller.digits[:_MOST_TEXT],
            call_to=structures.read_number(offer.octets("called")).digits[:_MOST_TEXT],
            rings=rings,
            at=self.client.clock.now(),
            fields={"cip": str(offer.integer("cip"))},
            no_number=withheld or ("" if caller.digits else "UNAVAILABLE"),
        )

    def keep_ringing(self) -> bool:
        """As ``Device.keep_ringing``."""
        self.look()
        if not self.rings():
            self.forget()
        return self.call is not None

    def answer(self, b: bytes, timeout: float | None) -> CallResult:
        """Take the call that rings, with a B protocol, and wait until it stands."""
        self.reason = None
        if not self.keep_ringing() or self.offer is None or self.call is None:
            return CallResult.NO_CARRIER
        self.client.respond(self.offer, reject=ACCEPT, b=b)
        self.offer = None
        return self._result(self.call, timeout)

    def decline(self, why: str) -> None:
        """As ``Declining.decline``; empty: rejected."""
        if self.rings() and self.offer is not None:
            self.client.respond(self.offer, reject=_DECLINED.get(why, _REJECTED))
        self.forget()

    # ------------------------------------------------------------------------------------------------------
    # Outgoing calls

    def dial(self, number: str, cip: int, b: bytes, timeout: float | None) -> CallResult:
        """As ``Device.dial``, with a CIP and a B protocol."""
        wanted = re.sub(r"[ ()-]", "", number)
        if not _NUMBER.fullmatch(wanted):
            raise UsageError(
                f"{self._name}: {number!r} cannot be dialled; use digits, *, # and a + before them"
            )
        self.reason = None
        self.look()
        self.registration.mend()
        if self.rings():
            return CallResult.INCOMING
        shown = self._wishes.calling
        try:
            confirmed = self.client.request(
                "CONNECT_REQ",
                controller=self.registration.controller,
                cip=cip,
                called=_called(wanted),
                calling=structures.calling_number(shown) if shown else b"",
                b=b,
            )
        except RefusedError as refused:
            self.reason = refused.reason
            return CallResult(refused.reason.call)
        self.forget()
        self.call = self._calls[confirmed.address] = Call(self.client, confirmed.address, dialled=True)
        return self._result(self.call, timeout)

    def _result(self, call: Call, timeout: float | None) -> CallResult:
        """Wait until a call stands: what became of it. One that does not stand is let go."""
        met = self.client.wait_for(lambda: call.connected or call.reason is not None, timeout)
        if call.connected and call.reason is None:
            return CallResult.CONNECTED
        if not met:
            self.hang_up()
            return CallResult.TIMEOUT
        self.reason = reason(call.reason or 0)
        self.forget()
        return CallResult(self.reason.call)

    # ------------------------------------------------------------------------------------------------------
    # The end

    def hang_up(self) -> None:
        """As ``Device.hang_up``."""
        self.client.take_interrupt()
        call, offer, stands = self.call, self.offer, self._stands()
        self.forget()
        if call is None or not stands or self.registration.lost:
            return
        try:
            if offer is not None:
                self.client.respond(offer, reject=REJECT_NORMAL)
                return
            with suppress(RefusedError):  # it has gone meanwhile
                self.client.request("DISCONNECT_REQ", plci=call.plci)
            if not self.client.wait_for(lambda: call.reason is not None, _CLEARING):
                raise DeviceError(f"{self._name}: the controller does not clear the call")
        except PortError as error:
            self.registration.lose(error)

    def forget(self) -> None:
        """There is no call in hand any more."""
        self.call = self.offer = None

    def line_up(self) -> bool:
        """As ``Device.line_up``."""
        self.look()
        return self._stands()

    def look(self) -> None:
        """Take what has come, without waiting."""
        self.registration.look()

    def _lost(self) -> None:
        """The connection is lost, and every call with it."""
        self._calls.clear()
        self.forget()


def _called(number: str) -> bytes:
    """With a + it is an international number."""
    return b"\x91" + number[1:].encode() if number.startswith("+") else structures.called_number(number)
