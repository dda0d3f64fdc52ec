"""The Class 1 driver keeps the contract of drivers."""

from faxhw.device import Device
from faxhw.testing import Bench, DriverConformance
from faxhw_drivers.class1 import driver


class TestClass1(DriverConformance):
    def plug_in(self, bench: Bench, number: str) -> Device:
        return driver.open_on(bench.modem(number).port, bench.clock, {})
