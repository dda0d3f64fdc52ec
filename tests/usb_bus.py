"""A USB bus in memory, as a backend for pyusb: sticks that refuse what real ones, and the kernel, refuse.

A ``Stick`` is a ``faxhw.ports.wire.Wire`` for the virtual modem in it. It can be pulled out, stall, fail
transfers and take packets in part; its notifications come in packets of their endpoint's size. The kernel's
driver has it until it is detached. What it was asked is in ``log``.
"""

from __future__ import annotations

import errno
from array import array
from collections import Counter
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import usb.core
from usb.backend import IBackend

from faxhw.clock import Clock
from faxhw.ports.wire import DeviceEnd
from tests import usb_descriptors

NOTIFY, BULK_IN, BULK_OUT = 0x81, 0x82, 0x02
ROOM = 128
"""Octets that a stick takes before its modem has: then it takes no packet."""


def failure(number: int) -> usb.core.USBError:
    """As pyusb's own backend raises it."""
    kind = usb.core.USBTimeoutError if number == errno.ETIMEDOUT else usb.core.USBError
    return kind(errno.errorcode[number], None, number)


@dataclass
class Handle:
    """A stick, opened."""

    stick: Stick
    claimed: set[int] = field(default_factory=set)
    closed: bool = False


class Stick:
    """A modem stick in a port of the bus; ``place`` is where."""

    def __init__(
        self,
        clock: Clock,
        usb_id: str = "0572:1329",
        serial: str = "24680246",
        place: str = "1-1",
        configuration: bytes = usb_descriptors.CONEXANT,
    ) -> None:
        self.vendor, self.product = (int(each, 16) for each in usb_id.split(":"))
        self.serial, self.place = serial, place
        self.configuration = configuration
        self.interfaces = _taken_apart(configuration)
        self.configured = True
        self.denied = False
        self.log: list[object] = []
        self.packets: list[bytes] = []
        """Those that came, empty ones too."""
        self.driven = {each.bInterfaceNumber for each in self.interfaces}
        """The interfaces that the kernel's driver has."""
        self.handles: list[Handle] = []
        self.line_coding = b""
        self.refuses: set[int] = set()
        """Requests that it stalls."""
        self.notification_size = 64
        self.most = 64
        """Octets of a packet that are taken at a time."""
        self.monitor = clock.monitor()
        self.halts: Counter[int] = Counter()
        """How many times more each endpoint stalls."""
        self.hiccups: Counter[int] = Counter()
        """How many transfers of each endpoint fail on the bus."""
        self._device: DeviceEnd | None = None
        self._to_host = bytearray()
        self._from_host = bytearray()
        self._notifications: list[bytes] = []
        self._ring = self._carrier = False
        self._cts = True
        self.gone = False

    def attach(self, device: DeviceEnd) -> None:
        """Name the modem in it."""
        self._device = device

    # -- the wire

    def deliver(self, data: bytes) -> None:
        with self.monitor:
            self._to_host += data
            self.monitor.notify_all()

    def take(self, most: int) -> bytes:
        with self.monitor:
            data = bytes(self._from_host[:most]) if self._cts else b""
            del self._from_host[: len(data)]
            self.monitor.notify_all()
            return data

    def set_cts(self, on: bool) -> None:
        self._cts = on
        if on:
            self._tell_of_output()

    def set_ring(self, on: bool) -> None:
        self._ring = on
        self.notify_state(0x08 * on)

    def set_carrier(self, on: bool) -> None:
        self._carrier = on
        self.notify_state(0)

    def notify_state(self, bits: int) -> None:
        """Send a SERIAL_STATE."""
        octets = bytes([0xA1, 0x20, 0, 0, 0, 0, 2, 0, bits | 0x02 | self._carrier, 0])
        size = self.notification_size
        with self.monitor:
            self._notifications += [octets[start : start + size] for start in range(0, len(octets), size)]
            self.monitor.notify_all()

    def fail(self, reason: str) -> None:
        self.unplug()

    # -- what happens to it

    def unplug(self) -> None:
        with self.monitor:
            self.gone = True
            self.driven.clear()
            self.monitor.notify_all()

    def transfer(self, handle: Handle, endpoint: int, interface: int) -> None:
        """What every transfer meets first; the monitor is held."""
        assert not handle.closed, "a transfer on a handle that was closed"
        assert interface in handle.claimed, "a transfer on an interface that was not claimed"
        ends = [end for each in self.interfaces if each.bInterfaceNumber == interface for end in each.ends]
        assert endpoint in [end.bEndpointAddress for end in ends], "a transfer on another's endpoint"
        if self.gone:
            raise failure(errno.ENODEV)
        if self.hiccups[endpoint] > 0:
            self.hiccups[endpoint] -= 1
            raise failure(errno.EIO)
        if self.halts[endpoint] > 0:
            raise failure(errno.EPIPE)

    def read(self, handle: Handle, endpoint: int, interface: int, buffer: array[int], timeout: int) -> int:
        assert len(buffer) % 64 == 0, "a packet might not fit"
        with self.monitor:
            self._wait(
                lambda: self._to_host if endpoint == BULK_IN else self._notifications, endpoint, timeout
            )
            self.transfer(handle, endpoint, interface)
            if endpoint == NOTIFY:
                data = self._notifications.pop(0) if self._notifications else b""
            else:
                data = bytes(self._to_host[: len(buffer)])
                del self._to_host[: len(data)]
            if not data:
                raise failure(errno.ETIMEDOUT)
            buffer[: len(data)] = array("B", data)
            return len(data)

    def write(self, handle: Handle, endpoint: int, interface: int, packet: bytes, timeout: int) -> int:
        assert len(packet) <= 64, "more than a packet"
        with self.monitor:
            self._wait(lambda: len(self._from_host) < ROOM, endpoint, timeout)
            self.transfer(handle, endpoint, interface)
            if len(self._from_host) >= ROOM:
                raise failure(errno.ETIMEDOUT)
            taken = packet[: self.most]
            self.packets.append(taken)
            self._from_host += taken
            self._tell_of_output()
            return len(taken)

    def _wait(self, ready: Any, endpoint: int, timeout: int) -> None:
        def over() -> bool:
            return bool(ready() or self.gone or self.halts[endpoint] > 0 or self.hiccups[endpoint] > 0)

        self.monitor.wait_for(over, timeout / 1000 if timeout else None)

    def _tell_of_output(self) -> None:
        if self._device and self._from_host:
            self._device.host_wrote()

    def request(self, handle: Handle, setup: tuple[int, int, int, int], data: array[int]) -> int:
        kind, request, value, index = setup
        assert not handle.closed, "a request on a handle that was closed"
        if self.gone:
            raise failure(errno.ENODEV)
        if kind == 0x80 and request == 6 and value >> 8 == 3:
            text = self.serial.encode("utf-16-le") if value & 0xFF else b"\x09\x04"
            answer = array("B", bytes([len(text) + 2, 3]) + text)
            data[: len(answer)] = answer
            return len(answer)
        assert kind == 0x21
        assert index in handle.claimed, "a request to an interface that was not claimed"
        if index != 0 or request in self.refuses:
            raise failure(errno.EPIPE)
        if request == 0x20:
            assert len(data) == 7
            self.line_coding = data.tobytes()
            self.log.append(("line coding", self.line_coding))
            if self._device:
                self._device.host_set_speed(int.from_bytes(self.line_coding[:4], "little"))
        else:
            assert request == 0x22
            self.log.append(("lines", value))
            if self._device:
                self._device.host_set_dtr(bool(value & 1))
        return len(data)


