"""DTMF on a call: digits that the far end presses are told, and digits are pressed (FACILITY, selector 1)."""

from __future__ import annotations

from collections.abc import Callable

from faxhw.capi import structures
from faxhw.capi.fields import CapiError
from faxhw_drivers.sim.capi.lines import Line
from faxhw_drivers.sim.capi.model import Info
from faxhw_drivers.sim.capi.protocols import RefusedError
from faxhw_drivers.sim.signals import Digit, Signal, Tone
from faxhw_drivers.sim.world import World

DIGITS = frozenset("0123456789*#ABCD")
USUAL, LONGEST = 0.040, 1.0
"""Seconds of a tone and of a gap, where nothing is said of them, and at most."""


class Digits:
    """What an application has asked for on one call."""

    def __init__(self, world: World, line: Line, tell: Callable[[bytes], None]) -> None:
        """``tell`` is given what FACILITY_IND has to say."""
        self._world = world
        self._line = line
        self._tell = tell
        self._listens = False

    def request(self, parameter: bytes) -> bytes:
        """A facility request parameter; its confirmation. Raises ``RefusedError``."""
        try:
            asked = structures.parse(structures.DTMF_REQUEST, parameter, "a DTMF request")
        except CapiError as error:
            raise RefusedError(Info.ILLEGAL_PARAMETER) from error
        match asked.integer("function"):
            case structures.DTMF_START:
                self._listens = True
            case structures.DTMF_STOP:
                self._listens = False
            case structures.DTMF_SEND:
                tone, gap = (_seconds(asked.integer(name)) for name in ("tone", "gap"))
                self._press(asked.octets("digits").decode("latin-1"), tone, gap)
            case _:
                raise RefusedError(Info.ILLEGAL_PARAMETER)
        return structures.build(structures.DTMF_CONFIRMATION)

    def heard(self, digit: str) -> None:
        """The far end presses a digit."""
        if self._listens:
            self._tell(digit.encode())

    def _press(self, digits: str, tone: float, gap: float) -> None:
        if not set(digits) <= DIGITS:
            raise RefusedError(Info.ILLEGAL_PARAMETER)
        for place, digit in enumerate(digits):
            at = place * (tone + gap)
            self._sound(at, Digit(digit))
            self._sound(at + tone, Tone.SILENCE)

    def _sound(self, later: float, signal: Signal) -> None:
        self._world.call_later(later, lambda: self._line.phone.send(signal))


def _seconds(milliseconds: int) -> float:
    return min(milliseconds / 1000, LONGEST) or USUAL
