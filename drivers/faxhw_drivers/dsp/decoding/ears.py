"""What a passive listener hears with: modems that only receive, and never wait.

The seam between what is made of a call (``exchange``, ``pages``) and the signal processing below it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from faxhw.t30.line import Frame
from faxhw.terms import Modulation


@dataclass(frozen=True, slots=True)
class CarrierUp:
    """The modem has trained: data follow."""


@dataclass(frozen=True, slots=True)
class Octets:
    """The carrier's next octets, first bit on the line in the lowest bit."""

    octets: bytes


@dataclass(frozen=True, slots=True)
class CarrierDown:
    """The carrier that was up has gone."""


PageSound = CarrierUp | Octets | CarrierDown


class FrameEar(Protocol):
    """Hears V.21 frames on one channel, always."""

    def hear(self, sound: bytes) -> list[Frame]:
        """The frames that end in this piece of sound, damaged ones among them."""
        ...


class PageEar(Protocol):
    """Hears the modulation that it was last told to expect, on one channel."""

    def expect(self, modulation: Modulation, *, short_training: bool) -> None:
        """Listen for a carrier from now on; what was heard so far has been no part of one."""
        ...

    def hear(self, sound: bytes) -> list[PageSound]:
        """What happens in this piece of sound."""
        ...


class Ears(Protocol):
    """Where the modems come from."""

    def for_frames(self) -> FrameEar: ...

    def for_pages(self) -> PageEar: ...

    def close(self) -> None:
        """Let go of them all."""
        ...
