"""A program on the real libcapi20: registers, asks for the profile, listens, carries a fax either way.

Run as a process of its own (``tests.interop.capi20`` does): the library finds its server in ``~/.capi20rc``
once and for all. It tells of each step in a JSON line. All messages are built and taken apart by the library
(``capi_cmsg2message``, ``capi_message2cmsg``): none of our own code has a part in it.
"""

from __future__ import annotations

import ctypes
import json
import struct
import sys
from collections.abc import Iterator
from ctypes import POINTER, byref, c_uint, c_void_p
from pathlib import Path
from typing import Any

BLOCK, WINDOW = 2048, 7
RECEIVE_QUEUE_EMPTY = 0x1104
REQ, CONF, IND, RESP = 0x80, 0x81, 0x82, 0x83
ALERT, CONNECT, CONNECT_ACTIVE, DISCONNECT, LISTEN = 0x01, 0x02, 0x03, 0x04, 0x05
CONNECT_B3, CONNECT_B3_ACTIVE, DISCONNECT_B3, DATA_B3 = 0x82, 0x83, 0x84, 0x86
COMPOSE, DEFAULT = 0, 1
FAX_CIP, FAX_MASK = 17, 1 << 1 | 1 << 4 | 1 << 16 | 1 << 17
PATIENCE = 60

_WORD, _DWORD, _STRUCT = ctypes.c_uint16, ctypes.c_uint32, c_void_p
_FIELDS = (
    "ApplId:w Command:b Subcommand:b Messagenumber:w adr:d AdditionalInfo:e B1configuration:s B1protocol:w "
    "B2configuration:s B2protocol:w B3configuration:s B3protocol:w BC:s BChannelinformation:s BProtocol:e "
    "CalledPartyNumber:s CalledPartySubaddress:s CallingPartyNumber:s CallingPartySubaddress:s CIPmask:d "
    "CIPmask2:d CIPValue:w Class:d ConnectedNumber:s ConnectedSubaddress:s Data32:d Data64:q DataHandle:w "
    "DataLength:w FacilityConfirmationParameter:s Facilitydataarray:s FacilityIndicationParameter:s "
    "FacilityRequestParameter:s FacilityResponseParameters:s FacilitySelector:w Flags:w Function:d "
    "Globalconfiguration:s HLC:s Info:w InfoElement:s InfoMask:d InfoNumber:w Keypadfacility:s LLC:s "
    "ManuData:s ManuID:d NCPI:s Reason:w Reason_B3:w Reject:w Useruserdata:s SendingComplete:s Data:s "
    "l:w p:i par:s m:s"
)
_TYPES: dict[str, Any] = {
    "b": ctypes.c_uint8,
    "w": _WORD,
    "d": _DWORD,
    "q": ctypes.c_uint64,
    "e": ctypes.c_int,
    "i": c_uint,
    "s": _STRUCT,
}


class Message(ctypes.Structure):
    """``_cmsg`` of capiutils.h."""

    _fields_ = [
        *((name, _TYPES[kind]) for name, _, kind in (each.partition(":") for each in _FIELDS.split())),
        ("buf", ctypes.c_uint8 * 180),
    ]


