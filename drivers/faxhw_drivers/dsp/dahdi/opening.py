"""From ``N`` or ``/dev/dahdi/N`` to a channel that is set up for fax, or to one line that says why not.

DAHDI's words are crossed: the *FXO port*, into which a telephone line is plugged, has *FXS signalling*.
Channels of that kind are taken, and no others.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from faxhw.audio.laws import Law
from faxhw.audio.port import BLOCK
from faxhw.clock import Clock
from faxhw.errors import DeviceError
from faxhw.ports.base import BUSY
from faxhw_drivers.dsp.dahdi import ioctls
from faxhw_drivers.dsp.dahdi.files import ChannelFile, Opener
from faxhw_drivers.dsp.dahdi.ioctls import Ioctl, Params
from faxhw_drivers.dsp.dahdi.port import BUFFERS, Channel

_T = TypeVar("_T")

DEVICES = Path("/dev/dahdi")
ANY_CHANNEL = str(DEVICES / "channel")
"""Becomes any channel by ``SPECIFY``."""
_NUMBER = re.compile("[0-9]{1,5}")
_LAWS = {ioctls.LAW_MULAW: Law.MU, ioctls.LAW_ALAW: Law.A}

_NO_PERMISSION = "no permission: become a member of the group that owns /dev/dahdi (ls -l shows it)"
_REASONS = {
    errno.ENOENT: "there is no DAHDI on this host: load its modules and run dahdi_cfg",
    errno.EBUSY: f"{BUSY}: another program (Asterisk?) has the channel; end it, or configure it without",
    errno.EACCES: _NO_PERMISSION,
    errno.EPERM: _NO_PERMISSION,
}
_NO_CHANNEL = "there is no such channel, or dahdi_cfg has not set it up; /proc/dahdi names those there are"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a channel is: its number, or the path of its own device file."""

    path: str
    number: int | None

    @classmethod
    def parse(cls, port: str) -> Place | None:
        """``None`` for what is neither."""
        if _NUMBER.fullmatch(port) and 1 <= int(port) <= 65535:
            return cls(ANY_CHANNEL, int(port))
        path = Path(port)
        if path.is_absolute() and path.name.isdecimal():
            return cls(port, None)
        return None


def open_channel(name: str, place: Place, open_file: Opener, clock: Clock, *, law_coded: bool) -> Channel:
    """Raises ``DeviceError``."""
    file, params = _found(name, place, open_file)
    try:
        _check(name, params)
        _set_up(name, file)
        linear = not law_coded and _takes_linear(file)
    except BaseException:
        file.close()
        raise
    law = None if linear else _LAWS.get(params.law, Law.MU)
    return Channel(name, file, clock, params, law)


def ask(name: str, place: Place, open_file: Opener) -> Params:
    """What a channel says of itself; it is open for a moment. Raises ``DeviceError``."""
    file, params = _found(name, place, open_file)
    file.close()
    return params


def _found(name: str, place: Place, open_file: Opener) -> tuple[ChannelFile, Params]:
    file = _attempt(name, lambda: open_file(place.path))
    try:
        if place.number is not None:
            _set(name, file, ioctls.SPECIFY, place.number)
        answer = bytearray(ioctls.PARAMS.size)
        _attempt(name, lambda: file.ioctl(ioctls.GET_PARAMS.request, answer))
    except BaseException:
        file.close()
        raise
    return file, Params.parse(bytes(answer))


def _check(name: str, params: Params) -> None:
    if params.signalling & ioctls.FXS_SIGNALLING:
        return
    if params.signalling & ioctls.FXO_SIGNALLING:
        raise DeviceError(
            f"{name}: the channel is a port for a telephone (FXS); use one for a telephone line (FXO)"
        )
    raise DeviceError(
        f"{name}: the channel is no analogue line (signalling {params.signalling:#x}); "
        "use one that dahdi_cfg has set up as fxsks, fxsls or fxsgs"
    )


def _set_up(name: str, file: ChannelFile) -> None:
    """Sound in blocks of 20 ms, as it is on the line: an echo canceller would ruin a modem's signals."""
    policy = ioctls.POLICY_IMMEDIATE
    buffers = bytearray(ioctls.BUFFER_INFO.pack(policy, policy, BUFFERS, BLOCK, 0, 0))
    _attempt(name, lambda: file.ioctl(ioctls.SET_BUFINFO.request, buffers))
    _set(name, file, ioctls.ECHOCANCEL, 0)


def _takes_linear(file: ChannelFile) -> bool:
    """Have the kernel convert the sound, if it does that for this channel."""
    try:
        file.ioctl(ioctls.SETLINEAR.request, bytearray(ioctls.SETLINEAR.argument.pack(1)))
    except OSError:
        return False
    return True


def _set(name: str, file: ChannelFile, ioctl: Ioctl, value: int) -> None:
    _attempt(name, lambda: file.ioctl(ioctl.request, bytearray(ioctl.argument.pack(value))))


def _attempt(name: str, act: Callable[[], _T]) -> _T:
    try:
        return act()
    except OSError as error:
        missing = error.errno in (errno.ENXIO, errno.ENODEV, errno.EINVAL)
        reason = _NO_CHANNEL if missing else _REASONS.get(error.errno or 0, f"cannot be opened ({error})")
        raise DeviceError(f"{name}: {reason}") from error
