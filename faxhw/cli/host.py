"""``faxhw host-setup``: the udev rules, the service and its user, put into the system and taken out again."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from faxhw.cli.shell import Exit, Shell, complain, say
from faxhw.errors import UsageError
from faxhw.host import commands
from faxhw.host.commands import Command
from faxhw.host.files import filled_in
from faxhw.host.setup import Deed, HostSetup, Step

_HIDDEN = ("/home/", "/root/", "/run/user/")
"""What ``ProtectHome=yes`` in the unit hides from the service."""


def host_setup(
    shell: Shell, *, undo: bool, act: bool, prefix: Path | None, user: str, python: str | None
) -> Exit:
    """Show what is to be done, or do it."""
    python = python or sys.executable
    setup = HostSetup(prefix.absolute() if prefix else Path("/"), filled_in(user, python))
    if act and prefix is None and os.geteuid() != 0:
        raise UsageError("only root may change the system: give it with sudo, or try it with --prefix DIR")
    steps = setup.plan_undo() if undo else setup.plan()
    tools = () if prefix or not steps else commands.AFTER_UNDO if undo else commands.AFTER_APPLY
    notes = [] if prefix else _notes_on_undoing(steps) if undo else _notes_on_applying(python)
    problems = [
        f"{step.target} was changed since it was put there, and is left as it is"
        for step in steps
        if step.deed is Deed.LEAVE
    ]
    if act:
        (setup.undo if undo else setup.apply)(steps)
        problems += commands.run(tools)
    if not shell.json:
        _tell(steps, tools, notes, undo=undo, act=act)
    for problem in problems:
        complain(problem)
    result = {
        "done": act,
        "files": [
            {"path": step.target, "deed": step.deed, "difference": "\n".join(step.difference())}
            for step in steps
        ],
        "commands": [{"command": each.words, "skipped": each.missing()} for each in tools],
        "notes": notes,
        "problems": problems,
    }
    return shell.result(result, Exit.FAILED if act and problems else Exit.NORMAL)


def _tell(
    steps: Sequence[Step], tools: Iterable[Command], notes: Iterable[str], *, undo: bool, act: bool
) -> None:
    if not steps:
        say("there is nothing to undo")
        return
    for step in steps:
        say(f"{step.deed:9} {step.target}")
        if not act:
            for line in step.difference():
                say(f"    {line}")
    for each in tools:
        missing = each.missing()
        say(f"not run   {each} ({missing})" if missing else f"run       {each}")
    for note in notes:
        say(f"note      {note}")
    if not act:
        say(f"nothing was changed: --{'undo without --dry-run' if undo else 'apply'} does it")


def _notes_on_applying(python: str) -> list[str]:
    notes = ["then write /etc/faxhw/fax.toml, and start the service: systemctl enable --now faxhw@fax"]
    if python.startswith(_HIDDEN):
        notes.append(
            f"the service does not see {python}, for it is kept out of homes: install faxhw in /opt, say, "
            "and run host-setup from there"
        )
    return notes


def _notes_on_undoing(steps: Sequence[Step]) -> list[str]:
    notes = ["the service's user, /etc/faxhw, /var/lib/faxhw and /var/spool/faxhw stay: they may hold faxes"]
    enabled = sorted(each.name for each in Path("/etc/systemd/system").glob("*.wants/faxhw@*.service"))
    if enabled:
        notes.append(f"end the service first: systemctl disable --now {' '.join(enabled)}")
    return notes if steps else []
