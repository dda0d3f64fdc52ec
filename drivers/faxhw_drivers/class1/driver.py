"""Opening and probing Class 1 modems."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from faxhw.at.chat import Chat
from faxhw.at.identify import ASK_WAIT, Identity, ask, gain_attention, identify, numbers_in
from faxhw.at.profile import GENERIC, Profile, choose, profiles
from faxhw.at.telephone import Telephone
from faxhw.clock import SYSTEM_CLOCK, Clock
from faxhw.device import DeviceInfo, ProbeReport
from faxhw.errors import DeviceError, UsageError
from faxhw.ports.base import Flow, Port
from faxhw.terms import Modulation
from faxhw_drivers.class1.codes import CODES
from faxhw_drivers.class1.device import Class1Device

OPTIONS = ("profile", "speed", "flow")
_ECHO_OFF = "E0V1Q0"


@dataclass(frozen=True, slots=True)
class _Wishes:
    """The driver's options, checked; ``None`` where the profile decides."""

    profile: Profile | None
    speed: int | None
    flow: Flow | None


class Class1Driver:
    """The driver ``class1`` (``faxhw.device.PortDriver``)."""

    name = "class1"

    def open(self, port: str, options: Mapping[str, str]) -> Class1Device:
        """Open the modem on a serial port or URL.

        Options: ``profile`` (a name of ``faxhw/at/profiles.toml``), ``speed`` (bits per second on the serial
        line), ``flow`` (none, rtscts, xonxoff).
        """
        wishes = _read(options)
        return self._open_on(_open_port(port, wishes), SYSTEM_CLOCK, wishes, f"{self.name}:{port}")

    def open_on(self, port: Port, clock: Clock, options: Mapping[str, str]) -> Class1Device:
        return self._open_on(port, clock, _read(options), port.name)

    def _open_on(self, port: Port, clock: Clock, wishes: _Wishes, name: str) -> Class1Device:
        try:
            return _Opening(port, clock, wishes, name).device()
        except BaseException:
            port.close()
            raise

    def probe(self, port: str, options: Mapping[str, str]) -> ProbeReport:
        wishes = _read(options)
        opened = _open_port(port, wishes)
        try:
            return _Opening(opened, SYSTEM_CLOCK, wishes, f"{self.name}:{port}").report()
        finally:
            opened.close()

    def devices(self) -> Iterable[DeviceInfo]:
        from faxhw.ports.discover import serial_devices  # noqa: PLC0415 - only who lists pays for it

        return [
            DeviceInfo(
                device=f"{self.name}:{found.path}",
                description=found.description,
                maker=found.maker,
                model=found.model,
                stable_path=found.stable_path,
                driver=self.name,
                usb_id=found.usb_id,
            )
            for found in serial_devices()
        ]


def _read(options: Mapping[str, str]) -> _Wishes:
    for option in options:
        if option not in OPTIONS:
            near = get_close_matches(option, OPTIONS, n=1)
            raise UsageError(
                f"class1 has no option {option!r}"
                + (f"; did you mean {near[0]!r}?" if near else f"; it has {', '.join(OPTIONS)}")
            )
    profile, speed, flow = (options.get(each) for each in OPTIONS)
    if profile is not None and profile not in profiles():
        raise UsageError(f"there is no modem profile {profile!r}; there are {', '.join(profiles())}")
    if speed is not None and not (speed.isdecimal() and 300 <= int(speed) <= 4_000_000):
        raise UsageError(f"speed={speed}: give the bits per second of the serial line, such as 115200")
    if flow is not None and flow not in set(Flow):
        raise UsageError(f"flow={flow}: it must be one of {', '.join(Flow)}")
    return _Wishes(
        None if profile is None else profiles()[profile],
        None if speed is None else int(speed),
        None if flow is None else Flow(flow),
    )


def _open_port(port: str, wishes: _Wishes) -> Port:
    from faxhw.ports.serial import open_serial  # noqa: PLC0415 - pyserial is not needed before

    if not port:
        raise UsageError("class1: no port was named: give one such as class1:/dev/ttyACM0")
    profile = wishes.profile or profiles()[GENERIC]
    return open_serial(port, speed=wishes.speed or profile.speed, flow=Flow.NONE)


