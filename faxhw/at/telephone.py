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
from faxhw.at.voice import Ear
from faxhw.clock import Deadline
from faxhw.errors import DeviceError
from faxhw.ports.base import Flow
from faxhw.terms import FarEndType

_MORE_CALLER_ID = 0.3
"""Seconds after a caller's number for which its name may follow."""
_RELEASED = frozenset({Result.OK, Result.NO_CARRIER})
_IN_VOICE = frozenset({Result.OK, Result.VOICE})
_MOST_LOOKS = 64
"""How often what lies in the port is looked at, of a modem that never stops talking."""
_DIAL_ABORT_WAIT = 3.0
_NEXT_DIGIT = 1.0
"""Seconds from one digit of the called number to the next, at most."""
_COLLIDED_WAIT = 2.0
"""Seconds for which a modem that says RING where it should dial may still say what came of it."""


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
        self._has_voice = bool(profile.voice)
        self._in_voice = False
        """Whether the modem is in voice class, on a call."""
        self._dialling = False
        self.ear = Ear()
        """What was heard on the call that was taken last."""
        chat.listener = self._overhear

    def _overhear(self, line: str) -> bool:
        if self._in_voice and self.ear.hear(line):
            return True
        told = self._rings.hear(line, self._chat.quiet_at, self._clock.monotonic())
        if self._dialling and self.rings_now():
            self._chat.interrupt()  # what was dialled may have no result
        return told

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
        if self.profile.distinctive_ring:
            self._take(Step.of("?" + self.profile.distinctive_ring))

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
            if still_rings_for and (self._rings.count >= rings or self._rings.announced):
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
        """Wait while caller ID may come, between the first ring and the second; or digits of our number."""
        rings = self._rings
        while rings.digits_come and self._chat.listen(_NEXT_DIGIT):
            pass
        if rings.announced or not self._has_caller_id:
            return
        wait = max(0.0, self.profile.caller_id_wait - rings.since(self._clock.monotonic()))
        self._listen_while(lambda: rings.count == 1 and not rings.caller.is_known, wait)
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

    def rings_now(self) -> bool:
        """Whether a call rings that has not been declined, by what was heard so far."""
        return self._rings.left(self._clock.monotonic()) > 0

    def lift(self) -> bool:
        """Take the line without a sound, listening if the modem can; False if there is no way."""
        self.ear = Ear()
        if self._has_voice and self._lift_in_voice():
            return True
        command = self.profile.silent_answer
        if not command or not self._chat.command(command, self.profile.command_timeout).ok:
            return False
        self.call_taken()
        return True

    # ------------------------------------------------------------------------------------------------------
    # The line in voice class

    def _lift_in_voice(self) -> bool:
        timeout = self.profile.command_timeout
        taken = all(self._chat.command(each, timeout).result in _IN_VOICE for each in self.profile.voice)
        if taken:
            self.call_taken()
            self._in_voice = True
        else:
            self._has_voice = False
            self._chat.log.info("the modem refuses voice class, and is not asked again")
            self.set_up()
        return taken

    def listen(self, timeout: float | None) -> bool:
        """Hear what is to be heard until the far end is known, or gone; False if the line is not heard."""
        if not self._in_voice:
            return False
        deadline = Deadline(self._clock, timeout)
        self._catch_up()
        while self.ear.far_end_type is FarEndType.UNKNOWN and not self.ear.gone:
            self._chat.listen(deadline.left())
            if self._chat.take_interrupt() or deadline.passed():
                break
        return True

    def leave_voice(self) -> None:
        """Have the modem go back to its fax class, and keep the line."""
        if self._in_voice:
            self._catch_up()
            self._in_voice = False
            self.set_up()

    # ------------------------------------------------------------------------------------------------------
    # Calls that go out, and the end of any call

    def dial(self, number: str, timeout: float | None) -> Reply:
        """Call a number and wait for the result; without one in time, the attempt is given up.

        ``RING``: a call comes in, and rings on.
        """
        self.ear = Ear()
        if self.rings_on(timeout):
            return Reply(Result.RING)
        command = ("D" if number[:1].upper() in {"T", "P"} else self.profile.dial) + number
        self._dialling = True
        try:
            reply = self._chat.command(command, timeout, interruptible=True)
        finally:
            self._dialling = False
        collides = self.rings_now()
        if collides:
            self._chat.take_interrupt()
            if reply.result is None:
                reply = self._chat.result(_COLLIDED_WAIT)
        if reply.result is None:
            self._chat.port.write(b"\r")  # any character ends a dialling modem's patience
            self._chat.result(_DIAL_ABORT_WAIT)
            if not (collides and self._released()):
                self.hang_up()
        return Reply(Result.RING) if collides and reply.result is not Result.CONNECT else reply

    def hang_up(self) -> None:
        """Release the line, by stronger and stronger means. Raises ``DeviceError`` if none of them works.

        A call that was not taken yet may ring on, and is not reported again.
        """
        self.ignore_call()
        in_voice, self._in_voice = self._in_voice, False
        if not self._released():
            self._chat.abort()
            if not self._released():
                self.reset()
                return
        if in_voice:
            self.set_up()

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
