"""The exceptions a script can meet.

``Error`` and ``Hangup`` are the two documented ones; the others are kinds of ``Error``, so that
``except faxhw.Error`` catches whatever the package can raise, and a shell command can tell its exit code.
"""

from __future__ import annotations

from collections.abc import Iterable


class Error(Exception):
    """Something went wrong; the message says what happened, to which device, and what to do."""


class Hangup(Exception):  # noqa: N818 - the documented name
    """The call is over: the far end hung up, or there never was one."""


class UsageError(Error):
    """A wrong argument, option or combination: nothing was sent to the line."""


class DeviceError(Error):
    """No such device, or it cannot be opened, or it does not answer as a fax device does."""


class PortError(DeviceError):
    """The port under a device failed: it vanished, was pulled out, or refuses reads or writes."""


class StorageError(Error):
    """A page or a document could not be written or read."""


def hint(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """What to say of a word that there is not: the nearest one, or else all that there are.

    ``otherwise`` stands in place of a list that would be too long.
    """
    from difflib import get_close_matches  # noqa: PLC0415 - only mistakes need it

    words = list(known)
    if near := get_close_matches(word, words, n=1):
        return f"did you mean {near[0]}?"
    return otherwise or f"there are {', '.join(words) or 'none'}"
