"""Call control for a modem that runs T.30 itself, and the sessions on its calls.

The modem stays in its fax class from opening to closing. Dialling runs phases A and B in the modem: what it
reports meanwhile is kept for the session, which may begin some seconds later.
"""

from __future__ import annotations

from collections.abc import Callable

from faxhw.at.chat import Chat, Reply
from faxhw.at.replies import Result
from faxhw.at.telephone import Telephone
from faxhw.clock import Clock, Deadline
from faxhw.device import CallResult, Heard, IncomingCall
from faxhw.errors import DeviceError
from faxhw.modem.calls import CallControl, result_of_dialling
from faxhw.modem.choosing import Choice
from faxhw.ports.base import Flow
from faxhw.session import Session, Status
from faxhw.t32 import parameters
from faxhw.t32.hangup import status_of
from faxhw.terms import DCS_FAMILIES, LADDER, FarEndType, Settings
from faxhw_drivers.class2 import preparing, receiving, sending
from faxhw_drivers.class2.conducting import Course, conduct
from faxhw_drivers.class2.modem import Habits, Modem

_MORE_RESULT_WAIT = 40.0
"""Seconds from a CONNECT that says no more than that there is a call to the result of phase B: T1."""
_LATE_REPORTS = 2.0
"""Seconds for which reports may come after the result that they belong to."""
_SESSION_END_WAIT = 7.0
"""Seconds for which closing waits for a session to end politely."""
_MOMENT = 0.05
_ENDS_OF_DIALLING = {
    Status.NO_LOOP_CURRENT: CallResult.NO_DIALTONE,
    Status.RINGBACK_NO_ANSWER: CallResult.NO_ANSWER,
    Status.RINGBACK_CED_NO_ANSWER: CallResult.NO_ANSWER,
    Status.ABORTED: CallResult.FAILED,
}
"""What hang-up codes mean where no fax was heard; any other: there is no fax."""


