"""The driver ``capi``: controllers of this host's CAPI, of a FRITZ!Box, and of rcapi servers.

Device strings: ``capi:1`` (the number of the controller), ``capi:tcp://host:5031/1``,
``capi:rcapi://host:2662/1``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from faxhw.capi.structures import Profile, ProfileOption
from faxhw.clock import SYSTEM_CLOCK, Clock
from faxhw.ports.base import Flow, Port
from faxhw.ports.serial import open_serial
from faxhw.reports import DeviceInfo, Finding, ProbeReport
from faxhw_drivers.capi.device import CapiDevice
from faxhw_drivers.capi.transports import FRAMINGS, StreamTransport, Transport
from faxhw_drivers.capi.wishes import Place, place, read

_NODES = (Path("/dev/capi20"), Path("/dev/isdn/capi20"))


class CapiDriver:
    """The driver (``faxhw.device.Driver``).

    Its options: ``msn`` (the numbers whose calls are ours, with commas between), ``calling`` (the number that
    is shown), ``mode`` (auto, card: T.30 in the card, sound: the software modem), ``cip`` (17: our calls are
    fax, 4: 3.1 kHz audio), ``law`` (a, mu).
    """

    name = "capi"
    shares_ports = True
    """A controller has several channels, and offers a call to all who listen."""

    def check_options(self, options: Mapping[str, str]) -> None:
        """As ``faxhw.device.CheckingDriver``."""
        read(options)

    def open(self, port: str, options: Mapping[str, str]) -> CapiDevice:
        wishes, where = read(options), place(port)
        name = f"{self.name}:{port}"
        return CapiDevice(name, lambda: _connect(name, where), where.controller, wishes)

    def open_by(
        self,
        connect: Callable[[], Port],
        clock: Clock,
        options: Mapping[str, str],
        *,
        name: str = "capi:memory",
        framing: str = "tcp",
        controller: int = 1,
    ) -> CapiDevice:
        """As ``open``, on streams that ``connect`` makes for ``clock``: a new one whenever one was lost."""
        return CapiDevice(
            name, lambda: StreamTransport(connect(), clock, FRAMINGS[framing]()), controller, read(options)
        )

    def probe(self, port: str, options: Mapping[str, str]) -> ProbeReport:
        device = self.open(port, options)
        try:
            return report(device, self.name)
        finally:
            device.close()

    def devices(self) -> Iterable[DeviceInfo]:
        """The kernel's CAPI, where there is one. Boxes in the network are not looked for."""
        node = next((each for each in _NODES if each.exists()), None)
        if node is None:
            return ()
        notes = () if os.access(node, os.R_OK | os.W_OK) else (f"this user may not use {node}",)
        return (
            DeviceInfo(
                device=f"{self.name}:1",
                description="an ISDN card with CAPI 2.0",
                stable_path=f"{self.name}:1",
                driver=self.name,
                notes=notes,
            ),
        )


def _connect(name: str, where: Place) -> Transport:
    """Register at a CAPI. Raises ``DeviceError``."""
    if where.is_local:
        from faxhw_drivers.capi.library import LibraryTransport, load  # noqa: PLC0415 - rarely there

        return LibraryTransport(name, load(name))
    port = open_serial(where.url, speed=115200, flow=Flow.NONE, name=name)
    return StreamTransport(port, SYSTEM_CLOCK, FRAMINGS[where.scheme]())


def report(device: CapiDevice, driver: str) -> ProbeReport:
    """What a controller says of itself."""
    profile = device.profile
    findings = []
    if profile.fax_protocol is None:
        findings.append(
            Finding(
                "the controller does not run T.30 itself", "the software modem is used on its calls' sound"
            )
        )
    return ProbeReport(
        device=device.name,
        driver=driver,
        profile="",
        reason=device.description,
        identity=_identity(profile),
        findings=tuple(findings),
    )


def _identity(profile: Profile) -> Mapping[str, str]:
    return {
        "controllers": str(profile.controllers),
        "channels": str(profile.channels),
        "options": ", ".join(each.name or "" for each in ProfileOption if each in profile.options),
        "B1": f"0x{profile.b1:08X}",
        "B2": f"0x{profile.b2:08X}",
        "B3": f"0x{profile.b3:08X}",
    }
