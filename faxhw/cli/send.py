"""``faxhw send``: dial a number, send a fax, say what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from faxhw.channel import check_number
from faxhw.cli.faxes import SENDING, Fax, dial, open_line, parse_options
from faxhw.cli.progress import progress
from faxhw.cli.shell import Exit, Shell, driver_options, libraries_silent
from faxhw.fax.documents import FaxToSend


def send(
    shell: Shell,
    device: str,
    number: str,
    file: Path,
    *,
    device_options: Sequence[str],
    timeout: float,
    first_page: int,
    options: Sequence[str],
) -> Exit:
    """Send one file to a number; whatever is wrong with the arguments is found before the line is touched."""
    check_number(number)
    fax_options = parse_options(options)
    for_driver = driver_options(device_options)
    document = FaxToSend(file, first_page=first_page)
    with libraries_silent():
        document.check()
    with progress(shell) as news:
        news.doing(f"opening {device}")
        with open_line(device, for_driver, fax_options) as channel:
            if (why := dial(channel, news, number, timeout)) is not None:
                return shell.failure(why, Exit.NO_CALL)
            channel.FaxSender.start(document, fax_options)
            return Fax(channel, channel.FaxSender, document, news, SENDING).see_through(shell)
