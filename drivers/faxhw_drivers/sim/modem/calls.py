"""ATA and ATD: taking calls and making them.

In class 1 an answer is CED and then frames as after +FTH=3, and a call made ends in frames heard as after
+FRH=3 (T.31 clause 8.2). In classes 2, 2.0 and 2.1 a session goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from faxhw.t32.dialect import DIALECTS
from faxhw_drivers.sim.exchange import Hook
from faxhw_drivers.sim.modem.class2.session import FaxSession
from faxhw_drivers.sim.modem.receive import FrameMemory, ReceiveFrames
from faxhw_drivers.sim.modem.transmit import SendFrames
from faxhw_drivers.sim.signals import V21, Signal, Tone
from faxhw_drivers.sim.world import Timer

if TYPE_CHECKING:
    from faxhw_drivers.sim.modem.core import VirtualModem

ANSWER_DELAY = 1.9
"""Seconds of silence before CED (T.30 clause 4.1.1: 1.8 to 2.5 s)."""
ADAPTIVE_DELAY = 4.0
"""The same where fax and data modems are told apart (+FAA), which takes a calling tone."""
CED_TIME = 3.0
CED_GAP = 0.075
CNG_ON, CNG_OFF = 0.5, 3.0
DIALTONE_WAIT = 5.0
"""Seconds for a dial tone to come; the W of a dial string waits for as long as S7 says."""
BUSY_HEARD = 1.0
"""Seconds of busy tone that make a modem sure."""
TONE_DIGIT, PULSE_DIGIT = 0.17, 0.9
DIGITS = frozenset("0123456789*#ABCD")


class AnswerAction:
    """ATA, or S0's own answer."""

    takes_data = False

    def __init__(self, modem: VirtualModem) -> None:
        self._modem = modem
        self._timer: Timer | None = None
        self._data_heard = False

    def begin(self) -> None:
        modem = self._modem
        if modem.session is not None and modem.session.outcome is None:
            modem.complete("ERROR")
            return
        was_up = modem.phone.state not in (Hook.IDLE, Hook.RINGING)
        modem.take_line()
        self._data_heard = modem.receiver.signal is Tone.DATA
        if self._adapts():
            self._after(ADAPTIVE_DELAY, self._adapt)
        elif modem.registers.fclass == "8":
            modem.complete("OK")
        elif modem.registers.fclass == "0":
            self._after(ANSWER_DELAY, self._data_tone)
        elif modem.registers.fclass in DIALECTS:
            self._after(ANSWER_DELAY, self._session)
        else:
            self._after(0.2 if was_up else ANSWER_DELAY, self._ced)

    def from_dte(self, data: bytes) -> None:
        self.stop()
        self._modem.hang_up()
        self._modem.broken_off(self._modem.quirks.broken_off_call_result)

    def heard(self, signal: Signal) -> None:
        self._data_heard |= signal is Tone.DATA

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _adapts(self) -> bool:
        kept, fclass = self._modem.registers.other, self._modem.registers.fclass
        return bool(kept.get("+FAA") or kept.get("+FAE")) and fclass != "8"

    def _adapt(self) -> None:
        """By what was heard: whoever is no data modem is taken for a fax."""
        modem = self._modem
        registers, quirks = modem.registers, modem.quirks
        if self._data_heard:
            self._data(quirks.fax.data_report if registers.fclass in ("0", *DIALECTS) else quirks.data_report)
            return
        if registers.fclass == "0":
            registers.fclass = next((each for each in (*DIALECTS, "1") if each in modem.model.classes), "0")
        if registers.fclass in DIALECTS:
            self._session()
            return
        if quirks.fax_report:
            modem.unasked(quirks.fax_report)
        self._ced()

    def _data(self, report: str) -> None:
        """Go over to class 0 (T.31's and T.32's +FAA), and on line unless ATO is waited for."""
        modem = self._modem
        waits = modem.quirks.data_waits and modem.registers.fclass in ("1", "1.0")
        modem.registers.fclass = "0"
        if waits:
            modem.transmitter.tone(Tone.DATA)
            modem.complete(report)
            return
        if report:
            modem.unasked(report)
        modem.replace_action(OnlineData(modem))

    def _ced(self) -> None:
        self._modem.transmitter.tone(Tone.CED)
        self._after(CED_TIME, self._gap)

    def _gap(self) -> None:
        self._modem.transmitter.tone(Tone.SILENCE)
        self._after(CED_GAP, lambda: self._modem.replace_action(SendFrames(self._modem)))

    def _session(self) -> None:
        modem = self._modem
        modem.session = FaxSession(modem, dialled=False)
        modem.replace_action(modem.session.connect())

    def _data_tone(self) -> None:
        # There is no data pump here: nobody will ever connect.
        self._modem.transmitter.tone(Tone.DATA)
        self._after(self._modem.registers.s[7], self._no_carrier)

    def _no_carrier(self) -> None:
        self._modem.hang_up()
        self._modem.complete("NO CARRIER")

    def _after(self, seconds: float, action: Callable[[], None]) -> None:
        self._timer = self._modem.world.call_later(seconds, action)


