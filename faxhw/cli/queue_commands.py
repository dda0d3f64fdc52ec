"""The words of ``faxhw queue``; the deeds are in ``queueing``."""

from __future__ import annotations

from pathlib import Path

import click

from faxhw.cli.common import Command, socket_option, speaking
from faxhw.cli.shell import Exit, Shell


@click.group(invoke_without_command=True)
@socket_option
@speaking
@click.pass_context
def queue(context: click.Context, *, socket: Path | None) -> Exit | None:
    """See and change the faxes that the service (faxhw serve) is to send.

    Without a command it lists them. A fax comes here by `faxhw send --queue`. The service keeps a copy of the
    document and calls until every page has arrived: soon again where the number is busy, later where nobody
    answers, slower where the line is bad, and not for ever. It sends no page twice that the far end has
    confirmed. What fails on this side (no dial tone, a modem that is gone) costs no tries.

    \b
    A fax is
      WAITING    for a line, for its time, or for the next try
      HELD       until `faxhw queue release`: by `faxhw queue hold`, because its number was answered twice by
                 a person, or because the service stopped four times while it was being sent
      SENDING    just now
      DONE       all of it has arrived
      FAILED     given up; `faxhw queue retry` sends what is left
      CANCELLED  by `faxhw queue cancel`; `faxhw queue retry` sends what is left

    One number is called by one line at a time. A fax may be changed by who submitted it, by root, and by the
    user that the service runs as. What is over is forgotten after some days ([queue] keep_days).

    \b
    Exit codes:
      0  it was done
      1  the service failed; its log has more
      2  there is no such fax, or it is too late, or it is not yours; or the service's disk takes nothing
      3  no service runs, or you may not use it

    Example: faxhw queue cancel 17
    """
    context.meta["faxhw.socket"] = socket
    if context.invoked_subcommand is None:
        return _list(context, socket, everything=False)
    return None


@queue.command("list")
@click.option("--all", "everything", is_flag=True, help="Those that were sent or cancelled, too.")
@socket_option
@speaking
@click.pass_context
def listing(context: click.Context, *, everything: bool, socket: Path | None) -> Exit:
    """List the faxes that are not over, and those that failed.

    Example: faxhw queue list --all
    """
    return _list(context, socket, everything=everything)


def on_fax(command: Command) -> Command:
    """Add what a command on one fax has."""
    return click.argument("number", type=click.IntRange(1), metavar="ID")(socket_option(speaking(command)))


@queue.command()
@on_fax
@click.pass_context
def show(context: click.Context, *, number: int, socket: Path | None) -> Exit:
    """Tell all about fax ID, and the calls that were made for it.

    Example: faxhw queue show 17
    """
    from faxhw.cli import queueing as deed

    return deed.show(context.ensure_object(Shell), _socket(context, socket), number)


_CHANGES = {
    "hold": "Hold fax ID until it is released; a call in hand goes on.",
    "release": "Let fax ID go; earlier failures at its number delay nothing any more.",
    "cancel": "Do not send fax ID; if it is being sent, its call ends within some seconds.",
    "retry": "Send what is left of fax ID, which failed or was cancelled, with all its tries.",
}


def _add_change(wish: str, what: str) -> None:
    """Add the command for a wish (``faxhw.serve.changes``)."""

    @queue.command(wish, help=f"{what}\n\nExample: faxhw queue {wish} 17")
    @on_fax
    @click.pass_context
    def change(context: click.Context, *, number: int, socket: Path | None) -> Exit:
        from faxhw.cli import queueing as deed

        return deed.change(context.ensure_object(Shell), _socket(context, socket), wish, number)


for _wish, _what in _CHANGES.items():
    _add_change(_wish, _what)


def _list(context: click.Context, socket: Path | None, *, everything: bool) -> Exit:
    from faxhw.cli import queueing as deed

    return deed.listing(context.ensure_object(Shell), _socket(context, socket), everything=everything)


def _socket(context: click.Context, given: Path | None) -> Path | None:
    """``--socket`` may stand before the command's name as well."""
    before: Path | None = context.meta.get("faxhw.socket")
    return given or before
