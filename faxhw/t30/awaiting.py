"""What a receiving end waits for: a page's carrier, or the command that comes in its place or after it.

These are the "command received?" boxes of T.30 figure 5-2b, phases C and D.
"""

from __future__ import annotations

from faxhw.session import Status
from faxhw.t30.dialogue import (
    GLANCE,
    MOMENT,
    PAGE_PATIENCE,
    T2,
    TRIES,
    Dialogue,
    Missing,
    Steps,
)
from faxhw.t30.frames import Fcf, Message
from faxhw.t30.line import CarrierLost, Data, OtherCarrier, Pause, ReceivePage
from faxhw.terms import Modulation

ECHO_NEAR, ECHO_FAR = 0.4, 1.3
"""Seconds after the end of our word for which it may still be coming back: over land, and by satellite. A
page follows the echo too closely to be caught by who listens for V.21 then. While the echo may be a near one
we do not, and miss nobody: the preamble of who has begun to speak lasts longer."""
ECHO_REST = 0.02
"""Seconds between looks at what may be an echo: within the silence that goes before the page."""


class Awaiting:
    """Waits for pages and for commands of some kinds."""

    def __init__(self, line: Dialogue, expected: frozenset[Fcf]) -> None:
        self._line = line
        self._expected = expected

    def expects(self, heard: object) -> bool:
        """Whether it is one of the commands, and not what came in its place."""
        return isinstance(heard, Message) and heard.fcf in self._expected

    def page_or_command(self, modulation: Modulation, *, short_training: bool) -> Steps[Data | Message]:
        """A page's first octets, or the command that comes in its place, within T2; else the call ends."""
        line, began = self._line, self._line.now
        short, strayed = short_training and modulation.has_short_training, False
        while (left := T2 - (line.now - began)) > MOMENT:
            heard = yield from line.do(ReceivePage(modulation, left, short_training=short))
            if isinstance(heard, Data):
                line.said = ()
                return heard
            echo = isinstance(heard, OtherCarrier) and line.now - line.said_at <= ECHO_FAR
            if isinstance(heard, CarrierLost):  # it came and went, and could not be trained on
                line.stray_carrier = True
            command: Message | Missing = Missing.ECHO
            if not echo:
                command = yield from line.command(GLANCE, patience=PAGE_PATIENCE)
            elif line.now - line.said_at > ECHO_NEAR:
                command = yield from line.command(GLANCE, at_once=True)
            if isinstance(command, Message) or not echo:
                line.stray_carrier = line.stray_carrier or strayed
                if isinstance(command, Message) and self.expects(command):
                    return command
                if command is not Missing.SILENCE or line.stray_carrier:
                    return (yield from self.command(arrived=False))
            else:
                strayed = strayed or command is Missing.OTHER_CARRIER  # an echo's end, or a page's beginning
                yield from line.do(Pause(ECHO_REST))
        line.end(Status.T2_NO_PAGE, f"T2: no page within {T2:.0f} s", line_up=False)

    def command(self, *, arrived: bool) -> Steps[Message]:
        """A command, within T2, of a page that ``arrived`` or was missed; else the call ends."""
        line = self._line
        for asked in range(TRIES + 1):
            heard = yield from line.command(T2, patience=PAGE_PATIENCE)
            if isinstance(heard, Message) and self.expects(heard):
                return heard
            if heard is Missing.SILENCE or heard is Missing.OTHER_CARRIER:
                break
            if arrived and asked < TRIES:  # without a page before it, the page may follow: nothing is said
                yield from line.say((Fcf.CRP, b""))
        line.end(
            Status.RECEIVE_D_NO_COMMAND if arrived else Status.T2_NO_PAGE,
            f"T2: no command within {T2:.0f} s of the {'page' if arrived else 'carrier'}'s end",
            line_up=heard is not Missing.SILENCE,
        )
