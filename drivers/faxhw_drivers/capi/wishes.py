"""Device strings and options of the driver ``capi``, checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from faxhw.audio.laws import Law
from faxhw.capi.framing import FRITZBOX_PORT, RCAPI_PORT
from faxhw.capi.structures import CIP_AUDIO, CIP_FAX
from faxhw.errors import UsageError, hint

_LOCAL = "local"
_PORTS = {"tcp": FRITZBOX_PORT, "rcapi": RCAPI_PORT}
_URL = re.compile(
    r"(?P<scheme>tcp|rcapi)://(?P<host>\[[^\]]+\]|[^/:]+)(:(?P<port>[0-9]{1,5}))?(/(?P<number>[0-9]{1,3}))?"
)
_NUMBER = re.compile("[0-9]{1,3}")
_MOST_CONTROLLERS = 127
_EXAMPLES = "capi:1, capi:tcp://fritz.box:5031/1 or capi:rcapi://host:2662/1"


class Mode(StrEnum):
    """Who runs T.30."""

    AUTO = "auto"
    """The card, if it can."""
    CARD = "card"
    SOUND = "sound"
    """This host, by its software modem on the sound of the call."""


_OPTIONS: Mapping[str, frozenset[str] | None] = {
    "msn": None,
    "calling": None,
    "mode": frozenset(Mode),
    "cip": frozenset({str(CIP_AUDIO), str(CIP_FAX)}),
    "law": frozenset({"a", "mu"}),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a controller is."""

    scheme: str
    """``tcp`` or ``rcapi``; ``local``: this host's own CAPI."""
    controller: int
    host: str = ""
    port: int = 0

    @property
    def is_local(self) -> bool:
        return self.scheme == _LOCAL

    @property
    def url(self) -> str:
        return f"socket://{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Wishes:
    """The driver's options."""

    numbers: tuple[str, ...] = ()
    """The called numbers, or the ends of them, whose calls are ours; none: all calls."""
    calling: str = ""
    """The number that is shown to those we call."""
    mode: Mode = Mode.AUTO
    cip: int | None = None
    """What sort of call ours are; ``None``: fax where the card runs T.30, else 3.1 kHz audio."""
    law: Law = Law.A

    def is_ours(self, called: str) -> bool:
        """Whether a call to that number is."""
        return not self.numbers or not called or any(called.endswith(each) for each in self.numbers)


def place(port: str) -> Place:
    """Where the controller of a device string is. Raises ``UsageError``."""
    if _NUMBER.fullmatch(port) and 0 < int(port) <= _MOST_CONTROLLERS:
        return Place(_LOCAL, int(port))
    found = _URL.fullmatch(port)
    if found is None:
        raise UsageError(f"capi:{port}: name a controller, such as {_EXAMPLES}")
    number, tcp = int(found["number"] or 1), int(found["port"] or _PORTS[found["scheme"]])
    if not (0 < number <= _MOST_CONTROLLERS and 0 < tcp <= 0xFFFF):
        raise UsageError(f"capi:{port}: the controller is 1 to {_MOST_CONTROLLERS}, the port 1 to 65535")
    return Place(found["scheme"], number, found["host"], tcp)


def read(options: Mapping[str, str]) -> Wishes:
    """What the options ask for. Raises ``UsageError``."""
    for name, value in options.items():
        if name not in _OPTIONS:
            raise UsageError(f"capi has no option {name!r}; {hint(name, _OPTIONS)}")
        allowed = _OPTIONS[name]
        if allowed is not None and value not in allowed:
            raise UsageError(f"{name}={value}: it must be one of {', '.join(sorted(allowed))}")
    numbers = tuple(filter(None, re.split(r"[\s,;]+", options.get("msn", ""))))
    for number in (*numbers, options.get("calling", "")):
        if not re.fullmatch(r"\+?[0-9]{0,30}", number):
            raise UsageError(f"{number!r} is not a telephone number: give digits")
    return Wishes(
        numbers,
        options.get("calling", "") or (numbers[0] if numbers else ""),
        Mode(options.get("mode", Mode.AUTO)),
        int(options["cip"]) if "cip" in options else None,
        Law.MU if options.get("law") == "mu" else Law.A,
    )
