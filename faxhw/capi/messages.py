"""The messages of CAPI 2.0 as one table, and what makes octets of them and reads them.

A message is a header (its length, the application, command, sub-command, number) and parameters. The data of
a DATA_B3 message stand behind it, and are not in its length. Source: COMMON-ISDN-API version 2.0, 4th
edition, part I clause 5; what a remote CAPI adds, from the conversations of libcapi20.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from faxhw.capi.fields import CapiError, Parameter, Value, Values, blank, parameters, read, write

HEADER = 8
"""Octets of a message's header."""
REQ, CONF, IND, RESP = 0x80, 0x81, 0x82, 0x83
_SUFFIXES = {"REQ": REQ, "CONF": CONF, "IND": IND, "RESP": RESP}
_REMOTE = 0xFF
"""Sub-command of what an application asks a remote CAPI itself (rcapi)."""
_DATA_SIZES = (22, 30)
"""Octets of DATA_B3_REQ and _IND without and with a pointer of 64 bits, which nobody needs on a stream."""

_TABLE = """
ALERT 0x01
  REQ plci:dword additional:struct
  CONF plci:dword info:word
CONNECT 0x02
  REQ controller:dword cip:word called:struct calling:struct called_sub:struct calling_sub:struct b:struct
      bc:struct llc:struct hlc:struct additional:struct
  CONF plci:dword info:word
  IND plci:dword cip:word called:struct calling:struct called_sub:struct calling_sub:struct
      bc:struct llc:struct hlc:struct additional:struct second_calling:struct?
  RESP plci:dword reject:word b:struct connected:struct connected_sub:struct llc:struct additional:struct
CONNECT_ACTIVE 0x03
  IND plci:dword connected:struct connected_sub:struct llc:struct
  RESP plci:dword
DISCONNECT 0x04
  REQ plci:dword additional:struct
  CONF plci:dword info:word
  IND plci:dword reason:word
  RESP plci:dword
LISTEN 0x05
  REQ controller:dword info_mask:dword cip_mask:dword cip_mask2:dword calling:struct calling_sub:struct
  CONF controller:dword info:word
INFO 0x08
  REQ plci:dword called:struct additional:struct
  CONF plci:dword info:word
  IND plci:dword info:word element:struct
  RESP plci:dword
INTEROPERABILITY 0x20
  REQ selector:word request:struct
  CONF info:word selector:word confirmation:struct
SELECT_B_PROTOCOL 0x41
  REQ plci:dword b:struct
  CONF plci:dword info:word
FACILITY 0x80
  REQ plci:dword selector:word request:struct
  CONF plci:dword info:word selector:word confirmation:struct
  IND plci:dword selector:word indication:struct
  RESP plci:dword selector:word response:struct
CONNECT_B3 0x82
  REQ plci:dword ncpi:struct
  CONF ncci:dword info:word
  IND ncci:dword ncpi:struct
  RESP ncci:dword reject:word ncpi:struct
CONNECT_B3_ACTIVE 0x83
  IND ncci:dword ncpi:struct
  RESP ncci:dword
DISCONNECT_B3 0x84
  REQ ncci:dword ncpi:struct
  CONF ncci:dword info:word
  IND ncci:dword reason:word ncpi:struct
  RESP ncci:dword
DATA_B3 0x86
  REQ ncci:dword pointer:dword length:word handle:word flags:word
  CONF ncci:dword handle:word info:word
  IND ncci:dword pointer:dword length:word handle:word flags:word
  RESP ncci:dword handle:word
"""
_REMOTE_TABLE: Mapping[str, tuple[int, str]] = {
    "RCAPI_REGISTER_REQ": (
        0xF2,
        "buffer:dword buffer_size:word connections:word blocks:word block_size:word version:byte",
    ),
    "RCAPI_REGISTER_CONF": (0xF3, "info:word"),
    "RCAPI_MANUFACTURER_REQ": (0xFA, "controller:dword"),
    "RCAPI_MANUFACTURER_CONF": (0xFB, "text:struct"),
    "RCAPI_VERSION_REQ": (0xFC, "controller:dword"),
    "RCAPI_VERSION_CONF": (0xFD, "version:struct"),
    "RCAPI_SERIAL_REQ": (0xFE, "controller:dword"),
    "RCAPI_SERIAL_CONF": (0xFF, "text:struct"),
    "RCAPI_PROFILE_REQ": (0xE0, "controller:dword"),
    "RCAPI_PROFILE_CONF": (0xE1, "info:word profile:rest"),
}


@dataclass(frozen=True, slots=True)
class Layout:
    """A kind of message."""

    name: str
    command: int
    subcommand: int
    form: tuple[Parameter, ...]

    @property
    def is_remote(self) -> bool:
        """Whether it is between an application and a remote CAPI, before there is any controller."""
        return self.name.startswith("RCAPI")

    @property
    def has_data(self) -> bool:
        return self.name in ("DATA_B3_REQ", "DATA_B3_IND")


