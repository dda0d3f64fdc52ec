"""Whole calls on the virtual line: a channel on a virtual Class 1 modem, and a far end with pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from faxhw.channel import Channel
from faxhw.device import Device
from faxhw.session import Event, NextStep, OutgoingPage, PageSent, PageWanted, Reply
from faxhw.t4.encode import encode_page
from faxhw.t30.answering import answer
from faxhw.t30.calling import call
from faxhw.terms import Resolution, Settings
from faxhw_drivers.class1 import driver
from faxhw_drivers.sim import Bench, Quirks, Station
from tests.pages import PageBitmap, page_bitmap

OURS, THEIRS = "100", "200"
"""The numbers of the channel's line and of the far end."""
STANDARD = Settings(ident="+49 89 200", resolutions=frozenset({Resolution.STANDARD}))


def text_pages(count: int) -> list[PageBitmap]:
    return [page_bitmap("text", seed=number) for number in range(count)]


@dataclass
class Pages:
    """A far end's pages, and what became of them: the ``on_event`` of a station that sends."""

    pages: Sequence[PageBitmap]
    confirmed: int = 0
    refused: int = 0

    def __call__(self, event: Event) -> Reply:
        match event:
            case PageWanted(parameters):
                page = self.pages[self.confirmed]
                last = self.confirmed + 1 == len(self.pages)
                data = encode_page(page.rows, parameters.coding, page.width)
                return OutgoingPage([data], NextStep.NO_MORE if last else NextStep.MORE_PAGES)
            case PageSent(confirmed):
                self.confirmed += confirmed
                self.refused += not confirmed
        return None


@dataclass
class Setting:
    """A channel on a bench, and the far end."""

    bench: Bench
    device: Device
    channel: Channel
    station: Station
    sent: Pages = field(default_factory=lambda: Pages([]))

    def rings_with(self, count: int = 3, settings: Settings = STANDARD) -> Channel:
        """Have the far end call with so many pages, and answer it."""
        self.sent = Pages(text_pages(count))
        self.station.call(OURS, call(settings), self.sent)
        return self.answered()

    def answered(self) -> Channel:
        assert self.channel.wait_for_call(60) == "CALL_INCOMING"
        assert self.channel.answer() == "ANSWERED"
        return self.channel

    def dialled(self) -> Channel:
        """Call a far end that receives."""
        self.station.answer_with(lambda: answer(Settings(ident="+49 89 200")))
        assert self.channel.call(THEIRS) == "ANSWERED"
        return self.channel


@contextmanager
def setting(seed: int = 1, quirks: Quirks | None = None) -> Iterator[Setting]:
    """A bench with a channel on one line, on a modem of these quirks, and a station on the other."""
    bench = Bench(seed=seed)
    device = driver.open_on(bench.modem(OURS, quirks=quirks).port, bench.clock, {})
    with Channel(device) as channel:
        yield Setting(bench, device, channel, bench.station(THEIRS))


def pixels(path: Path) -> list[bytes]:
    """Each page of a TIFF as packed octets, 1 for white, as libtiff decodes it."""
    with Image.open(path) as image:
        found = []
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            found.append(image.convert("1").tobytes())
        return found


def drawn(pages: Sequence[PageBitmap]) -> list[bytes]:
    """The same of pages as they were drawn."""
    return [page.image().tobytes() for page in pages]
