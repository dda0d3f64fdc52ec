"""The words of the shell: each command's arguments, options and help.

The deeds are in the modules beside this one, imported when their command is given, so that ``faxhw --help``
is quick.
"""

from __future__ import annotations

from pathlib import Path

import click
from click.core import ParameterSource

from faxhw.cli.common import NewFile, device_option, fax_option, not_nan, socket_option, speaking
from faxhw.cli.inventory_commands import devices, options, probe, profiles
from faxhw.cli.queue_commands import queue
from faxhw.cli.serve_commands import serve, status
from faxhw.cli.shell import Exit, Shell
from faxhw.cli.sound_commands import decode, record


@click.group(invoke_without_command=True)
@click.version_option(package_name="faxhw", message="faxhw %(version)s")
@speaking
@click.pass_context
def faxhw(context: click.Context) -> Exit | None:
    """Receive and send faxes through fax modems and telephony cards, real and virtual.

    \b
    Exit codes:
      0  it went well
      1  the fax failed; standard error has the cause
      2  wrong use or bad options; nothing was sent to the line
      3  there is no such device, or it cannot be opened, or no service runs
      4  no call came, or it was not answered
      130  interrupted; the line was released
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help(), err=True)
        return context.ensure_object(Shell).result({"error": "no command was given"}, Exit.USAGE)
    return None


@faxhw.command()
@click.argument("device")
@click.argument("file", type=NewFile(path_type=Path))
@click.option(
    "--rings", type=click.IntRange(1, 20), default=1, show_default=True, help="Answer after so many rings."
)
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    callback=not_nan,
    metavar="SECONDS",
    help="Give up if no call comes within so many seconds.",
)
@click.option("--poll", metavar="NUMBER", help="Call NUMBER and fetch the fax that is held ready there.")
@fax_option
@device_option
@click.option("--force", is_flag=True, help="Replace FILE, once the first page of the new fax is stored.")
@speaking
@click.pass_obj
def receive(
    shell: Shell,
    *,
    device: str,
    file: Path,
    device_options: tuple[str, ...],
    rings: int,
    timeout: float | None,
    poll: str | None,
    options: tuple[str, ...],
    force: bool,
) -> Exit:
    """Wait for a call on DEVICE and receive a fax to FILE.

    FILE becomes a TIFF; a page is confirmed to the sender once it is safely in it.

    Example: faxhw receive /dev/ttyACM0 inbound.tif --timeout 600
    """
    from faxhw.cli import receive as deed

    return deed.receive(
        shell,
        device,
        file,
        device_options=device_options,
        rings=rings,
        timeout=timeout,
        poll=poll,
        options=options,
        force=force,
    )


@faxhw.command()
@click.argument("arguments", nargs=-1, metavar="DEVICE NUMBER FILE")
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    callback=not_nan,
    default=120,
    show_default=True,
    metavar="SECONDS",
    help="Give up if the call is not answered within so many seconds.",
)
@click.option(
    "--first-page",
    type=click.IntRange(1),
    default=1,
    metavar="N",
    help="Begin with this page of FILE, for a fax that failed after the pages before it.",
)
@fax_option
@device_option
@click.option(
    "--queue",
    "queued",
    is_flag=True,
    help="Hand NUMBER FILE to the service (faxhw serve) instead; no DEVICE.",
)
@click.option(
    "--at",
    metavar="TIME",
    help="With --queue: not before HH:MM, today or else tomorrow, or YYYY-MM-DDTHH:MM.",
)
@click.option(
    "--hours",
    multiple=True,
    metavar="HOURS",
    help="With --queue: call in these hours only, such as 'Mon-Fri 08:00-18:00'; may be repeated.",
)
@click.option(
    "--priority",
    type=click.IntRange(1, 9),
    default=5,
    show_default=True,
    help="With --queue: 9 goes first.",
)
@click.option("--wait", is_flag=True, help="With --queue: wait until the fax is sent or given up.")
@socket_option
@speaking
@click.pass_context
def send(
    context: click.Context,
    *,
    arguments: tuple[str, ...],
    device_options: tuple[str, ...],
    timeout: float,
    first_page: int,
    options: tuple[str, ...],
    queued: bool,
    at: str | None,
    hours: tuple[str, ...],
    priority: int,
    wait: bool,
    socket: Path | None,
) -> Exit:
    """Dial NUMBER on DEVICE and send FILE as a fax.

    FILE is a TIFF of any number of pages, or another image; it is read through before anything is dialled.
    With --queue the service sends it: it keeps a copy, tries again as long as that is worth it, and does not
    send a page twice that has arrived. `faxhw queue` shows what becomes of it.

    Example: faxhw send /dev/ttyACM0 0123456789 letter.tif

    Example: faxhw send --queue 0123456789 letter.tif --at 18:00
    """
    shell = context.ensure_object(Shell)
    _require_arguments(context, arguments, ("NUMBER", "FILE") if queued else ("DEVICE", "NUMBER", "FILE"))
    _refuse_options(context, queued=queued)
    if queued:
        from faxhw.cli import queueing

        wishes = queueing.Wishes(at, hours, priority, first_page, options, wait)
        number, file = arguments
        return queueing.submit(shell, number, Path(file), wishes, socket)
    from faxhw.cli import send as deed

    device, number, file = arguments
    return deed.send(
        shell,
        device,
        number,
        Path(file),
        device_options=device_options,
        timeout=timeout,
        first_page=first_page,
        options=options,
    )


def _require_arguments(context: click.Context, given: tuple[str, ...], names: tuple[str, ...]) -> None:
    if len(given) < len(names):
        raise click.UsageError(f"Missing argument '{names[len(given)]}'.", context)
    if len(given) > len(names):
        raise click.UsageError(f"Got unexpected extra argument ({given[len(names)]})", context)


_ONLY_QUEUED = {
    "at": "--at",
    "hours": "--hours",
    "priority": "--priority",
    "wait": "--wait",
    "socket": "--socket",
}
_NEVER_QUEUED = {"timeout": "--timeout", "device_options": "--device-option"}


def _refuse_options(context: click.Context, *, queued: bool) -> None:
    """Refuse the options of the other way to send."""
    for name, option in (_NEVER_QUEUED if queued else _ONLY_QUEUED).items():
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"{option} goes {'not' if queued else 'only'} with --queue", context)


@faxhw.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("app", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("device")
@click.argument("parameters", nargs=-1, metavar="[ARGS]...", type=click.UNPROCESSED)
@device_option
@speaking
@click.pass_obj
def run(
    shell: Shell, *, app: Path, device: str, parameters: tuple[str, ...], device_options: tuple[str, ...]
) -> Exit:
    """Run the call-control application APP on DEVICE.

    APP is a Python file, and its function main(channel, application_instance_id, file_man, my_log,
    application_parameters) is called. ARGS, joined by blanks, are the parameters. Options go before APP.

    Example: faxhw run inbound.py /dev/ttyACM0 archive
    """
    from faxhw.cli import application as deed

    return deed.run(shell, app, device, parameters, device_options)


@faxhw.command()
@click.option(
    "--modem",
    "modems",
    multiple=True,
    metavar="NUMBER[:CLASSES]",
    help="A modem of this number, and what it answers to AT+FCLASS=?, such as 0,1; may be repeated. "
    "Without this and --capi there are two, 100 and 200.",
)
@click.option(
    "--capi",
    multiple=True,
    metavar="[HOST:]PORT[=NUMBERS]",
    help="A CAPI 2.0 controller on TCP, at this port of this host alone or of HOST, as a FRITZ!Box and as "
    "rcapi have it; and its numbers, with commas between them. Without them the port is its number.",
)
@click.option(
    "--link",
    "link_dir",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Make links DIR/NUMBER to the modems, and tell those as their paths.",
)
@click.option(
    "--speed",
    type=click.FloatRange(0.01, 1000),
    default=1.0,
    show_default=True,
    help="Let so many seconds of the line pass in a real one; programs' own time-outs stay as they are.",
)
@speaking
@click.pass_obj
def simulate(
    shell: Shell, *, modems: tuple[str, ...], capi: tuple[str, ...], link_dir: Path | None, speed: float
) -> Exit:
    """Offer virtual modems and CAPI controllers that can call one another.

    Modems are pseudo-terminals, controllers TCP servers, for any fax program on this host. A line NUMBER PATH
    tells of each number; an interrupt ends it. With -v all that happens on the line is told.

    \b
    Example: faxhw simulate --modem 100 --modem 200:0,1 --link /tmp/modems
    Example: faxhw simulate --modem 100 --capi 5031
    """
    from faxhw.cli import simulate as deed

    return deed.simulate(shell, modems, capi, link_dir, speed)


@faxhw.command("host-setup")
@click.option("--apply", is_flag=True, help="Do it; without this it is only shown.")
@click.option("--undo", is_flag=True, help="Take it back: what was replaced is put back.")
@click.option("--dry-run", is_flag=True, help="Only show what would be done, also with --undo.")
@click.option(
    "--prefix",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Put the files below DIR, and run none of the system's tools.",
)
@click.option(
    "--user", default="faxhw", show_default=True, metavar="NAME", help="Whom the service is to run as."
)
@click.option(
    "--python",
    metavar="PATH",
    help="The Python that the service is to run under, the one that runs this by default.",
)
@speaking
@click.pass_obj
def host_setup(
    shell: Shell,
    *,
    apply: bool,
    undo: bool,
    dry_run: bool,
    prefix: Path | None,
    user: str,
    python: str | None,
) -> Exit:
    """Set up this host for fax modems.

    Installed are rules for udev, the unit faxhw@.service for systemd, the user that it runs as, and the
    folders for faxes. Without --apply or --undo it is only shown what would be done. A file that was
    changed since it was installed is left as it is.

    Example: faxhw host-setup --apply
    """
    from faxhw.cli import host as deed

    if apply and undo:
        raise click.UsageError("give --apply or --undo, not both")
    act = (apply or undo) and not dry_run
    return deed.host_setup(shell, undo=undo, act=act, prefix=prefix, user=user, python=python)


@faxhw.command()
@click.argument("hexadecimal", nargs=-1, required=True, metavar="HEX...")
@speaking
@click.pass_obj
def explain(shell: Shell, hexadecimal: tuple[str, ...]) -> Exit:
    """Say in words what a T.30 frame means.

    HEX is the frame in hexadecimal octets, as a trace has it.

    Example: faxhw explain ff 13 80 00 ce b8
    """
    from faxhw.cli import explain as deed

    return deed.explain(shell, hexadecimal)


for _command in (decode, devices, options, probe, profiles, queue, record, serve, status):
    faxhw.add_command(_command)
