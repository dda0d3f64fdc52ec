"""Devices on USB as pyusb has them: found by name, described, reset; and what is in the way, in one line."""

from __future__ import annotations

import errno
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import usb.core
import usb.util

from faxhw.errors import DeviceError
from faxhw.ports.base import BUSY
from faxhw.ports.usb.acm import AcmFunction, acm_function
from faxhw.ports.usb.names import Plugged, UsbName, named_apart, the_one

if TYPE_CHECKING:
    from usb.backend import IBackend


class UsbDevice(Protocol):
    """What we use of a ``usb.core.Device``."""

    bus: int
    address: int
    port_numbers: Sequence[int] | None
    iSerialNumber: int  # noqa: N815 - the specification's name
    serial_number: str | None
    ctrl_transfer: Callable[[int, int, int, int, bytes, int], int]
    """Request type, request, value, index, data, milliseconds."""

    def get_active_configuration(self) -> Any: ...

    def set_configuration(self) -> None: ...

    def set_interface_altsetting(self, interface: int, alternate_setting: int) -> None: ...

    def read(self, endpoint: int, size_or_buffer: int, timeout: int) -> Iterable[int]: ...

    def write(self, endpoint: int, data: bytes, timeout: int) -> int: ...

    def clear_halt(self, ep: int) -> None: ...

    def reset(self) -> None: ...

    def is_kernel_driver_active(self, interface: int) -> bool: ...

    def detach_kernel_driver(self, interface: int) -> None: ...

    def attach_kernel_driver(self, interface: int) -> None: ...


@contextmanager
def explained(name: UsbName, device: UsbDevice | None = None) -> Iterator[None]:
    """Make a ``DeviceError`` of what pyusb may raise."""
    try:
        yield
    except (OSError, ValueError, NotImplementedError, IndexError) as error:
        raise DeviceError(f"{name.text}: {_why_not(error, device)}") from error


def _why_not(error: Exception, device: UsbDevice | None) -> str:
    match getattr(error, "errno", None):
        case errno.EACCES | errno.EPERM:
            node = (
                f"/dev/bus/usb/{device.bus:03}/{device.address:03}" if device else "its node in /dev/bus/usb"
            )
            return (
                f"permission denied: this user may not write to {node}; "
                "have a udev rule give it to a group that the user is in (often dialout)"
            )
        case errno.EBUSY:
            return f"{BUSY}: end the program that uses it, or name another"
        case errno.ENODEV | errno.ENOENT:
            return "the device went away; is the modem still plugged in?"
    return f"the device cannot be used by USB ({error}); plug it in again"


def find(name: UsbName, backend: IBackend | None = None) -> UsbDevice:
    """The device that is meant. Raises ``DeviceError`` if there is none, or more than one it could be."""
    use = backend or _libusb(name)
    with explained(name):
        found: list[UsbDevice] = list(
            usb.core.find(find_all=True, backend=use, idVendor=name.vendor, idProduct=name.product)
        )
    if not found:
        raise DeviceError(f"{name.text}: there is no such device; is the modem plugged in and switched on?")
    plugged = [(_plugged(name, each, ask=len(found) > 1 or bool(name.which)), each) for each in found]
    device = the_one(name, plugged)
    if device is None:
        raise DeviceError(
            f"{name.text}: no device of this kind has that serial number or place; "
            f"there is {named_apart(name, [each for each, _ in plugged])}"
        )
    return device


def _libusb(name: UsbName) -> IBackend:
    import usb.backend.libusb1  # noqa: PLC0415 - it looks for the library

    backend = usb.backend.libusb1.get_backend()
    if backend is None:
        raise DeviceError(f"{name.text}: libusb is not installed; install it (Debian: libusb-1.0-0)")
    return backend


def _plugged(name: UsbName, device: UsbDevice, *, ask: bool) -> Plugged:
    """Where it is; with ``ask``, its serial number too, which costs some transfers."""
    ports = ".".join(map(str, device.port_numbers or ()))
    serial = ""
    if ask:
        with explained(name, device):
            serial = _serial(device)
            usb.util.dispose_resources(device)
    return Plugged(f"{device.bus}-{ports or device.address}", serial)


def _serial(device: UsbDevice) -> str:
    """Empty if it has none that can be read. Raises ``OSError`` where the device may not be opened."""
    if not device.iSerialNumber:
        return ""
    try:
        usb.util.get_langids(device)  # pyusb's own way to the serial number hides why there is none
        serial = device.serial_number
    except (OSError, ValueError) as error:
        if getattr(error, "errno", None) in (errno.EACCES, errno.EPERM):
            raise
        return ""
    return serial or ""


def modem_of(name: UsbName, device: UsbDevice) -> AcmFunction:
    """The modem that a device has; it is configured if it is not. Raises ``DeviceError`` if it has none."""
    with explained(name, device):
        try:
            configuration = device.get_active_configuration()
        except usb.core.USBError as error:
            if error.errno is not None:
                raise
            device.set_configuration()
            configuration = device.get_active_configuration()
        octets = _octets(configuration)
    try:
        function = acm_function(octets)
    except ValueError as error:
        raise DeviceError(
            f"{name.text}: its descriptors are malformed ({error}); plug it in again"
        ) from error
    if function is None:
        raise DeviceError(
            f"{name.text}: it is no modem of the class CDC-ACM, and no other can be had without a kernel "
            "driver; name its serial port"
        )
    return function


def _octets(configuration: Any) -> bytes:
    """A configuration's descriptors as the device gave them: what libusb took apart, put together again."""
    pieces = [bytes(configuration.extra_descriptors)]
    for each in configuration:
        pieces += [
            struct.pack(
                "9B",
                9,
                usb.util.DESC_TYPE_INTERFACE,
                each.bInterfaceNumber,
                each.bAlternateSetting,
                each.bNumEndpoints,
                each.bInterfaceClass,
                each.bInterfaceSubClass,
                each.bInterfaceProtocol,
                each.iInterface,
            ),
            bytes(each.extra_descriptors),
        ]
        for end in each:
            address, attributes = end.bEndpointAddress, end.bmAttributes
            pieces += [
                struct.pack(
                    "<4BHB",
                    7,
                    usb.util.DESC_TYPE_ENDPOINT,
                    address,
                    attributes,
                    end.wMaxPacketSize,
                    end.bInterval,
                ),
                bytes(end.extra_descriptors),
            ]
    return b"".join(pieces)


def reset(name: UsbName, device: UsbDevice) -> None:
    """Have the bus reset a device, as if it were plugged in again. Raises ``DeviceError``."""
    with explained(name, device):
        try:
            device.reset()
        except OSError as error:
            if error.errno not in (errno.ENODEV, errno.ENOENT):  # it comes back as another device
                raise
