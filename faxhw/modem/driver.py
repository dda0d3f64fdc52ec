"""What the drivers ``class1`` and ``class2`` have in common: ports, options and the way to a device.

What differs is an *opening*: it takes a modem on an open port for its own, or raises ``DeviceError``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

from faxhw.clock import SYSTEM_CLOCK, Clock
from faxhw.device import Device
from faxhw.modem.meeting import Meeting
from faxhw.modem.restoring import left_as_found
from faxhw.modem.wishes import Wishes, open_port, read
from faxhw.ports.base import Port
from faxhw.reports import DeviceInfo, ProbeReport

_D_co = TypeVar("_D_co", bound=Device, covariant=True)


class Opening(Protocol[_D_co]):
    """From an open port to a modem that is known and set up. Each may be asked for once."""

    def device(self) -> _D_co: ...

    def report(self) -> ProbeReport: ...


class ClassDriver(Generic[_D_co]):
    """A driver for the modems of some fax classes (``faxhw.device.PortDriver``).

    Its options: ``profile`` (a name of ``faxhw/at/*.toml``), ``speed`` (bits per second on the serial line),
    ``flow`` (none, rtscts, xonxoff), ``usb`` (auto, direct: for a port ``usb:VID:PID``), and ``class`` where
    there is a choice.
    """

    def __init__(
        self, name: str, classes: Sequence[str], opening: Callable[[Meeting], Opening[_D_co]]
    ) -> None:
        self._name = name
        self._classes = classes
        self._opening = opening

    @property
    def name(self) -> str:
        return self._name

    def check_options(self, options: Mapping[str, str]) -> None:
        """As ``faxhw.device.CheckingDriver``."""
        read(self.name, options, self._classes)

    def open(self, port: str, options: Mapping[str, str]) -> _D_co:
        """Open the modem on a serial port, URL or USB."""
        wishes = read(self.name, options, self._classes)
        return self._open_on(open_port(self.name, port, wishes), SYSTEM_CLOCK, wishes, f"{self.name}:{port}")

    def open_on(self, port: Port, clock: Clock, options: Mapping[str, str]) -> _D_co:
        return self._open_on(port, clock, read(self.name, options, self._classes), port.name)

    def _open_on(self, port: Port, clock: Clock, wishes: Wishes, name: str) -> _D_co:
        try:
            return self._opening(Meeting(port, clock, wishes, name)).device()
        except BaseException:
            port.close()
            raise

    def probe(self, port: str, options: Mapping[str, str]) -> ProbeReport:
        wishes = read(self.name, options, self._classes)
        opened = open_port(self.name, port, wishes)
        try:
            return self._probe_on(opened, SYSTEM_CLOCK, wishes, f"{self.name}:{port}")
        finally:
            opened.close()

    def probe_on(self, port: Port, clock: Clock, options: Mapping[str, str]) -> ProbeReport:
        return self._probe_on(port, clock, read(self.name, options, self._classes), port.name)

    def _probe_on(self, port: Port, clock: Clock, wishes: Wishes, name: str) -> ProbeReport:
        meeting = Meeting(port, clock, wishes, name)
        with left_as_found(meeting):
            return self._opening(meeting).report()

    def devices(self) -> Iterable[DeviceInfo]:
        """None: the driver ``modem`` lists the ports, whichever class is behind them."""
        return ()
