"""The frame check of received frames, on modems that hand it up, hide it, or do not say which.

T.31 has the modem hand up both octets of it; several do not. Where the profile does not know, the first frame
that the modem calls good tells: either its last two octets check, or they are part of the frame.
"""

from __future__ import annotations

from faxhw import hdlc
from faxhw.t30.line import Frame


class FrameCheck:
    """Takes the frame check off frames, as far as there is one."""

    def __init__(self, fcs: str) -> None:
        self._present: bool | None = {"present": True, "hidden": False}.get(fcs)

    def frame(self, octets: bytes, *, modem_says_good: bool) -> Frame:
        """A frame as the modem handed it up, and whether it is whole.

        Where the check is present it decides, whatever the modem says: some say OK to anything.
        """
        if self._present is not False and hdlc.check(octets):
            self._present = True
            return Frame(octets[:-2], good=True)
        if self._present:
            return Frame(octets[:-2], good=False)
        return Frame(octets, good=modem_says_good)
