"""What is plugged in, as the devices of a driver: ports and modems, and what is known to be none.

It is known by ids and names alone (``known``): nothing is opened.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from faxhw.at.library import fitting
from faxhw.at.profile import FAX_CLASSES, Sayings
from faxhw.at.replies import printable
from faxhw.modem.known import Row, Sort, table
from faxhw.ports.discover import SYSTEM, BusDevice, Roots, SerialDevice, plugged
from faxhw.ports.holders import Holder, holders, stale_locks
from faxhw.ports.usb.names import PREFIX, Plugged, told_apart
from faxhw.reports import DeviceInfo, Kind

_Names = Mapping[str, str]
_NO_BUS = BusDevice("", "", "")
"""That of a port of the host's own."""


def listed(driver: str, roots: Roots = SYSTEM) -> list[DeviceInfo]:
    """The serial ports, and what is known of the devices without one."""
    found = plugged(roots)
    paths = [each.path for each in found.ports] + [each.node for each in found.without_port if each.node]
    users, locks = holders(paths, roots), stale_locks(paths, roots)
    names = _usb_names([*(each.on for each in found.ports if each.on is not None), *found.without_port])
    ports = [_port(driver, each, names, users[each.path], locks.get(each.path, "")) for each in found.ports]
    rest = (_without_port(driver, each, names, users.get(each.node, ())) for each in found.without_port)
    return ports + [each for each in rest if each is not None]


def _port(
    driver: str, port: SerialDevice, names: _Names, users: Sequence[Holder], stale_lock: str
) -> DeviceInfo:
    device = port.on or _NO_BUS
    row = _row(device)
    name = names.get(device.address, "")
    info = _described(f"{driver}:{port.path}", device, row, name)
    by_place = bool(device.address) and name.endswith(f":{device.address}")
    lock = (f"a program that has ended left the lock file {stale_lock}: remove it",) if stale_lock else ()
    kind = row.sort.kind if row is not None else Kind.MODEM if device.is_modem else Kind.PORT
    return replace(
        info,
        driver=driver,
        kernel_driver=port.kernel_driver,
        stable_path=name if by_place else port.stable_path or name,  # twins fight for one link
        kind=kind,
        notes=(*_advice(row), *lock),
        used_by=_named(users),
    )


def _without_port(
    driver: str, device: BusDevice, names: _Names, users: Sequence[Holder]
) -> DeviceInfo | None:
    """A device that is a modem, or is taken for one; ``None`` for any other."""
    row = _row(device)
    if not device.is_modem and (row is None or not row.id or (device.bus, row.sort.kind) in _NO_MATTER):
        return None
    kind = row.sort.kind if row is not None else _sort_by_class(device).kind
    name = names.get(device.address, "")
    return replace(
        _described(name or f"{device.bus}:{device.address}", device, row, name),
        driver=driver if device.bus == "usb" and kind is Kind.MODEM else "",
        kernel_driver=device.kernel_driver,
        kind=kind,
        notes=_advice(row) if row is not None else tuple(filter(None, [_sort_by_class(device).advice])),
        used_by=_named(users),
    )


_NO_MATTER = frozenset({("usb", Kind.OTHER), ("usb", Kind.PORT)})
"""What nobody takes for a modem, if it has no serial port."""


def _sort_by_class(device: BusDevice) -> Sort:
    return table().usb_modem if device.bus == "usb" else table().without_port


def _row(device: BusDevice) -> Row | None:
    return table().find(device.bus, device.id, f"{device.maker} {device.model}")


def _advice(row: Row | None) -> tuple[str, ...]:
    return (row.sort.advice,) if row is not None and row.sort.advice else ()


def _described(device_string: str, device: BusDevice, row: Row | None, usb_name: str) -> DeviceInfo:
    """What the device's descriptors and its row tell of it."""
    usb_id = device.id if device.bus == "usb" else ""
    says = row.sort.says if row is not None else _sort_by_class(device).says if device.is_modem else ""
    return DeviceInfo(
        device=device_string,
        description=": ".join(filter(None, [row.what if row is not None else "", says])),
        maker=printable(device.maker),
        model=printable(device.model),
        stable_path=usb_name,
        usb_id=usb_id,
        serial_number=printable(device.serial_number),
        profile=_profile(usb_id),
    )


def _profile(usb_id: str) -> str:
    """The profile that a USB id gives by itself, for the first class that has one."""
    said = Sayings(usb=usb_id)
    return next((found[0].name for each in FAX_CLASSES if usb_id and (found := fitting(said, each))), "")


def _usb_names(devices: Iterable[BusDevice]) -> _Names:
    """The device strings that open them on USB, by address: wherever they are plugged in, twins apart."""
    kinds: dict[str, dict[str, Plugged]] = {}
    for each in devices:
        if each.bus == "usb":
            kinds.setdefault(each.id, {})[each.address] = Plugged(each.address, printable(each.serial_number))
    return {
        address: ":".join(filter(None, (f"{PREFIX}{usb_id}", which)))
        for usb_id, kind in kinds.items()
        for address, which in zip(
            kind,
            told_apart([*kind.values()]) if len(kind) > 1 else [each.serial for each in kind.values()],
            strict=True,
        )
    }


def _named(users: Iterable[Holder]) -> tuple[str, ...]:
    return tuple(f"{each.pid} {printable(each.name)}".strip() for each in users)
