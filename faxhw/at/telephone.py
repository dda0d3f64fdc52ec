"""The telephone behind a modem's commands: set-up, rings and caller ID, dialling, hanging up.

Everything that differs between modems comes from the profile. What is lost by a reset or a drop of DTR is
sent again from one list. Fax classes and T.30 are not known here; a driver stands above.
RI is not looked at: no port tells of it by itself, and every make that is known says RING.
"""

from __future__ import annotations

from collections.abc import Callable

from faxhw.at.caller_id import CallerId
from faxhw.at.chat import Chat, Reply
from faxhw.at.identify import ATTENTION_WAIT, gain_attention
from faxhw.at.profile import Profile, Step
from faxhw.at.replies import Result
from faxhw.at.rings import Rings
from faxhw.clock import Deadline
from faxhw.errors import DeviceError
from faxhw.ports.base import Flow

_MORE_CALLER_ID = 0.3
"""Seconds after a caller's number for which its name may follow."""
_RELEASED = frozenset({Result.OK, Result.NO_CARRIER})
_MOST_LOOKS = 64
"""How often what lies in the port is looked at, of a modem that never stops talking."""
_DIAL_ABORT_WAIT = 3.0


class Telephone:
    """One telephone line."""

    def __init__(self, chat: Chat, name: str, profile: Profile, flow: Flow) -> None:
        self._chat = chat
        self._clock = chat.clock
        self.name = name
        self.profile = profile
        self.flow = flow
        self._rings = Rings(profile.ring_gap)
        self._has_caller_id = False
        chat.listener = self._overhear

    def _overhear(self, line: str) -> bool:
        return self._rings.hear(line, self._chat.quiet_at, self._clock.monotonic())

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
        self._catch_up()
        self._rings.drop_if_stale(self._clock.monotonic())
        while not self._chat.take_interrupt():
            still_rings_for = self._rings.left(self._clock.monotonic())
            if still_rings_for and self._rings.count >= rings:
                self._wait_for_caller_id()
                return None if self._chat.take_interrupt() else (self._rings.caller, self._rings.count)
            if not still_rings_for and deadline.passed():
                return None
            self._chat.listen(still_rings_for or deadline.left())
        return None

    def _catch_up(self) -> None:
        """Hear what was said while nobody listened."""
        for _ in range(_MOST_LOOKS):
            if not self._chat.listen(0.0):
                break

    def _wait_for_caller_id(self) -> None:
        """Wait while caller ID may come: between the first ring and the second."""
        rings = self._rings
        if not self._has_caller_id:
            return
        wait = max(0.0, self.profile.caller_id_wait - rings.since(self._clock.monotonic()))
        self._listen_while(lambda: rings.count == 1 and not rings.caller.call_from, wait)
        if rings.caller:
            self._listen_while(lambda: rings.count == 1, _MORE_CALLER_ID)

    def _listen_while(self, wanted: Callable[[], bool], seconds: float) -> None:
        deadline = Deadline(self._clock, seconds)
        while wanted() and not deadline.passed() and self._chat.listen(deadline.left()):
            pass

    def is_ringing(self) -> bool:
        """Whether the call that rang is still there, as far as can be told without waiting."""
        self._catch_up()
        return self._rings.left(self._clock.monotonic()) > 0

    def rings_on(self, timeout: float | None) -> bool:
        """Whether the call that rang is still there. If nobody has listened for long, its next ring tells."""
        deadline = Deadline(self._clock, timeout)
        self._catch_up()
        while left := self._rings.left(self._clock.monotonic()):
            if self._rings.certain(self._clock.monotonic()):
                return True
            patience = deadline.left()
            if not self._chat.listen(left if patience is None else min(left, patience)):
                return False
        return False

    def ignore_call(self) -> None:
        """Let the call that rings go on ringing, and never report it again."""
        self._rings.ignore(self._clock.monotonic())

    def call_taken(self) -> None:
        """What rang rings no more; another ring is another call."""
        self._rings.forget()

    def lift(self) -> bool:
        """Take the line without a sound; False if the profile knows no way, or the modem refuses."""
        command = self.profile.silent_answer
        if not command or not self._chat.command(command, self.profile.command_timeout).ok:
            return False
        self.call_taken()
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
        """Release the line, by stronger and stronger means. Raises ``DeviceError`` if none of them works.

        A call that was not taken yet may ring on, and is not reported again.
        """
        self.ignore_call()
        if self._released():
            return
        self._chat.abort()
        if self._released():
            return
        self.reset()

    def _released(self) -> bool:
        reply = self._chat.command(self.profile.hang_up, self.profile.command_timeout)
        return reply.result in _RELEASED

    def check(self) -> None:
        """Have the modem, if it does not ring, show that it is there, and set it up anew.

        It may have been off for a moment, so that it has forgotten what it was told. Raises ``DeviceError``.
        """
        if self.is_ringing():
            return
        if not any(self._chat.command("", ATTENTION_WAIT).ok for _ in range(2)):
            self.reset()
        else:
            self.set_up()

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
