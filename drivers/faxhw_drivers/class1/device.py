"""Call control for a Class 1 modem, and the sessions on its calls.

The modem stays in Class 1 from opening to closing. Each call gets a line of its own; the T.30 engine makes
the session of it.
"""

from __future__ import annotations

from faxhw.at.chat import Chat
from faxhw.at.telephone import Telephone
from faxhw.clock import Clock
from faxhw.device import CallResult, Heard, IncomingCall
from faxhw.errors import DeviceError
from faxhw.modem.calls import CallControl, result_of_dialling
from faxhw.session import Session
from faxhw.t30 import procedures
from faxhw.t30.capabilities import able
from faxhw.t30.line import Procedure, session
from faxhw.terms import Modulation, Settings
from faxhw_drivers.class1.line import Class1Line
from faxhw_drivers.class1.modem import Modem


class Class1Device:
    """A modem that has been set up (``faxhw.device.Device``)."""

    def __init__(
        self, chat: Chat, telephone: Telephone, modulations: tuple[Modulation, ...], description: str
    ) -> None:
        self._name = telephone.name
        self._chat = chat
        self._telephone = telephone
        self._calls = CallControl(telephone, chat.clock)
        self._modulations = modulations
        self._description = description
        self._line: Class1Line | None = None
        self._dialled = False
        """Whether the call is one that we made."""
        self._closed = False

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
        return able(self._modulations)

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
        self._dialled = False
        self._line = self._new_line(answer="A")
        return CallResult.CONNECTED

    def listen(self, timeout: float | None) -> Heard:
        """As ``Listening.listen``: of a call that was answered in voice class."""
        return self._calls.listen(timeout)

    def reject(self) -> None:
        self._calls.reject()

    def dial(self, number: str, timeout: float | None) -> CallResult:
        reply = self._calls.dial(number, timeout)
        result = result_of_dialling(reply)
        if result is CallResult.CONNECTED:
            self._dialled = True
            self._line = self._new_line(hears_frames=True)
        elif reply.result is None:
            self._chat.take_interrupt()
        elif result is CallResult.FAILED:
            self._telephone.hang_up()  # whatever it made of the number, it may have the line
        return result

    def _new_line(self, *, answer: str = "", hears_frames: bool = False) -> Class1Line:
        telephone = self._telephone
        modem = Modem(self._chat, self._name, telephone.profile.class1, telephone.flow)
        return Class1Line(modem, answer=answer, hears_frames=hears_frames)

    def hang_up(self) -> None:
        line, self._line = self._line, None
        self._chat.take_interrupt()
        if line is not None:
            try:
                line.leave()
            except DeviceError as error:  # hanging up has stronger means
                self._chat.log.warning("%s", error)
        self._telephone.hang_up()

    def check(self) -> None:
        self._telephone.check()

    def line_up(self) -> bool:
        return self._line is not None and not self._calls.far_end_gone()

    # ------------------------------------------------------------------------------------------------------
    # Sessions

    def receive(self, settings: Settings) -> Session:
        return self._session(procedures.receiving(settings, dialled=self._dialled))

    def send(self, settings: Settings) -> Session:
        return self._session(procedures.sending(settings, dialled=self._dialled))

    def _session(self, procedure: Procedure) -> Session:
        if self._line is None:
            procedure.close()
            raise DeviceError(f"{self._name}: there is no call to fax on; answer or dial first")
        return self._on_line(procedure, self._line)

    def _on_line(self, procedure: Procedure, line: Class1Line) -> Session:
        self._chat.take_interrupt()  # what was meant for a session before this one
        self._telephone.leave_voice()
        try:
            outcome = yield from session(procedure, line)
        finally:
            if line.taken:
                self._telephone.call_taken()
        if line.left_class:
            self._telephone.reset()  # nothing else is heard by a modem that is on line
        if not outcome.line_up:
            self._line = None
        self._chat.take_interrupt()  # one that came too late must not end the next call's wait
        return outcome

    def cancel(self) -> None:
        self._chat.interrupt()

    # ------------------------------------------------------------------------------------------------------

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        try:
            if self._line is not None:
                self.hang_up()
            self._chat.command("+FCLASS=0", self._telephone.profile.command_timeout)
        except DeviceError as error:
            self._chat.log.warning("closing: %s", error)
        finally:
            self._chat.port.close()
