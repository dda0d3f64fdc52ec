"""The Class 1 driver keeps the contract of drivers, whichever way it takes the line."""

from typing import cast

from faxhw.device import Device
from faxhw.testing import Bench, DriverConformance
from faxhw_drivers.class1 import driver
from faxhw_drivers.sim import Bench as SimulatedBench


class TestClass1(DriverConformance):
    def plug_in(self, bench: Bench, number: str) -> Device:
        return driver.open_on(bench.modem(number).port, bench.clock, {})


class TestInVoiceClass(DriverConformance):
    """A modem that takes the line in voice class, and goes over to its fax class for the fax."""

    def plug_in(self, bench: Bench, number: str) -> Device:
        plugged = cast(SimulatedBench, bench).modem(number, "conexant")
        return driver.open_on(plugged.port, bench.clock, {})
