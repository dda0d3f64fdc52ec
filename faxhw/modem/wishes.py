"""The options of a modem's driver, checked; and the port that they ask for.

Whatever is wrong with an option is said before anything is sent to the modem.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from faxhw.at.profile import GENERIC, Profile, profiles
from faxhw.errors import UsageError
from faxhw.ports.base import Flow, Port

OPTIONS = ("profile", "speed", "flow")
"""Those that every modem's driver has."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """A driver's options; ``None`` where the profile decides."""

    profile: Profile | None = None
    speed: int | None = None
    """Bits per second on the serial line."""
    flow: Flow | None = None

    @property
    def first_speed(self) -> int:
        """The speed at which the modem is spoken to before it is known."""
        return self.speed or (self.profile or profiles()[GENERIC]).speed


def read(driver: str, options: Mapping[str, str], known: Iterable[str] = OPTIONS) -> Wishes:
    """The wishes that a driver's options are; ``known`` are the options it has. Raises ``UsageError``."""
    known = tuple(known)
    for option in options:
        if option not in known:
            near = get_close_matches(option, known, n=1)
            raise UsageError(
                f"{driver} has no option {option!r}"
                + (f"; did you mean {near[0]!r}?" if near else f"; it has {', '.join(known)}")
            )
    profile, speed, flow = (options.get(each) for each in OPTIONS)
    if profile is not None and profile not in profiles():
        raise UsageError(f"there is no modem profile {profile!r}; there are {', '.join(profiles())}")
    if speed is not None and not (speed.isdecimal() and 300 <= int(speed) <= 4_000_000):
        raise UsageError(f"speed={speed}: give the bits per second of the serial line, such as 115200")
    if flow is not None and flow not in set(Flow):
        raise UsageError(f"flow={flow}: it must be one of {', '.join(Flow)}")
    return Wishes(
        None if profile is None else profiles()[profile],
        None if speed is None else int(speed),
        None if flow is None else Flow(flow),
    )


def open_port(driver: str, port: str, wishes: Wishes) -> Port:
    """The serial port, or URL, of that name. Raises ``UsageError`` if none is named, ``DeviceError``."""
    from faxhw.ports.serial import open_serial  # noqa: PLC0415 - pyserial is not needed before

    if not port:
        raise UsageError(f"{driver}: no port was named: give one such as {driver}:/dev/ttyACM0")
    return open_serial(port, speed=wishes.first_speed, flow=Flow.NONE)
