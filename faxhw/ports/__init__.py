"""What bytes travel on, between a driver and a device: serial lines, USB, memory, pseudo-ttys.

Every port keeps the contract of ``faxhw.ports.base.Port``; a driver sees nothing else of it.
"""
