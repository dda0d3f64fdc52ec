"""+FRH and +FRM: frames and data from the line (T.31 clauses 8.3.4 and 8.3.6).

The V.21 receiver goes on between one +FRH and the next and keeps the frames that come meanwhile. Any octet
from the DTE breaks a reception off.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from faxhw.hdlc import Unframed, frame_check
from faxhw_drivers.sim.modem.dle import END, shielded
from faxhw_drivers.sim.modem.quirks import FcsStyle
from faxhw_drivers.sim.pump import FrameEar
from faxhw_drivers.sim.signals import V21, Carrier, Signal

if TYPE_CHECKING:
    from faxhw_drivers.sim.modem.core import VirtualModem


class FrameMemory:
    """The V.21 receiver and the frames it heard that no +FRH has asked for yet."""

    def __init__(self) -> None:
        self.ear = FrameEar()
        self.frames: deque[Unframed] = deque(maxlen=32)
        self.flags = False
        self.lost = False
        """The carrier has dropped since the last frame."""
        self.keep()

    def keep(self) -> None:
        """Remember, from now on, what is heard while nobody asks."""
        self.ear.on_flags = self._on_flags
        self.ear.on_frame = self.frames.append
        self.ear.on_lost = self._on_lost
        self.ear.on_other = None

    def _on_flags(self) -> None:
        self.flags = True

    def _on_lost(self) -> None:
        self.lost = True


class ReceiveFrames:
    """+FRH=3, and the end of ATD."""

    takes_data = False

    def __init__(self, modem: VirtualModem) -> None:
        self._modem = modem
        self._connected = False
        self._stray: Carrier | None = None

    def begin(self) -> None:
        memory = self._modem.frame_memory
        if memory is None:
            memory = self._modem.frame_memory = FrameMemory()
            self._modem.receiver.listen(V21, memory.ear)
        ear = memory.ear
        ear.on_flags, ear.on_frame = self._connect, self._frame
        ear.on_lost, ear.on_other = self._lost, self._other
        if memory.frames:
            self._frame(memory.frames.popleft())
        elif memory.lost:
            self._modem.forget_frames()
            self._modem.complete("NO CARRIER")
        elif memory.flags:
            self._connect()

    def from_dte(self, data: bytes) -> None:
        self._modem.forget_frames()
        if self._connected:
            self._modem.to_dte(END)
        self._modem.broken_off()

    def heard(self, signal: Signal) -> None:
        pass

    def stop(self) -> None:
        self._modem.forget_frames()

    def _connect(self) -> None:
        if self._modem.frame_memory is not None:
            self._modem.frame_memory.flags = True
        if not self._connected:
            self._connected = True
            self._modem.result("CONNECT")

    def _frame(self, frame: Unframed) -> None:
        self._connect()
        modem = self._modem
        octets = frame.octets + frame_check(frame.octets) if frame.good else frame.octets
        modem.to_dte(shielded(_with_fcs(octets, modem.quirks.fcs), not modem.quirks.no_dle_doubling) + END)
        if modem.frame_memory is not None:
            modem.frame_memory.keep()
        modem.complete("OK" if frame.good else modem.quirks.bad_frame_result)

    def _lost(self) -> None:
        if not self._connected and self._stray is None:
            return
        modem = self._modem
        modem.forget_frames()
        if self._connected:
            modem.to_dte(END)
        modem.complete("NO CARRIER")

    def _other(self, carrier: Carrier) -> None:
        modem = self._modem
        self._stray = carrier
        if modem.quirks.frh_takes_any_carrier:
            self._connect()
            modem.to_dte(bytes(modem.world.random.randrange(0x20, 0xFF) for _ in range(3)))
        elif not modem.quirks.no_fcerror:
            modem.forget_frames()
            modem.complete("+FCERROR")


class ReceiveData:
    """+FRM: the reception of its own carrier."""

    takes_data = False

    def __init__(self, modem: VirtualModem, carrier: Carrier) -> None:
        self._modem = modem
        self._carrier = carrier
        self._connected = False

    def begin(self) -> None:
        if not (self._modem.quirks.pause_loses_carrier and self._modem.paused):
            self._modem.receiver.listen(self._carrier, self)

    def from_dte(self, data: bytes) -> None:
        self._modem.receiver.off()
        if self._connected:
            self._modem.to_dte(END)
        self._modem.broken_off()

    def heard(self, signal: Signal) -> None:
        pass

    def stop(self) -> None:
        self._modem.receiver.off()

    # -- the reception

    def trained(self) -> None:
        self._connected = True
        self._modem.result("CONNECT")

    def octets(self, octets: bytes) -> None:
        self._modem.to_dte(shielded(octets, not self._modem.quirks.no_dle_doubling))

    def lost(self) -> None:
        self._modem.receiver.off()
        if self._connected:
            ones = int(self._carrier.rate * self._modem.quirks.turn_off / 8)
            self._modem.to_dte(b"\xff" * ones + END)
        self._modem.complete("NO CARRIER")

    def other(self, carrier: Carrier) -> None:
        modem = self._modem
        if modem.registers.adaptive and carrier.modulation is None:
            modem.receiver.off()
            modem.unasked("+FRH:3")
            modem.replace_action(ReceiveFrames(modem))
        elif not modem.quirks.no_fcerror:
            modem.receiver.off()
            modem.complete("+FCERROR")


def _with_fcs(octets_and_fcs: bytes, style: FcsStyle) -> bytes:
    octets, fcs = octets_and_fcs[:-2], octets_and_fcs[-2:]
    match style:
        case FcsStyle.PRESENT:
            return octets_and_fcs
        case FcsStyle.HIDDEN:
            return octets
        case FcsStyle.INVERTED:
            return octets + bytes(octet ^ 0xFF for octet in fcs)
        case FcsStyle.SWAPPED:
            return octets + fcs[::-1]
