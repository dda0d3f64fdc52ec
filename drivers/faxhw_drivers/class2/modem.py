"""A modem on a fax call: commands, the waits for what comes of them, and the ways out.

A wait goes on for as long as reports come and is bounded otherwise; it ends by ``Cancelled`` if the job asks,
by ``HungUp`` once the modem has said that the call is over, by ``Ended`` where the modem has lost its way.
From a result to the next command lie a few generator steps and one write.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import NoReturn

from faxhw.at import dle
from faxhw.at.chat import Chat
from faxhw.at.replies import Result
from faxhw.clock import Deadline
from faxhw.errors import DeviceError
from faxhw.modem.choosing import Choice
from faxhw.ports.base import Flow
from faxhw.session import Cancelled, NextStep, Outcome, Status
from faxhw.t32 import parameters
from faxhw_drivers.class2.bitorder import BitOrder
from faxhw_drivers.class2.reports import Reports

COMMAND_WAIT = 3.0
"""Seconds for a command that does nothing on the line."""
LONGEST_WAIT = 300.0
"""Seconds for which reports may put off the end of a wait: eight trainings, each three times over."""
_LOOK = 1.0
"""Seconds between looks whether the modem has hung up, which it may say without a result."""
END_WAIT = 2.0
"""Seconds after NO CARRIER, or a refusal, for which the hang-up report may still come; and after that report,
for which the result may."""
_LEAVE_WAIT = 5.0
"""Seconds from CAN to the end of the call: a transmission under way, DCN, and on hook."""
_SENDING_LEAVE_WAIT = 2.5
"""The same for each way out of a page that is sent, whose octets the modem may hold."""
_STOP_TIME = 9.0
"""Seconds within which all ways out together have been tried."""
_CLOSING = b"\x00"
"""Goes before the end of data that was cut short: if that was behind the first DLE of two, it takes it."""
_GONE = frozenset({Result.NO_CARRIER, Result.BUSY, Result.NO_ANSWER, Result.NO_DIALTONE})


class HungUp(Exception):  # noqa: N818 - not an error: how a session's parts end the whole
    """The modem says that the call is over."""


class Ended(Exception):  # noqa: N818 - not an error: how a session's parts end the whole
    """The session is over."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.detail)
        self.outcome = outcome


class Standing(Enum):
    """What the modem is in the middle of."""

    NOTHING = auto()
    WORKING = auto()
    """On a command whose result has not come."""
    RECEIVING = auto()
    """Handing up a page."""
    SENDING = auto()
    """Taking a page."""


@dataclass(slots=True)
class Habits:
    """What a modem was seen to do, over all its calls."""

    passes_rtc: bool = False
    """It has handed up a page with its RTC. Some remove that; of this one, a page without it is not whole."""
    has_least_rate: bool = False
    """It was told not to go below a rate, and keeps to that until it is told otherwise."""
    slow_numbers: set[str] = field(default_factory=set)
    """Numbers where nobody replied to a DCS, by the modem's word: see ``Class2.not_down_to``."""


