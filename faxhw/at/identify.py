"""Asking a modem what it is: gain its attention, learn its fax classes and its name.

Some modems say OK to anything, so an answer counts by its content and not by its OK. Nothing asked here
touches the telephone line, and all of it takes a bounded time even where nobody answers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from faxhw.at import dle
from faxhw.at.chat import Chat
from faxhw.at.profile import Sayings
from faxhw.errors import DeviceError

ATTENTION_WAIT = 0.6
"""Seconds that a modem may take to say OK to AT."""
ASK_WAIT = 3.0
OTHER_SPEEDS = (115200, 19200, 57600, 9600)
"""Tried in this order where the profile's speed brings no answer."""

_CLASS = re.compile(r"\b(\d)-(\d)\b|\b(\d(?:\.\d)?)\b")


@dataclass(frozen=True, slots=True)
class Identity:
    """What a modem says it is."""

    said: Sayings
    classes: tuple[str, ...]
    """Its +FCLASS list; empty if it does not say."""
    credulous: bool
    """It says OK to commands that do not exist."""


def gain_attention(chat: Chat, name: str, speed: int) -> int:
    """Bring the modem to command state, whatever it was left in; at which speed it answers.

    Raises ``DeviceError`` if nobody does.
    """
    chat.accept_numeric(True)
    chat.echoed = False
    if _answers(chat):
        return speed
    chat.port.write(dle.END + dle.CAN)  # a program that died in mid-page leaves the modem waiting for these
    for attempt in (speed, *(each for each in OTHER_SPEEDS if each != speed)):
        chat.port.set_speed(attempt)
        if _answers(chat):
            return attempt
    chat.port.set_speed(speed)
    if chat.echoed:
        raise DeviceError(
            f"{name}: it sends back what it is sent and says nothing else; this is not a modem, "
            "name the port of one"
        )
    raise DeviceError(
        f"{name}: no modem answers; is it switched on and connected, and does no other program use it?"
    )


def _answers(chat: Chat) -> bool:
    return any(chat.command("", ATTENTION_WAIT).ok for _ in range(2))


def ask(chat: Chat, command: str) -> str:
    """What the modem says to a question: its lines, joined by blanks; empty if it refuses."""
    reply = chat.command(command, ASK_WAIT)
    return " ".join(reply.lines) if reply.ok else ""


def identify(chat: Chat, usb: str = "") -> Identity:
    """Ask a modem that listens, echo off and results verbose, who it is. ``usb``: its port's USB id."""
    credulous = chat.command("+FJUNK=?", ASK_WAIT).ok
    return Identity(
        said=Sayings(ati0=ask(chat, "I0"), ati3=ask(chat, "I3"), revision=ask(chat, "+FMR?"), usb=usb),
        classes=classes_in(ask(chat, "+FCLASS=?")),
        credulous=credulous,
    )


def identify_more(chat: Chat, said: Sayings) -> Sayings:
    """Ask a modem that is in class 2, 2.0 or 2.1 for maker, model and revision as well, by either's names."""
    return replace(
        said,
        maker=ask(chat, "+FMFR?") or ask(chat, "+FMI?"),
        model=ask(chat, "+FMDL?") or ask(chat, "+FMM?"),
        revision=ask(chat, "+FREV?") or said.revision,
    )


def classes_in(text: str) -> tuple[str, ...]:
    """The classes in an answer to +FCLASS=?, however it is written: ``0,1,1.0``, ``(0-2)``, ``"0,1"``."""
    found: list[str] = []
    for low, high, single in _CLASS.findall(text.removeprefix("+FCLASS:")):
        found += [single] if single else [str(each) for each in range(int(low), int(high) + 1)]
    return tuple(dict.fromkeys(found))


def numbers_in(text: str) -> tuple[int, ...]:
    """The numbers in an answer such as that to +FRM=?."""
    return tuple(int(each) for each in re.findall(r"\b\d{1,4}\b", text))
