"""Voice class: the line taken without a sound, and an event for each thing that is heard on it (V.253)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from faxhw_drivers.sim.exchange import Hook
from faxhw_drivers.sim.modem.action import Action
from faxhw_drivers.sim.modem.basic import Handler, number
from faxhw_drivers.sim.modem.commandline import BadCommand, Command
from faxhw_drivers.sim.signals import Digit, Signal, Tone
from faxhw_drivers.sim.world import Timer

if TYPE_CHECKING:
    from faxhw_drivers.sim.modem.core import VirtualModem

VOICE_CLASS = "8"
SILENCE_AFTER = 5.0
"""Seconds of silence that are told of (+VSD=…,50)."""
_EVENTS: Mapping[Signal, str] = {
    Tone.CNG: "c",
    Tone.CED: "a",
    Tone.DATA: "e",
    Tone.VOICE: "V",
    Tone.BUSY: "b",
    Tone.DIALTONE: "d",
    Tone.RINGBACK: "r",
}
QUIET, NOBODY = "q", "s"
"""Silence after a voice, and where nobody has said anything."""


class VoiceEvents:
    """What a modem says of the line while it is in voice class and off hook."""

    def __init__(self, modem: VirtualModem) -> None:
        self._modem = modem
        self._voice_heard = False
        self._silence: Timer | None = None

    def begin(self) -> None:
        """The line is listened to from now on."""
        self._voice_heard = False
        self.heard(self._modem.receiver.signal)

    def heard(self, signal: Signal) -> None:
        """The line sounds otherwise from now on."""
        self.stop()
        modem = self._modem
        if modem.registers.fclass != VOICE_CLASS or modem.phone.state in (Hook.IDLE, Hook.RINGING):
            return
        self._voice_heard |= signal is Tone.VOICE
        if signal is Tone.SILENCE:
            event = QUIET if self._voice_heard else NOBODY
            self._silence = modem.world.call_later(SILENCE_AFTER, lambda: self._say(event))
        elif isinstance(signal, Digit):
            self._say(*(f"/{signal.digit}~" if modem.quirks.frames_digits else signal.digit))
        elif signal in _EVENTS:
            self._say(_EVENTS[signal])

    def stop(self) -> None:
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None

    def _say(self, *events: str) -> None:
        for event in events:
            if event not in self._modem.quirks.deaf_to:
                self._modem.to_dte(b"\x10" + event.encode())


def _line(modem: VirtualModem, command: Command) -> Action | None:
    if modem.registers.fclass != VOICE_CLASS:
        raise BadCommand(command.name)
    if number(command, 1):
        modem.take_line()
        modem.voice.begin()
    else:
        modem.hang_up()
    return None


VOICE: dict[str, Handler] = {"+VLS": _line}
"""Commands by name."""