class Modem:
    """A modem of class 2, 2.0 or 2.1 that has the line; made anew for each call."""

    def __init__(
        self, chat: Chat, name: str, choice: Choice, flow: Flow, habits: Habits, *, number: str
    ) -> None:
        """``flow``: what it keeps while a fax call stands; ``number``: what was dialled, if we did."""
        self.chat = chat
        self.clock = chat.clock
        self.name = name
        self.traits = choice.profile.class2
        self.dialect = choice.dialect
        self.most = choice.most
        self.flow = flow
        self.habits = habits
        self.number = number
        self.reports = Reports(choice.dialect, nsf_hexadecimal=self.traits.nsf_hexadecimal)
        self.bit_order = BitOrder(self.traits.received_bits)
        self.standing = Standing.NOTHING
        self.was_reset = False
        """Whether it was reset in mid-call, and has to be set up again."""
        self.on_call = True
        """Whether the call stands, as far as the modem has said."""

    # ------------------------------------------------------------------------------------------------------
    # Commands

    def say(self, command: str) -> bool:
        """Give a command that does nothing on the line, unless the profile leaves it out; True if it is
        taken."""
        if command.partition("=")[0] in self.traits.omits:
            return False
        return self.chat.command(command, COMMAND_WAIT).ok

    def keep_awake(self) -> None:
        """Say something to a modem that ends a call on which nothing is said to it."""
        if self.traits.idle_calls_end:
            self.chat.command("", COMMAND_WAIT)

    def ask_what_is_settled(self) -> None:
        """Ask for the parameters of the last DCS, where the modem has not reported them."""
        if self.reports.settled is None:
            reply = self.chat.command(f"{self.dialect.dcs}?", COMMAND_WAIT)
            for line in reply.lines if reply.ok else ():
                self.reports.settled = parameters.parse(line, self.dialect.base)

    def order(self, command: str, patience: float) -> Result:
        """Give a command of the fax; as ``result``."""
        self.chat.listen(0.0)
        self.must_be_on_call()
        if self.chat.take_interrupt():
            raise Cancelled
        self.chat.echoed = False
        self.chat.send(command)
        return self.result(patience)

    def result(self, patience: float) -> Result:
        """The result of what was ordered last, if reports come at least every so many seconds until it does.

        Raises ``HungUp``, ``Cancelled``, ``Ended``.
        """
        self.standing = Standing.WORKING
        longest, heard = Deadline(self.clock, LONGEST_WAIT), self.reports.count
        deadline = Deadline(self.clock, patience)
        while True:
            left = deadline.left()
            assert left is not None
            result = self.chat.result(min(left, _LOOK), interruptible=True).result
            if result is not None:
                break
            if self.chat.take_interrupt():
                raise Cancelled
            if self.reports.count != heard:
                heard = self.reports.count
                deadline = Deadline(self.clock, patience)
            elif self.reports.hung_up is not None:
                break
            if deadline.passed() or longest.passed():
                self.fail(f"the modem has said nothing for {patience:.0f} s")
        self.standing = Standing.NOTHING
        return self._checked(result)

    def _checked(self, result: Result | None) -> Result:
        """The result, unless it comes to the end of the call."""
        if result in _GONE:
            self.reports.carrier_lost = True
            if not self.wait_for_end(END_WAIT):
                self._ask_why()
        if result is Result.ERROR and self.chat.echoed:
            self.was_reset = True
            self.fail("the modem was reset in mid-call")
        self.must_be_on_call()
        assert result is not None
        return result

    def _ask_why(self) -> None:
        """After NO CARRIER: ask for the code. A word that all is well may be an older one."""
        reply = self.chat.command(f"{self.dialect.last_hung_up}?", COMMAND_WAIT)
        for line in reply.lines if reply.ok else ():
            code = line.rpartition(":")[2].strip()
            if code.isalnum() and code.strip("0"):
                self.reports.hung_up = code

    def wait_for_end(self, seconds: float) -> bool:
        """Wait, no command outstanding, for the hang-up report; False if it does not come."""
        deadline = Deadline(self.clock, seconds)
        while self.reports.hung_up is None and not deadline.passed():
            self.chat.listen(deadline.left())
            if self.chat.interrupted:
                break
        return self.reports.hung_up is not None

    def wait_for_reports(self, seconds: float) -> None:
        """Wait, no command outstanding, for reports that are late."""
        heard, deadline = self.reports.count, Deadline(self.clock, seconds)
        while self.reports.count == heard and not deadline.passed():
            self.chat.listen(deadline.left())
            if self.chat.take_interrupt():
                raise Cancelled

    def must_be_on_call(self) -> None:
        """Raise ``HungUp`` if the modem has said that the call is over."""
        if self.reports.hung_up is not None or self.reports.carrier_lost:
            self.on_call = False
            raise HungUp

    def fail(self, detail: str) -> NoReturn:
        """End the session: the device is at fault."""
        raise Ended(
            Outcome(
                Status.DEVICE_FAILED,
                heard_fax=self.reports.heard_fax,
                line_up=not self.was_reset,
                detail=f"{self.name}: {detail}",
            )
        )

    # ------------------------------------------------------------------------------------------------------
    # Ways out

    def stop(self) -> None:
        """End the call politely: DCN where it can be said, and on hook; within 10 s, whatever happens."""
        deadline = Deadline(self.clock, _STOP_TIME)
        try:
            if self.standing is not Standing.NOTHING:
                self._leave_data()
            if self._over():
                return
            if self.standing is not Standing.NOTHING:
                self.leave()
            self.chat.send(self.dialect.stop)
            self.standing = Standing.WORKING
            while not self._over() and self.standing is Standing.WORKING and not deadline.passed():
                self._hear_result(min(_LOOK, deadline.left() or 0.0))
            if not self._over() and self.standing is Standing.NOTHING:
                self.wait_for_end(END_WAIT)
            self._over()
        except DeviceError as error:  # hanging up has stronger means
            self.chat.log.warning("%s", error)

    def leave(self) -> None:
        """Bring the modem to command state, whatever stands. Raises ``DeviceError`` if it does not answer."""
        if self.standing is not Standing.NOTHING and not self.chat.abort():
            raise DeviceError(f"{self.name}: the modem has stopped answering; switch it off and on")
        self.standing = Standing.NOTHING

    def _leave_data(self) -> None:
        """Out of a page, or a wait for one: a modem that is told so ends the call by itself."""
        chat = self.chat
        if self.standing is Standing.SENDING:
            chat.port.write(_CLOSING + dle.DLE + dle.CAN)
            for end in (dle.END, self._last_page_end()):
                chat.port.write(end)
                if self._hear_result(_SENDING_LEAVE_WAIT):
                    return
            return
        chat.port.write(dle.CAN)
        deadline = Deadline(self.clock, _LEAVE_WAIT)
        while self.standing is Standing.RECEIVING and not deadline.passed():
            if chat.read_data(deadline.left()) is None:
                self.standing = Standing.WORKING
        if self.standing is Standing.WORKING:
            self._hear_result(_LEAVE_WAIT)

    def _last_page_end(self) -> bytes:
        """What ends a page as the last one."""
        octet = self.dialect.page_ends.get(NextStep.NO_MORE)
        return dle.DLE + octet if octet else dle.END

    def _hear_result(self, timeout: float) -> bool:
        """Whether a result came that ends what stands."""
        result = self.chat.result(timeout).result
        if result in _GONE:
            self.reports.carrier_lost = True
        if result is not None:
            self.standing = Standing.NOTHING
        return result is not None

    def _over(self) -> bool:
        """Whether the modem has said that the call is over."""
        if self.reports.hung_up is not None or self.reports.carrier_lost:
            self.on_call = False
        return not self.on_call