class OnlineData:
    """A data modem is at the far end, whatever is said to it: only DTR leads back to commands."""

    takes_data = True

    def __init__(self, modem: VirtualModem) -> None:
        self._modem = modem

    def begin(self) -> None:
        self._modem.transmitter.tone(Tone.DATA)
        self._modem.result("CONNECT 9600")

    def from_dte(self, data: bytes) -> None:
        pass

    def heard(self, signal: Signal) -> None:
        pass

    def stop(self) -> None:
        pass


class DialAction:
    """ATD: dial, sound CNG, and listen for the frames of a fax."""

    takes_data = False

    def __init__(self, modem: VirtualModem, text: str) -> None:
        self._modem = modem
        self._stay = text.endswith(";")
        self._wait = "W" in text
        self._number = "".join(each for each in text if each in DIGITS)
        digit = PULSE_DIGIT if text.startswith("P") else TONE_DIGIT
        self._dialling = len(self._number) * digit + text.count(",") * modem.registers.s[8]
        self._timers: dict[str, Timer] = {}

    def begin(self) -> None:
        modem = self._modem
        if modem.session is not None and modem.session.outcome is None:
            modem.complete("ERROR")
            return
        if modem.phone.state is Hook.RINGING and modem.quirks.collision_result:
            modem.complete(modem.quirks.collision_result)
            return
        modem.take_line()
        if not self._number:
            self._listen()
        elif not (self._wait or modem.registers.wants_dialtone):
            self._after("dial", modem.registers.s[6], self._dial)
        elif modem.receiver.signal is Tone.DIALTONE:
            self._dial()
        else:
            patience = modem.registers.s[7] if self._wait else DIALTONE_WAIT
            self._after("dial tone", patience, lambda: self._fail("NO DIALTONE"))

    def from_dte(self, data: bytes) -> None:
        self.stop()
        self._modem.hang_up()
        self._modem.broken_off(self._modem.quirks.broken_off_call_result)

    def heard(self, signal: Signal) -> None:
        self._cancel("busy")
        if signal is Tone.DIALTONE and "dial tone" in self._timers:
            self._cancel("dial tone")
            self._dial()
        elif signal is Tone.BUSY and self._modem.registers.hears_busy:
            self._after("busy", BUSY_HEARD, lambda: self._fail("BUSY"))

    def stop(self) -> None:
        for name in tuple(self._timers):
            self._cancel(name)

    def _dial(self) -> None:
        self._after("dial", self._dialling, self._dialled)

    def _dialled(self) -> None:
        modem = self._modem
        modem.phone.dial(self._number)
        if self._stay or modem.registers.fclass == "8":
            self.stop()
            modem.complete("OK")
        else:
            self._listen()

    def _listen(self) -> None:
        modem = self._modem
        self._after("S7", modem.registers.s[7], self._nobody)
        if modem.registers.fclass != "0":
            modem.frame_memory = FrameMemory()
            modem.receiver.listen(V21, modem.frame_memory.ear)
            modem.frame_memory.ear.on_flags = self._fax_heard
            self._cng()

    def _cng(self) -> None:
        self._modem.transmitter.tone(Tone.CNG)
        self._after("CNG", CNG_ON, self._cng_pause)

    def _cng_pause(self) -> None:
        self._modem.transmitter.tone(Tone.SILENCE)
        self._after("CNG", CNG_OFF, self._cng)

    def _fax_heard(self) -> None:
        self.stop()
        modem = self._modem
        modem.transmitter.tone(Tone.SILENCE)
        if modem.registers.fclass in DIALECTS:
            modem.forget_frames()
            modem.session = FaxSession(modem, dialled=True)
            modem.replace_action(modem.session.connect())
            return
        if modem.frame_memory is not None:
            modem.frame_memory.flags = True
        modem.replace_action(ReceiveFrames(modem))

    def _nobody(self) -> None:
        ringing = self._modem.receiver.signal is Tone.RINGBACK and not self._modem.quirks.no_no_answer
        self._fail("NO ANSWER" if ringing else "NO CARRIER")

    def _fail(self, result: str) -> None:
        self.stop()
        self._modem.hang_up()
        self._modem.complete(result)

    def _after(self, name: str, seconds: float, action: Callable[[], None]) -> None:
        self._cancel(name)
        self._timers[name] = self._modem.world.call_later(seconds, action)

    def _cancel(self, name: str) -> None:
        if name in self._timers:
            self._timers.pop(name).cancel()
