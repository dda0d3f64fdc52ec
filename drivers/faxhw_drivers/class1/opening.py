"""Opening and probing Class 1 modems."""

from __future__ import annotations

from faxhw.at.identify import Identity, ask, numbers_in
from faxhw.at.library import choose
from faxhw.at.profile import Profile
from faxhw.at.telephone import Telephone
from faxhw.modem.meeting import Meeting, described
from faxhw.modem.probing import probed
from faxhw.reports import ProbeReport
from faxhw.terms import Modulation
from faxhw_drivers.class1.codes import CODES
from faxhw_drivers.class1.device import Class1Device

CLASSES = ("1.0", "1")


class Class1Opening:
    """From an open port to a Class 1 modem that is known and set up."""

    def __init__(self, meeting: Meeting) -> None:
        self._meeting = meeting
        self._chat = meeting.chat

    def device(self) -> Class1Device:
        identity, telephone, reason = self._meet()
        self._meeting.set_up(telephone)
        description = described(identity, telephone.profile, reason)
        self._chat.log.info("%s", description)
        return Class1Device(self._chat, telephone, self._modulations(telephone.profile), description)

    def report(self) -> ProbeReport:
        identity, telephone, reason = self._meet()
        first = telephone.profile.classes[0]
        return probed(
            self._meeting,
            identity,
            telephone,
            driver="class1",
            reason=reason,
            fclass=first if first in identity.classes else "1",
            modulations=lambda: self._modulations(telephone.profile),
        )

    def _meet(self) -> tuple[Identity, Telephone, str]:
        """Who the modem is, and the telephone behind it with the profile for it; why that.

        Raises ``DeviceError`` if it is no Class 1 fax modem.
        """
        meeting = self._meeting
        identity = meeting.identify()
        meeting.must_be_fax(identity, "1")
        meeting.must_offer(identity, CLASSES, "1")
        if meeting.wishes.profile is not None:
            return identity, meeting.adopt(meeting.wishes.profile), "asked for"
        profile, reason = choose(identity.said)
        return identity, meeting.adopt(profile), reason

    def _modulations(self, profile: Profile) -> tuple[Modulation, ...]:
        """What can be received by the modem's own word, or the profile's; in Class 1."""
        codes = profile.class1.modulations or numbers_in(ask(self._chat, "+FRM=?"))
        return tuple(each for each, code in CODES.items() if code in codes) or tuple(CODES)
