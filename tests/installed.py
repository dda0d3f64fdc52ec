"""What tests need that Python does not bring: marks that skip them and name the Debian package.

``tests/conftest.py`` gathers the packages at the end of a run, by the words "Debian package".
"""

from __future__ import annotations

import ctypes
import ctypes.util
import shutil
import sys

import pytest

from faxhw.errors import DeviceError
from faxhw_drivers.dsp.library import PACKAGE, library

SPANDSP = "libspandsp.so.2"


def _opens(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _software_modem() -> bool:
    try:
        library()
    except DeviceError:
        return False
    return True


def _needs(there: object, what: str, package: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not there, reason=f"{what} is not installed: Debian package {package}")


needs_software_modem = _needs(_software_modem(), "libspandsp", PACKAGE)
"""Of any line that the software modem can be made of."""
needs_libspandsp = _needs(_opens(SPANDSP), SPANDSP, PACKAGE)
"""Of Debian's line, whose functions the tests call themselves."""
needs_libcapi20 = _needs(
    sys.platform.startswith("linux") and ctypes.util.find_library("capi20"), "libcapi20.so.3", "libcapi20-3"
)
needs_sfftobmp = _needs(shutil.which("sfftobmp"), "sfftobmp", "sfftobmp")
