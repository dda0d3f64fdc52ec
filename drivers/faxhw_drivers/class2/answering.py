"""Answering, phases A and B: the modem takes the call, identifies itself, and says who is there."""

from __future__ import annotations

from typing import NoReturn

from faxhw.at.replies import Result
from faxhw.session import Outcome, Status
from faxhw.terms import FarEndType
from faxhw_drivers.class2.modem import Ended, Modem

ANSWER_PATIENCE = 50.0
"""Seconds without a report from ATA on: off hook, CED, and T1."""
_LATE_REPORTS = 2.0
"""Seconds for which reports may come after the result that they belong to."""
_NAMES = {FarEndType.DATA: "a data modem", FarEndType.VOICE: "a voice"}


def answer(modem: Modem) -> None:
    """Take the call: returns once a fax has said what it wants. Raises as ``Modem.result`` does."""
    adaptive = modem.traits.adaptive_answer
    if adaptive:
        modem.say(adaptive)
    result = modem.order("A", ANSWER_PATIENCE)
    if result is Result.VOICE:
        _turn_away(FarEndType.VOICE, line_up=True)
    if result is Result.CONNECT:  # some say first that there is a call, and what sort of one
        if _is_data(modem, adaptive=bool(adaptive)):
            _turn_away(FarEndType.DATA, line_up=False)
        result = modem.result(ANSWER_PATIENCE)
    if result is not Result.OK:
        modem.fail(f"the modem answers the call with {result}")
    reports = modem.reports
    if reports.settled is None and not reports.wants_document:
        modem.wait_for_reports(_LATE_REPORTS)


def _is_data(modem: Modem, *, adaptive: bool) -> bool:
    """Whether CONNECT is a data modem's. A modem that finds that out says of every other call what it is."""
    reports = modem.reports
    if adaptive and not (reports.is_data or reports.connected):
        modem.wait_for_reports(_LATE_REPORTS)
    return reports.is_data or (adaptive and not reports.connected)


def _turn_away(who: FarEndType, *, line_up: bool) -> NoReturn:
    """End the session over somebody who is no fax."""
    raise Ended(
        Outcome(
            Status.OTHER_THAN_FAX,
            heard_fax=False,
            line_up=line_up,
            far_end_gone=False,
            detail=f"the modem found {_NAMES[who]} at the far end",
            far_end_type=who,
        )
    )
