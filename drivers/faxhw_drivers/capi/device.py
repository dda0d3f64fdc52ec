"""A controller as a device: its calls, and the faxes on them by T.30 in the card or by the software modem."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from faxhw.audio.port import AudioPort
from faxhw.capi import structures
from faxhw.capi.structures import (
    B1_FAX,
    B1_TRANSPARENT,
    B2_FAX,
    B2_TRANSPARENT,
    B3_TRANSPARENT,
    CIP_AUDIO,
    CIP_FAX,
    Profile,
)
from faxhw.clock import Clock
from faxhw.device import CallResult, IncomingCall, SoftLine, SoundDriver, Tap
from faxhw.errors import DeviceError, PortError
from faxhw.finding import load_driver
from faxhw.session import Outcome, Session, Status
from faxhw.t30 import procedures
from faxhw.t30.capabilities import able
from faxhw.t30.line import session
from faxhw.terms import Coding, Settings
from faxhw_drivers.capi.call import Call
from faxhw_drivers.capi.client import RefusedError
from faxhw_drivers.capi.control import CallControl
from faxhw_drivers.capi.faxing import Fax, conduct
from faxhw_drivers.capi.receiving import Receiving
from faxhw_drivers.capi.sending import Sending
from faxhw_drivers.capi.sound import CapiSound
from faxhw_drivers.capi.transports import Transport
from faxhw_drivers.capi.wishes import Mode, Wishes

_B3_WAIT = 10.0
"""Seconds in which a call's sound must be there."""
_B3_OFFER = 0.5
"""Seconds for which the controller may connect an answered call's sound by itself."""
_REASON_WAIT = 1.0
"""Seconds in which a controller that refuses a call's sound tells that the call is over, if that is why."""


