"""The files of ``udev/``: where each goes on a host, and what is filled in.

They are in the package where faxhw was installed from a wheel, and beside it in a checkout.
"""

from __future__ import annotations

import grp
import pwd
import re
from contextlib import suppress
from pathlib import Path

from faxhw.errors import UsageError

TARGETS = {
    "70-faxhw.rules": "/etc/udev/rules.d/70-faxhw.rules",
    "faxhw@.service": "/etc/systemd/system/faxhw@.service",
    "sysusers.conf": "/etc/sysusers.d/faxhw.conf",
    "tmpfiles.conf": "/etc/tmpfiles.d/faxhw.conf",
}
"""Where on a host each file belongs."""

USER = "faxhw"

_INSTALLED = Path(__file__).parent / "files"
_CHECKOUT = Path(__file__).parents[2] / "udev"

_NAME = re.compile(r"[a-z_][a-z0-9_-]{0,30}")
_PATH = re.compile(r"/[\w./+-]+", re.ASCII)
"""What systemd takes in ``ExecStart=`` without quotes."""


def folder() -> Path:
    """Where the files are."""
    return _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT


def filled_in(user: str, python: str) -> dict[str, bytes]:
    """The text of each file by where it belongs, for a service of this user under this Python."""
    if not _NAME.fullmatch(user):
        raise UsageError(f"--user {user!r} is no name of a user: small letters, digits, _ and -")
    if not _PATH.fullmatch(python):
        raise UsageError(f"--python {python!r}: give an absolute path, of letters, digits and . _ + - only")
    words = {"@USER@": user, "@GROUP@": _group_of(user), "@PYTHON@": python}
    return {target: _fill_in((folder() / name).read_text("utf-8"), words) for name, target in TARGETS.items()}


def _fill_in(text: str, words: dict[str, str]) -> bytes:
    for word, meant in words.items():
        text = text.replace(word, meant)
    return text.encode()


def _group_of(user: str) -> str:
    """The user's own group; one that is yet to be made gets one of its name."""
    with suppress(KeyError):
        return grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name
    return user
