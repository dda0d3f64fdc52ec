"""A device behind a port, for the tests of ports: it keeps ``faxhw.ports.wire.DeviceEnd``."""

from __future__ import annotations


class Device:
    """Notes what the port tells it."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def host_wrote(self) -> None:
        self.told.append("wrote")

    def host_set_dtr(self, on: bool) -> None:
        self.told.append(("dtr", on))

    def host_set_speed(self, baud: int) -> None:
        self.told.append(("speed", baud))
