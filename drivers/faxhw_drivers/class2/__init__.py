"""The driver for modems that run T.30 themselves: classes 2 (SP-2388), 2.0 and 2.1 (TIA-592, T.32).

``reports`` reads what the modem says of the call, ``modem`` gives it commands and waits, ``receiving`` and
``sending`` make sessions of that; ``device`` does call control, ``opening`` opens and probes. The words of
the classes are ``faxhw.t32``'s, what is peculiar to a modem stands in its profile (``faxhw/at/class2.toml``).
"""

from faxhw.modem.choosing import CLASSES
from faxhw.modem.driver import ClassDriver
from faxhw_drivers.class2.opening import Class2Opening

driver = ClassDriver("class2", CLASSES, Class2Opening)
"""What the entry point ``class2`` names."""
