"""The driver for CAPI keeps the contract of drivers, with T.30 in the card."""

from faxhw.device import Device
from faxhw.testing import Bench, DriverConformance
from faxhw_drivers.capi import driver

NAME = "capi:memory"


class TestCapi(DriverConformance):
    settles_pages = False

    def plug_in(self, bench: Bench, number: str) -> Device:
        box = bench.capi(number)
        return driver.open_by(lambda: box.connect(NAME), bench.clock, {}, name=NAME)
