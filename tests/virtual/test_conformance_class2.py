"""The Class 2, 2.0 and 2.1 driver keeps the contract of drivers, in each class."""

from faxhw.device import Device
from faxhw.testing import Bench, DriverConformance
from faxhw_drivers.class2 import driver


class _OfAClass(DriverConformance):
    fclass = ""

    def plug_in(self, bench: Bench, number: str) -> Device:
        return driver.open_on(bench.modem(number).port, bench.clock, {"class": self.fclass})


class TestClass2(_OfAClass):
    fclass = "2"


class TestClass20(_OfAClass):
    fclass = "2.0"


class TestClass21(_OfAClass):
    fclass = "2.1"
