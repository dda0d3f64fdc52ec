"""The names of received faxes: a pattern, filled in with what is known of the call.

``{date}-{time}-{line}-{caller}.tif`` is one. Whatever the caller tells of itself, a name stays one name in
the directory: no path, nothing hidden, no control characters, and short enough for any file system. Of a
pattern come as many names as are wanted: ``{number}`` counts, or else ``-2``, ``-3`` … go before the suffix.
"""

from __future__ import annotations

import difflib
import itertools
import re
import string
import unicodedata
from collections.abc import Iterator, Mapping

from faxhw.errors import UsageError

DEFAULT = "{date}-{time}-{line}-{caller}.tif"
SIDECAR = ".json"
"""Goes behind a fax's name for the file that tells of it."""
MOST_OCTETS = 255
"""Of a name, on the file systems there are."""

_CALLERS_OCTETS = 40
"""What is kept of a text that comes from the line."""
_NUMBER_OCTETS = 12
FIELDS = {
    # How many octets each can come to.
    "date": 10,
    "time": 6,
    "line": 32,
    "caller": _CALLERS_OCTETS,
    "called": _CALLERS_OCTETS,
    "name": _CALLERS_OCTETS,
    "id": 32,
    "number": _NUMBER_OCTETS,
}
_SUFFIXES = (".tif", ".tiff")
_WIDTH = re.compile(r"(?:0?[1-9])?")


def check_pattern(pattern: str) -> None:
    """Raise ``UsageError`` for a pattern of which no name can be made."""
    if "/" in pattern or "\\" in pattern or ".." in pattern:
        raise UsageError("a name leads nowhere else: leave out slashes and '..'")
    if not pattern.isprintable() or pattern.startswith((".", "-")):
        raise UsageError("a name begins with no dot or dash and has no control characters")
    if not pattern.endswith(_SUFFIXES) or pattern in _SUFFIXES:
        raise UsageError(
            f"the file will be a TIFF: end the name in {' or '.join(_SUFFIXES)}, such as {DEFAULT}"
        )
    octets = _NUMBER_OCTETS + len(SIDECAR)
    for literal, field in _parts(pattern):
        octets += len(literal.encode())
        octets += FIELDS[field] if field else 0
    if octets > MOST_OCTETS:
        raise UsageError(
            f"names may get {octets} octets long, and {MOST_OCTETS} is the most; leave something out"
        )


def names(pattern: str, fields: Mapping[str, str]) -> Iterator[str]:
    """The names that a pattern gives, the best first; without end, and no two are the same.

    ``fields`` are those of the pattern, ``number`` aside.
    """
    told = {key: _field(value) for key, value in fields.items()}
    numbered = any(field == "number" for _, field in _parts(pattern))
    for number in itertools.count(1):
        name = pattern.format(**told, number=number)
        if numbered or number == 1:
            yield name
        else:
            stem, dot, suffix = name.rpartition(".")
            yield f"{stem}-{number}{dot}{suffix}"


def _parts(pattern: str) -> Iterator[tuple[str, str | None]]:
    """The literal texts of a pattern, each with the field behind it. Raises ``UsageError``."""
    try:
        parts = list(string.Formatter().parse(pattern))
    except ValueError as error:
        raise UsageError(f"{error}; write fields as {{date}}, a brace as {{{{ or }}}}") from error
    for literal, field, width, conversion in parts:
        if field is not None and field not in FIELDS:
            near = difflib.get_close_matches(field, FIELDS, n=1)
            hint = f"did you mean {{{near[0]}}}?" if near else f"there are {', '.join(FIELDS)}"
            raise UsageError(f"there is no field {{{field}}}; {hint}")
        if conversion or (width and (field != "number" or not _WIDTH.fullmatch(width))):
            raise UsageError(f"{{{field}}} takes no format; only {{number:04}} may have a width")
        yield literal, field


def _field(text: str) -> str:
    """A text as part of a name."""
    kept = "".join(
        each if each.isalnum() or each in "+-" else "_" for each in unicodedata.normalize("NFC", text)
    )
    bounded = re.sub(r"_+", "_", kept).strip("_-").encode()[:_CALLERS_OCTETS].decode(errors="ignore")
    return bounded.rstrip("_-") or "unknown"
