"""Call control for one controller, and the sessions on its calls (``faxhw.device.Device``).

A call in the card's T.30 is taken when the session starts, for only then is it known what the card is to say;
one whose sound we get is taken at once, and silently.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from typing import cast

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
from faxhw.capi.structures import B1_TRANSPARENT, B2_TRANSPARENT, B3_TRANSPARENT, CIP_AUDIO, CIP_FAX, Profile
from faxhw.clock import Clock, Deadline
from faxhw.device import CallResult, IncomingCall, SoftLine, SoundDriver
from faxhw.errors import DeviceError, PortError, UsageError
from faxhw.finding import load_driver
from faxhw.session import Outcome, Session, Status
from faxhw.t30 import procedures
from faxhw.t30.line import session
from faxhw.terms import Coding, PageWidth, Resolution, Settings
from faxhw_drivers.capi.call import Call
from faxhw_drivers.capi.client import Client, RefusedError
from faxhw_drivers.capi.faxing import Fax, conduct
from faxhw_drivers.capi.receiving import Receiving
from faxhw_drivers.capi.sending import Sending
from faxhw_drivers.capi.sound import CapiSound
from faxhw_drivers.capi.transports import Transport
from faxhw_drivers.capi.wishes import Mode, Wishes

_CIP_MASK = sum(1 << cip for cip in (structures.CIP_SPEECH, CIP_AUDIO, structures.CIP_TELEPHONY, CIP_FAX))
_RING = 5.0
"""Seconds of ringing that count as one ring: ISDN tells of a call once."""
_CLEARING = 10.0
_B3_WAIT = 10.0
_B3_OFFER = 0.5
"""Seconds for which an answered call's B3 connection may come by itself."""
_TRIES = 6
"""How often a lost connection is made anew in a wait for a call, each time after twice as long."""
_FIRST_PAUSE = 1.0
_NUMBER = re.compile(r"\+?[0-9*#]{1,40}")
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
_REJECTED = NETWORK + 21


