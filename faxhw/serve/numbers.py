"""Telephone numbers as networks tell them, and shell patterns for them.

``+4930*``, ``0[1-9]*``, ``01234?``. Blanks, dashes, brackets and slashes are for reading only, and go from
the number and from the pattern; a dash inside ``[1-9]`` stays. ``anonymous`` is for calls without a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

from faxhw.errors import UsageError

ANONYMOUS = "anonymous"
_NO_NUMBERS = {"p", "o", "n/u", "private", "anonymous", "withheld", "unknown", "unavailable", "out of area"}
"""What modems and networks write where there is none; P and O are Bellcore's for private and out of area."""
_FOR_READING = re.compile(r"(\[[^\]]*\])|[\s()/-]")
_PATTERN = re.compile(r"(?:[0-9A-Za-z+*#?]|\[!?[0-9A-Za-z+*#-]+\])+")


def normal(number: str) -> str:
    """A number without what is for reading; empty if what was told is none."""
    told = number.strip()
    return "" if told.lower() in _NO_NUMBERS else re.sub(r"[\s()/-]", "", told)


def check_patterns(patterns: Iterable[str]) -> None:
    """Raise ``UsageError`` for a pattern that no number can match."""
    for each in patterns:
        if not _PATTERN.fullmatch(bare(each)):
            raise UsageError(
                f"{each!r} is no pattern for numbers; write digits, ?, *, [1-9], or {ANONYMOUS!r}"
            )


def matching(number: str, patterns: Iterable[str]) -> str | None:
    """The first of some patterns that a number matches; ``*`` does not match that none was told."""
    told = normal(number)
    for each in patterns:
        if (each.lower() == ANONYMOUS) if not told else fnmatchcase(told, bare(each)):
            return each
    return None


def bare(pattern: str) -> str:
    """A pattern without what is for reading."""
    return _FOR_READING.sub(lambda found: found[1] or "", pattern)
