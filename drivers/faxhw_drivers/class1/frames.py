"""The frame check of received frames, in whichever of the ways a modem hands it up, or not at all.

T.31 has the modem hand up both octets of it as they came. Some turn its bits over or its octets around, some
hide it. Where the profile does not say, the first frame that the modem calls good tells: either its last two
octets are one of the forms, or they are part of the frame.
"""

from __future__ import annotations

from collections.abc import Callable

from faxhw import hdlc
from faxhw.t30.line import Frame

_Form = Callable[[bytes], bytes]


def _inverted(check: bytes) -> bytes:
    return bytes(octet ^ 0xFF for octet in check)


_FORMS: tuple[_Form, ...] = (
    lambda check: check,
    _inverted,
    lambda check: check[::-1],
    lambda check: _inverted(check)[::-1],
)


class FrameCheck:
    """Takes the frame check off frames, as far as there is one."""

    def __init__(self, fcs: str) -> None:
        self._forms = () if fcs == "hidden" else _FORMS
        """Those that it may have; two look alike in one frame of 256."""
        self._known = fcs != "auto"

    def frame(self, octets: bytes, *, modem_says_good: bool) -> Frame:
        """A frame as the modem handed it up, and whether it is whole.

        A known check decides, whatever the modem says: some say OK to anything.
        """
        body = octets[:-2]
        check = hdlc.frame_check(body)
        fitting = tuple(form for form in self._forms if octets[-2:] == form(check))
        if fitting and len(octets) >= hdlc.MIN_FRAME:
            self._forms, self._known = fitting, True
            return Frame(body, good=True)
        if self._known and self._forms:
            return Frame(body, good=False)
        return Frame(octets, good=modem_says_good)
