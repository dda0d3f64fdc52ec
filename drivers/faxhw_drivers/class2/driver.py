"""Opening and probing modems of classes 2, 2.0 and 2.1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from faxhw.at.identify import Identity
from faxhw.at.telephone import Telephone
from faxhw.clock import SYSTEM_CLOCK, Clock
from faxhw.device import DeviceInfo, ProbeReport
from faxhw.errors import DeviceError
from faxhw.modem.choosing import CLASSES, Choice, choose
from faxhw.modem.meeting import Meeting, described, introduced
from faxhw.modem.wishes import Wishes, open_port, read
from faxhw.ports.base import Port
from faxhw_drivers.class2.device import Class2Device, able


class Class2Driver:
    """The driver ``class2`` (``faxhw.device.PortDriver``)."""

    name = "class2"

    def open(self, port: str, options: Mapping[str, str]) -> Class2Device:
        """Open the modem on a serial port or URL.

        Options: ``class`` (2, 2.0 or 2.1), ``profile`` (a name of ``faxhw/at/class2.toml``), ``speed`` (bits
        per second on the serial line), ``flow`` (none, rtscts, xonxoff).
        """
        wishes = read(self.name, options, CLASSES)
        return self._open_on(open_port(self.name, port, wishes), SYSTEM_CLOCK, wishes, f"{self.name}:{port}")

    def open_on(self, port: Port, clock: Clock, options: Mapping[str, str]) -> Class2Device:
        return self._open_on(port, clock, read(self.name, options, CLASSES), port.name)

    def _open_on(self, port: Port, clock: Clock, wishes: Wishes, name: str) -> Class2Device:
        try:
            return _Opening(Meeting(port, clock, wishes, name)).device()
        except BaseException:
            port.close()
            raise

    def probe(self, port: str, options: Mapping[str, str]) -> ProbeReport:
        wishes = read(self.name, options, CLASSES)
        opened = open_port(self.name, port, wishes)
        try:
            return _Opening(Meeting(opened, SYSTEM_CLOCK, wishes, f"{self.name}:{port}")).report()
        finally:
            opened.close()

    def devices(self) -> Iterable[DeviceInfo]:
        """None: the driver ``modem`` lists the ports, whichever class is behind them."""
        return ()


class _Opening:
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
        telephone.set_up()
        self._meeting.chat.command("+FCLASS=0", choice.profile.command_timeout)
        credulous = ("it says OK to commands that do not exist",) if identity.credulous else ()
        return ProbeReport(
            device=self._meeting.name,
            driver="class2",
            profile=choice.profile.name,
            fclass=choice.dialect.fclass,
            reason=choice.reason,
            identity=introduced(identity.said),
            classes=identity.classes,
            modulations=tuple(str(each) for each in able(choice).modulations()),
            warnings=(*credulous, *warnings),
        )

    def _meet(self) -> tuple[Identity, Choice, Telephone, tuple[str, ...]]:
        """Who the modem is, its class, the telephone behind it, and what is wrong with its claims.

        Raises ``DeviceError`` if it has none of the classes.
        """
        meeting = self._meeting
        identity = meeting.identify()
        wishes = meeting.wishes
        if identity.classes and not wishes.fclass and not set(CLASSES) & set(identity.classes):
            raise DeviceError(
                f"{meeting.name}: the modem has no Class 2, 2.0 or 2.1 fax; it offers classes "
                f"{', '.join(identity.classes)}: use another driver for it"
            )
        if identity.credulous and not identity.classes:
            raise DeviceError(
                f"{meeting.name}: it says OK to everything and tells nothing; this is not a fax modem"
            )
        chosen = choose(meeting.chat, identity, wishes.fclass, wishes.profile)
        if chosen.choice is None:
            said = "; ".join(chosen.warnings) or "the modem knows no Class 2, 2.0 or 2.1 fax"
            way_out = "name another class" if wishes.fclass else "name the class"
            raise DeviceError(f"{meeting.name}: {said}: use another driver for it, or {way_out}")
        return chosen.identity, chosen.choice, meeting.adopt(chosen.choice.profile), chosen.warnings