def _layouts() -> dict[str, Layout]:
    found: dict[str, Layout] = {}
    name, command = "", 0
    for line in _TABLE.replace("\n      ", " ").strip().splitlines():
        first, _, rest = line.strip().partition(" ")
        if first in _SUFFIXES:
            full = f"{name}_{first}"
            found[full] = Layout(full, command, _SUFFIXES[first], parameters(rest))
        else:
            name, command = first, int(rest, 16)
    for name, (command, text) in _REMOTE_TABLE.items():
        found[name] = Layout(name, command, _REMOTE, parameters(text))
    # What asks for a user's name and password has the octets the other way round.
    found["RCAPI_USER_REQ"] = Layout("RCAPI_USER_REQ", 0xFF, 0x00, parameters("user:rest"))
    found["RCAPI_USER_CONF"] = Layout("RCAPI_USER_CONF", 0xFF, 0x01, parameters("answer:rest"))
    return found


LAYOUTS: Mapping[str, Layout] = _layouts()
"""Every message by its name."""
_BY_COMMAND = {(each.command, each.subcommand): each for each in LAYOUTS.values()}


@dataclass(frozen=True, slots=True)
class Message:
    """A message: what ``message`` makes and ``decode`` reads."""

    name: str
    values: Values
    """All its parameters; of a structure, the octets behind its length."""
    application: int = 0
    number: int = 0
    data: bytes = b""
    """Of DATA_B3_REQ and _IND."""

    def integer(self, name: str) -> int:
        """A parameter that is a number."""
        return self.values.integer(name)

    def octets(self, name: str) -> bytes:
        """A parameter that is a structure."""
        return self.values.octets(name)

    @property
    def address(self) -> int:
        """The controller, PLCI or NCCI that it is about; 0 of a message that is about none."""
        for name in ("ncci", "plci", "controller"):
            if name in self.values:
                return self.integer(name)
        return 0

    def numbered(self, application: int, number: int) -> Message:
        """The same message with these in its header."""
        return replace(self, application=application, number=number)


def message(
    name: str, *, application: int = 0, number: int = 0, data: bytes = b"", **values: Value
) -> Message:
    """A message; parameters that are left out are 0 or empty. ``length`` of data is put in.

    ``KeyError`` for a name, ``ValueError`` for a parameter that there is not.
    """
    layout = LAYOUTS[name]
    if data and not layout.has_data:
        raise ValueError(f"{name} has no data")
    if layout.has_data:
        values["length"] = len(data)
    if unknown := values.keys() - {each.name for each in layout.form}:
        raise ValueError(f"{name} has no {', '.join(sorted(unknown))}")
    return Message(name, Values(blank(layout.form) | values), application, number, data)


def encode(each: Message) -> bytes:
    """The octets of a message, its data behind it. ``ValueError`` for values that do not fit."""
    layout = LAYOUTS[each.name]
    body = write(layout.form, each.values)
    if len(body) + HEADER > 0xFFFF:
        raise ValueError(f"{each.name} of {len(body)} octets is too long")
    header = (
        (HEADER + len(body)).to_bytes(2, "little")
        + each.application.to_bytes(2, "little")
        + bytes([layout.command, layout.subcommand])
        + each.number.to_bytes(2, "little")
    )
    return header + body + each.data


def decode(octets: bytes) -> Message:
    """The message that octets are, all of them. Raises ``CapiError`` for what is none.

    A length in the header that counts the data too is taken, as is none at all where a remote CAPI is asked.
    """
    if len(octets) < HEADER:
        raise CapiError(f"{len(octets)} octets are no CAPI message: its header alone has {HEADER}")
    total, application = _word(octets, 0), _word(octets, 2)
    layout = _BY_COMMAND.get((octets[4], octets[5]))
    if layout is None:
        raise CapiError(f"a CAPI message of unknown command 0x{octets[4]:02X}, 0x{octets[5]:02X}")
    end = _data_begins(layout, octets, total)
    values = read(layout.form, octets[HEADER:end], layout.name)
    return Message(layout.name, values, application, _word(octets, 6), octets[end:])


def _data_begins(layout: Layout, octets: bytes, total: int) -> int:
    """Where the parameters end; the lengths are checked against each other."""
    size = len(octets)
    if not layout.has_data:
        if total == size or (layout.is_remote and total == 0):
            return size
        raise CapiError(f"{layout.name} says that it has {total} octets, and has {size}")
    if size < _DATA_SIZES[0]:
        raise CapiError(f"{layout.name} of {size} octets is cut off")
    begins = size - _word(octets, 16)
    if begins not in _DATA_SIZES or total not in (begins, size):
        raise CapiError(f"{layout.name} of {size} octets has other lengths: {total}, data {size - begins}")
    return begins


def _word(octets: bytes, at: int) -> int:
    return int.from_bytes(octets[at : at + 2], "little")
