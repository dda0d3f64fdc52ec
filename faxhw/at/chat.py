"""The conversation with a modem: commands out, results and lines in, shielded data both ways.

One thread at a time talks; ``interrupt`` may come from any. The chat knows whether a command is outstanding,
and so whether a line such as ``+FRH:3`` or ``NO CARRIER`` ends it or came by itself; what comes by itself
goes to the listener. It knows nothing of profiles, calls or frames. Commands and lines are traced, and are
free of control characters; data is not.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from faxhw.at import dle
from faxhw.at.replies import Lines, Result, result_of
from faxhw.clock import Clock, Deadline
from faxhw.ports.base import Port

ABORT_WAIT = 0.2
"""Seconds a modem is given to say OK to a CAN (T.31 says nothing of how long it may take)."""
_LATE_WAIT = 0.1
_PIECE = 1024
_PIECE_SECONDS = 0.25
"""Octets of data that are gathered, or seconds for which, before they are handed on."""
MAX_LINES = 100
"""Lines of one reply that are kept."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a command brought."""

    result: Result | None
    """``None``: nothing within the time, or the wait was interrupted."""
    lines: tuple[str, ...] = ()
    """The lines before the result, echo removed."""
    text: str = ""
    """The result as the modem wrote it."""

    @property
    def ok(self) -> bool:
        return self.result is Result.OK


