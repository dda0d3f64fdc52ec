"""The ioctls of a DAHDI channel by name, the structures they carry, and the events of a channel.

Numbers, sizes and layouts are those of DAHDI's user API (dahdi-linux, ``include/dahdi/user.h``). A request's
number is made as Linux makes it (on x86, ARM and RISC-V): direction, size of the argument, the code 0xDA and
the ioctl's own number.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum, IntFlag

CODE = 0xDA
_WRITE, _READ = 1, 2
"""What the caller does to the kernel, as in ``asm-generic/ioctl.h``."""

ELAST = 500
"""The error number of a read while an event waits."""

_INT = struct.Struct("=i")
PARAMS = struct.Struct("=12i40s11iI")
"""``struct dahdi_params``; of its fields, see ``Params``."""
BUFFER_INFO = struct.Struct("=6i")
"""``struct dahdi_bufferinfo``: policies for writing and reading, number and size of buffers, two unused."""
DIAL_OPERATION = struct.Struct("=i256s")
"""``struct dahdi_dialoperation``: what to do, and the string, ended by a zero octet."""


@dataclass(frozen=True, slots=True)
class Ioctl:
    """One of the requests."""

    name: str
    number: int
    direction: int
    argument: struct.Struct

    @property
    def request(self) -> int:
        """What ``ioctl`` is called with."""
        return self.direction << 30 | self.argument.size << 16 | CODE << 8 | self.number


SET_BLOCKSIZE = Ioctl("SET_BLOCKSIZE", 1, _WRITE, _INT)
FLUSH = Ioctl("FLUSH", 3, _WRITE, _INT)
GET_PARAMS = Ioctl("GET_PARAMS", 5, _READ | _WRITE, PARAMS)
HOOK = Ioctl("HOOK", 7, _WRITE, _INT)
GETEVENT = Ioctl("GETEVENT", 8, _READ, _INT)
SET_BUFINFO = Ioctl("SET_BUFINFO", 27, _WRITE, BUFFER_INFO)
DIAL = Ioctl("DIAL", 31, _WRITE, DIAL_OPERATION)
ECHOCANCEL = Ioctl("ECHOCANCEL", 33, _WRITE, _INT)
SPECIFY = Ioctl("SPECIFY", 38, _WRITE, _INT)
SETLAW = Ioctl("SETLAW", 39, _WRITE, _INT)
SETLINEAR = Ioctl("SETLINEAR", 40, _WRITE, _INT)

IOCTLS = (
    SET_BLOCKSIZE,
    FLUSH,
    GET_PARAMS,
    HOOK,
    GETEVENT,
    SET_BUFINFO,
    DIAL,
    ECHOCANCEL,
    SPECIFY,
    SETLAW,
    SETLINEAR,
)


class Hook(IntEnum):
    """The argument of ``HOOK``."""

    ON = 0
    OFF = 1


class Flush(IntFlag):
    """The argument of ``FLUSH``."""

    READ = 1
    WRITE = 2
    EVENT = 4


POLICY_IMMEDIATE = 0
DIAL_REPLACE = 2
LAW_MULAW, LAW_ALAW = 1, 2


class Event(IntEnum):
    """What ``GETEVENT`` gives, as far as an analogue line has it; 0 where there is none."""

    NONE = 0
    ONHOOK = 1
    """The far end has hung up, where the exchange says so by breaking the loop."""
    RINGOFFHOOK = 2
    """A ring is over (at a port for a line)."""
    ALARM = 4
    NOALARM = 5
    DIALCOMPLETE = 9
    HOOKCOMPLETE = 12
    POLARITY = 17
    RINGBEGIN = 18
    REMOVED = 20
    """The channel is gone: close it."""


FXS_SIGNALLING = 1 << 13
"""In a signalling type: the channel is signalled as a telephone is, so it is an FXO port, for a line."""
FXO_SIGNALLING = 1 << 12
"""The channel is signalled as a line is, so it is an FXS port, for a telephone."""


@dataclass(frozen=True, slots=True)
class Params:
    """What a channel says of itself."""

    channel: int
    span: int
    signalling: int
    law: int
    name: str
    alarms: int

    @classmethod
    def parse(cls, octets: bytes) -> Params:
        """From the structure that ``GET_PARAMS`` filled in."""
        fields = PARAMS.unpack(octets)
        text = fields[12].split(b"\0")[0].decode("ascii", "replace")
        name = "".join(each for each in text if each.isprintable())
        return cls(fields[0], fields[1], fields[3], fields[10], name, fields[24])
