"""``faxhw receive``: wait for a call, answer it, receive a fax, say what came."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from faxhw.channel import check_number
from faxhw.cli.faxes import (
    DIAL_TIMEOUT,
    RECEIVING,
    Fax,
    await_call,
    check_file,
    dial,
    open_line,
    parse_options,
    why_no_call,
)
from faxhw.cli.progress import progress
from faxhw.cli.shell import Exit, Shell, driver_options
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
    check_file(file, force=force)
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
                if not await_call(channel, news, rings, timeout):
                    return shell.failure(why_no_call(channel, timeout), Exit.NO_CALL)
                check_file(file, force=force)  # the call may have been long in coming
                news.doing("answering")
                if channel.answer() is not channel.State.ANSWERED:
                    return shell.failure(why_no_call(channel, timeout), Exit.NO_CALL)
            channel.FaxReceiver.start(document, fax_options)
            return Fax(channel, channel.FaxReceiver, document, news, RECEIVING).see_through(shell)
