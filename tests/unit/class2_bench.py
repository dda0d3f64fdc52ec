"""A Class 2, 2.0 or 2.1 modem that follows a script, and a call on it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from faxhw.device import CallResult
from faxhw.session import (
    Event,
    NextStep,
    Outcome,
    OutgoingPage,
    PageSent,
    PageWanted,
    Refused,
    Reply,
)
from faxhw.t4.encode import encode_page
from faxhw.t4.rows import Row
from faxhw.terms import Coding, Settings
from faxhw.testing.faxes import WIDTH, Job, drive, page
from faxhw_drivers.class2 import driver
from faxhw_drivers.class2.device import Class2Device
from tests.unit.scripted_port import ScriptClock, ScriptedPort

END = b"\x10\x03"
CAN = b"\x18"
DC1, DC2 = b"\x11", b"\x12"
ABLE = {
    "2": "(0,1),(0-5),(0-2),(0-2),(0-3),(0-2),(0),(0-7)",
    "2.0": "(0-7F),(0-5),(0-2),(0-2),(0-3),(0,1),(0),(0-7)",
}
ABLE["2.1"] = ABLE["2.0"]
FAX = "+FDCS:0,5,0,2,0,0,0,0"
FAX_2_0 = "+FCS:0,5,0,2,0,0,0,0"
RECEIVER = Settings(ident="+1 100")
SENDER = Settings(ident="+1 200")
ROWS = page(0, rows=30)

_QUICK = re.compile(rb"AT\+F(DCC|CC|DIS|IS|LID|LI|CR|LPL|LP|MINSP|MS|CIG|PI|SA|PA|PW|NS)=[^?]*\r")
"""What a session says before the fax; a test that has nothing to say of it leaves it out of its script."""

Step = tuple[bytes | str, bytes | str]


def said(*lines: str) -> bytes:
    """Lines as a modem says them."""
    return "".join(f"\r\n{line}\r\n" for line in lines).encode()


def handed_up(octets: bytes) -> bytes:
    """A page's octets as a modem hands them up."""
    return octets.replace(b"\x10", b"\x10\x10") + END


def coded(rows: list[Row] = ROWS, *, rtc: bool = True) -> bytes:
    return encode_page(rows, Coding.MH, WIDTH, finish=rtc)


def outgoing(step: NextStep = NextStep.NO_MORE, data: bytes = b"page") -> OutgoingPage:
    return OutgoingPage([data], step)


class Class2Bench:
    """An open device whose modem says OK to everything until a script begins."""

    def __init__(
        self,
        fclass: str = "2",
        says: dict[str, str] | None = None,
        *,
        profile: str = "",
        **options: str,
    ) -> None:
        """``fclass`` and ``profile`` are what is asked for, if anything."""
        self.says = {"+FCLASS=?": "0,1,2,2.0,2.1", "+FJUNK=?": "ERROR", **(says or {})}
        for command, each in (("+FDCC=?", "2"), ("+FCC=?", "2.0")):
            self.says.setdefault(command, ABLE[each])
        self.clock = ScriptClock()
        self.port = ScriptedPort(self.clock, self.answer)
        self.script: list[tuple[bytes, bytes]] | None = None
        self._silent = False
        asked_for = {"class": fclass, "profile": profile}
        options = {**{name: value for name, value in asked_for.items() if value}, **options}
        self.device: Class2Device = driver.open_on(self.port, self.clock, options)

    def answer(self, written: bytes) -> bytes:
        if self.script is None:
            return self._opening(written)
        expected = self.script[0][0] if self.script else b""
        if written == expected or (expected == b"*" and not written.startswith(b"AT")):
            return self.script.pop(0)[1]
        if _QUICK.fullmatch(written):
            return said("OK")
        if not self.script:
            return b"" if self._silent else self._opening(written)
        raise AssertionError(f"the host writes {written!r} where {expected!r} is due")

    def _opening(self, written: bytes) -> bytes:
        if not written.startswith(b"AT"):
            return b""
        text = self.says.get(written[2:-1].decode(), "OK")
        return said(text) if text in ("OK", "ERROR", "") else said(text, "OK")

    def falls_silent(self) -> None:
        """After the script the modem says no more."""
        self._silent = True

    def begin(self, *steps: Step) -> None:
        """The script: what the host writes, and what the modem says to it. ``*``: any data."""
        self.script = [(_octets(wanted, b"\r"), _octets(answer)) for wanted, answer in steps]

    # ------------------------------------------------------------------------------------------------------

    def called(self, *steps: Step) -> None:
        """A call comes and is answered; then the script begins."""
        self.port.says(said("RING", "NMBR = 1"))
        assert self.device.wait_for_call(10.0)
        assert self.device.answer(10.0) is CallResult.CONNECTED
        self.begin(*steps)

    def receives(self, *steps: Step, job: Job | None = None, settings: Settings = RECEIVER) -> Outcome:
        """A call comes, and a fax is received by a script."""
        self.called(*steps)
        return drive(self.device.receive(settings), job or Job())

    def dials(self, answer: bytes, *steps: Step) -> CallResult:
        """A number is dialled; ``answer`` is what comes of it, ``steps`` what follows."""
        self.begin(("ATDT5", answer), *steps)
        return self.device.dial("5", 60.0)

    def sends(self, *steps: Step, on_event: Callable[[Event], Reply], settings: Settings = SENDER) -> Outcome:
        """A fax that answers is sent one by a script."""
        dis = (
            "+FDIS:1,5,0,2,1,0,0,0" if self.device.description.endswith("class 2") else "+FIS:1,5,0,2,1,0,0,0"
        )
        assert self.dials(said("+FCON", dis, "OK"), *steps) is CallResult.CONNECTED
        return drive(self.device.send(settings), on_event)

    def over(self) -> bool:
        """Whether the script was followed to its end."""
        return not self.script


def _octets(text: bytes | str, end: bytes = b"") -> bytes:
    return text if isinstance(text, bytes) else text.encode() + (end if text.startswith("AT") else b"")


class Sheets:
    """The job of a sender: pages by their octets, and what became of them."""

    def __init__(self, *steps: NextStep, replies: Iterable[Refused] = ()) -> None:
        self.steps = list(steps) or [NextStep.NO_MORE]
        self.replies = list(replies)
        """To the pages that are refused."""
        self.events: list[Event] = []
        self.given = 0
        """Pages that are behind us."""

    def __call__(self, event: Event) -> Reply:
        self.events.append(event)
        match event:
            case PageWanted():
                return outgoing(self.steps[self.given])
            case PageSent(confirmed):
                answer = None if confirmed or not self.replies else self.replies.pop(0)
                self.given += confirmed or answer is Refused.GO_ON
                return answer
        return None
