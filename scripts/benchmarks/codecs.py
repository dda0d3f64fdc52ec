"""How fast pages and HDLC are coded and decoded, as multiples of the fastest line there is, 33.6 kbit/s.

What counts is octets on the line: a dithered page has thirty times those of a text page, and may take as many
times as long.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial

from faxhw import hdlc
from faxhw.t4.decode import PageDecoder
from faxhw.t4.encode import encode_page
from faxhw.terms import Coding
from scripts.benchmarks.table import Figure
from tests.pages import page_bitmap

LINE = 33600 / 8
PIECE = 64
"""Octets fed at a time, about what a modem delivers at once."""
GOAL = 100


def measure() -> Iterator[Figure]:
    for kind in ("text", "photo"):
        page = page_bitmap(kind, rows=2286, seed=1)
        rows = page.rows
        for coding in Coding:
            data = encode_page(rows, coding, page.width)
            encode = partial(encode_page, rows, coding, page.width)
            decode = partial(_decode, coding, page.width, data)
            yield _rate(f"encode {coding}, {kind}", len(data), encode)
            yield _rate(f"decode {coding}, {kind}", len(data), decode)
    yield from _hdlc(random.Random(1).randbytes(64 * 256))


def _hdlc(data: bytes) -> Iterator[Figure]:
    frames = [bytes([0xFF, 0x03, 0x06, number]) + data[number * 256 :][:256] for number in range(64)]
    octets = sum(map(len, frames))
    line = hdlc.transmission(frames, 10)
    yield _rate("HDLC framing", octets, lambda: hdlc.transmission(frames, 10))
    yield _rate("HDLC unframing", octets, lambda: _unframe(line))


def _decode(coding: Coding, width: int, data: bytes) -> None:
    decoder = PageDecoder(coding, width)
    for start in range(0, len(data), PIECE):
        decoder.feed(data[start : start + PIECE])
    decoder.finish()


def _unframe(line: bytes) -> None:
    deframer = hdlc.Deframer()
    for start in range(0, len(line), PIECE):
        deframer.feed(line[start : start + PIECE])


def _rate(what: str, octets: int, act: Callable[[], object]) -> Figure:
    times = []
    for _ in range(7):
        began = time.process_time()
        act()
        times.append(time.process_time() - began)
    rate = octets / statistics.median(times)
    return Figure(
        what, rate / LINE, "x 33.6 kbit/s", GOAL, more_is_better=True, note=f"{rate / 1000:.0f} kB/s"
    )
