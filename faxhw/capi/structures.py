"""What stands inside the structures of CAPI messages: B protocols, a fax's NCPI, numbers, the profile.

Tables of the same form as the messages'. An empty structure says "as usual": it reads as 0 and empty
throughout. Source: CAPI 2.0 part I clause 6, and part II for T.30.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag

from faxhw.capi.fields import Parameter, Value, Values, blank, parameters, read, write

B_PROTOCOL = parameters(
    "b1:word b2:word b3:word b1_configuration:struct b2_configuration:struct b3_configuration:struct"
    " global_configuration:struct?"
)
B1_CONFIGURATION = parameters("rate:word level:word parity:word stop:word")
"""Of B1 4, T.30: the highest rate in bit/s (0: the best), the level in dBm."""
FAX = parameters("options:word format:word ident:struct headline:struct")
"""B3 configuration of T.30 (4: ``options`` is the resolution alone) and of T.30 extended (5)."""
FAX_NCPI = parameters("rate:word options:word format:word pages:word ident:struct")
"""NCPI of T.30 in CONNECT_B3_ACTIVE and DISCONNECT_B3: what was settled, pages so far, who is there."""
PROFILE = parameters("controllers:word channels:word options:dword b1:dword b2:dword b3:dword reserved:rest")
ADDITIONAL = parameters(
    "channel:struct keypad:struct user_user:struct facility:struct sending_complete:struct?"
)
DTMF_REQUEST = parameters("function:word tone:word gap:word digits:struct characteristics:struct?")
"""FACILITY_REQ of selector 1. Tone and gap are milliseconds. A DTMF indication is the digits themselves."""
DTMF_CONFIRMATION = parameters("info:word")
REMOTE_FUNCTION = parameters("function:word parameters:struct")
"""What INTEROPERABILITY_REQ of selector 2 asks a FRITZ!Box for: a function below and its parameters."""
REGISTER = parameters("connections:word blocks:word block_size:word")
PROFILE_OF = parameters("controller:word")
REMOTE_ANSWER = parameters("info:word rest:rest")
"""Parameters in the box's confirmation: the error, and of GET_PROFILE the profile."""

REMOTE_SELECTOR = 2
REMOTE_REGISTER, REMOTE_RELEASE, REMOTE_PROFILE = 0, 1, 2
DTMF_SELECTOR = 1
DTMF_START, DTMF_STOP, DTMF_SEND = 1, 2, 3
PROFILE_SIZE = 64

B1_TRANSPARENT, B1_FAX = 1, 4
"""64 kbit/s as the network has it, octet by octet, the first bit on the line lowest; T.30 modem."""
B2_TRANSPARENT, B2_FAX = 1, 4
B3_TRANSPARENT, B3_FAX, B3_FAX_EXTENDED = 0, 4, 5

CIP_SPEECH, CIP_AUDIO, CIP_TELEPHONY, CIP_FAX = 1, 4, 16, 17
"""Compatibility information profile: what sort of call it is. In a LISTEN_REQ's mask, bit numbers."""
SFF_FORMAT = 0
"""``format`` of the fax tables: pages are SFF documents."""
RESTRICTED = 0xA0
"""A calling number's presentation: the caller withholds it; 0xC0: it is not available."""
UNAVAILABLE = 0xC0


class FaxOption(IntFlag):
    """Bits of ``options``. In the NCPI the upper three say what is not used, as in the configuration."""

    HIGH_RESOLUTION = 0x0001
    POLLING = 0x0002
    MORE_AFTER = 0x0004
    """NCPI: another document is to be had, by polling, after this one."""
    JPEG = 0x0400
    JBIG = 0x0800
    NO_PROGRESSIVE_JBIG = 0x1000
    NO_MR = 0x2000
    NO_MMR = 0x4000
    NO_ECM = 0x8000


class ProfileOption(IntFlag):
    """Bits of a profile's ``options``."""

    INTERNAL = 0x01
    EXTERNAL = 0x02
    HANDSET = 0x04
    DTMF = 0x08
    SUPPLEMENTARY = 0x10
    CHANNEL_ALLOCATION = 0x20


