"""The words of ``faxhw serve`` and ``faxhw status``; the deeds are in ``serving``."""

from __future__ import annotations

from pathlib import Path

import click

from faxhw.cli.common import socket_option, speaking
from faxhw.cli.shell import Exit, Shell


@click.command()
@click.argument("config", type=click.Path(path_type=Path), required=False, metavar="CONFIG")
@click.option(
    "--check", is_flag=True, help="Only check the file: applications are loaded, no modem is opened."
)
@click.option("--keys", is_flag=True, help="List all that can be written in CONFIG.")
@speaking
@click.pass_obj
def serve(shell: Shell, config: Path | None, *, check: bool, keys: bool) -> Exit:
    """Keep the lines of a host answering.

    CONFIG is a TOML file; --keys lists all that can be in it. The shortest that does something is

    \b
      [[line]]
      name = "front"
      device = "/dev/ttyACM0"
      [line.inbox]
      directory = "/var/spool/faxhw/in"

    Each line is attended by a process of its own. One that fails is started again, its modem reset by
    stronger and stronger means; the others do not notice. Calls are answered, faxes stored or given to an
    application, hooks told of them, and the faxes of `faxhw send --queue` sent in between.

    \b
    SIGHUP           reads CONFIG anew; calls in hand go on
    SIGTERM, SIGINT  end it once the pages in hand are over; a second time at once

    \b
    Exit codes:
      0  it was told to end
      2  something in CONFIG is wrong, or a folder cannot be used
      3  another service has the queue or the control socket

    Example: faxhw serve /etc/faxhw/fax.toml
    """
    from faxhw.cli import serving

    if keys:
        return serving.list_keys(shell)
    if config is None:
        raise click.UsageError("Missing argument 'CONFIG'.", click.get_current_context())
    return serving.run(shell, config, check=check)


@click.command()
@click.option("--metrics", is_flag=True, help="In the text format of Prometheus.")
@socket_option
@speaking
@click.pass_obj
def status(shell: Shell, *, socket: Path | None, metrics: bool) -> Exit:
    """Tell how the running service (faxhw serve) and its lines fare.

    \b
    A line is
      STARTING  its modem is being opened
      WAITING   for a call
      CALL      dealing with a call that came
      SENDING   a fax of the queue
      DOWN      until it is tried again; it says why
      ENDING    going, or to be started anew as CONFIG has changed

    Exit code 3: no service runs, or you may not use it.

    Example: faxhw status
    """
    from faxhw.cli import serving

    return serving.status(shell, socket, metrics=metrics)