class Bus(IBackend):  # type: ignore[misc]  # pyusb has no types
    """The backend."""

    def __init__(self, *sticks: Stick) -> None:
        self.sticks = list(sticks)

    def enumerate_devices(self) -> list[Stick]:
        return [each for each in self.sticks if not each.gone]

    def get_parent(self, dev: Stick) -> None:
        return None

    def get_device_descriptor(self, dev: Stick) -> SimpleNamespace:
        bus, _, ports = dev.place.partition("-")
        return SimpleNamespace(
            bLength=18,
            bDescriptorType=1,
            bcdUSB=0x110,
            bDeviceClass=2,
            bDeviceSubClass=0,
            bDeviceProtocol=0,
            bMaxPacketSize0=64,
            idVendor=dev.vendor,
            idProduct=dev.product,
            bcdDevice=0x100,
            iManufacturer=1,
            iProduct=2,
            iSerialNumber=3 if dev.serial else 0,
            bNumConfigurations=1,
            bus=int(bus),
            address=4,
            port_number=int(ports[-1]),
            port_numbers=tuple(map(int, ports.split("."))),
            speed=2,
        )

    def get_configuration_descriptor(self, dev: Stick, config: int) -> SimpleNamespace:
        if config:
            raise IndexError(config)
        head = dev.configuration
        return SimpleNamespace(
            bLength=9,
            bDescriptorType=2,
            wTotalLength=len(head),
            bNumInterfaces=head[4],
            bConfigurationValue=head[5],
            iConfiguration=head[6],
            bmAttributes=head[7],
            bMaxPower=head[8],
            extra_descriptors=[],
        )

    def get_interface_descriptor(self, dev: Stick, intf: int, alt: int, config: int) -> SimpleNamespace:
        numbers = sorted({each.bInterfaceNumber for each in dev.interfaces})
        return [each for each in dev.interfaces if each.bInterfaceNumber == numbers[intf]][alt]

    def get_endpoint_descriptor(
        self, dev: Stick, ep: int, intf: int, alt: int, config: int
    ) -> SimpleNamespace:
        found: SimpleNamespace = self.get_interface_descriptor(dev, intf, alt, config).ends[ep]
        return found

    def open_device(self, dev: Stick) -> Handle:
        if dev.denied:
            raise failure(errno.EACCES)
        if dev.gone:
            raise failure(errno.ENODEV)
        dev.handles.append(Handle(dev))
        return dev.handles[-1]

    def close_device(self, dev_handle: Handle) -> None:
        dev_handle.closed = True
        dev_handle.claimed.clear()

    def get_configuration(self, dev_handle: Handle) -> int:
        return 1 if dev_handle.stick.configured else 0

    def set_configuration(self, dev_handle: Handle, config_value: int) -> None:
        dev_handle.stick.configured = True

    def set_interface_altsetting(self, dev_handle: Handle, intf: int, altsetting: int) -> None:
        assert intf in dev_handle.claimed
        dev_handle.stick.log.append(("alternate", intf, altsetting))

    def claim_interface(self, dev_handle: Handle, intf: int) -> None:
        others = [
            each for each in dev_handle.stick.handles if each is not dev_handle and intf in each.claimed
        ]
        if intf in dev_handle.stick.driven or others:
            raise failure(errno.EBUSY)
        dev_handle.claimed.add(intf)

    def release_interface(self, dev_handle: Handle, intf: int) -> None:
        dev_handle.claimed.remove(intf)

    def bulk_read(self, dev_handle: Handle, ep: int, intf: int, buff: array[int], timeout: int) -> int:
        return dev_handle.stick.read(dev_handle, ep, intf, buff, timeout)

    intr_read = bulk_read

    def bulk_write(self, dev_handle: Handle, ep: int, intf: int, data: array[int], timeout: int) -> int:
        return dev_handle.stick.write(dev_handle, ep, intf, data.tobytes(), timeout)

    def ctrl_transfer(  # noqa: PLR0917 - as pyusb has it
        self,
        dev_handle: Handle,
        bmRequestType: int,  # noqa: N803 - pyusb's names
        bRequest: int,  # noqa: N803
        wValue: int,  # noqa: N803
        wIndex: int,  # noqa: N803
        data: array[int],
        timeout: int,
    ) -> int:
        return dev_handle.stick.request(dev_handle, (bmRequestType, bRequest, wValue, wIndex), data)

    def clear_halt(self, dev_handle: Handle, ep: int) -> None:
        dev_handle.stick.halts[ep] -= 1
        dev_handle.stick.log.append(("clear halt", ep))

    def reset_device(self, dev_handle: Handle) -> None:
        assert not dev_handle.claimed
        dev_handle.stick.log.append("reset")

    def is_kernel_driver_active(self, dev_handle: Handle, intf: int) -> bool:
        return intf in dev_handle.stick.driven

    def detach_kernel_driver(self, dev_handle: Handle, intf: int) -> None:
        if intf not in dev_handle.stick.driven:
            raise failure(errno.ENOENT)
        dev_handle.stick.driven.clear()  # cdc_acm lets go of both when it loses one

    def attach_kernel_driver(self, dev_handle: Handle, intf: int) -> None:
        stick = dev_handle.stick
        if stick.gone:
            raise failure(errno.ENODEV)
        if stick.driven or any(each.claimed for each in stick.handles):
            raise failure(errno.EBUSY)
        stick.driven = {each.bInterfaceNumber for each in stick.interfaces}