def build(form: tuple[Parameter, ...], **values: Value) -> bytes:
    """A structure's octets, without their length. ``ValueError`` for a parameter that there is not."""
    return write(form, values)


def parse(form: tuple[Parameter, ...], octets: bytes, what: str = "a structure") -> Values:
    """What a structure holds; an empty one: 0 and empty throughout. Raises ``CapiError`` if it is cut off."""
    return read(form, octets, what) if octets else blank(form)


@dataclass(frozen=True, slots=True)
class FaxFacts:
    """An NCPI of T.30 in Python's terms."""

    rate: int = 0
    options: FaxOption = FaxOption(0)  # noqa: RUF009 - it is a value
    pages: int = 0
    ident: str = ""
    """As it came, without control characters and blanks around it."""


def fax_facts(ncpi: bytes) -> FaxFacts:
    """What an NCPI says of a fax. Raises ``CapiError`` if it is cut off."""
    found = parse(FAX_NCPI, ncpi, "the NCPI of a fax")
    return FaxFacts(
        found.integer("rate"),
        FaxOption(found.integer("options")),
        found.integer("pages"),
        _text(found.octets("ident")),
    )


@dataclass(frozen=True, slots=True)
class Profile:
    """What a controller can do (GET_PROFILE)."""

    controllers: int
    channels: int
    options: ProfileOption
    b1: int
    b2: int
    b3: int

    @property
    def fax_protocol(self) -> int | None:
        """The B3 protocol by which the controller runs T.30 itself; ``None`` if it does not."""
        if not (self.b1 >> B1_FAX & 1 and self.b2 >> B2_FAX & 1):
            return None
        return next((each for each in (B3_FAX_EXTENDED, B3_FAX) if self.b3 >> each & 1), None)

    @property
    def transparent(self) -> bool:
        """Whether it hands through the sound of a call."""
        return bool(self.b1 >> B1_TRANSPARENT & self.b2 >> B2_TRANSPARENT & self.b3 >> B3_TRANSPARENT & 1)


def profile(octets: bytes) -> Profile:
    """A profile from its octets, of which there must be 20 at least. Raises ``CapiError``."""
    found = read(PROFILE, octets, "a profile")
    return Profile(
        found.integer("controllers"),
        found.integer("channels"),
        ProfileOption(found.integer("options")),
        found.integer("b1"),
        found.integer("b2"),
        found.integer("b3"),
    )


def profile_octets(each: Profile) -> bytes:
    """The 64 octets of a profile."""
    return build(
        PROFILE,
        controllers=each.controllers,
        channels=each.channels,
        options=int(each.options),
        b1=each.b1,
        b2=each.b2,
        b3=each.b3,
    ).ljust(PROFILE_SIZE, b"\0")


# ----------------------------------------------------------------------------------------------------------
# Telephone numbers (Q.931 clauses 4.5.8 and 4.5.10, without the element's identifier and length)


@dataclass(frozen=True, slots=True)
class Number:
    """A called or calling number."""

    digits: str = ""
    presentation: int = 0x80
    """Of a calling number: ``RESTRICTED``, ``UNAVAILABLE``, or neither."""


def called_number(digits: str) -> bytes:
    """The structure's octets; empty for no number. ``ValueError`` for what is no ASCII text."""
    return b"\x80" + digits.encode("ascii") if digits else b""


def calling_number(digits: str, presentation: int = 0x80) -> bytes:
    """The structure's octets. ``ValueError`` for what is no ASCII text."""
    return bytes([0x00, presentation]) + digits.encode("ascii")


def read_number(octets: bytes) -> Number:
    """The number in a structure, of either sort: a second octet with its highest bit set is no digit."""
    if len(octets) > 1 and octets[1] & 0x80:
        return Number(_text(octets[2:]), octets[1] & 0xE0)
    return Number(_text(octets[1:]))


def _text(octets: bytes) -> str:
    return "".join(each for each in octets.decode("latin-1") if each.isprintable()).strip()
