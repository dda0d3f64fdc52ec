"""The fax in recorded calls: a listener who takes no part, with the software modem's receivers."""

from __future__ import annotations

from faxhw_drivers.dsp.decoding.listener import overhear

__all__ = ["overhear"]
