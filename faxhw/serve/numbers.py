"""Telephone numbers as networks tell them, and shell patterns for them.

``+4930*``, ``0[1-9]*``, ``01234?``. Blanks, dashes, brackets and slashes are for reading only, and go from
the number and from the pattern; a dash inside ``[1-9]`` stays. ``anonymous`` is for calls without a number.

A number has one bare form here (``bare``); ``told`` and ``dialled`` are that of what a network told, and of
what is to be called.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

from faxhw.errors import UsageError

ANONYMOUS = "anonymous"
_NO_NUMBERS = {"p", "o", "n/u", "private", "anonymous", "withheld", "unknown", "unavailable", "out of area"}
"""What modems and networks write where there is none; P and O are Bellcore's for private and out of area."""
_FOR_READING = re.compile(r"(\[[^\]]*\])|[\s()/.-]")
_DIALLED = frozenset("0123456789*#+ABCD")
"""What reaches the network of a number; the rest are pauses and the like, for the modem."""
_PATTERN = re.compile(r"(?:[0-9A-Za-z+*#?]|\[!?[0-9A-Za-z+*#-]+\])+")


def told(number: str) -> str:
    """A number that a network told, bare; empty if what it told is none."""
    return "" if number.strip().lower() in _NO_NUMBERS else bare(number)


def dialled(number: str) -> str:
    """A number that is to be called, bare and without pauses: two ways to write it are one."""
    return "".join(each for each in bare(number).upper() if each in _DIALLED)


def check_patterns(patterns: Iterable[str]) -> None:
    """Raise ``UsageError`` for a pattern that no number can match."""
    for each in patterns:
        if not _PATTERN.fullmatch(bare(each)):
            raise UsageError(
                f"{each!r} is no pattern for numbers; write digits, ?, *, [1-9], or {ANONYMOUS!r}"
            )


def matching(number: str, patterns: Iterable[str]) -> str | None:
    """The first of some patterns that a number matches; ``*`` does not match that none was told."""
    known = told(number)
    for each in patterns:
        if (each.lower() == ANONYMOUS) if not known else fnmatchcase(known, bare(each)):
            return each
    return None


def bare(number: str) -> str:
    """A number, or a pattern for numbers, without what is for reading."""
    return _FOR_READING.sub(lambda found: found[1] or "", number)
