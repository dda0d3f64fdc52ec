"""``faxhw explain``: what a T.30 frame says."""

from __future__ import annotations

from collections.abc import Sequence

from faxhw.cli.shell import Exit, Shell, say
from faxhw.errors import UsageError
from faxhw.t30.describe import describe, parse_hex


def explain(shell: Shell, hexadecimal: Sequence[str]) -> Exit:
    """Print a frame in words, line by line."""
    try:
        octets = parse_hex(" ".join(hexadecimal))
    except ValueError as error:
        raise UsageError(f"{error}; give a frame such as: faxhw explain ff 13 80 00 ce b8") from error
    lines = describe(octets)
    if shell.json:
        return shell.result({"octets": octets.hex(), "lines": lines})
    say("\n".join(lines))
    return Exit.NORMAL