class CapiDevice:
    """A controller, for one call at a time."""

    def __init__(self, name: str, connect: Callable[[], Transport], controller: int, wishes: Wishes) -> None:
        """``connect`` registers anew, now and whenever the connection was lost. Raises ``DeviceError``."""
        self._name = name
        self._connect = connect
        self._controller = controller
        self._wishes = wishes
        self._client = Client(connect())
        self._client.listener = self._hear
        self._listening = self._lost = self._closed = False
        self._calls: dict[int, Call] = {}
        """Those of which the controller still has something to say, by their PLCI."""
        self._call: Call | None = None
        """The call that rings, or stands."""
        self._offer: Message | None = None
        """The CONNECT_IND that is not answered."""
        self._rung_at = 0.0
        self._reason: Reason | None = None
        self._line: SoftLine | None = None
        try:
            self.profile = structures.profile(self._client.profile(controller))
            self._fax = self._fax_protocol(self.profile)
        except BaseException:
            self._client.close()
            raise

    def _fax_protocol(self, profile: Profile) -> int | None:
        """The B3 protocol of T.30 in the card; ``None``: the software modem. Raises ``DeviceError``."""
        mode, in_card = self._wishes.mode, profile.fax_protocol
        if mode is not Mode.SOUND and in_card is not None:
            return in_card
        if mode is not Mode.CARD and profile.transparent:
            return None
        able = {
            Mode.AUTO: "neither runs T.30 nor gives a call's sound; it is of no use for faxes",
            Mode.CARD: "does not run T.30 itself; leave out mode=card",
            Mode.SOUND: "does not give a call's sound; leave out mode=sound",
        }
        raise DeviceError(f"{self._name}: the controller {able[mode]}")

    @property
    def name(self) -> str:
        return self._name

    @property
    def clock(self) -> Clock:
        return self._client.clock

    @property
    def description(self) -> str:
        by = "the software modem" if self._fax is None else "T.30 in the card"
        return f"CAPI controller {self._controller}, {by}"

    def capabilities(self) -> Settings:
        if self._fax is not None:
            return Settings(codings=frozenset(Coding), ecm=True, poll=True)
        return Settings(
            resolutions=frozenset(Resolution),
            codings=frozenset(Coding),
            ecm=True,
            width=PageWidth.A3,
            poll=True,
        )

    def call_reason(self) -> str:
        """As ``Explaining.call_reason``."""
        return "" if self._reason is None else str(self._reason)

    # ------------------------------------------------------------------------------------------------------
    # What the controller tells

    def _hear(self, each: Message) -> bool:
        if each.name == "CONNECT_IND":
            return self._offered(each)
        call = self._calls.get(each.address & 0xFFFF)
        if call is None:
            return False
        known = call.hear(each)
        if call.reason is not None:
            self._calls.pop(call.plci, None)
        return known

    def _offered(self, each: Message) -> bool:
        """A call comes in: it is alerted, if it is ours; whoever else is there may take it if not."""
        called = structures.read_number(each.octets("called")).digits
        if self._call is not None or not self._wishes.is_ours(called):
            self._client.respond(each, reject=IGNORE)
            return True
        self._call = self._calls[each.address] = Call(self._client, each.address, dialled=False)
        self._offer, self._rung_at = each, self.clock.monotonic()
        self._client.say("ALERT_REQ", plci=each.address)
        return True

    # ------------------------------------------------------------------------------------------------------
    # Incoming calls

    def wait_for_call(self, timeout: float | None, rings: int = 1) -> IncomingCall | None:
        deadline = Deadline(self.clock, timeout)
        while True:
            self._attend()
            try:
                rung = self._client.wait_for(self._rings, deadline.left())
                if rung:
                    rung = not self._client.wait_for(lambda: not self._rings(), _RING * (rings - 1))
            except PortError as error:
                self._lose(error)
                continue
            if self._client.take_interrupt():
                return None
            if rung and self._offer is not None:
                return self._incoming(self._offer, rings)
            if deadline.passed():
                return None
            self._forget_call()

    def _rings(self) -> bool:
        return self._offer is not None and self._call is not None and self._call.reason is None

    def _incoming(self, offer: Message, rings: int) -> IncomingCall:
        caller = structures.read_number(offer.octets("calling"))
        no_number = {structures.RESTRICTED: "WITHHELD", structures.UNAVAILABLE: "UNAVAILABLE"}
        withheld = no_number.get(caller.presentation & 0xE0, "")
        return IncomingCall(
            call_from="" if withheld else caller.digits[:40],
            call_to=structures.read_number(offer.octets("called")).digits[:40],
            rings=rings,
            at=self.clock.now(),
            fields={"cip": str(offer.integer("cip"))},
            no_number=withheld or ("" if caller.digits else "UNAVAILABLE"),
        )

    def keep_ringing(self) -> bool:
        self._look()
        if not self._rings():
            self._forget_call()
        return self._call is not None

    def answer(self, timeout: float | None) -> CallResult:
        """Take the line: silently where its sound is ours, else when the session starts."""
        self._reason = None
        if not self.keep_ringing() or self._offer is None or self._call is None:
            return CallResult.NO_CARRIER
        if self._fax is not None:
            return CallResult.CONNECTED
        offer, self._offer = self._offer, None
        self._client.respond(offer, reject=ACCEPT, b=_transparent())
        return self._connected(self._call, timeout)

    def reject(self) -> None:
        self.decline("")

    def decline(self, why: str) -> None:
        """As ``Declining.decline``."""
        offer, self._offer = self._offer, None
        if offer is not None and self._call is not None and self._call.reason is None:
            self._client.respond(offer, reject=_DECLINED.get(why, _REJECTED))
        self._forget_call()

    # ------------------------------------------------------------------------------------------------------
    # Outgoing calls

    def dial(self, number: str, timeout: float | None) -> CallResult:
        wanted = re.sub(r"[ ()-]", "", number)
        if not _NUMBER.fullmatch(wanted):
            raise UsageError(
                f"{self._name}: {number!r} cannot be dialled; use digits, *, # and a + before them"
            )
        self._reason = None
        self._mend()
        self._look()
        if self._rings():
            return CallResult.INCOMING
        try:
            confirmed = self._client.request(
                "CONNECT_REQ",
                controller=self._controller,
                cip=self._wishes.cip or (CIP_AUDIO if self._fax is None else CIP_FAX),
                called=_called(wanted),
                calling=structures.calling_number(self._wishes.calling) if self._wishes.calling else b"",
                b=_transparent() if self._fax is None else _any_fax(self._fax),
            )
        except RefusedError as refused:
            self._reason = refused.reason
            return CallResult(refused.reason.call)
        call = self._call = self._calls[confirmed.address] = Call(
            self._client, confirmed.address, dialled=True
        )
        self._offer = None
        return self._connected(call, timeout)

    def _connected(self, call: Call, timeout: float | None) -> CallResult:
        """Wait until a call stands: what became of it. One that does not stand is let go."""
        met = self._client.wait_for(lambda: call.connected or call.reason is not None, timeout)
        if call.connected and call.reason is None:
            return CallResult.CONNECTED
        if not met:
            self._client.take_interrupt()
            self.hang_up()
            return CallResult.TIMEOUT
        self._reason = reason(call.reason or 0)
        self._forget_call()
        return CallResult(self._reason.call)

    # ------------------------------------------------------------------------------------------------------
    # The line

    def hang_up(self) -> None:
        self._client.take_interrupt()
        call, offer = self._call, self._offer
        self._forget_call()
        if call is None or call.reason is not None or self._lost:
            return
        try:
            if offer is not None:
                self._client.respond(offer, reject=REJECT_NORMAL)
                return
            with suppress(RefusedError):  # it has gone meanwhile
                self._client.request("DISCONNECT_REQ", plci=call.plci)
            if not self._client.wait_for(lambda: call.reason is not None, _CLEARING):
                raise DeviceError(f"{self._name}: the controller does not clear the call")
        except PortError as error:
            self._lose(error)

    def _forget_call(self) -> None:
        self._call = self._offer = None

    def check(self) -> None:
        if not self._rings():
            self._mend()
            self._look()
            self._mend()

    def line_up(self) -> bool:
        self._look()
        return self._call is not None and self._call.reason is None

    def _look(self) -> None:
        """Take what has come, without waiting; a lost connection is only noted."""
        if not self._lost:
            try:
                self._client.look()
            except PortError as error:
                self._lose(error)

    # ------------------------------------------------------------------------------------------------------
    # The connection to the CAPI

    def _lose(self, error: PortError) -> None:
        """The connection is lost, and with it the call."""
        if self._closed:
            raise error
        self._client.log.warning("%s: the connection to the CAPI is lost: %s", self._name, error)
        self._lost = True
        self._client.close()
        self._calls.clear()
        self._forget_call()

    def _mend(self) -> None:
        """Register anew if the connection was lost. Raises ``DeviceError``."""
        if not self._lost:
            return
        if self._closed:
            raise PortError(f"{self._name}: the device was closed")
        interrupted = self._client.interrupted
        client = Client(self._connect())
        client.listener = self._hear
        self._client, self._lost = client, False
        if interrupted:
            client.interrupt()
        self._client.log.info("%s: connected to the CAPI again", self._name)
        if self._listening:
            self._listen()

    def _listen(self) -> None:
        self._client.request("LISTEN_REQ", controller=self._controller, cip_mask=_CIP_MASK)
        self._listening = True

    def _attend(self) -> None:
        """Be told of calls, over a connection that is made anew as often as makes sense."""
        pause = _FIRST_PAUSE
        for tries in range(_TRIES):
            try:
                self._mend()
                if not self._listening:
                    self._listen()
            except RefusedError:
                raise
            except DeviceError as error:
                if self._closed or tries == _TRIES - 1:
                    raise
                if isinstance(error, PortError) and not self._lost:
                    self._lose(error)
                self._client.log.warning("%s; once more in %.0f s", error, pause)
                self.clock.sleep(pause)
                pause *= 2
            else:
                return

    # ------------------------------------------------------------------------------------------------------
    # Sessions

    def receive(self, settings: Settings) -> Session:
        call = self._ready(settings)
        if self._fax is None:
            return self._by_sound(call, settings, receives=True)
        fax = Fax(self._client, call, self._fax, self._offer)
        receiving = Receiving(fax, settings)
        return self._in_card(lambda: conduct(fax, receiving.steps(polls=call.dialled), receiving.lost))

    def send(self, settings: Settings) -> Session:
        call = self._ready(settings)
        if self._fax is None:
            return self._by_sound(call, settings, receives=False)
        fax = Fax(self._client, call, self._fax, self._offer)
        sending = Sending(fax, settings)
        return self._in_card(lambda: conduct(fax, sending.steps(polled=not call.dialled), sending.lost))

    def _ready(self, settings: Settings) -> Call:
        if self._closed or self._call is None:
            raise DeviceError(f"{self._name}: there is no call to fax on; answer or dial first")
        if self._fax is not None and (
            settings.sub_address or settings.password or settings.selective_polling
        ):
            raise DeviceError(
                f"{self._name}: a card that runs T.30 knows neither sub-addresses nor passwords; "
                "open the device with mode=sound"
            )
        return self._call

    def _in_card(self, make: Callable[[], Session]) -> Session:
        self._client.take_interrupt()  # what was meant for a session before this one
        offer, self._offer = self._offer, None
        try:
            outcome = yield from make()
        finally:
            self._client.take_interrupt()
        if outcome.status is Status.DEVICE_FAILED and offer is None:
            self._look()
        return outcome

    def _by_sound(self, call: Call, settings: Settings, *, receives: bool) -> Session:
        driver = cast(SoundDriver, load_driver("dsp"))
        try:
            self._open_sound(call)
        except PortError as error:
            self._lose(error)
            return Outcome(Status.DEVICE_FAILED, heard_fax=False, line_up=False, detail=str(error))
        if not call.active or call.over:
            return Outcome(
                Status.LINE_DROPPED,
                heard_fax=False,
                line_up=False,
                detail="the call is gone",
                reason=call.reason or 0,
            )
        sound = CapiSound(self._client, call, self._wishes.law)
        line = self._line = driver.line_on(sound, calling=call.dialled)
        make = procedures.receiving if receives else procedures.sending
        try:
            return (yield from session(make(settings, dialled=call.dialled), line))
        finally:
            self._line = None
            line.close()
            sound.close()
            if sound.lost:
                self._client.log.warning("%s: %d samples came late and were lost", self._name, sound.lost)

    def _open_sound(self, call: Call) -> None:
        """Have the call's sound, which the controller may offer by itself."""
        if call.active:
            return
        if not call.dialled:
            self._client.wait_for(lambda: call.ncci != 0 or call.over, _B3_OFFER)
        if not call.ncci and not call.over:
            call.ncci = self._client.request("CONNECT_B3_REQ", plci=call.plci).address
        self._client.wait_for(lambda: call.active or call.over, _B3_WAIT)

    def cancel(self) -> None:
        line = self._line
        if line is not None:
            line.cancel()
        else:
            self._client.interrupt()

    def close(self) -> None:
        """As ``Device.close``: the controller ends whatever calls the application has."""
        if not self._closed:
            self._closed = True
            self._client.close()


def _transparent() -> bytes:
    return structures.build(structures.B_PROTOCOL, b1=B1_TRANSPARENT, b2=B2_TRANSPARENT, b3=B3_TRANSPARENT)


def _any_fax(b3: int) -> bytes:
    """T.30 as the card has it; what we want of it is said when the fax begins."""
    return structures.build(
        structures.B_PROTOCOL,
        b1=structures.B1_FAX,
        b2=structures.B2_FAX,
        b3=b3,
        b3_configuration=structures.build(structures.FAX),
    )


def _called(number: str) -> bytes:
    """With a + it is an international number."""
    return b"\x91" + number[1:].encode() if number.startswith("+") else structures.called_number(number)
