"""Takes a fax and sends it on to another number, again and again while the cause gives hope.

Usage: faxhw run scripts/apps/forward.py /dev/ttyACM0 NUMBER

A fax is removed here once the other number has confirmed every page; what cannot be sent on stays. No page
that was confirmed is sent again. A call that comes while the next try is waited for is answered, and its fax
sent on as well. It ends when nothing is left to send.
"""

from collections import deque
from dataclasses import dataclass
from logging import Logger
from pathlib import Path

from faxhw import Channel, Error, FaxToReceive, FaxToSend, Hangup
from faxhw.applications import FileManager
from faxhw.channel import check_number

WAITS = {
    "BUSY": 180.0,
    "CONGESTION": 30.0,
    "NOANSWER": 600.0,
    "OUTOFORDER": 120.0,
    "COMMSFAULT": 300.0,
    "HANGUP": 300.0,
    "TIMEOUT": 300.0,
    "PAGEQUALITY": 600.0,
}
"""Seconds until the next try; a cause that is not here is final."""
TRIES = 5
MOMENT = 1.0
"""Seconds for a caller who waits already, before the line is taken for a call."""


@dataclass
class Held:
    """A fax to send on."""

    path: Path
    pages: int
    next_page: int = 1
    """The first that is not confirmed."""
    tries: int = 0


def main(
    channel: Channel,
    application_instance_id: str,
    file_man: FileManager,
    my_log: Logger,
    application_parameters: str,
) -> None:
    number = application_parameters.strip()
    check_number(number)
    held: deque[Held] = deque()
    kept: list[str] = []
    calls = 0
    wait: float | None = None  # the first call is waited for as long as it takes
    while held or not calls:
        match channel.wait_for_call(wait):
            case channel.State.CALL_INCOMING:
                calls += 1
                fax = FaxToReceive(file_man.path(f"{application_instance_id}-{calls}.tif"))
                my_log.info("%s: %s", fax.path.name, received(channel, fax))
                if fax.PageDetails:
                    held.append(Held(fax.path, len(fax.PageDetails)))
                wait = wait or MOMENT
            case channel.State.WAITING:
                cause = sent(channel, number, held[0])
                my_log.info("%s to %s: %s", held[0].path.name, number, cause)
                wait = WAITS.get(cause, MOMENT)
                if settled(held[0]):
                    held.popleft()
                elif cause not in WAITS or held[0].tries == TRIES:
                    kept.append(held.popleft().path.name)
            case state:
                raise Hangup(f"the line was taken away: {state}")
    if kept:
        raise Error(f"not sent on to {number}: {', '.join(kept)}")


def received(channel: Channel, fax: FaxToReceive) -> str:
    """Answer the call that rings and receive; the cause."""
    try:
        if channel.answer() != channel.State.ANSWERED:
            return channel.cause()
        return channel.FaxReceiver.receive(fax)
    except Hangup:
        return "HANGUP"
    finally:
        channel.hang_up()


def sent(channel: Channel, number: str, fax: Held) -> str:
    """Call and send what is left of a fax; the cause."""
    document = FaxToSend(fax.path, first_page=fax.next_page)
    fax.tries += 1
    try:
        if channel.call(number) != channel.State.ANSWERED:
            return channel.cause()
        return channel.FaxSender.send(document)
    except Hangup:
        return "HANGUP"
    finally:
        fax.next_page = document.next_page
        channel.hang_up()


def settled(fax: Held) -> bool:
    """Whether every page was confirmed; the fax is removed then."""
    if fax.next_page <= fax.pages:
        return False
    fax.path.unlink()
    return True