class Capi:
    """The library, and one application registered with it."""

    def __init__(self) -> None:
        library = self.library = ctypes.CDLL("libcapi20.so.3")
        library.capi20_register.argtypes = [c_uint, c_uint, c_uint, POINTER(c_uint)]
        library.capi_cmsg_header.argtypes = [c_void_p, c_uint, _TYPES["b"], _TYPES["b"], _WORD, _DWORD]
        library.capi_cmsg2message.argtypes = [c_void_p, c_void_p]
        library.capi_message2cmsg.argtypes = [c_void_p, c_void_p]
        library.capi20_put_message.argtypes = [c_uint, c_void_p]
        library.capi20_get_message.argtypes = [c_uint, POINTER(c_void_p)]
        library.capi20_waitformessage.argtypes = [c_uint, c_void_p]
        library.capi20_get_profile.argtypes = [c_uint, c_void_p]
        for name in ("manufacturer", "version", "serial_number"):
            getattr(library, f"capi20_get_{name}").argtypes = [c_uint, c_void_p]
            getattr(library, f"capi20_get_{name}").restype = c_void_p
        self.application = 0
        self._number = 0
        self._buffer = ctypes.create_string_buffer(8192)
        self._kept: list[object] = []

    def identity(self) -> dict[str, Any]:
        library, space = self.library, ctypes.create_string_buffer(256)
        found: dict[str, Any] = {"installed": library.capi20_isinstalled()}
        found["controllers"] = library.capi20_get_profile(0, space), struct.unpack_from("<H", space)[0]
        found["profile"] = library.capi20_get_profile(1, space), space.raw[:64].hex()
        library.capi20_get_manufacturer(1, space)
        found["manufacturer"] = space.value.decode()
        library.capi20_get_version(1, space)
        found["version"] = struct.unpack_from("<4I", space)
        library.capi20_get_serial_number(1, space)
        found["serial"] = space.value.decode()
        return found

    def register(self) -> None:
        application = c_uint()
        self._check("register", self.library.capi20_register(2, WINDOW, BLOCK, byref(application)))
        self.application = application.value

    def release(self) -> None:
        self._check("release", self.library.capi20_release(self.application))

    def put(
        self, command: int, subcommand: int, address: int, number: int | None = None, **fields: Any
    ) -> None:
        if number is None:
            self._number = number = self._number + 1
        message = Message()
        self.library.capi_cmsg_header(byref(message), self.application, command, subcommand, number, address)
        self._kept.clear()
        for name, value in fields.items():
            setattr(message, name, self._pointer(value) if isinstance(value, bytes) else value)
        self._check("cmsg2message", self.library.capi_cmsg2message(byref(message), self._buffer))
        self._check("put_message", self.library.capi20_put_message(self.application, self._buffer))

    def _pointer(self, octets: bytes) -> int:
        """Keep the octets somewhere until the message is sent."""
        space = ctypes.create_string_buffer(octets, len(octets))
        self._kept.append(space)
        return ctypes.addressof(space)

    def get(self, seconds: float = PATIENCE) -> Message:
        """The next message."""
        limit = struct.pack("@ll", int(seconds), int(seconds % 1 * 1e6))
        if self.library.capi20_waitformessage(self.application, ctypes.create_string_buffer(limit)):
            raise TimeoutError("no message came")
        where = c_void_p()
        self._check("get_message", self.library.capi20_get_message(self.application, byref(where)))
        message = Message()
        self._check("message2cmsg", self.library.capi_message2cmsg(byref(message), where))
        return message

    def expect(self, command: int, subcommand: int) -> Message:
        message = self.get()
        if (message.Command, message.Subcommand) != (command, subcommand):
            raise AssertionError(
                f"{message.Command:#x}/{message.Subcommand:#x} came, not {command:#x}/{subcommand:#x}; "
                f"info {message.Info:#x} reasons {message.Reason:#x} {message.Reason_B3:#x}"
            )
        return message

    def confirmed(self, command: int) -> Message:
        message = self.expect(command, CONF)
        self._check(f"CONF of {command:#x}", message.Info)
        return message

    @staticmethod
    def _check(what: str, info: int) -> None:
        if info:
            raise AssertionError(f"{what}: {info:#06x}")


def octets(where: int | None) -> bytes:
    """A structure's content."""
    if not where:
        return b""
    length = ctypes.string_at(where, 1)[0]
    return ctypes.string_at(where + 1, length)


def structure(content: bytes) -> bytes:
    return bytes([len(content)]) + content


def fax_protocol(ident: str) -> dict[str, Any]:
    """B1, B2 and B3 of a fax of group 3 at high resolution, in SFF, by the extended protocol."""
    configuration = struct.pack("<HH", 1, 0) + structure(ident.encode()) + structure(b"")
    return {
        "BProtocol": COMPOSE,
        "B1protocol": 4,
        "B2protocol": 4,
        "B3protocol": 5,
        "B3configuration": structure(configuration),
    }


def ncpi(where: int | None) -> dict[str, Any]:
    """What a fax's NCPI says."""
    content = octets(where)
    if not content:
        return {}
    rate, options, form, pages = struct.unpack_from("<4H", content)
    ident = content[9 : 9 + content[8]].decode()
    return {"rate": rate, "options": options, "format": form, "pages": pages, "ident": ident}


