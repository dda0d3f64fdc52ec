"""+FTH and +FTM: frames and data to the line (T.31 clauses 8.3.3 and 8.3.5).

A DTE that says nothing for five seconds after CONNECT gets ERROR. Frames go at V.21; the one whose final bit
is set ends the transmission, after any other CONNECT asks for the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from faxhw_drivers.sim.modem.dle import Unshielder
from faxhw_drivers.sim.pump import FrameSource
from faxhw_drivers.sim.signals import V21, Carrier, Signal
from faxhw_drivers.sim.world import Timer

if TYPE_CHECKING:
    from faxhw_drivers.sim.modem.core import VirtualModem

PATIENCE = 5.0
"""Seconds that a DTE may say nothing while a carrier waits for it."""
FINAL = 0x10
"""The final bit in a frame's control octet."""
MAX_FRAME = 1024


class SendFrames:
    """+FTH=3."""

    takes_data = True

    def __init__(self, modem: VirtualModem) -> None:
        self._modem = modem
        self._source = FrameSource()
        self._unshielder = Unshielder()
        self._frame = bytearray()
        self._idle: Timer | None = None

    def begin(self) -> None:
        self._modem.transmitter.start(V21, self._source, lambda: self._modem.complete("OK"))
        self._await_frame()

    def from_dte(self, data: bytes) -> None:
        if self._idle is None:
            return  # the frame before is not out yet, and this is lost
        self._rest()
        octets, end = self._unshielder.feed(data)
        self._frame += octets[: MAX_FRAME - len(self._frame)]
        if not end:
            self._idle = self._modem.world.call_later(PATIENCE, self._give_up)
            return
        frame, self._frame = bytes(self._frame), bytearray()
        if len(frame) < 2:
            self._source.end()
        elif frame[1] & FINAL:
            self._source.add(frame)
            self._source.end()
        else:
            self._source.add(frame, sent=self._await_frame)

    def heard(self, signal: Signal) -> None:
        pass

    def stop(self) -> None:
        self._rest()
        self._modem.transmitter.stop()

    def _await_frame(self) -> None:
        self._modem.result("CONNECT")
        self._idle = self._modem.world.call_later(PATIENCE, self._give_up)

    def _rest(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _give_up(self) -> None:
        self._modem.transmitter.stop()
        self._modem.complete("ERROR")


class SendData:
    """+FTM: the source of its own carrier."""

    takes_data = True

    def __init__(self, modem: VirtualModem, carrier: Carrier) -> None:
        self._modem = modem
        self._carrier = carrier
        self._unshielder = Unshielder()
        self._buffer = bytearray()
        self._ended = False
        self._begun = False
        self._last = 0
        self._heard_dte = 0.0
        self._deaf_until = 0.0

    def begin(self) -> None:
        modem = self._modem
        self._heard_dte = modem.world.now
        self._deaf_until = modem.world.now + modem.quirks.deaf_after_connect
        modem.transmitter.start(self._carrier, self, self._carrier_dropped)
        modem.result("CONNECT")

    def from_dte(self, data: bytes) -> None:
        modem = self._modem
        if modem.world.now < self._deaf_until or self._ended:
            return
        self._heard_dte = modem.world.now
        octets, self._ended = self._unshielder.feed(data)
        room = modem.model.buffer - len(self._buffer)
        if len(octets) > room:
            modem.note(f"loses {len(octets) - room} octets of the DTE for want of room")
            modem.lost_octets += len(octets) - room
        self._buffer += octets[:room]
        if len(self._buffer) > modem.model.buffer * 3 // 4:
            modem.uart.hold(True, modem.registers.flow)

    def take(self, count: int) -> bytes | None:
        modem = self._modem
        if not self._buffer:
            return self._without_data(count)
        octets = bytes(self._buffer[:count])
        del self._buffer[:count]
        self._begun, self._last = True, octets[-1]
        if len(self._buffer) < modem.model.buffer // 4:
            modem.uart.hold(False, modem.registers.flow)
        return octets

    def heard(self, signal: Signal) -> None:
        pass

    def stop(self) -> None:
        self._modem.transmitter.stop()
        self._modem.uart.hold(False, self._modem.registers.flow)

    def _without_data(self, count: int) -> bytes | None:
        """Ones stand before the data, and NULs after a NUL, for a while; any other break ends the carrier."""
        idle = self._modem.world.now - self._heard_dte
        if self._ended or self._last or idle >= PATIENCE:
            return None
        return (b"\0" if self._begun else b"\xff") * count

    def _carrier_dropped(self) -> None:
        self._modem.uart.hold(False, self._modem.registers.flow)
        self._modem.complete("OK" if self._ended or self._last else "ERROR")
