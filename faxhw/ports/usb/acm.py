"""The octets of USB's abstract control model: descriptors, requests and notifications. No I/O.

After USB CDC 1.2 (functional descriptors, clause 5.2.3) and its PSTN subclass 1.2 (requests 6.3,
notifications 6.5). A device is never trusted: what is malformed is refused with ``ValueError``. Functional
descriptors are taken from wherever they stand, for those of Conexant's sticks (0572:1329) follow the last
endpoint of the *data* interface, where the specification has none.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

SET_LINE_CODING, SET_CONTROL_LINE_STATE = 0x20, 0x22
TO_INTERFACE = 0x21
"""The request type of both: class, to an interface, from the host."""
DTR, RTS = 0x01, 0x02
LINE_CODING = 0x02
"""The bit of the capabilities that says that both, and the notification SERIAL_STATE, are known."""

_INTERFACE, _ENDPOINT, _FUNCTIONAL = 0x04, 0x05, 0x24
_LEAST = {_INTERFACE: 9, _ENDPOINT: 7, _FUNCTIONAL: 3}
"""Octets that a descriptor of a type has at least."""
_CALL_MANAGEMENT, _ACM, _UNION = 0x01, 0x02, 0x06
_COMMUNICATIONS, _ABSTRACT, _DATA = 0x02, 0x02, 0x0A
_BULK, _INTERRUPT = 0x02, 0x03
_IN = 0x80


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An end of a pipe."""

    address: int
    packet: int
    """The most octets in a packet."""


@dataclass(frozen=True, slots=True)
class AcmFunction:
    """A modem among the interfaces of a device."""

    control: int
    """The number of the interface that requests are for."""
    data: int
    """The number of the interface of the bulk endpoints; may be the same."""
    alternate: int
    """Its alternate setting that has them."""
    bulk_in: Endpoint
    bulk_out: Endpoint
    notifications: Endpoint | None = None
    capabilities: int = 0

    @property
    def interfaces(self) -> tuple[int, ...]:
        return (self.control,) if self.control == self.data else (self.control, self.data)


@dataclass(slots=True)
class _Interface:
    """An interface's alternate setting, and what follows it."""

    number: int
    alternate: int
    kind: tuple[int, int]
    """Class and subclass."""
    ends: dict[tuple[int, bool], Endpoint] = field(default_factory=dict)
    """The first endpoint of a transfer type and direction (True: in)."""
    functional: list[bytes] = field(default_factory=list)

    @property
    def has_data(self) -> bool:
        return {(_BULK, True), (_BULK, False)} <= self.ends.keys()


def acm_function(configuration: bytes) -> AcmFunction | None:
    """The first modem in a configuration, descriptors as the device gives them; ``None`` if there is none.

    Raises ``ValueError`` for what are no descriptors.
    """
    interfaces = _interfaces(configuration)
    for control in interfaces:
        if control.kind == (_COMMUNICATIONS, _ABSTRACT):
            own = control.functional or [each for other in interfaces for each in other.functional]
            data = _data_of(control, interfaces, own)
            if data is not None:
                return _function(control, data, own)
    return None


def _function(control: _Interface, data: _Interface, functional: list[bytes]) -> AcmFunction:
    return AcmFunction(
        control.number,
        data.number,
        data.alternate,
        data.ends[_BULK, True],
        data.ends[_BULK, False],
        control.ends.get((_INTERRUPT, True)),
        next((each[3] for each in functional if each[2] == _ACM and len(each) >= 4), 0),
    )


def _data_of(control: _Interface, interfaces: list[_Interface], functional: list[bytes]) -> _Interface | None:
    """The data interface: by union, by call management, by its class, or the same one."""
    named = [
        n
        for each in functional
        if each[2] == _UNION and each[3:4] == bytes([control.number])
        for n in each[4:]
    ]
    named += [each[4] for each in functional if each[2] == _CALL_MANAGEMENT and len(each) >= 5]
    able = [each for each in interfaces if each.has_data]
    candidates = [
        *(each for number in named for each in able if each.number == number),
        *(each for each in able if each.kind[0] == _DATA),
        *(each for each in able if each.number == control.number),
    ]
    return candidates[0] if candidates else None


def _interfaces(configuration: bytes) -> list[_Interface]:
    found: list[_Interface] = []
    for descriptor in _descriptors(configuration):
        kind = descriptor[1]
        if len(descriptor) < _LEAST.get(kind, 2):
            raise ValueError(f"a descriptor of type {kind:#04x} is cut short")
        if kind == _INTERFACE:
            found.append(_Interface(descriptor[2], descriptor[3], (descriptor[5], descriptor[6])))
        elif found and kind == _ENDPOINT:
            _add_endpoint(found[-1], descriptor)
        elif found and kind == _FUNCTIONAL:
            found[-1].functional.append(descriptor)
    return found


def _add_endpoint(interface: _Interface, descriptor: bytes) -> None:
    address, attributes, packet = struct.unpack_from("<BBH", descriptor, 2)
    if not packet & 0x7FF:
        raise ValueError(f"endpoint {address:#04x} has packets of no octets")
    kind = (attributes & 0x03, bool(address & _IN))
    interface.ends.setdefault(kind, Endpoint(address, packet & 0x7FF))


def _descriptors(octets: bytes) -> Iterator[bytes]:
    place = 0
    while place < len(octets):
        length = octets[place]
        if length < 2 or place + length > len(octets):
            raise ValueError(f"a descriptor at octet {place} claims a length of {length}")
        yield octets[place : place + length]
        place += length


def line_coding(baud: int) -> bytes:
    """What SET_LINE_CODING carries: 8 data bits, no parity, 1 stop bit."""
    return struct.pack("<IBBB", baud, 0, 0, 8)


# ----------------------------------------------------------------------------------------------------------
# Notifications

_SERIAL_STATE = 0x20
_FROM_INTERFACE = 0xA1
_HEADER = 8
_MOST = 64
"""Octets of a notification's data that are believed."""
_TROUBLES = {0x04: "break", 0x10: "framing error", 0x20: "parity error", 0x40: "overrun"}


@dataclass(frozen=True, slots=True)
class SerialState:
    """What a modem says of its serial line."""

    carrier: bool
    ring: bool
    troubles: tuple[str, ...] = ()


class Notifications:
    """Finds the serial states in what the interrupt endpoint brings, however it is cut."""

    def __init__(self) -> None:
        self._pending = bytearray()

    def feed(self, octets: bytes) -> list[SerialState]:
        self._pending += octets
        found = []
        while (notification := self._next()) is not None:
            if notification[1] == _SERIAL_STATE and len(notification) >= _HEADER + 2:
                found.append(_serial_state(notification[_HEADER]))
        return found

    def _next(self) -> bytes | None:
        """The next whole notification; what cannot begin one is dropped."""
        pending = self._pending
        while pending:
            if pending[0] == _FROM_INTERFACE:
                if len(pending) < _HEADER:
                    return None
                length = _HEADER + int.from_bytes(pending[6:8], "little")
                if length <= _HEADER + _MOST:
                    if len(pending) < length:
                        return None
                    whole = bytes(pending[:length])
                    del pending[:length]
                    return whole
            del pending[0]
        return None


def _serial_state(bits: int) -> SerialState:
    return SerialState(
        bool(bits & 0x01), bool(bits & 0x08), tuple(each for bit, each in _TROUBLES.items() if bits & bit)
    )
