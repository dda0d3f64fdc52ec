"""From an open port to a modem that is known: at which speed it listens, what it says it is, its profile.

Drivers decide what a modem must be to be theirs; here it is only asked.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from faxhw.at.chat import Chat
from faxhw.at.identify import ASK_WAIT, Identity, gain_attention, identify
from faxhw.at.profile import Profile, Sayings
from faxhw.at.telephone import Telephone
from faxhw.clock import Clock
from faxhw.errors import DeviceError
from faxhw.modem.wishes import Wishes
from faxhw.ports.base import Flow, Port
from faxhw.ports.usb.names import is_name, parse

_ECHO_OFF = "E0V1Q0"


class Meeting:
    """A modem on an open port that gets to be known."""

    def __init__(self, port: Port, clock: Clock, wishes: Wishes, name: str) -> None:
        self.port = port
        self.wishes = wishes
        self.name = name
        self.chat = Chat(port, clock, logging.getLogger(f"faxhw.device.{name}"))
        self.speed = 0
        """At which it was heard last, bits per second on the serial line."""

    def attend(self) -> None:
        """Gain the modem's attention. Raises ``DeviceError`` if nobody answers."""
        self.speed = self._listen_at(self.wishes.first_speed)

    def identify(self) -> Identity:
        """Gain the modem's attention, and ask it who it is. Raises ``DeviceError`` if nobody answers."""
        self.attend()
        return identify(self.chat, _usb_id(self.port.name))

    def adopt(self, profile: Profile) -> Telephone:
        """The telephone behind the modem, now that its profile is known: its speed is that from now on."""
        asked = self.wishes.first_speed
        if self.wishes.speed is None and self.speed == asked != profile.speed:
            self.speed = self._listen_at(profile.speed)
        return Telephone(self.chat, self.name, profile, self.wishes.flow or profile.flow)

    def set_up(self, telephone: Telephone) -> None:
        """Send the profile's set-up, and have the port keep the same flow control."""
        telephone.set_up()
        # XON/XOFF waits until a page is sent: both octets are data in what is received.
        self.port.set_flow(Flow.NONE if telephone.flow is Flow.XON_XOFF else telephone.flow)

    def must_offer(self, identity: Identity, classes: Iterable[str], said: str) -> None:
        """Raise ``DeviceError`` for a modem that names its classes, and has none of these."""
        if identity.classes and not set(classes) & set(identity.classes):
            raise DeviceError(
                f"{self.name}: the modem has no Class {said} fax; it offers classes "
                f"{', '.join(identity.classes)}: use another driver for it"
            )

    def must_be_fax(self, identity: Identity, fclass: str = "") -> None:
        """Raise ``DeviceError`` for what does not name its classes, and is sure to be no fax modem; or does
        not take ``fclass`` either."""
        if identity.classes:
            return
        if identity.credulous:
            raise DeviceError(
                f"{self.name}: it says OK to everything and tells nothing; this is not a fax modem, "
                "name the port of one"
            )
        if fclass and not self.chat.command(f"+FCLASS={fclass}", 5.0).ok:
            raise DeviceError(
                f"{self.name}: the modem knows no fax classes; this is not a fax modem, name the port of one"
            )

    def _listen_at(self, speed: int) -> int:
        """Have the modem listen, echo off and results in words; the speed at which it does."""
        self.port.set_speed(speed)
        answered = gain_attention(self.chat, self.name, speed)
        self.chat.command(_ECHO_OFF, ASK_WAIT)
        self.chat.accept_numeric(False)
        return answered


def described(identity: Identity, profile: Profile, reason: str) -> str:
    """Maker, model and profile in a line."""
    said = identity.said.ati3 or identity.said.ati0 or "unnamed modem"
    return f"{said} (profile {profile.name}: {reason})"


def introduced(said: Sayings) -> dict[str, str]:
    """What a modem said of itself, for a probe's report."""
    known = {"ATI0": said.ati0, "ATI3": said.ati3, "revision": said.revision}
    more = {"maker": said.maker, "model": said.model}
    return known | {name: text for name, text in more.items() if text}


def _usb_id(name: str) -> str:
    if is_name(name):
        return parse(name).usb_id
    from faxhw.ports.discover import usb_id_of  # noqa: PLC0415 - only for paths of devices

    return usb_id_of(name)
