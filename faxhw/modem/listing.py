"""The serial devices that are plugged in, as those of a driver."""

from __future__ import annotations

from faxhw.device import DeviceInfo


def listed(driver: str) -> list[DeviceInfo]:
    """All serial devices; none of them is touched."""
    from faxhw.ports.discover import serial_devices  # noqa: PLC0415 - only who lists pays for it

    return [
        DeviceInfo(
            device=f"{driver}:{found.path}",
            description=found.description,
            maker=found.maker,
            model=found.model,
            stable_path=found.stable_path,
            driver=driver,
            usb_id=found.usb_id,
        )
        for found in serial_devices()
    ]
