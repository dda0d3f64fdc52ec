"""Answering, phases A and B: the modem takes the call, identifies itself, and says who is there."""

from __future__ import annotations

from faxhw.at.replies import Result
from faxhw_drivers.class2.modem import Modem

ANSWER_PATIENCE = 50.0
"""Seconds without a report from ATA on: off hook, CED, and T1."""
_LATE_REPORTS = 2.0
"""Seconds for which reports may come after the result that they belong to."""


def answer(modem: Modem) -> None:
    """Take the call: returns once a fax has said what it wants. Raises as ``Modem.result`` does."""
    result = modem.order("A", ANSWER_PATIENCE)
    if result is Result.CONNECT:  # some say first that there is a call, and what sort of one
        result = modem.result(ANSWER_PATIENCE)
    if result is not Result.OK:
        modem.fail(f"the modem answers the call with {result}")
    reports = modem.reports
    if reports.settled is None and not reports.wants_document:
        modem.wait_for_reports(_LATE_REPORTS)
