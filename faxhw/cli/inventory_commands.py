"""The words of ``faxhw devices``, ``probe``, ``profiles`` and ``options``: what there is to choose from."""

from __future__ import annotations

from pathlib import Path

import click

from faxhw.cli.common import device_option, speaking
from faxhw.cli.shell import Exit, Shell


@click.command()
@speaking
@click.pass_obj
def devices(shell: Shell) -> Exit:
    """List what is plugged in, without touching it.

    Example: faxhw devices
    """
    from faxhw.cli import inventory as deed

    return deed.devices(shell)


@click.command()
@click.argument("device")
@device_option
@click.option(
    "--save",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write a profile for the modem, of what it said, to a new FILE.",
)
@click.option("--force", is_flag=True, help="Replace FILE if there is one.")
@speaking
@click.pass_obj
def probe(
    shell: Shell, *, device: str, device_options: tuple[str, ...], save: Path | None, force: bool
) -> Exit:
    """Ask DEVICE what it is, which profile fits, what is wrong with it, and what to do.

    Nothing is dialled or answered, and the modem is left as it was.

    Example: faxhw probe /dev/ttyACM0 --save mine.toml
    """
    from faxhw.cli import inventory as deed

    return deed.probe(shell, device, device_options, save, force=force)


@click.command()
@click.argument("name", required=False)
@click.option(
    "--check",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Say what is wrong with a file of profiles, if anything.",
)
@speaking
@click.pass_obj
def profiles(shell: Shell, *, name: str | None, file: Path | None) -> Exit:
    """List the modem profiles, or print the one called NAME.

    A profile has all that is peculiar to a modem. Your own are files *.toml in ~/.config/faxhw/profiles or
    /etc/faxhw/profiles, and are chosen before the package's.

    Example: faxhw profiles conexant-1.0
    """
    from faxhw.cli import profiles as deed

    if file is not None:
        if name is not None:
            raise click.UsageError("give NAME or --check FILE, not both")
        return deed.check_file(shell, file)
    return deed.profiles(shell) if name is None else deed.profile(shell, name)


@click.command()
@speaking
@click.pass_obj
def options(shell: Shell) -> Exit:
    """List the fax options, with their values and defaults.

    Example: faxhw options
    """
    from faxhw.cli import inventory as deed

    return deed.options(shell)
