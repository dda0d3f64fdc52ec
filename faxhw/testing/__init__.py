"""For the authors of drivers: one conformance suite on the virtual line, that every driver inherits.

    from faxhw.testing import DriverConformance, Bench

    class TestMyDriver(DriverConformance):
        def plug_in(self, bench: Bench, number: str) -> Device:
            return my_driver.open_on(bench.modem(number).port, bench.clock, {})

The suite runs in simulated time, on the far ends, line and clock of the installed ``sim`` driver.
"""

import sys

if "pytest" in sys.modules:  # so that its failures say what was compared, as those of test modules do
    sys.modules["pytest"].register_assert_rewrite("faxhw.testing.conformance", "faxhw.testing.faxes")

from faxhw.testing.bench import Bench, FarEnd, FarEndCall, new_bench
from faxhw.testing.conformance import DriverConformance
from faxhw.testing.faxes import Job, Pages, drive

__all__ = ["Bench", "DriverConformance", "FarEnd", "FarEndCall", "Job", "Pages", "drive", "new_bench"]