def _taken_apart(configuration: bytes) -> list[SimpleNamespace]:
    """Interfaces with their ends, and what follows each that libusb does not know, as libusb gives them."""
    found: list[SimpleNamespace] = []
    last = SimpleNamespace()
    place = 9
    while place < len(configuration):
        piece = configuration[place : place + configuration[place]]
        place += len(piece)
        if piece[1] == 4:
            last = SimpleNamespace(
                bLength=9,
                bDescriptorType=4,
                bInterfaceNumber=piece[2],
                bAlternateSetting=piece[3],
                bNumEndpoints=piece[4],
                bInterfaceClass=piece[5],
                bInterfaceSubClass=piece[6],
                bInterfaceProtocol=piece[7],
                iInterface=piece[8],
                extra_descriptors=[],
                ends=[],
            )
            found.append(last)
        elif piece[1] == 5:
            last = SimpleNamespace(
                bLength=7,
                bDescriptorType=5,
                bEndpointAddress=piece[2],
                bmAttributes=piece[3],
                wMaxPacketSize=piece[4] | piece[5] << 8,
                bInterval=piece[6],
                bRefresh=0,
                bSynchAddress=0,
                extra_descriptors=[],
            )
            found[-1].ends.append(last)
        else:
            last.extra_descriptors += piece
    return found
