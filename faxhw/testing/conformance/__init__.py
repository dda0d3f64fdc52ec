"""What every driver must do, as tests. A test class inherits ``DriverConformance`` and says how to plug in.

Nothing here looks below the device contract (``faxhw.device``), so it holds for modems and cards alike. A
driver that cannot do something by nature says so by the flags of ``Suite``, and the test is skipped by name.
"""

from faxhw.testing.conformance.calls import CallControl
from faxhw.testing.conformance.ends import Ends
from faxhw.testing.conformance.receiving import Receiving
from faxhw.testing.conformance.sending import Sending

__all__ = ["DriverConformance"]


class DriverConformance(CallControl, Receiving, Sending, Ends):
    """Inherit, name the class ``Test...``, implement ``plug_in``."""
