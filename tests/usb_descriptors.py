"""Descriptors of USB modems, as octets.

CONEXANT is put together from a listing (``lsusb -v``) that the owner of a stick 0572:1329 published in a
forum in 2012 (configuration 1 of its two). The others are made up, after the specification's clauses.
"""

from __future__ import annotations

HEADER = bytes.fromhex("0524001001")
CALL_MANAGEMENT = bytes.fromhex("0524010301")
ACM = bytes.fromhex("04240207")
UNION = bytes.fromhex("0524060001")
COUNTRY = bytes.fromhex("062407044803")

CONTROL = bytes.fromhex("090400000102020100")
DATA = bytes.fromhex("09040100020a000000")
NOTIFICATIONS = bytes.fromhex("07058103400080")
BULK_IN = bytes.fromhex("07058202400001")
BULK_OUT = bytes.fromhex("07050202400001")


def configuration(*descriptors: bytes, interfaces: int = 2) -> bytes:
    """Descriptors with a configuration's own before them."""
    length = 9 + sum(map(len, descriptors))
    return bytes([9, 2, *length.to_bytes(2, "little"), interfaces, 1, 0, 0x80, 50]) + b"".join(descriptors)


FUNCTIONAL = HEADER + CALL_MANAGEMENT + ACM + UNION
CONEXANT = configuration(
    CONTROL, NOTIFICATIONS, DATA, BULK_IN, BULK_OUT, HEADER, CALL_MANAGEMENT, ACM, UNION, COUNTRY
)
REGULAR = configuration(CONTROL, FUNCTIONAL, NOTIFICATIONS, DATA, BULK_IN, BULK_OUT)
NO_UNION = configuration(CONTROL, HEADER, ACM, NOTIFICATIONS, DATA, BULK_IN, BULK_OUT)
SINGLE = configuration(
    bytes.fromhex("090400000302020100"), HEADER, ACM, NOTIFICATIONS, BULK_IN, BULK_OUT, interfaces=1
)
NO_NOTIFICATIONS = configuration(bytes.fromhex("090400000002020100"), FUNCTIONAL, DATA, BULK_IN, BULK_OUT)


def device(vendor: int, product: int, serial: bool = True) -> bytes:
    """A device's own descriptor: USB 1.1, class communications, one configuration."""
    ids = vendor.to_bytes(2, "little") + product.to_bytes(2, "little")
    return bytes.fromhex("120110010200 0040") + ids + bytes([0, 1, 1, 2, 3 * serial, 1])