def receive(capi: Capi, path: Path) -> Iterator[dict[str, Any]]:
    capi.put(LISTEN, REQ, 1, InfoMask=0, CIPmask=FAX_MASK)
    capi.confirmed(LISTEN)
    yield {"listening": True}
    call = capi.expect(CONNECT, IND)
    yield {
        "cip": call.CIPValue,
        "called": octets(call.CalledPartyNumber)[1:].decode(),
        "calling": octets(call.CallingPartyNumber)[2:].decode(),
    }
    plci = call.adr
    capi.put(ALERT, REQ, plci)
    capi.confirmed(ALERT)
    capi.put(CONNECT, RESP, plci, call.Messagenumber, Reject=0, **fax_protocol("+49 30 5031"))
    active = capi.expect(CONNECT_ACTIVE, IND)
    capi.put(CONNECT_ACTIVE, RESP, plci, active.Messagenumber)
    link = capi.expect(CONNECT_B3, IND)
    capi.put(CONNECT_B3, RESP, link.adr, link.Messagenumber, Reject=0)
    ready = capi.expect(CONNECT_B3_ACTIVE, IND)
    yield {"active": ncpi(ready.NCPI)}
    capi.put(CONNECT_B3_ACTIVE, RESP, link.adr, ready.Messagenumber)
    with path.open("wb") as file:
        while (message := capi.get()).Command == DATA_B3:
            file.write(ctypes.string_at(message.Data64 or message.Data, message.DataLength))
            capi.put(DATA_B3, RESP, link.adr, message.Messagenumber, DataHandle=message.DataHandle)
    yield from ended(capi, message)


def send(capi: Capi, number: str, path: Path) -> Iterator[dict[str, Any]]:
    capi.put(
        CONNECT,
        REQ,
        1,
        CIPValue=FAX_CIP,
        CalledPartyNumber=structure(b"\x80" + number.encode()),
        CallingPartyNumber=structure(b"\x00\x80" + b"5031"),
        **fax_protocol("+49 30 5031"),
    )
    plci = capi.confirmed(CONNECT).adr
    active = capi.expect(CONNECT_ACTIVE, IND)
    capi.put(CONNECT_ACTIVE, RESP, plci, active.Messagenumber)
    capi.put(CONNECT_B3, REQ, plci)
    ncci = capi.confirmed(CONNECT_B3).adr
    ready = capi.expect(CONNECT_B3_ACTIVE, IND)
    yield {"active": ncpi(ready.NCPI)}
    capi.put(CONNECT_B3_ACTIVE, RESP, ncci, ready.Messagenumber)
    document = path.read_bytes()
    blocks = [document[start : start + BLOCK] for start in range(0, len(document), BLOCK)]
    waiting = 0
    for handle, block in enumerate(blocks):
        space = ctypes.create_string_buffer(block, len(block))
        fields = {"DataLength": len(block), "DataHandle": handle, "Data": ctypes.addressof(space)}
        capi.put(DATA_B3, REQ, ncci, **fields)
        waiting += 1
        while waiting == WINDOW or (waiting and handle + 1 == len(blocks)):
            capi.confirmed(DATA_B3)
            waiting -= 1
    capi.put(DISCONNECT_B3, REQ, ncci)
    capi.confirmed(DISCONNECT_B3)
    yield from ended(capi, capi.get())


def ended(capi: Capi, message: Message) -> Iterator[dict[str, Any]]:
    """The end of the fax, and of the call."""
    if (message.Command, message.Subcommand) != (DISCONNECT_B3, IND):
        raise AssertionError(f"{message.Command:#x}/{message.Subcommand:#x} came, not DISCONNECT_B3_IND")
    yield {"reason_b3": message.Reason_B3, "ncpi": ncpi(message.NCPI)}
    capi.put(DISCONNECT_B3, RESP, message.adr, message.Messagenumber)
    capi.put(DISCONNECT, REQ, message.adr & 0xFFFF)
    while (message := capi.get()).Subcommand != IND:
        pass  # the confirmation, which refuses it where the far end was sooner
    yield {"reason": message.Reason}
    capi.put(DISCONNECT, RESP, message.adr, message.Messagenumber)


def main(deed: str, *arguments: str) -> None:
    capi = Capi()

    def tell(what: dict[str, Any]) -> None:
        print(json.dumps(what), flush=True)  # noqa: T201

    tell(capi.identity())
    capi.register()
    tell({"registered": capi.application})
    steps = receive(capi, Path(arguments[0])) if deed == "receive" else ()
    if deed == "send":
        steps = send(capi, arguments[0], Path(arguments[1]))
    for each in steps:
        tell(each)
    capi.release()
    tell({"released": True})


if __name__ == "__main__":
    main(*sys.argv[1:])