class CapiDevice:
    """A controller, for one call at a time (``faxhw.device.Device``)."""

    def __init__(self, name: str, connect: Callable[[], Transport], controller: int, wishes: Wishes) -> None:
        """``connect`` registers, now and whenever the connection was lost. Raises ``DeviceError``."""
        self._name = name
        self._wishes = wishes
        self._modem = cast(SoundDriver, load_driver("dsp"))
        self._calls = CallControl(name, connect, controller, wishes)
        self._line: SoftLine | None = None
        """The software modem, while it is at work."""
        self._tap: Tap | None = None
        self._sound: AudioPort | None = None
        """The sound of the call that stands, as soon as somebody wanted it."""
        try:
            self.profile = self._calls.registration.profile()
            self._b3 = self._fax_protocol(self.profile)
        except BaseException:
            self.close()
            raise

    def _fax_protocol(self, profile: Profile) -> int | None:
        """The B3 protocol of T.30 in the card; ``None``: the software modem. Raises ``DeviceError``."""
        mode, in_card = self._wishes.mode, profile.fax_protocol
        if mode is not Mode.SOUND and in_card is not None:
            return in_card
        if mode is not Mode.CARD and profile.transparent:
            self._modem.modulations()  # better now than on the first call
            return None
        why = {
            Mode.AUTO: "neither runs T.30 nor gives a call's sound; it is of no use for faxes",
            Mode.CARD: "does not run T.30 itself; leave out mode=card",
            Mode.SOUND: "does not give a call's sound; leave out mode=sound",
        }
        raise DeviceError(f"{self._name}: the controller {why[mode]}")

    @property
    def name(self) -> str:
        return self._name

    @property
    def clock(self) -> Clock:
        return self._calls.client.clock

    @property
    def description(self) -> str:
        by = "the software modem" if self._b3 is None else "T.30 in the card"
        return f"CAPI controller {self._calls.registration.controller}, {by}"

    def capabilities(self) -> Settings:
        if self._b3 is not None:
            return Settings(codings=frozenset(Coding), ecm=True, poll=True)
        return able(self._modem.modulations())

    # ------------------------------------------------------------------------------------------------------
    # Call control

    def call_reason(self) -> str:
        """As ``Explaining.call_reason``."""
        return "" if self._calls.reason is None else str(self._calls.reason)

    def wait_for_call(self, timeout: float | None, rings: int = 1) -> IncomingCall | None:
        return self._calls.wait_for_call(timeout, rings)

    def keep_ringing(self) -> bool:
        return self._calls.keep_ringing()

    def answer(self, timeout: float | None) -> CallResult:
        """Take the line: silently where its sound is ours, else when the session starts."""
        self._leave_sound()
        if self._b3 is None:
            return self._tapped(self._calls.answer(_TRANSPARENT, timeout))
        return CallResult.CONNECTED if self._calls.keep_ringing() else CallResult.NO_CARRIER

    def reject(self) -> None:
        self._calls.decline("")

    def decline(self, why: str) -> None:
        """As ``Declining.decline``."""
        self._calls.decline(why)

    def dial(self, number: str, timeout: float | None) -> CallResult:
        self._leave_sound()
        cip = self._wishes.cip or (CIP_AUDIO if self._b3 is None else CIP_FAX)
        b = _TRANSPARENT if self._b3 is None else _any_fax(self._b3)
        return self._tapped(self._calls.dial(number, cip, b, timeout))

    def tap_sound(self, tap: Tap | None) -> None:
        """As ``Sounding.tap_sound``. Raises ``DeviceError`` where the card keeps the sound to itself."""
        if self._b3 is not None:
            raise DeviceError(f"{self._name}: the card runs T.30 itself; open it with mode=sound")
        self._tap = tap

    def _tapped(self, result: CallResult) -> CallResult:
        """Have the sound of a call at once, if somebody wants to hear it."""
        call = self._calls.call
        if self._tap is not None and result is CallResult.CONNECTED and call is not None:
            self._sound_of(call)
        return result

    def hang_up(self) -> None:
        self._leave_sound()
        self._calls.hang_up()

    def check(self) -> None:
        if not self._calls.rings():
            self._calls.look()
            self._calls.registration.mend()

    def line_up(self) -> bool:
        return self._calls.line_up()

    # ------------------------------------------------------------------------------------------------------
    # Sessions

    def receive(self, settings: Settings) -> Session:
        call = self._call_for(settings)
        if self._b3 is None:
            return self._by_sound(call, settings, receives=True)
        fax = Fax(self._calls.client, call, self._b3, self._calls.offer)
        receiving = Receiving(fax, settings)
        return self._in_card(conduct(fax, receiving.steps(polls=call.dialled), receiving.lost))

    def send(self, settings: Settings) -> Session:
        call = self._call_for(settings)
        if self._b3 is None:
            return self._by_sound(call, settings, receives=False)
        fax = Fax(self._calls.client, call, self._b3, self._calls.offer)
        sending = Sending(fax, settings)
        return self._in_card(conduct(fax, sending.steps(polled=not call.dialled), sending.lost))

    def _call_for(self, settings: Settings) -> Call:
        """The call to fax on. Raises ``DeviceError`` if there is none, or for what the card cannot do."""
        call = self._calls.call
        if self._calls.registration.closed:
            raise PortError(f"{self._name}: the device was closed")
        if call is None:
            raise DeviceError(f"{self._name}: there is no call to fax on; answer or dial first")
        if self._b3 is not None and (settings.sub_address or settings.password or settings.selective_polling):
            raise DeviceError(
                f"{self._name}: a card that runs T.30 knows neither sub-addresses nor passwords; "
                "open the device with mode=sound"
            )
        return call

    def _in_card(self, fax: Session) -> Session:
        self._calls.client.take_interrupt()  # what was meant for a session before this one
        self._calls.offer = None
        try:
            return (yield from fax)
        finally:
            self._calls.client.take_interrupt()  # one that came too late must not end the next call's wait

    def _by_sound(self, call: Call, settings: Settings, *, receives: bool) -> Session:
        client = self._calls.client
        client.take_interrupt()  # what was meant for a session before this one
        try:
            sound = self._sound_of(call)
        except PortError as error:
            return Outcome(Status.DEVICE_FAILED, heard_fax=False, line_up=False, detail=str(error))
        if client.take_interrupt():
            return Outcome(
                Status.ABORTED, heard_fax=False, line_up=not call.over, detail="stopped by the script"
            )
        if sound is None:
            code, detail = call.ended_b3 or call.reason or 0, "the call has no sound"
            return Outcome(Status.LINE_DROPPED, False, line_up=False, detail=detail, reason=code)
        line = self._line = self._modem.line_on(sound, calling=call.dialled)
        if client.take_interrupt():  # it came while there was no line yet
            line.cancel()
        make = procedures.receiving if receives else procedures.sending
        try:
            return (yield from session(make(settings, dialled=call.dialled), line))
        except PortError as error:
            return Outcome(Status.DEVICE_FAILED, line_up=False, detail=str(error))
        finally:
            self._line = None
            line.close()

    def _sound_of(self, call: Call) -> AudioPort | None:
        """The call's sound; ``None`` if it has none. Raises ``PortError``."""
        if self._sound is None:
            self._connect_sound(call)
            if call.active and not call.over:
                sound = CapiSound(self._calls.client, call, self._wishes.law)
                self._sound = sound if self._tap is None else self._tap(sound)
        return self._sound

    def _leave_sound(self) -> None:
        sound, self._sound = self._sound, None
        if sound is not None:
            sound.close()

    def _connect_sound(self, call: Call) -> None:
        """Have the call's sound, which the controller may offer by itself."""
        client = self._calls.client
        if not call.dialled:
            client.wait_for(lambda: call.ncci != 0 or call.over, _B3_OFFER)
        if not call.ncci and not call.over:
            try:
                call.ncci = client.request("CONNECT_B3_REQ", plci=call.plci).address
            except RefusedError:
                if not client.wait_for(lambda: call.over, _REASON_WAIT):
                    raise
        client.wait_for(lambda: call.active or call.over, _B3_WAIT)

    def cancel(self) -> None:
        line = self._line
        if line is not None:
            line.cancel()
        else:
            self._calls.client.interrupt()

    def close(self) -> None:
        """As ``Device.close``: the controller ends whatever call there is."""
        self._calls.registration.close()


_TRANSPARENT = structures.build(
    structures.B_PROTOCOL, b1=B1_TRANSPARENT, b2=B2_TRANSPARENT, b3=B3_TRANSPARENT
)


def _any_fax(b3: int) -> bytes:
    """T.30 as the card has it; what is wanted of it is said when the fax begins."""
    return structures.build(
        structures.B_PROTOCOL,
        b1=B1_FAX,
        b2=B2_FAX,
        b3=b3,
        b3_configuration=structures.build(structures.FAX),
    )
