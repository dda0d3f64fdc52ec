"""The driver ``dsp``: a modem to whoever has the sound of a call; ports of its own it has none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NoReturn

from faxhw.audio.port import AudioPort
from faxhw.device import Device, Driver
from faxhw.errors import UsageError
from faxhw.finding import load_driver
from faxhw.reports import DeviceInfo, ProbeReport
from faxhw.t30.overheard import Overheard
from faxhw.terms import LADDER, Modulation
from faxhw_drivers.dsp.decoding import overhear
from faxhw_drivers.dsp.library import Library, library
from faxhw_drivers.dsp.line import SoundLine

_SOUND_DRIVERS = ("dahdi",)
"""Drivers whose ports are sound, and may be named behind this one: ``dsp:dahdi:1``."""


class DspDriver:
    """The driver ``dsp`` (``faxhw.device.SoundDriver`` and ``ListeningDriver``)."""

    name = "dsp"

    def __init__(
        self,
        find_library: Callable[[], Library] = library,
        find_driver: Callable[[str], Driver] = load_driver,
    ) -> None:
        self._find_library = find_library
        self._find_driver = find_driver

    def open(self, port: str, options: Mapping[str, str]) -> Device:
        """Open a port of a driver for sound cards, ``dahdi:1``; ``options`` are that driver's."""
        driver, rest = self._sound_driver(port)
        return driver.open(rest, options)

    def probe(self, port: str, options: Mapping[str, str]) -> ProbeReport:
        """Ask a device behind such a port what it is."""
        driver, rest = self._sound_driver(port)
        return driver.probe(rest, options)

    def devices(self) -> Iterable[DeviceInfo]:
        """None: the drivers of the cards tell of them."""
        return ()

    def modulations(self) -> tuple[Modulation, ...]:
        """As ``SoundDriver.modulations``."""
        self._find_library()
        return LADDER

    def line_on(self, audio: AudioPort, *, calling: bool) -> SoundLine:
        """As ``SoundDriver.line_on``."""
        return SoundLine(audio, self._find_library(), calling=calling)

    def overhear(self, sound: Iterable[Sequence[bytes]]) -> Overheard:
        """As ``ListeningDriver.overhear``. Raises ``DeviceError`` without a libspandsp that can be used."""
        return overhear(sound, self._find_library())

    def _sound_driver(self, port: str) -> tuple[Driver, str]:
        kind, _, rest = port.partition(":")
        if kind not in _SOUND_DRIVERS or not rest:
            self._refuse(port)
        return self._find_driver(kind), rest

    def _refuse(self, port: str) -> NoReturn:
        there_are = ", ".join(f"{self.name}:{each}:N" for each in _SOUND_DRIVERS)
        raise UsageError(f"the software modem has no port {port!r}: there are {there_are}")