class Chat:
    """A modem on a port."""

    def __init__(self, port: Port, clock: Clock, log: logging.Logger) -> None:
        self.port = port
        self.clock = clock
        self.log = log
        self.listener: Callable[[str], bool] = lambda line: False
        """Told each line; True if it came by itself and is no part of a command's reply."""
        self._lines = Lines()
        self._echo = ""
        self.echoed = False
        """Whether the other end ever sent a command back."""
        self.quiet_at = clock.monotonic()
        """The last moment at which nothing unread was there: what the listener is told came after it."""
        self._data: dle.Unshield | None = None
        self._first = b""
        self._interrupted = False

    # ------------------------------------------------------------------------------------------------------
    # Interruption

    def interrupt(self) -> None:
        """End the wait under way, or the next one. From any thread."""
        self._interrupted = True
        self.port.wake()

    @property
    def interrupted(self) -> bool:
        return self._interrupted

    def take_interrupt(self) -> bool:
        """Whether somebody interrupted since the last time this was asked."""
        was, self._interrupted = self._interrupted, False
        return was

    # ------------------------------------------------------------------------------------------------------
    # Commands and results

    def command(
        self,
        text: str,
        timeout: float | None,
        interruptible: bool = False,
        ends: frozenset[str] = frozenset(),
    ) -> Reply:
        """Send ``AT`` and ``text``, and wait for the result. What came before is the listener's."""
        self.listen(0.0)
        self.send(text)
        return self.result(timeout, interruptible, ends)

    def send(self, text: str) -> None:
        """Send a command without waiting for its result."""
        self._echo = "AT" + text
        self.port.write(self._echo.encode("ascii") + b"\r")
        if self.log.isEnabledFor(logging.DEBUG):
            self.log.debug("> %s", self._echo)

    def result(
        self, timeout: float | None, interruptible: bool = False, ends: frozenset[str] = frozenset()
    ) -> Reply:
        """Wait for the result of what was sent last. ``ends``: lines that end the wait, and are no result."""
        deadline = Deadline(self.clock, timeout)
        lines: list[str] = []
        expired = False
        while True:
            while (line := self._lines.next()) is not None:
                found = self._heard(line, lines)
                if found is not None or line in ends:
                    return Reply(found, tuple(lines), line)
            if expired or (interruptible and self._interrupted):
                return Reply(None, tuple(lines))
            self._lines.feed(self._read(deadline.left()))
            expired = deadline.passed()

    def _heard(self, line: str, lines: list[str]) -> Result | None:
        """The result that this line is, if it ends the command; else it is kept, or the listener's."""
        if self.log.isEnabledFor(logging.DEBUG):
            self.log.debug("< %s", line)
        result = result_of(line, self._lines.numeric)
        if result is not None and result is not Result.RING:
            return result
        if line == self._echo:
            self.echoed = True
        elif not self.listener(line) and len(lines) < MAX_LINES:
            lines.append(line)
        return None

    def listen(self, timeout: float | None) -> bool:
        """Wait, no command outstanding, until something was heard and told to the listener.

        False if nothing came in time, or the wait was interrupted. 0.0 looks without waiting.
        """
        deadline = Deadline(self.clock, timeout)
        expired = heard = False
        while True:
            while (line := self._lines.next()) is not None:
                self.log.debug("< %s", line)
                self.listener(line)
                heard = True
            if heard or expired or (self._interrupted and timeout != 0.0):
                return heard
            self._lines.feed(self._read(deadline.left()))
            expired = deadline.passed()

    def _read(self, timeout: float | None) -> bytes:
        received = self.port.read(timeout)
        if timeout != 0.0 or not received:  # who waits has read all that was there before
            self.quiet_at = self.clock.monotonic()
        return received

    def accept_numeric(self, on: bool) -> None:
        """Whether bare digits may be results: before the modem has been told V1."""
        self._lines.numeric = on

    # ------------------------------------------------------------------------------------------------------
    # Data

    def write_data(self, octets: bytes, end: bool = False) -> None:
        """Send octets shielded, and after them the end of the data if they are the last."""
        self.port.write(dle.shield(octets) + dle.END if end else dle.shield(octets))

    def await_octet(self, wanted: bytes, timeout: float) -> bool:
        """Wait for an octet that the modem sends before it takes data; False if it does not come."""
        deadline = Deadline(self.clock, timeout)
        received = self._lines.take_rest()
        while wanted not in received and not deadline.passed() and not self._interrupted:
            received += self._read(deadline.left())
        before, found, after = received.partition(wanted)
        self._lines.feed(before + after)
        return bool(found)

    def begin_data(self, keep_lone_dle: bool) -> None:
        """What follows the CONNECT just received is data."""
        self._data = dle.Unshield(keep_lone_dle)
        self._first = self._lines.take_rest()

    def read_data(self, timeout: float | None, interruptible: bool = False) -> bytes | None:
        """The next octets; ``b""`` on time-out or interruption, ``None`` once the data has ended."""
        data = self._data
        if data is None:
            return None
        deadline = Deadline(self.clock, timeout)
        received, self._first = self._first, b""
        expired = False
        while True:
            octets = data.feed(received)
            if data.ended:
                self._data = None
                self._lines.feed(data.rest)
            if octets:
                return octets
            if data.ended:
                return None
            if expired or (interruptible and self._interrupted):
                return b""
            received = self._read(deadline.left())
            expired = deadline.passed()

    def gather_data(self, timeout: float) -> bytes | None:
        """As ``read_data``, interruptible; several hundred octets together, where they come."""
        gathered = bytearray()
        deadline = Deadline(self.clock, timeout)
        while (piece := self.read_data(deadline.left(), interruptible=True)) is not None:
            if not piece:
                break
            if not gathered:
                deadline = Deadline(self.clock, _PIECE_SECONDS)
            gathered += piece
            if len(gathered) >= _PIECE:
                break
        return bytes(gathered) or piece

    def abort(self, give_can: bool = True) -> bool:
        """Leave whatever the modem is doing for command state; False if it does not say that it has."""
        if give_can:
            for way_out in (dle.CAN, dle.END):  # the first out of receiving, the second out of sending
                self.port.write(way_out)
                self.log.debug("> %s", way_out.hex())
                if self._skip_data(ABORT_WAIT) and self.result(ABORT_WAIT).result is not None:
                    return True
        else:
            self.clock.sleep(ABORT_WAIT)
        self._data = None
        self.port.discard_input()
        self._lines.take_rest()
        answers = any(self.command("", 0.5).ok for _ in range(2))
        self.listen(_LATE_WAIT)  # an OK to the CAN that comes only now must not answer the next command
        return answers

    def _skip_data(self, timeout: float) -> bool:
        """Read data away until it ends; False if it does not."""
        deadline = Deadline(self.clock, timeout)
        while self._data is not None and not deadline.passed():
            self.read_data(deadline.left())
        return self._data is None
