"""``faxhw serve`` and ``faxhw status``: a host's lines kept answering, and how they fare."""

from __future__ import annotations

import logging
import sys
from dataclasses import asdict
from itertools import groupby
from pathlib import Path

from faxhw.cli.shell import Exit, Shell, print_list, say, set_up_logging
from faxhw.clock import SYSTEM_CLOCK
from faxhw.serve.asking import ask, usual_path
from faxhw.serve.config import load
from faxhw.serve.keys import Row
from faxhw.serve.service import serve
from faxhw.serve.settings import all_keys
from faxhw.serve.status import as_text


def run(shell: Shell, config: Path, *, check: bool) -> Exit:
    """Serve the lines of a configuration, or only check it."""
    loaded = load(config)
    if check:
        lines = ", ".join(f"{line.name} on {line.device}" for line in loaded.lines)
        if not shell.json:
            say(f"{config} is in order: {lines}")
        return shell.result({"lines": [line.name for line in loaded.lines]})
    _set_up_logging(shell.verbosity)
    try:
        serve(loaded)
    finally:  # why it could not is told as any command's failure is
        set_up_logging(shell.verbosity)
    return Exit.NORMAL


def list_keys(shell: Shell) -> Exit:
    """Print every key of a configuration."""
    found = all_keys()
    if shell.json:
        return shell.result({"keys": [asdict(row) for row in found]})
    for section, of_section in groupby(found, lambda row: row.section):
        say(f"\n{section}" if section else "above any table")
        print_list(
            (row.key, f"{row.says.removesuffix('.')}: {row.values} ({_default(row)})") for row in of_section
        )
    return Exit.NORMAL


def _default(row: Row) -> str:
    return "it must be given" if row.default is None else f"default: {row.default}"


def _set_up_logging(verbosity: int) -> None:
    """What a service has to say, on standard error, which systemd keeps with the time."""
    package = logging.getLogger("faxhw")
    for each in tuple(package.handlers):
        package.removeHandler(each)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    package.addHandler(handler)
    package.setLevel(logging.DEBUG if verbosity > 1 else logging.INFO)


def status(shell: Shell, socket: Path | None, *, metrics: bool) -> Exit:
    """Tell how a running service fares."""
    socket = socket or usual_path()
    if metrics:
        say(str(ask(socket, "metrics")["text"]).removesuffix("\n"))
        return Exit.NORMAL
    told = ask(socket, "status")
    if shell.json:
        return shell.result(told)
    print_list(as_text(told, SYSTEM_CLOCK.now()))
    return Exit.NORMAL
