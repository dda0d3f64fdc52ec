"""The driver for a modem of whichever class: it asks, and hands the modem to the driver for its class.

What a plain port means (``/dev/ttyUSB0``, ``rfc2217://host:4000``, ``usb:0baf:0303``).
"""

from faxhw_drivers.modem.driver import ModemDriver

driver = ModemDriver()
"""What the entry point ``modem`` names."""
