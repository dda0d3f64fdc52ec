"""From a session's steps to a session: however they end, there is an outcome.

What the modem's last word means depends on where the call was: ``Course`` keeps that.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import NoReturn, TypeVar

from faxhw.session import Cancelled, Event, Negotiated, Outcome, Reply, Session, Status
from faxhw.t32 import parameters
from faxhw.t32.hangup import FELL_SILENT, HEARD_A_FAX, status_of
from faxhw.terms import Family, Parameters
from faxhw_drivers.class2.modem import Ended, HungUp, Modem

_T = TypeVar("_T")
Steps = Generator[Event, Reply, _T]
"""A part of a session, with its result."""

_T1_IN_VAIN = 25.0
"""Seconds after which NO CARRIER, and nothing of a fax before it, says that T1 has passed."""


@dataclass(slots=True)
class Course:
    """How far a session has come."""

    modem: Modem
    began: float
    complete: bool = False
    """Whether all pages are behind us, so that every end is the normal one."""
    perhaps_complete: bool = False
    """Whether the modem has not said what follows the page that was confirmed last: nothing, if it hangs up
    as at a normal end."""
    refused: bool = False
    """Whether the page last looked at was refused, which the sender may give up over."""
    told: Parameters | None = None
    """The parameters that the job was told of last."""

    def end(self, status: Status, detail: str) -> NoReturn:
        """End the session, the modem being in command state."""
        raise Ended(
            Outcome(
                status,
                heard_fax=self.modem.reports.heard_fax,
                line_up=self.modem.on_call,
                far_end_gone=False,
                detail=detail,
            )
        )

    def disconnect(self, status: Status, detail: str) -> NoReturn:
        """Have the modem end the call politely, and end the session."""
        self.modem.stop()
        self.end(status, detail)

    # ------------------------------------------------------------------------------------------------------
    # News

    def introduce(self) -> Steps[None]:
        """Pass on what was reported of the far end."""
        info = self.modem.reports.take_news()
        if info is not None:
            yield info

    def negotiated(self, families: frozenset[Family], otherwise: Parameters) -> Steps[Parameters]:
        """The parameters in force; told to the job if they are new, or were trained for anew.

        ``otherwise``: what to go by where the modem reports no DCS, and does not tell when asked either.
        """
        modem, reports = self.modem, self.modem.reports
        if reports.settled is None:
            current = otherwise
        else:
            current = parameters.settled(reports.settled, modem.dialect, families)
        if current != self.told or reports.trained:
            self.told, reports.trained = current, False
            yield Negotiated(current)
        return current

    # ------------------------------------------------------------------------------------------------------
    # The end, by the modem's word

    def outcome(self) -> Outcome:
        """What the modem's hanging up comes to."""
        reports, dialect = self.modem.reports, self.modem.dialect
        code = reports.hung_up
        if code is not None:
            found = status_of(code, hexadecimal=dialect.hexadecimal)
            detail = f"the modem hung up with code {code}"
            if found is None:
                found, detail = Status.DEVICE_FAILED, f"{detail}, which no class has"
        else:
            waited = self.modem.clock.monotonic() - self.began
            in_vain = not reports.heard_fax and waited > _T1_IN_VAIN
            found = Status.NO_ANSWER_T1 if in_vain else Status.LINE_DROPPED
            detail = "the modem said NO CARRIER"
        if found is Status.DCS_NO_REPLY and self.modem.number:
            self.modem.habits.slow_numbers.add(self.modem.number)
        return Outcome(
            self._meant(found),
            heard_fax=reports.heard_fax or found in HEARD_A_FAX,
            line_up=False,
            far_end_gone=found in FELL_SILENT,
            detail=detail,
        )

    def _meant(self, status: Status) -> Status:
        """What a status means here: the normal end only where all is done, a refused page where one was."""
        if self.complete or (self.perhaps_complete and status is Status.NORMAL):
            return Status.NORMAL
        if self.refused and (status is Status.NORMAL or Status.SEND_B <= status < Status.DTE_INACTIVE):
            return Status.PAGE_QUALITY
        return Status.DCN_RECEIVED if status is Status.NORMAL else status


def conduct(course: Course, steps: Steps[NoReturn]) -> Session:
    """The session that these steps are."""
    modem = course.modem
    try:
        yield from steps
    except Ended as ended:
        return replace(ended.outcome, line_up=ended.outcome.line_up and modem.on_call)
    except HungUp:
        return course.outcome()
    except Cancelled:
        with suppress(Cancelled):
            modem.stop()
        return Outcome(
            Status.ABORTED,
            heard_fax=modem.reports.heard_fax,
            line_up=modem.on_call,
            detail="stopped by the script",
        )
    raise AssertionError("a session has no other end")
