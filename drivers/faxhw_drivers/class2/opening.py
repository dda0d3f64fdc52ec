"""Opening and probing modems of classes 2, 2.0 and 2.1."""

from __future__ import annotations

from faxhw.at.identify import Identity
from faxhw.at.telephone import Telephone
from faxhw.errors import DeviceError
from faxhw.modem.choosing import CLASSES, Choice, choose
from faxhw.modem.meeting import Meeting, described
from faxhw.modem.probing import probed
from faxhw.reports import ProbeReport
from faxhw_drivers.class2.device import Class2Device, able


class Class2Opening:
    """From an open port to a modem that is known and set up."""

    def __init__(self, meeting: Meeting) -> None:
        self._meeting = meeting

    def device(self) -> Class2Device:
        identity, choice, telephone, warnings = self._meet()
        self._meeting.set_up(telephone)
        log = self._meeting.chat.log
        description = f"{described(identity, choice.profile, choice.reason)}, class {choice.dialect.fclass}"
        log.info("%s", description)
        for warning in warnings:
            log.warning("%s: %s", self._meeting.name, warning)
        return Class2Device(self._meeting.chat, telephone, choice, self._meeting.speed, description)

    def report(self) -> ProbeReport:
        identity, choice, telephone, warnings = self._meet()
        return probed(
            self._meeting,
            identity,
            telephone,
            driver="class2",
            reason=choice.reason,
            fclass=choice.dialect.fclass,
            modulations=able(choice).modulations,
            complaints=warnings,
        )

    def _meet(self) -> tuple[Identity, Choice, Telephone, tuple[str, ...]]:
        """Who the modem is, its class, the telephone behind it, and what is wrong with its claims.

        Raises ``DeviceError`` if it has none of the classes.
        """
        meeting = self._meeting
        identity = meeting.identify()
        wishes = meeting.wishes
        meeting.must_be_fax(identity)
        if not wishes.fclass:
            meeting.must_offer(identity, CLASSES, "2, 2.0 or 2.1")
        chosen = choose(meeting.chat, identity, wishes.fclass, wishes.profile)
        if chosen.choice is None:
            said = "; ".join(chosen.warnings) or "the modem knows no Class 2, 2.0 or 2.1 fax"
            way_out = "name another class" if wishes.fclass else "name the class"
            raise DeviceError(f"{meeting.name}: {said}: use another driver for it, or {way_out}")
        return chosen.identity, chosen.choice, meeting.adopt(chosen.choice.profile), chosen.warnings