class _Opening:
    """From an open port to a modem that is known and set up."""

    def __init__(self, port: Port, clock: Clock, wishes: _Wishes, name: str) -> None:
        self._port = port
        self._wishes = wishes
        self._name = name
        self._chat = Chat(port, clock, logging.getLogger(f"faxhw.device.{self._name}"))

    def device(self) -> Class1Device:
        identity, profile, reason = self._meet()
        flow = self._flow(profile)
        telephone = Telephone(self._chat, self._name, profile, flow)
        telephone.set_up()
        self._set_flow(flow)
        said = identity.ati3 or identity.ati0 or "unnamed modem"
        description = f"{said} (profile {profile.name}: {reason})"
        self._chat.log.info("%s", description)
        return Class1Device(self._chat, telephone, self._modulations(profile), description)

    def report(self) -> ProbeReport:
        identity, profile, reason = self._meet()
        Telephone(self._chat, self._name, profile, self._flow(profile)).set_up()
        modulations = self._modulations(profile)
        self._chat.command("+FCLASS=0", profile.command_timeout)
        return ProbeReport(
            device=self._name,
            driver="class1",
            profile=profile.name,
            reason=reason,
            identity={"ATI0": identity.ati0, "ATI3": identity.ati3, "revision": identity.revision},
            classes=identity.classes,
            modulations=tuple(str(each) for each in modulations),
            warnings=("it says OK to commands that do not exist",) if identity.credulous else (),
        )

    def _meet(self) -> tuple[Identity, Profile, str]:
        """Who the modem is, and the profile for it. Raises ``DeviceError`` if it is no Class 1 fax modem."""
        asked = self._wishes.speed or (self._wishes.profile or profiles()[GENERIC]).speed
        answered = self._listen_at(asked)
        identity = identify(self._chat)
        self._must_be_class1(identity)
        if self._wishes.profile is not None:
            return identity, self._wishes.profile, "asked for"
        profile, reason = choose(identity.ati0, identity.ati3, _usb_id(self._port.name), identity.revision)
        if self._wishes.speed is None and answered == asked != profile.speed:
            self._listen_at(profile.speed)
        return identity, profile, reason

    def _listen_at(self, speed: int) -> int:
        """Have the modem listen, echo off and results in words; the speed at which it does."""
        self._port.set_speed(speed)
        answered = gain_attention(self._chat, self._name, speed)
        self._chat.command(_ECHO_OFF, ASK_WAIT)
        self._chat.accept_numeric(False)
        return answered

    def _must_be_class1(self, identity: Identity) -> None:
        if identity.classes:
            if not {"1", "1.0"} & set(identity.classes):
                raise DeviceError(
                    f"{self._name}: the modem has no Class 1 fax; it offers classes "
                    f"{', '.join(identity.classes)}: use another driver for it"
                )
        elif identity.credulous:
            raise DeviceError(
                f"{self._name}: it says OK to everything and tells nothing; this is not a fax modem, "
                "name the port of one"
            )
        elif not self._chat.command("+FCLASS=1", 5.0).ok:
            raise DeviceError(
                f"{self._name}: the modem knows no fax classes; this is not a fax modem, name the port of one"
            )

    def _flow(self, profile: Profile) -> Flow:
        return self._wishes.flow or profile.flow

    def _set_flow(self, flow: Flow) -> None:
        # XON/XOFF waits until a page is sent: both octets are data in what is received.
        self._port.set_flow(Flow.NONE if flow is Flow.XON_XOFF else flow)

    def _modulations(self, profile: Profile) -> tuple[Modulation, ...]:
        """What can be received by the modem's own word, or the profile's; in Class 1."""
        codes = profile.class1.modulations or numbers_in(ask(self._chat, "+FRM=?"))
        return tuple(each for each, code in CODES.items() if code in codes) or tuple(CODES)


def _usb_id(path: str) -> str:
    from faxhw.ports.discover import usb_id_of  # noqa: PLC0415 - only for paths of devices

    return usb_id_of(path)
