"""The frames of T.30: their names, how they are built and taken apart (clause 5.3).

A frame here runs from the address octet to the last information octet, as an AT interface shows it: first bit
on the line in the lowest bit. T.30 prints octets the other way round; ``Fcf`` keeps its print, so that the
table below can be read against the Recommendation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from faxhw.hdlc import REVERSED
from faxhw.t30.line import Frame

ADDRESS = 0xFF
CONTROL = 0x03
FINAL = 0x10
"""The final bit, in the control octet of a transmission's last frame."""
MAX_INFORMATION = 512
"""Octets of information that are looked at: no frame of T.30 needs more (an NSF may try)."""


class Fcf(IntEnum):
    """Facsimile control fields as T.30 table 1 prints them, X as 0."""

    DIS = 0x01
    CSI = 0x02
    NSF = 0x04
    DTC = 0x81
    CIG = 0x82
    NSC = 0x84
    PWD = 0x83
    SEP = 0x85
    PSA = 0x86
    CIA = 0x87
    ISP = 0x88
    DCS = 0x41
    TSI = 0x42
    NSS = 0x44
    SUB = 0x43
    SID = 0x45
    TSA = 0x46
    IRA = 0x47
    CTC = 0x48
    CFR = 0x21
    FTT = 0x22
    CTR = 0x23
    CSA = 0x24
    EOM = 0x71
    MPS = 0x72
    EOP = 0x74
    PRI_EOM = 0x79
    PRI_MPS = 0x7A
    PRI_EOP = 0x7C
    EOS = 0x78
    EOR = 0x73
    RR = 0x76
    PPS = 0x7D
    MCF = 0x31
    RTN = 0x32
    RTP = 0x33
    PIN = 0x34
    PIP = 0x35
    PID = 0x36
    RNR = 0x37
    ERR = 0x38
    PPR = 0x3D
    FDM = 0x3F
    DCN = 0x5F
    CRP = 0x58
    FNV = 0x53
    TR = 0x56
    TNR = 0x57
    FCD = 0x60
    RCP = 0x61

    @property
    def label(self) -> str:
        """The name with T.30's hyphen: PRI-EOM."""
        return self.name.replace("_", "-")


PLAIN: dict[int, Fcf] = {
    Fcf.PRI_EOM: Fcf.EOM,
    Fcf.PRI_MPS: Fcf.MPS,
    Fcf.PRI_EOP: Fcf.EOP,
    Fcf.EOS: Fcf.EOM,
}
"""Procedure interrupts ask for an operator; where there is none they are taken for the plain command. The end
of one of several selected documents, EOS, leads back to phase B like EOM."""

IDENTIFICATIONS = frozenset({Fcf.CSI, Fcf.CIG, Fcf.TSI, Fcf.SUB, Fcf.SEP, Fcf.SID, Fcf.PSA, Fcf.PWD})
"""Frames whose information is 20 characters, last one first (clause 5.3.6.2.4 ff.)."""


def control_field(octet: int) -> int:
    """An FCF octet from the line as T.30 prints it, its X bit cleared; not necessarily a known ``Fcf``."""
    printed = REVERSED[octet]
    # Only in the identification groups 0000 and 1000 is the first bit part of the name.
    return printed & 0x7F if printed & 0x70 else printed


def build(fcf: Fcf, information: bytes = b"", *, x: bool = False, final: bool = True) -> bytes:
    """A frame. ``x`` is the X bit: set by the station that has received a DIS (clause 5.3.6.1)."""
    printed = fcf | 0x80 if x and fcf & 0x70 else fcf
    return bytes([ADDRESS, CONTROL | FINAL * final, REVERSED[printed]]) + information


def transmission(*frames: tuple[Fcf, bytes], x: bool = False) -> tuple[bytes, ...]:
    """Frames that go out in one transmission: the final bit is on the last."""
    last = len(frames) - 1
    return tuple(
        build(fcf, information, x=x, final=number == last) for number, (fcf, information) in enumerate(frames)
    )


def identification(text: str) -> bytes:
    """Information of CSI, TSI, CIG and their like: 20 characters, padded with spaces, last one first."""
    return text[:20].rjust(20)[::-1].encode("ascii", "replace")


def identification_text(information: bytes) -> str:
    """What such a field says: printable ASCII only, at most 20 characters, outer spaces dropped."""
    text = information[:20][::-1].decode("latin-1")
    return "".join(each if " " <= each <= "~" else " " for each in text).strip()


@dataclass(frozen=True, slots=True)
class Message:
    """A transmission that could be read: the command or response, and the frames before it."""

    fcf: int
    """The last frame's control field as ``control_field`` gives it, procedure interrupts plain."""
    information: bytes
    before: tuple[tuple[int, bytes], ...] = ()
    """(control field, information) of each frame that came before the last, in order."""

    def preceding(self, *fcfs: Fcf) -> bytes | None:
        """The information of the first such frame before the last one; ``None`` if there was none."""
        return next((information for each, information in self.before if each in fcfs), None)

    def text(self, *fcfs: Fcf) -> str | None:
        """What such a frame says in characters (``identification_text``)."""
        information = self.preceding(*fcfs)
        return None if information is None else identification_text(information)

    @property
    def label(self) -> str:
        return label(self.fcf)


def label(fcf: int) -> str:
    """The name of a control field, known or not."""
    return Fcf(fcf).label if fcf in Fcf._value2member_map_ else f"unknown frame {fcf:02x}"


def read(frames: Iterable[Frame]) -> Message | None:
    """The message in what was heard; ``None`` where its last frame is missing or damaged.

    A damaged or strange frame before the last one is passed over: it costs what it said and no more.
    """
    readable = [frame for frame in frames if frame.good and is_t30(frame.octets)]
    if not readable or not readable[-1].octets[1] & FINAL:
        return None
    fields = [(control_field(frame.octets[2]), frame.octets[3 : 3 + MAX_INFORMATION]) for frame in readable]
    fcf, information = fields[-1]
    return Message(PLAIN.get(fcf, fcf), information, tuple(fields[:-1]))


def is_t30(octets: bytes) -> bool:
    """Whether a frame has T.30's address and control octets and a control field."""
    return len(octets) >= 3 and octets[0] == ADDRESS and octets[1] & ~FINAL == CONTROL
