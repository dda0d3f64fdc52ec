"""What a Linux host is told about fax modems: udev rules, a systemd unit, the user it runs as.

The files themselves are in ``udev/``; here is what fills them in, and puts them into the system and takes
them out again (``faxhw host-setup``). Nothing here opens a device.
"""
