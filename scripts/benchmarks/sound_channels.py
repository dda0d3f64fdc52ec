"""A process with channels on the lines of a card (``piped_card``), a thread each, for one fax each.

Talks JSON on standard output as ``receiver`` does, with how the 20 ms were kept so far.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import asdict
from functools import partial
from pathlib import Path

from faxhw.channel import Channel
from faxhw.clock import SYSTEM_CLOCK
from faxhw.fax.control import FaxControl
from faxhw_drivers.dsp.dahdi.driver import DahdiDriver
from scripts.benchmarks.piped_card import PipedFile
from scripts.benchmarks.receiver import tell

PATIENCE = 120
"""Seconds in which a call must come."""


def main(paths: list[str], pages: int, document: str) -> None:
    """Send the document, or receive, where there is none; so many pages."""
    with tempfile.TemporaryDirectory() as folder:
        faxes = [
            partial(fax, each, pages, document, Path(folder) / f"{Path(each).name}.tif") for each in paths
        ]
        threads = [SYSTEM_CLOCK.spawn(each, "channel") for each in faxes]
        for thread in threads:
            thread.join()


def fax(path: str, pages: int, document: str, received: Path) -> None:
    device = DahdiDriver(PipedFile).open(path, {"dialtone": "ignore"})
    with Channel(device) as channel:
        job: FaxControl
        if document:
            stands, job = channel.call("200") == "ANSWERED", channel.FaxSender
        else:
            called = channel.wait_for_call(PATIENCE) == "CALL_INCOMING"
            stands, job = called and channel.answer() == "ANSWERED", channel.FaxReceiver
        if not stands:
            tell(cause=f"no call: {channel.cause()}", pages=0)
            return
        if document:
            channel.FaxSender.start(filename=document)
        else:
            channel.FaxReceiver.start(filename=received)
        job.wait_for_negotiated_settings()
        late = device.rhythm.late
        for _ in range(pages):
            tell(page=job.wait_for_next_page())
        cause = job.wait_until_finished()
        late = device.rhythm.late - late
        channel.hang_up()
        tell(cause=cause, pages=job.Details.pages, rhythm=asdict(device.rhythm), late=late)


if __name__ == "__main__":
    main(sys.argv[3:], int(sys.argv[2]), sys.argv[1])
