"""``faxhw profiles``: the modem profiles that there are, where they are from, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

from faxhw.at.library import PACKAGE, check, library
from faxhw.at.profile import Profile, ProfileError
from faxhw.at.profile_text import as_toml
from faxhw.cli.shell import Exit, Shell, complain, print_list, say
from faxhw.errors import UsageError, hint


def profiles(shell: Shell) -> Exit:
    """List all, and what was left out."""
    found = library()
    rows = [
        {
            "name": each.name,
            "description": each.description,
            "classes": each.classes,
            "origin": found.origins[each.name],
        }
        for each in found.profiles.values()
    ]
    left_out = [each.message for each in found.problems]
    if shell.json:
        return shell.result({"profiles": rows, "left_out": left_out})
    print_list((each.name, _told(each, found.origins[each.name])) for each in found.profiles.values())
    for message in left_out:
        complain(f"{message}: it is left out")
    return Exit.NORMAL


def _told(it: Profile, origin: str) -> str:
    from_file = "" if origin == PACKAGE else f"; {origin}"
    return f"{it.description} (class {', '.join(it.classes)}{from_file})"


def profile(shell: Shell, name: str) -> Exit:
    """Print one, with all that it has from its base."""
    found = library()
    if name not in found.profiles:
        near = hint(name, found.profiles, "faxhw profiles lists them")
        raise UsageError(found.unsound(name) or f"there is no modem profile {name!r}: {near}")
    text = as_toml(found.profiles[name])
    if shell.json:
        return shell.result({"name": name, "origin": found.origins[name], "toml": text})
    say(f"# from {found.origins[name]}\n{text}".rstrip())
    return Exit.NORMAL


def check_file(shell: Shell, file: Path) -> Exit:
    """Say whether a file of profiles can be used."""
    try:
        names = list(check(file))
    except ProfileError as error:
        raise UsageError(str(error)) from error
    if shell.json:
        return shell.result({"profiles": names})
    say(f"{file}: {', '.join(names) or 'no profile'}: sound")
    return Exit.NORMAL