class Class2Device:
    """A modem that has been set up (``faxhw.device.Device``)."""

    def __init__(
        self, chat: Chat, telephone: Telephone, choice: Choice, speed: int, description: str
    ) -> None:
        """``speed``: of the serial line, in bits per second."""
        self._name = telephone.name
        self._chat = chat
        self._telephone = telephone
        self._calls = CallControl(telephone, chat.clock)
        self._choice = choice
        self._habits = Habits()
        self._speed = speed
        self._description = description
        self._modem: Modem | None = None
        """The modem on the call that stands."""
        self._dialled = False
        """Whether that is one that we made."""
        self._dialling = False
        self._in_session = False
        self._class_in_doubt = False
        """Whether a call has passed since the modem was last seen to be in its class."""
        self._closed = False
        self._is_of_a_ring = chat.listener
        chat.listener = self._overhear

    def _overhear(self, line: str) -> bool:
        modem = self._modem
        if modem is None or not modem.reports.hear(line):
            return self._is_of_a_ring(line)
        if self._dialling and modem.reports.hung_up is not None:
            self._chat.interrupt()  # the result may never come
        return True

    @property
    def name(self) -> str:
        return self._name

    @property
    def clock(self) -> Clock:
        return self._chat.clock

    @property
    def description(self) -> str:
        return self._description

    def capabilities(self) -> Settings:
        return able(self._choice)

    # ------------------------------------------------------------------------------------------------------
    # Call control

    def wait_for_call(self, timeout: float | None, rings: int = 1) -> IncomingCall | None:
        return self._calls.wait_for_call(timeout, rings)

    def keep_ringing(self) -> bool:
        return self._calls.keep_ringing()

    def answer(self, timeout: float | None) -> CallResult:
        """Take the line: without a sound where the profile knows how, else when the session starts."""
        if not self._calls.take(timeout):
            return CallResult.NO_CARRIER
        self._modem = self._new_modem()
        return CallResult.CONNECTED

    def listen(self, timeout: float | None) -> Heard:
        """As ``Listening.listen``: of a call that was answered in voice class."""
        return self._calls.listen(timeout)

    def reject(self) -> None:
        self._calls.reject()

    def dial(self, number: str, timeout: float | None) -> CallResult:
        self._modem = modem = self._new_modem(number)
        result = CallResult.FAILED
        try:
            if modem.traits.wishes_before_dialling:
                wishes = preparing.offer(modem, self.capabilities())
                modem.say(f"{modem.dialect.wishes}={wishes.text(modem.dialect)}")
            self._dialling = True
            reply = self._calls.dial(number, timeout)
            self._dialling = False
            result = self._dialled_to(modem, reply)
        finally:
            self._dialling = False
            if result is not CallResult.CONNECTED:
                self._modem = None
        return result

    def _dialled_to(self, modem: Modem, reply: Reply) -> CallResult:
        """What became of a number, by the modem's result and its reports."""
        reports = modem.reports
        if reports.hung_up is None and reply.result is Result.CONNECT:
            reply = self._chat.result(_MORE_RESULT_WAIT)
        if reports.hung_up is None and reply.result is Result.OK and not reports.heard_fax:
            modem.wait_for_reports(_LATE_REPORTS)
        self._chat.take_interrupt()
        if reports.heard_fax and (reply.result is Result.OK or reports.hung_up is not None):
            return CallResult.CONNECTED  # if it has ended by now, that is the session's to tell
        if reports.hung_up is not None and reply.result in (None, Result.OK, Result.NO_CARRIER, Result.ERROR):
            code = status_of(reports.hung_up, hexadecimal=modem.dialect.hexadecimal)
            return _ENDS_OF_DIALLING.get(code, CallResult.NO_CARRIER) if code else CallResult.NO_CARRIER
        if reply.result is Result.OK and reports.connected:
            return CallResult.CONNECTED
        result = result_of_dialling(reply)
        if result in (CallResult.FAILED, CallResult.CONNECTED):
            self._telephone.hang_up()  # whatever it made of the number, it may have the line
            return CallResult.FAILED
        return result

    def _new_modem(self, number: str = "") -> Modem:
        """``number``: the one that is dialled; empty for a call that is answered."""
        choice, flow = self._choice, self._telephone.flow
        self._dialled, self._class_in_doubt = bool(number), True
        if choice.profile.class2.fax_flow and not number:
            flow = Flow(choice.profile.class2.fax_flow)
        return Modem(self._chat, self._name, choice, flow, self._habits, number=number)

    def hang_up(self) -> None:
        modem, self._modem = self._modem, None
        self._chat.take_interrupt()
        if modem is not None:
            try:
                modem.leave()
            except DeviceError as error:  # hanging up has stronger means
                self._chat.log.warning("%s", error)
        self._telephone.hang_up()
        self._stay_in_class()

    def _stay_in_class(self) -> None:
        """Set the modem up again if the call, or a reset in its course, has taken it out of its class."""
        if not self._class_in_doubt:
            return
        self._class_in_doubt = False
        said = self._chat.command("+FCLASS?", self._telephone.profile.command_timeout)
        if self._choice.dialect.fclass not in [line.removeprefix("+FCLASS:").strip() for line in said.lines]:
            self._chat.log.info("the modem has left its class, and is set up again")
            self._telephone.set_up()

    def check(self) -> None:
        self._telephone.check()

    def line_up(self) -> bool:
        return self._modem is not None and not self._calls.far_end_gone()

    # ------------------------------------------------------------------------------------------------------
    # Sessions

    def receive(self, settings: Settings) -> Session:
        return self._session(
            lambda course: conduct(course, receiving.receive(course, settings, dialled=self._dialled))
        )

    def send(self, settings: Settings) -> Session:
        return self._session(
            lambda course: conduct(course, sending.send(course, settings, dialled=self._dialled))
        )

    def _session(self, make: Callable[[Course], Session]) -> Session:
        if self._modem is None:
            raise DeviceError(f"{self._name}: there is no call to fax on; answer or dial first")
        return self._on_call(make, self._modem)

    def _on_call(self, make: Callable[[Course], Session], modem: Modem) -> Session:
        self._chat.take_interrupt()  # what was meant for a session before this one
        self._in_session = True
        try:
            self._telephone.leave_voice()
            self._follow(modem)
            outcome = yield from make(Course(modem, self.clock.monotonic()))
        finally:
            self._in_session = False
            self._telephone.call_taken()
            self._follow(None)
        if outcome.far_end_type is FarEndType.DATA:
            self._telephone.reset()  # nothing else is heard by a modem that is on line
        if not outcome.line_up:
            self._modem = None
        self._chat.take_interrupt()  # one that came too late must not end the next call's wait
        return outcome

    def _follow(self, modem: Modem | None) -> None:
        """Have the port keep the speed and flow control that the modem goes over to, and back again."""
        traits, port = self._choice.profile.class2, self._chat.port
        if self._dialled:
            return
        if traits.fax_speed not in (0, self._speed):
            port.set_speed(traits.fax_speed if modem else self._speed)
        if traits.fax_flow:
            flow = modem.flow if modem else self._telephone.flow
            port.set_flow(Flow.NONE if flow is Flow.XON_XOFF else flow)

    def cancel(self) -> None:
        self._chat.interrupt()

    # ------------------------------------------------------------------------------------------------------

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        try:
            if self._in_session:
                self._end_session()
            self._class_in_doubt = False
            if self._modem is not None:
                self.hang_up()
            self._chat.command("+FCLASS=0", self._telephone.profile.command_timeout)
        except DeviceError as error:
            self._chat.log.warning("closing: %s", error)
        finally:
            self._chat.port.close()

    def _end_session(self) -> None:
        """Have another thread's session end; if it does not, or nobody drives it on, by dropping DTR."""
        self._chat.interrupt()
        deadline = Deadline(self.clock, _SESSION_END_WAIT)
        while self._in_session and not deadline.passed():
            self.clock.sleep(_MOMENT)
        if self._in_session:
            self._chat.port.set_dtr(False)
            self.clock.sleep(self._telephone.profile.dtr_drop)
            self._modem = None


def able(choice: Choice) -> Settings:
    """The most that a modem can do in its class, and be asked for: V.34 is not."""
    can = parameters.understand(choice.most, choice.dialect)
    return Settings(
        families=can.families & DCS_FAMILIES,
        max_rate=min(can.max_rate, LADDER[0].rate),
        resolutions=can.resolutions,
        codings=can.codings,
        ecm=can.ecm,
        width=can.width,
        length=can.length,
        poll=True,
    )
