"""How drivers and devices are found: drivers by their entry points, devices by their drivers."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from faxhw.device import CheckingDriver, Device, Driver
from faxhw.errors import DeviceError, UsageError, hint
from faxhw.reports import DeviceInfo, Kind, ProbeReport

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

log = logging.getLogger("faxhw.device")

ENTRY_POINTS = "faxhw.drivers"
DEFAULT_DRIVER = "modem"
"""What a plain port is taken for."""


@dataclass(frozen=True, slots=True)
class Address:
    """A device string taken apart."""

    driver: str
    port: str


def drivers() -> dict[str, EntryPoint]:
    """The drivers that are installed, by name; none of them is loaded."""
    from importlib.metadata import entry_points  # noqa: PLC0415 - it costs a third of the start-up time

    return {each.name: each for each in entry_points(group=ENTRY_POINTS)}


def load_driver(name: str) -> Driver:
    """The driver of that name.

    Raises ``UsageError`` if none is installed, ``DeviceError`` if it cannot be loaded.
    """
    known = drivers()
    if name not in known:
        raise UsageError(f"there is no driver {name!r}: {hint(name, sorted(known))}")
    try:
        driver: Driver = known[name].load()
    except Exception as error:
        origin = known[name].dist
        raise DeviceError(
            f"the driver {name!r} ({known[name].value}, of {origin.name if origin else 'no distribution'}) "
            f"cannot be loaded: {error}"
        ) from error
    missing = [each for each in ("open", "probe", "devices") if not callable(getattr(driver, each, None))]
    if missing:
        raise DeviceError(
            f"the driver {name!r} ({known[name].value}) is none: it has no {', '.join(missing)}"
        )
    return driver


def parse_address(device: str) -> Address:
    """The driver and port that a device string names: ``[driver:]port``.

    A path (``/dev/ttyACM0``), a URL of pyserial's (``rfc2217://host:4000``) or a name on USB
    (``usb:0baf:0303``) may stand without a driver.
    Raises ``UsageError`` for an unknown driver or an empty string.
    """
    if not device.strip():
        raise UsageError("no device was named: give one such as class1:/dev/ttyACM0")
    prefix, colon, port = device.partition(":")
    if prefix in drivers():
        if not colon:
            raise UsageError(f"{device!r} is a driver: name its port as well, {device}:PORT")
        return Address(prefix, port)
    if colon and prefix != "usb" and not port.startswith("//") and re.fullmatch(r"[A-Za-z][\w.-]*", prefix):
        load_driver(prefix)  # says which ones there are
    return Address(DEFAULT_DRIVER, device)


def open_device(device: str, /, **options: object) -> Device:
    """Open a device by its device string; ``options`` are its driver's.

    Raises ``UsageError`` for a driver or option that there is not, ``DeviceError`` if it cannot be opened.
    """
    address = parse_address(device)
    return load_driver(address.driver).open(address.port, _texts(options))


def check_options(device: str, options: Mapping[str, str]) -> None:
    """Raise ``UsageError`` for options that the device's driver does not take, as far as it can say now.

    Nothing is opened. Raises as ``parse_address`` and ``load_driver`` do, too.
    """
    driver = load_driver(parse_address(device).driver)
    if callable(getattr(driver, "check_options", None)):
        cast("CheckingDriver", driver).check_options(options)


def can_share(device: str) -> bool:
    """Whether several devices can be open on that port. Raises as ``check_options`` does."""
    return bool(getattr(load_driver(parse_address(device).driver), "shares_ports", False))


def is_on_port(device: str) -> bool:
    """Whether the device sits behind a byte stream (``PortDriver``). Raises as ``check_options`` does."""
    return callable(getattr(load_driver(parse_address(device).driver), "probe_on", None))


def probe(device: str, /, **options: object) -> ProbeReport:
    """Ask a device what it is; nothing is dialled or answered. Raises as ``open_device`` does."""
    address = parse_address(device)
    return load_driver(address.driver).probe(address.port, _texts(options))


def devices() -> list[DeviceInfo]:
    """What is plugged in, by every driver that can be loaded, modems first; nothing is touched."""
    found: list[DeviceInfo] = []
    for name in sorted(drivers()):
        try:
            found += load_driver(name).devices()
        except Exception as error:  # noqa: BLE001 - whatever one driver does, the others are asked
            log.warning("the driver %r cannot look for devices: %s", name, error)
    return sorted(found, key=lambda each: list(Kind).index(each.kind))


def _texts(options: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in options.items()}
