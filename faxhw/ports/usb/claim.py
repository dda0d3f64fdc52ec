"""A modem's interfaces, taken from the kernel's driver for as long as they are ours, and given back."""

from __future__ import annotations

import contextlib
import logging

import usb.util

from faxhw.ports.usb.acm import AcmFunction
from faxhw.ports.usb.finding import UsbDevice

log = logging.getLogger("faxhw.ports.usb")


class Claim:
    """Raises what pyusb does where they cannot be had, with everything as it was before."""

    def __init__(self, device: UsbDevice, function: AcmFunction) -> None:
        self._device = device
        self._claimed: list[int] = []
        self._detached: list[int] = []
        try:
            for interface in function.interfaces:
                self._detach(interface)
            for interface in function.interfaces:
                usb.util.claim_interface(device, interface)
                self._claimed.append(interface)
            if function.alternate:
                device.set_interface_altsetting(function.data, function.alternate)
        except BaseException:
            self.give_back()
            raise

    def _detach(self, interface: int) -> None:
        with contextlib.suppress(NotImplementedError):  # a system without such drivers
            if self._device.is_kernel_driver_active(interface):
                self._device.detach_kernel_driver(interface)
                self._detached.append(interface)

    def give_back(self) -> None:
        """Release the interfaces, and let the kernel's driver have them again; never raises."""
        for interface in self._claimed:
            with contextlib.suppress(OSError):
                usb.util.release_interface(self._device, interface)
        for interface in self._detached:
            try:
                self._device.attach_kernel_driver(interface)
            except OSError as error:
                log.info("the kernel's driver does not take interface %d back: %s", interface, error)
        with contextlib.suppress(OSError):
            usb.util.dispose_resources(self._device)
