"""Sends a document to each number of a list.

Usage: faxhw run scripts/apps/broadcast.py /dev/ttyACM0 FILE NUMBERS.txt RESULTS.csv

NUMBERS.txt has a number a line; what stands after a # is passed over. RESULTS.csv gets a line for each call.
Run it again, after an interruption or for those that failed: no page of FILE that was confirmed goes again.
"""

import csv
from datetime import datetime
from logging import Logger
from pathlib import Path

from faxhw import Channel, Error, FaxToSend, Hangup
from faxhw.applications import FileManager
from faxhw.channel import check_number

COLUMNS = ("time", "document", "number", "cause", "next_page")
"""next_page: the first page that the number has not confirmed; one more than there are once it has all."""


def main(
    channel: Channel,
    application_instance_id: str,
    file_man: FileManager,
    my_log: Logger,
    application_parameters: str,
) -> None:
    document, numbers, results = map(file_man.path, application_parameters.split())
    whole = FaxToSend(document)
    whole.check()
    wanted = [line.partition("#")[0].strip() for line in numbers.read_text(encoding="utf-8").splitlines()]
    next_pages = {number: 1 for number in wanted if number}
    for number in next_pages:
        check_number(number)
    done = so_far(results, document.name)
    next_pages |= {number: done[number] for number in next_pages if number in done}

    for number, page in next_pages.items():
        if page <= whole.pages:
            fax = FaxToSend(document, first_page=page)
            cause = "INTERRUPTED"
            try:
                cause = sent(channel, number, fax)
            finally:
                my_log.info("%s: %s", number, cause)
                next_pages[number] = fax.next_page
                note(results, document.name, number, cause, fax.next_page)

    left = [number for number, page in next_pages.items() if page <= whole.pages]
    if left:
        raise Error(f"not sent, or not whole, to {', '.join(left)}: run this again")


def sent(channel: Channel, number: str, fax: FaxToSend) -> str:
    """Call and send; the cause."""
    try:
        if channel.call(number) != channel.State.ANSWERED:
            return channel.cause()
        return channel.FaxSender.send(fax)
    except Hangup:
        return "HANGUP"
    finally:
        channel.hang_up()


def so_far(results: Path, document: str) -> dict[str, int]:
    """The next page of each number that was called for a document."""
    if not results.exists():
        return {}
    with results.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["document"] == document]
    return {row["number"]: int(row["next_page"]) for row in rows}


def note(results: Path, document: str, number: str, cause: str, next_page: int) -> None:
    """Add a line to the results."""
    new = not results.exists()
    with results.open("a", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        if new:
            lines.writerow(COLUMNS)
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        lines.writerow((now, document, number, cause, next_page))
