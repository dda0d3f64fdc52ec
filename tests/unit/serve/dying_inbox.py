"""Not a test: processes that are killed while they store a fax, before each operation on the disk in turn.

``python -m tests.unit.serve.dying_inbox FOLDER`` prints a line for each: what was confirmed to the sender,
what was told before the end, and by a ``recover`` then; and what is in the inbox. The last is one that lived.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from faxhw.channel import Channel
from faxhw.serve.config import Inbox, Line
from faxhw.serve.events import Event
from faxhw.serve.inbox import recover, store
from faxhw.tiff import pages_of
from tests.unit.crashing_disk import OPERATIONS
from tests.unit.fax_bench import FakeDevice, coded, fax

PAGES = 3


class Told(list[str]):
    """What reaches the line, noted where a kill does not reach."""

    def __init__(self, note: Callable[[str], object]) -> None:
        super().__init__()
        self._note = note

    def append(self, said: str) -> None:
        super().append(said)
        self._note(said)


def main(folder: Path) -> None:
    for moment in range(1000):
        inbox = folder / f"{moment}"
        inbox.mkdir()
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            live(inbox, moment, writer)
            os._exit(0)
        os.close(writer)
        with open(reader, encoding="utf-8") as noted:  # noqa: PTH123 - a descriptor
            said = noted.read().splitlines()
        _, status = os.waitpid(child, 0)
        report(inbox, said, lived=status == 0)
        if status == 0:
            return
        assert os.WTERMSIG(status) == signal.SIGKILL


def live(directory: Path, moment: int, notes: int) -> None:
    """Store a fax, and die before so many operations on the disk were made."""
    write = os.write

    def note(said: str) -> None:
        write(notes, f"{said}\n".encode())

    left = moment

    def dying(real: Callable[..., Any]) -> Callable[..., Any]:
        def operation(*arguments: Any, **named: Any) -> Any:
            nonlocal left
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1
            return real(*arguments, **named)

        return operation

    for name in OPERATIONS:
        setattr(os, name, dying(getattr(os, name)))
    device = FakeDevice(fax(*[coded()] * PAGES), said=Told(note))
    with Channel(device) as channel:
        channel.wait_for_call()
        store(channel, Inbox(directory), Line("front", "fake:1"), lambda event: note(f"told {event.id}"))


def report(directory: Path, said: list[str], *, lived: bool) -> None:
    recovered: list[Event] = []
    recover(directory, recovered.append)
    again: list[Event] = []
    recover(directory, again.append)
    faxes = sorted(directory.glob("*.tif"))
    sidecars = [json.loads(each.read_bytes()) for each in sorted(directory.glob("*.json"))]
    print(  # noqa: T201 - its very point
        json.dumps(
            {
                "lived": lived,
                "confirmed": said.count("MCF"),
                "told": [each.removeprefix("told ") for each in said if each.startswith("told ")],
                "recovered": [[each.id, each.pages, each.kind] for each in recovered],
                "again": len(again),
                "pages": [len(list(pages_of(each))) for each in faxes],
                "sidecars": [[each["id"], each["pages"], Path(each["file"]).name] for each in sidecars],
                "names": [each.name for each in faxes],
                "others": sorted(
                    each.name for each in directory.iterdir() if each.suffix not in (".tif", ".json")
                ),
            }
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
