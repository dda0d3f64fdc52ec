"""Caller ID as it came over the line, in hexadecimal: what a modem hands up that does not take it apart.

The frames are those of Bellcore GR-30-CORE and ETSI EN 300 659-3: one message of fixed fields (SDMF), or
fields each with its type and length (MDMF), of which some modems give one alone. Whatever cannot be read is
left out.
"""

from __future__ import annotations

import re

SINGLE, MULTIPLE = 0x04, 0x80
"""The first octet of a whole frame; its length is the second."""
WHEN = 8
"""Characters of date and time: month, day, hour, minute."""

DIALABLE = "dialable number"
_PARAMETERS = {
    0x01: "when",
    0x02: "from",
    0x03: DIALABLE,
    0x04: "no number",
    0x07: "name",
    0x08: "NO NAME",
}
_FRAME = re.compile(r"(?:04|80)(?:[0-9A-F]{2}){9,}", re.IGNORECASE)


def is_frame(line: str) -> bool:
    """Whether a line is nothing but a whole frame."""
    return _FRAME.fullmatch(line) is not None


def read_frame(text: str) -> list[tuple[str, str]]:
    """The fields that a frame, or a piece of one, has: what each tells, and its text.

    Called ``when``, ``from``, ``dialable number``, ``no number``, ``name`` and ``NO NAME``. What checks a
    frame is not looked at: a modem hands up none that is damaged.
    """
    digits = "".join(re.findall("[0-9A-Fa-f]", text))
    octets = bytes.fromhex(digits[: len(digits) & ~1])
    if octets[:1] == bytes((SINGLE,)) and len(octets) >= 2 + WHEN:
        message = octets[2 : 2 + octets[1]].decode("latin-1")
        return [("when", message[:WHEN]), ("from", message[WHEN:])]
    return _parameters(octets[2:] if octets[:1] == bytes((MULTIPLE,)) else octets)


def _parameters(octets: bytes) -> list[tuple[str, str]]:
    found = []
    while len(octets) >= 2 and len(octets) >= 2 + octets[1]:
        kind, end = octets[0], 2 + octets[1]
        if kind in _PARAMETERS:
            found.append((_PARAMETERS[kind], octets[2:end].decode("latin-1")))
        octets = octets[end:]
    return found
