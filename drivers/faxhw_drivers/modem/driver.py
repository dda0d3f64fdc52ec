"""Opening a modem of whichever class, by the driver for the class that serves it best.

Class 1 leaves T.30 to this host, whose answers must then come within some tens of milliseconds: that is best
where the modem is at hand. Over a network, or where the modem has no Class 1 that anybody has made work, T.30
is left to the modem.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from faxhw.at.library import fitting
from faxhw.at.profile import Profile
from faxhw.clock import SYSTEM_CLOCK, Clock
from faxhw.device import Device, PortDriver
from faxhw.errors import DeviceError
from faxhw.finding import load_driver
from faxhw.modem.advising import claims
from faxhw.modem.choosing import CLASSES, Chosen, choose
from faxhw.modem.listing import listed
from faxhw.modem.meeting import Meeting
from faxhw.modem.restoring import left_as_found
from faxhw.modem.wishes import Wishes, open_port, read
from faxhw.ports.base import Port
from faxhw.reports import DeviceInfo, ProbeReport

_CLASS1 = ("1.0", "1")
_REMOTE = ("rfc2217://", "socket://")
"""How the names of ports begin behind which there is a network."""


@dataclass(frozen=True, slots=True)
class _Handing:
    """To which driver a modem goes, with which options, and why."""

    driver: str
    options: Mapping[str, str]
    reason: str
    warnings: tuple[str, ...] = ()


class ModemDriver:
    """The driver ``modem`` (``faxhw.device.PortDriver``)."""

    name = "modem"

    def check_options(self, options: Mapping[str, str]) -> None:
        """As ``faxhw.device.CheckingDriver``."""
        read(self.name, options, (*_CLASS1, *CLASSES))

    def open(self, port: str, options: Mapping[str, str]) -> Device:
        """Open the modem on a serial port, URL or USB.

        Options: ``class`` (1, 1.0, 2, 2.0 or 2.1), and those of the drivers ``class1`` and ``class2``.
        """
        wishes = read(self.name, options, (*_CLASS1, *CLASSES))
        return self._open_on(open_port(self.name, port, wishes), SYSTEM_CLOCK, wishes, options)

    def open_on(self, port: Port, clock: Clock, options: Mapping[str, str]) -> Device:
        return self._open_on(port, clock, read(self.name, options, (*_CLASS1, *CLASSES)), options)

    def _open_on(self, port: Port, clock: Clock, wishes: Wishes, options: Mapping[str, str]) -> Device:
        try:
            handing = _decide(Meeting(port, clock, wishes, port.name), options)
            driver = _port_driver(handing.driver)
        except BaseException:
            port.close()
            raise
        return driver.open_on(port, clock, handing.options)

    def probe(self, port: str, options: Mapping[str, str]) -> ProbeReport:
        opened = open_port(self.name, port, read(self.name, options, (*_CLASS1, *CLASSES)))
        try:
            return replace(self.probe_on(opened, SYSTEM_CLOCK, options), device=port)
        finally:
            opened.close()

    def probe_on(self, port: Port, clock: Clock, options: Mapping[str, str]) -> ProbeReport:
        meeting = Meeting(port, clock, read(self.name, options, (*_CLASS1, *CLASSES)), port.name)
        with left_as_found(meeting):
            handing = _decide(meeting, options)
            report = _port_driver(handing.driver).probe_on(port, clock, handing.options)
        return replace(
            report,
            reason=f"{handing.reason}; {report.reason}",
            findings=tuple(dict.fromkeys(claims(handing.warnings) + report.findings)),
        )

    def devices(self) -> Iterable[DeviceInfo]:
        return listed(self.name)


def _decide(meeting: Meeting, options: Mapping[str, str]) -> _Handing:
    """Ask the modem, and choose. Raises ``DeviceError`` for what is no fax modem."""
    wishes = meeting.wishes
    asked_for = (wishes.fclass,) if wishes.fclass else wishes.profile.classes if wishes.profile else ()
    if asked_for:
        return _handed(asked_for[0], options, "asked for")
    identity = meeting.identify()
    meeting.must_be_fax(identity, "1")
    offered = set(identity.classes)
    if not offered:
        return _handed("1", options, "it does not say which classes it has, and takes Class 1")
    has_class1 = bool(offered & set(_CLASS1))
    if not offered & set(CLASSES):
        return _handed("1", options, "it has no other class than Class 1")
    chosen = choose(meeting.chat, identity)
    if chosen.choice is None:
        if not has_class1:
            raise DeviceError(f"{meeting.name}: no class of its works: {'; '.join(chosen.warnings)}")
        return _handed("1", options, "no other class of its works", chosen.warnings)
    reason = _against_class1(meeting, chosen, has_class1=has_class1)
    if reason:
        return _handed(chosen.choice.dialect.fclass, options, reason, chosen.warnings)
    return _handed("1", options, "it has Class 1 and is at hand", chosen.warnings)


def _against_class1(meeting: Meeting, chosen: Chosen, *, has_class1: bool) -> str:
    """Why a modem that can run T.30 should; empty if this host had better."""
    if not has_class1:
        return "it has no Class 1"
    if meeting.port.name.startswith(_REMOTE):
        return "there is a network before it"
    profile: Profile | None = chosen.choice.profile if chosen.choice else None
    if profile is not None and profile.preferred and not fitting(chosen.identity.said, "1"):
        return f"the profile {profile.name} is preferred to Class 1"
    return ""


def _handed(fclass: str, options: Mapping[str, str], reason: str, warnings: tuple[str, ...] = ()) -> _Handing:
    if fclass in _CLASS1:
        left = {name: value for name, value in options.items() if name != "class"}
        return _Handing("class1", left, reason, warnings)
    return _Handing("class2", {**options, "class": fclass}, reason, warnings)


def _port_driver(name: str) -> PortDriver:
    driver = load_driver(name)
    if not hasattr(driver, "open_on"):
        raise DeviceError(f"the driver {name!r} cannot be given a port that is open already")
    return driver  # type: ignore[return-value]  # what the attribute shows
