"""Probing: a modem that is known is set up, examined, and reported on. No call is made or taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from faxhw.at.identify import Identity
from faxhw.at.telephone import Telephone
from faxhw.errors import DeviceError
from faxhw.modem.advising import claims, findings
from faxhw.modem.examining import examine
from faxhw.modem.meeting import Meeting, introduced
from faxhw.reports import Finding, ProbeReport
from faxhw.terms import Modulation

_FRAME_CHECK = {
    "auto": "found out from the first frame of a call",
    "present": "handed up, by the profile",
    "hidden": "hidden, by the profile",
}
_RUN_BY_MODEM = "the modem's own business in this class"


def probed(
    meeting: Meeting,
    identity: Identity,
    telephone: Telephone,
    *,
    driver: str,
    reason: str,
    fclass: str,
    modulations: Callable[[], Iterable[Modulation]],
    complaints: Iterable[str] = (),
) -> ProbeReport:
    """All that there is to say of a modem. ``modulations`` is asked once it is in its fax class.

    ``complaints`` are what is wrong with the classes that it claims.
    """
    profile = telephone.profile
    refused = _set_up(telephone)
    able = tuple(str(each) for each in modulations())
    examined = examine(meeting.chat, identity, profile)
    usb = {"usb": identity.said.usb} if identity.said.usb else {}
    report = ProbeReport(
        device=meeting.name,
        driver=driver,
        profile=profile.name,
        reason=reason,
        identity={**introduced(identity.said), **examined.names, **usb},
        classes=identity.classes,
        classes_taken=examined.classes_taken,
        credulous=identity.credulous,
        modulations=able,
        lists=examined.lists,
        fclass=fclass,
        flow=telephone.flow.value,
        flow_taken=examined.flow,
        flow_commands=examined.flow_commands,
        frame_check=_FRAME_CHECK[profile.class1.fcs] if fclass.startswith("1") else _RUN_BY_MODEM,
        caller_id=examined.caller_id,
        turnaround=examined.turnaround,
        speed=meeting.speed,
        unanswered=examined.unanswered,
    )
    return findings(report, profile, (*refused, *claims(complaints)))


def _set_up(telephone: Telephone) -> tuple[Finding, ...]:
    """Set the modem up as it would be for a call; what is in the way."""
    try:
        telephone.set_up()
    except DeviceError as error:
        remedy = (
            "it cannot be opened so: try --device-option profile=generic, or write a profile for it (--save)"
        )
        return (Finding(str(error), remedy),)
    return ()
