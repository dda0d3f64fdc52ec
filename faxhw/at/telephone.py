"""The telephone behind a modem's commands: set-up, rings and caller ID, dialling, hanging up.

Everything that differs between modems comes from the profile. What is lost by a reset or a drop of DTR is
sent again from one list. Fax classes and T.30 are not known here; a driver stands above.
"""

from __future__ import annotations

from faxhw.at.caller_id import CallerId, is_ring, read_line
from faxhw.at.chat import Chat, Reply
from faxhw.at.identify import gain_attention
from faxhw.at.profile import Profile, Step
from faxhw.at.replies import Result, result_of
from faxhw.clock import Deadline
from faxhw.errors import DeviceError
from faxhw.ports.base import Flow

_MORE_CALLER_ID = 0.3
"""Seconds after a caller's number for which its name may follow."""
_DIAL_ABORT_WAIT = 3.0


class Telephone:
    """One telephone line."""

    def __init__(self, chat: Chat, name: str, profile: Profile, flow: Flow) -> None:
        self._chat = chat
        self._clock = chat.clock
        self.name = name
        self.profile = profile
        self.flow = flow
        self._rings = _Rings(profile.ring_gap)
        self._has_caller_id = False
        chat.listener = self._overhear

    def _overhear(self, line: str) -> bool:
        return self._rings.hear(line, self._clock.monotonic())

    # ------------------------------------------------------------------------------------------------------
    # Set-up

    def set_up(self) -> None:
        """Send the whole set-up. Raises ``DeviceError`` if the modem refuses what it must not."""
        self._chat.accept_numeric(True)
        for step in self.profile.steps(self.flow):
            self._take(step)
            self._chat.accept_numeric(False)  # the first line has turned verbose results on
        if self.profile.caller_id:
            self._has_caller_id = self._take(Step.of("?" + self.profile.caller_id))

    def _take(self, step: Step) -> bool:
        for choice in step.choices:
            reply = self._chat.command(choice, self.profile.command_timeout)
            if reply.result is None:
                raise DeviceError(f"{self.name}: the modem does not answer AT{choice}; switch it off and on")
            if reply.ok:
                return True
        if not step.optional:
            raise DeviceError(
                f"{self.name}: the modem refuses AT{step.choices[-1]}; "
                f"is profile {self.profile.name} the right one for it?"
            )
        return False

    # ------------------------------------------------------------------------------------------------------
    # Calls that come in

    def wait_for_ring(self, timeout: float | None, rings: int) -> tuple[CallerId, int] | None:
        """Wait for so many rings; caller ID and rings heard. ``None`` on time-out or interruption."""
        deadline = Deadline(self._clock, timeout)
        while not self._chat.take_interrupt():
            still_rings_for = self._rings.left(self._clock.monotonic())
            if still_rings_for and self._rings.count >= rings:
                found = self._with_caller_id()
                return None if self._chat.take_interrupt() else found
            if not still_rings_for and deadline.passed():
                return None
            self._chat.listen(still_rings_for or deadline.left())
        return None

    def _with_caller_id(self) -> tuple[CallerId, int]:
        """What is known of the call, once caller ID has come, or can come no more."""
        rings, caller = self._rings, self._rings.caller
        heard = rings.count
        if self._has_caller_id:
            deadline = Deadline(self._clock, self.profile.caller_id_wait)
            while not caller.call_from and rings.count == heard and self._chat.listen(deadline.left()):
                pass
            if caller and rings.count == heard:
                while self._chat.listen(_MORE_CALLER_ID):
                    pass
        return caller, rings.count

    def is_ringing(self) -> bool:
        """Whether the call that rang is still there, as far as the time since its last ring tells."""
        self._chat.listen(0.0)
        return self._rings.left(self._clock.monotonic()) > 0

    def ignore_call(self) -> None:
        """Let the call that rings go on ringing, and never report it again."""
        self._rings.ignored = True

    def lift(self) -> bool:
        """Take the line without a sound; False if the profile knows no way, or the modem refuses."""
        command = self.profile.silent_answer
        if not command or not self._chat.command(command, self.profile.command_timeout).ok:
            return False
        self._rings.forget()
        return True

    # ------------------------------------------------------------------------------------------------------
    # Calls that go out, and the end of any call

    def dial(self, number: str, timeout: float | None) -> Reply:
        """Call a number and wait for the result; without one in time, the attempt is given up."""
        command = ("D" if number[:1].upper() in {"T", "P"} else self.profile.dial) + number
        reply = self._chat.command(command, timeout, interruptible=True)
        if reply.result is None:
            self._chat.port.write(b"\r")  # any character ends a dialling modem's patience
            self._chat.result(_DIAL_ABORT_WAIT)
            self.hang_up()
        return reply

    def hang_up(self) -> None:
        """Release the line, by stronger and stronger means. Raises ``DeviceError`` if none of them works."""
        self._rings.forget()
        if self._released():
            return
        self._chat.abort()
        if self._released():
            return
        self.reset()

    def _released(self) -> bool:
        reply = self._chat.command(self.profile.hang_up, self.profile.command_timeout)
        return reply.result is not None

    def reset(self) -> None:
        """Drop DTR, bring the modem back to command state, and set it up again."""
        port = self._chat.port
        port.set_dtr(False)
        self._clock.sleep(self.profile.dtr_drop)
        port.set_dtr(True)
        self._clock.sleep(self.profile.reset_delay)
        port.discard_input()
        gain_attention(self._chat, self.name, self.profile.speed)
        self._chat.command(self.profile.hang_up, self.profile.command_timeout)
        self.set_up()


class _Rings:
    """The call that rings: how often, since when, whose it is. Caller ID may come before the first ring."""

    def __init__(self, gap: float) -> None:
        self._gap = gap
        self._heard_at = 0.0
        self.count = 0
        self.caller = CallerId()
        self.ignored = False

    def hear(self, line: str, now: float) -> bool:
        """Learn from a line that came by itself; False if it says nothing of a call."""
        if now - self._heard_at >= self._gap:
            self.forget()
        if result_of(line) is Result.NO_CARRIER:
            self.forget()
            return True
        told = read_line(line, self.caller, ringing=self.count > 0)
        rang = is_ring(line)
        if told or rang:
            self._heard_at = now
            self.count += rang
        return told or rang

    def left(self, now: float) -> float:
        """Seconds until the call that rings counts as gone; 0.0 if none rings, or it is ignored."""
        if self.count == 0 or self.ignored:
            return 0.0
        return max(0.0, self._heard_at + self._gap - now)

    def forget(self) -> None:
        self.count, self.caller, self.ignored = 0, CallerId(), False
