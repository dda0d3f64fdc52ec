"""The Class 1 and 1.0 driver: fax modems that make and hear signals, T.30 being the host's (T.31).

``line`` performs the operations of a T.30 procedure by AT commands, ``device`` does call control, ``opening``
opens and probes. What is peculiar to a modem stands in its profile (``faxhw.at.profiles``).
"""

from faxhw.modem.driver import ClassDriver
from faxhw_drivers.class1.opening import CLASSES, Class1Opening

driver = ClassDriver("class1", CLASSES, Class1Opening)
"""What the entry point ``class1`` names."""
