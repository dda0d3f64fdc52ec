"""Fax modems and telephony cards under script control.

All that a script needs is here: ``open_channel``, ``Channel``, ``FaxToReceive``, ``FaxToSend``, ``Hangup``
and ``Error``. Names are imported when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from faxhw.channel import Channel, open_channel
    from faxhw.errors import DeviceError, Error, Hangup, PortError, StorageError, UsageError
    from faxhw.fax.details import FaxDetails
    from faxhw.fax.documents import FaxToReceive, FaxToSend, PageDetails
    from faxhw.fax.receiver import CallFaxReceiver
    from faxhw.fax.sender import CallFaxSender
    from faxhw.finding import devices, probe

    __version__: str

__all__ = [
    "CallFaxReceiver",
    "CallFaxSender",
    "Channel",
    "DeviceError",
    "Error",
    "FaxDetails",
    "FaxToReceive",
    "FaxToSend",
    "Hangup",
    "PageDetails",
    "PortError",
    "StorageError",
    "UsageError",
    "__version__",
    "devices",
    "open_channel",
    "probe",
]

_HOMES = {
    "channel": ("Channel", "open_channel"),
    "errors": ("DeviceError", "Error", "Hangup", "PortError", "StorageError", "UsageError"),
    "fax.details": ("FaxDetails",),
    "fax.documents": ("FaxToReceive", "FaxToSend", "PageDetails"),
    "fax.receiver": ("CallFaxReceiver",),
    "fax.sender": ("CallFaxSender",),
    "finding": ("devices", "probe"),
}
_HOME_OF = {name: f"faxhw.{home}" for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    value: object
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415

        value = version("faxhw")
    elif name in _HOME_OF:
        value = getattr(import_module(_HOME_OF[name]), name)
    else:
        raise AttributeError(f"module 'faxhw' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
