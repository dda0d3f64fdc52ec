"""The options that several commands of the shell have."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from faxhw.cli.shell import Exit, Shell, set_up_logging

Command = TypeVar("Command", bound=Callable[..., Exit | None])


def _set_json(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    context.ensure_object(Shell).json |= value


def _set_verbosity(context: click.Context, _parameter: click.Parameter, value: int) -> None:
    shell = context.ensure_object(Shell)
    shell.verbosity += value
    set_up_logging(shell.verbosity)


def speaking(command: Command) -> Command:
    """Add the options that every command has, before its name as well as after."""
    as_json = click.option(
        "--json",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_set_json,
        help="Print the result as one JSON object.",
    )
    verbose = click.option(
        "-v",
        "--verbose",
        count=True,
        expose_value=False,
        callback=_set_verbosity,
        help="Trace what happens on standard error; -vv traces every detail.",
    )
    return as_json(verbose(command))


def fax_option(command: Command) -> Command:
    """Add ``--option``."""
    return click.option(
        "--option",
        "options",
        multiple=True,
        metavar="NAME=VALUE",
        help="Set a fax option; may be repeated. `faxhw options` lists them.",
    )(command)


def device_option(command: Command) -> Command:
    """Add ``--device-option``."""
    return click.option(
        "--device-option",
        "device_options",
        multiple=True,
        metavar="NAME=VALUE",
        help="Set an option of the device's driver, such as profile=conexant-1.0; may be repeated.",
    )(command)


class NewFile(click.Path):
    """A file that is to be written: a name with a slash behind it is a directory's, as the shell has it."""

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | os.PathLike[str]:
        if os.fspath(value).endswith("/"):
            self.fail(f"{value} is the name of a directory; name a file in it", param, ctx)
        return super().convert(value, param, ctx)


def not_nan(_context: click.Context, _parameter: click.Parameter, value: float | None) -> float | None:
    """No range keeps "nan" out."""
    if value is not None and math.isnan(value):
        raise click.BadParameter("give a number of seconds")
    return value


def socket_option(command: Command) -> Command:
    """Add ``--socket``."""
    return click.option(
        "--socket",
        type=click.Path(path_type=Path),
        metavar="PATH",
        help="The service's control socket, if it is not the usual one.",
    )(command)
