"""The driver for controllers behind CAPI 2.0: ISDN cards, FRITZ!Boxes, rcapi servers.

``transports`` and ``library`` are the ways to a CAPI, ``client`` asks and waits, ``call`` keeps what is told
of a call. A card that runs T.30 itself gives and takes pages as SFF (``faxing``, ``receiving``, ``sending``);
of any other the software modem gets the sound (``sound``). ``device`` does call control. The messages are
``faxhw.capi``'s.
"""

from faxhw_drivers.capi.driver import CapiDriver

driver = CapiDriver()
"""What the entry point ``capi`` names."""
