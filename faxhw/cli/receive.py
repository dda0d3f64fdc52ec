"""``faxhw receive``: wait for a call, answer it, receive a fax, say what came."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from faxhw.channel import Channel, check_number
from faxhw.cli.faxes import DIAL_TIMEOUT, RECEIVING, Fax, dial, open_line, parse_options
from faxhw.cli.progress import Progress, progress
from faxhw.cli.shell import Exit, Shell, driver_options
from faxhw.errors import UsageError
from faxhw.fax.documents import FaxToReceive


def receive(
    shell: Shell,
    device: str,
    file: Path,
    *,
    device_options: Sequence[str],
    rings: int,
    timeout: float | None,
    poll: str | None,
    options: Sequence[str],
    force: bool,
) -> Exit:
    """Receive one fax to a file; whatever is wrong with the arguments is found before the line is touched."""
    if poll is not None:
        check_number(poll)
    _check_file(file, force=force)
    document = FaxToReceive(file, replace=force)
    fax_options = parse_options(options)
    for_driver = driver_options(device_options)
    with progress(shell) as news:
        news.doing(f"opening {device}")
        with open_line(device, for_driver, fax_options) as channel:
            if poll is not None:
                if (why := dial(channel, news, poll, timeout or DIAL_TIMEOUT)) is not None:
                    return shell.failure(why, Exit.NO_CALL)
            else:
                if not _await_call(channel, news, rings, timeout):
                    return shell.failure(_why_no_call(channel, timeout), Exit.NO_CALL)
                _check_file(file, force=force)  # the call may have been long in coming
                news.doing("answering")
                if channel.answer() is not channel.State.ANSWERED:
                    return shell.failure(_why_no_call(channel, timeout), Exit.NO_CALL)
            channel.FaxReceiver.start(document, fax_options)
            return Fax(channel, channel.FaxReceiver, document, news, RECEIVING).see_through(shell)


def _check_file(file: Path, *, force: bool) -> None:
    """Raise ``UsageError`` or ``StorageError`` if no fax can be stored there, or none is to be."""
    FaxToReceive(file).check()
    if file.exists() and not force:
        raise UsageError(f"{file} exists: name another file, or give --force to replace it")


def _await_call(channel: Channel, news: Progress, rings: int, timeout: float | None) -> bool:
    """Whether a call came."""
    news.doing(f"{channel.name}: waiting for a call")
    if channel.wait_for_call(timeout, rings) is not channel.State.CALL_INCOMING:
        return False
    details = channel.Details
    caller = " ".join(filter(None, (details.call_from, details.caller_name))) or "an unknown number"
    news.say(f"call from {caller}")
    return True


def _why_no_call(channel: Channel, timeout: float | None) -> str:
    if channel.state() is channel.State.WAITING and timeout is not None:
        return f"{channel.name}: no call within {timeout:g} s; check the line, or give a longer --timeout"
    return f"{channel.name}: the call was not answered, {channel.cause()} ({channel.Details.raw_cause})"
