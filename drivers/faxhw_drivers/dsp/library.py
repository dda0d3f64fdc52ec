"""Finding and binding libspandsp: the signal processing under the software modem.

Bound by ABI alone, at run time: handles are opaque, and every function that is used stands in one table. Two
lines of the library are about: 0.0.x (Debian's libspandsp2, ``libspandsp.so.2``) and 3.x (FreeSWITCH's,
``libspandsp.so.3``). Neither tells its version when asked; a function that was renamed between them does.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from faxhw.errors import DeviceError

PACKAGE = "libspandsp2"
_SONAMES = ("libspandsp.so.2", "libspandsp.so.3")

_HANDLE, _INT, _FLOAT, _SAMPLES = ctypes.c_void_p, ctypes.c_int, ctypes.c_float, ctypes.c_char_p
PutBit = ctypes.CFUNCTYPE(None, ctypes.py_object, _INT)
"""Takes a bit, or a negative ``Signal``, as the object that goes with it wants it."""
GetBit = ctypes.CFUNCTYPE(_INT, ctypes.py_object)
QamReport = ctypes.CFUNCTYPE(None, ctypes.py_object, _HANDLE, _HANDLE, _INT)
"""Told of a symbol: where it was received, and the point it was taken for, two floats each."""

_RENAMED = {
    f"{modem}_rx_signal_cutoff": f"{modem}_rx_set_signal_cutoff" for modem in ("fsk", "v27ter", "v29", "v17")
}
"""What 3.x calls functions of 0.0.x, which are otherwise the same; flags that are ``int`` there are ``bool``
here, which is passed alike."""


def _table() -> Iterator[tuple[str, Any, list[Any]]]:
    """Name in 0.0.x, result and arguments of all that is used."""
    yield "fsk_rx_init", _HANDLE, [_HANDLE, _HANDLE, _INT, PutBit, ctypes.py_object]
    yield "fsk_rx_restart", _INT, [_HANDLE, _HANDLE, _INT]
    yield "fsk_tx_init", _HANDLE, [_HANDLE, _HANDLE, GetBit, ctypes.py_object]
    for modem in ("v27ter", "v29", "v17"):
        yield f"{modem}_rx_init", _HANDLE, [_HANDLE, _INT, PutBit, ctypes.py_object]
        yield f"{modem}_rx_restart", _INT, [_HANDLE, _INT, _INT]
        yield f"{modem}_rx_set_qam_report_handler", None, [_HANDLE, _HANDLE, ctypes.py_object]
        yield f"{modem}_tx_init", _HANDLE, [_HANDLE, _INT, _INT, GetBit, ctypes.py_object]
    yield "v17_tx_restart", _INT, [_HANDLE, _INT, _INT, _INT]
    for modem in ("fsk", "v27ter", "v29", "v17"):
        yield f"{modem}_rx", _INT, [_HANDLE, _SAMPLES, _INT]
        yield f"{modem}_rx_free", _INT, [_HANDLE]
        yield f"{modem}_rx_signal_power", _FLOAT, [_HANDLE]
        yield f"{modem}_rx_signal_cutoff", None, [_HANDLE, _FLOAT]
        yield f"{modem}_tx", _INT, [_HANDLE, _SAMPLES, _INT]
        yield f"{modem}_tx_free", _INT, [_HANDLE]
        yield f"{modem}_tx_power", None, [_HANDLE, _FLOAT]


@dataclass(frozen=True, slots=True)
class Library:
    """The library, its functions typed."""

    name: str
    """What it was loaded by."""
    version: str
    """``0.0.x`` or ``3.x``."""
    v21_channel_2: int
    """The address of the preset for T.30's control frames."""
    _functions: dict[str, Callable[..., Any]] = field(repr=False)

    def __getitem__(self, function: str) -> Callable[..., Any]:
        """A function, by its name in 0.0.x."""
        return self._functions[function]


class _FskSpec(ctypes.Structure):
    """A preset of the library: of these the size must be known, to find the second."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("freq_zero", _INT),
        ("freq_one", _INT),
        ("tx_level", _INT),
        ("min_level", _INT),
        ("baud_rate", _INT),
    )


def load(
    find: Callable[[str], str | None] = ctypes.util.find_library,
    open_library: Callable[[str], ctypes.CDLL] = ctypes.PyDLL,
) -> Library:
    """Find and bind the library. Raises ``DeviceError`` if there is none, or one that lacks something.

    By default the interpreter's lock is kept through a call: one lasts microseconds, and calls back for each
    bit.
    """
    for name in dict.fromkeys(filter(None, (*_SONAMES, find("spandsp")))):
        try:
            opened = open_library(name)
        except OSError:
            continue
        return _bound(name, opened)
    raise DeviceError(
        f"the software modem needs libspandsp, which is not on this host: install {PACKAGE} (Debian, Ubuntu)"
    )


def _bound(name: str, opened: ctypes.CDLL) -> Library:
    functions: dict[str, Callable[..., Any]] = {}
    try:
        newer = hasattr(opened, _RENAMED["v17_rx_signal_cutoff"])
        for known_as, result, arguments in _table():
            function = getattr(opened, _RENAMED.get(known_as, known_as) if newer else known_as)
            function.restype, function.argtypes = result, arguments
            functions[known_as] = function
        presets = (_FskSpec * 2).in_dll(opened, "preset_fsk_specs")
    except (AttributeError, ValueError) as error:
        raise DeviceError(
            f"{name} is no libspandsp that the software modem can use ({error}): install {PACKAGE} "
            "(Debian, Ubuntu)"
        ) from error
    version = "3.x" if newer or name.endswith(".so.3") else "0.0.x"  # its early ones have the older names
    return Library(name, version, ctypes.addressof(presets[1]), functions)


@cache
def library() -> Library:
    """The library of this host, loaded once. Raises as ``load`` does."""
    return load()
