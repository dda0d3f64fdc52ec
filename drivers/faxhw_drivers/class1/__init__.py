"""The Class 1 and 1.0 driver: fax modems that make and hear signals, T.30 being the host's (T.31).

``line`` performs the operations of a T.30 procedure by AT commands, ``device`` does call control, ``driver``
opens and probes. What is peculiar to a modem stands in its profile (``faxhw.at.profiles``).
"""

from faxhw_drivers.class1.driver import Class1Driver

driver = Class1Driver()
"""What the entry point ``class1`` names."""
