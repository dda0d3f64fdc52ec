"""Modems on USB, by the name ``usb:VID:PID[:SERIAL]``: by the kernel's tty, or without a kernel driver.

``names`` says what a name means and which device is meant, ``opening`` opens it. ``acm`` has the octets of
the CDC-ACM class and does no I/O; ``finding``, ``claim``, ``pipe`` and ``port`` stand on pyusb, which is
imported when a modem is to be used without a kernel driver, and not before.
"""
