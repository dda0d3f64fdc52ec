"""The options of a modem's driver, checked; and the port that they ask for.

Whatever is wrong with an option is said before anything is sent to the modem.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from faxhw.at.library import GENERIC, library, profiles
from faxhw.at.profile import SPEEDS, Profile
from faxhw.errors import UsageError, hint
from faxhw.ports.base import Flow, Port
from faxhw.ports.usb.names import is_name
from faxhw.ports.usb.opening import open_usb

OPTIONS = ("profile", "speed", "flow", "usb")
"""Those that every modem's driver has."""
_DIRECT = "direct"
_USB = ("auto", _DIRECT)


@dataclass(frozen=True, slots=True)
class Wishes:
    """A driver's options; ``None`` where the profile decides."""

    profile: Profile | None = None
    speed: int | None = None
    """Bits per second on the serial line."""
    flow: Flow | None = None
    fclass: str = ""
    """The fax class that the modem is to be used in; empty: whichever it has."""
    direct: bool = False
    """Whether a modem that is named by its USB id is used without the kernel's driver, even if it has one."""

    @property
    def first_speed(self) -> int:
        """The speed at which the modem is spoken to before it is known."""
        return self.speed or (self.profile or profiles()[GENERIC]).speed


def read(driver: str, options: Mapping[str, str], classes: Sequence[str]) -> Wishes:
    """The wishes that a driver's options are. Raises ``UsageError``.

    ``classes`` are the fax classes that the driver serves; where there is a choice, it has the option for it.
    """
    known = (*OPTIONS, "class") if len(classes) > 2 else OPTIONS
    for option in options:
        if option not in known:
            raise UsageError(f"{driver} has no option {option!r}; {hint(option, known)}")
    profile, speed, flow, usb = (options.get(each) for each in OPTIONS)
    fitting = {name: each for name, each in profiles().items() if set(classes) & set(each.classes)}
    if profile is not None and profile not in fitting:
        if unsound := library().unsound(profile):
            raise UsageError(unsound)
        other = f" for {driver}" if profile in profiles() else ""
        raise UsageError(f"there is no modem profile {profile!r}{other}; {hint(profile, fitting)}")
    fclass = options.get("class", "")
    if fclass and fclass not in classes:
        raise UsageError(f"class={fclass}: it must be one of {', '.join(classes)}")
    if profile is not None and fclass and fclass not in fitting[profile].classes:
        raise UsageError(
            f"class={fclass}: the profile {profile} is for {' and '.join(fitting[profile].classes)}"
        )
    if speed is not None and not (speed.isdecimal() and int(speed) in SPEEDS):
        raise UsageError(f"speed={speed}: give the bits per second of the serial line, such as 115200")
    if flow is not None and flow not in set(Flow):
        raise UsageError(f"flow={flow}: it must be one of {', '.join(Flow)}")
    if usb not in (None, *_USB):
        raise UsageError(f"usb={usb}: it must be one of {', '.join(_USB)}")
    return Wishes(
        None if profile is None else fitting[profile],
        None if speed is None else int(speed),
        None if flow is None else Flow(flow),
        fclass,
        usb == _DIRECT,
    )


def open_port(driver: str, port: str, wishes: Wishes) -> Port:
    """The serial port, URL or modem on USB. Raises ``UsageError`` if none is named, ``DeviceError``."""
    if not port:
        raise UsageError(f"{driver}: no port was named: give one such as {driver}:/dev/ttyACM0")
    if is_name(port):
        return open_usb(port, speed=wishes.first_speed, direct=wishes.direct)
    if wishes.direct:
        raise UsageError(
            f"{port}: usb=direct is for a modem that is named by its USB id, such as usb:0572:1329"
        )
    from faxhw.ports.serial import open_serial  # noqa: PLC0415 - pyserial is not needed before

    return open_serial(port, speed=wishes.first_speed, flow=Flow.NONE)
