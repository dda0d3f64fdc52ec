"""``faxhw decode``: the fax in a recorded call, by whichever driver makes it out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import cast

from faxhw.audio.wav import WavReader
from faxhw.cli.faxes import check_apart, check_file, page_line
from faxhw.cli.progress import progress
from faxhw.cli.shell import Exit, Shell, between_interrupts, say
from faxhw.device import ListeningDriver
from faxhw.errors import DeviceError, StorageError
from faxhw.fax.documents import FaxToReceive
from faxhw.fax.overhearing import KeptPage, judged, store
from faxhw.finding import load_driver
from faxhw.t30.overheard import Entry, Overheard

DRIVER = "dsp"
_MOST_DETAILS = 2
"""Of what a frame says in detail, the lines that are printed: the essential comes first."""

_IN_HEX = re.compile(r"[ 0-9a-f…]+")
"""A detail that repeats the octets."""


def decode(shell: Shell, recording: Path, file: Path | None, *, force: bool) -> Exit:
    """Print what is in a recording, and store its pages."""
    if file is not None:
        check_file(file, force=force)
        check_apart(recording, file)
    with WavReader(recording) as sound:
        driver = load_driver(DRIVER)
        if not hasattr(driver, "overhear"):
            raise DeviceError(f"the driver {DRIVER!r} that is installed cannot listen to recordings")
        with progress(shell) as news:
            news.doing(f"listening to {recording}")
            heard = cast(ListeningDriver, driver).overhear(between_interrupts(sound.pieces()))
    pages = judged(heard.pages)
    if not shell.json:
        _print(heard, pages)
    try:
        stored = store(pages, FaxToReceive(file, replace=force)) if file is not None else 0
    except StorageError as error:
        return shell.failure(str(error), Exit.FAILED)
    if file is not None and not shell.json:
        say(f"{stored or 'no'} page{'' if stored == 1 else 's'} stored in {file}")
    result = _for_machines(heard, pages, file if stored else None)
    why = _why_none(recording, heard, pages)
    if not why:
        return shell.outcome(result, Exit.NORMAL)
    return shell.failure(why, Exit.FAILED, result)


def _print(heard: Overheard, pages: Sequence[KeptPage]) -> None:
    several = max((each.call for each in heard.entries), default=1) > 1
    call = 0
    for each in heard.entries:
        if several and each.call != call:
            call = each.call
            say(f"call {call}")
        say(f"{each.time:8.2f} s  {each.party:6}  {_in_a_line(each)}")
    for page in pages:
        say(_page(page, several=several))


def _in_a_line(entry: Entry) -> str:
    head, *details = entry.said
    told = [each.strip() for each in details if not _IN_HEX.fullmatch(each)][:_MOST_DETAILS]
    return f"{entry.name}: {'; '.join(told)}" if told else head


def _page(page: KeptPage, *, several: bool) -> str:
    heard = page.heard
    of = f" of call {heard.call}" if several else ""
    if not page.readable:
        return f"page {page.details.number}{of}: nothing of it could be understood, {heard.fate}"
    end = "" if page.complete else ", cut off"
    sender = f", from {heard.sender}" if heard.sender else ""
    return f"{page_line(page.details)}{end}, at {heard.time:.1f} s{of}{sender}"


def _why_none(recording: Path, heard: Overheard, pages: Sequence[KeptPage]) -> str:
    """Why there is no fax to be had; empty: there is."""
    if any(each.complete for each in pages):
        return ""
    if any(each.readable for each in pages):
        return f"{recording}: no page is complete: the fax was cut off, or the recording was"
    frames = [each for each in heard.entries if each.octets and each.good]
    if not frames:
        return f"{recording}: there is no fax in it: {heard.seconds:.0f} s of sound, and no frame of T.30's"
    if not any(each.name == "DCS" for each in frames):
        why = "DCS, which tells how they are sent, is not in it"
        return f"{recording}: no page of the fax can be made out: {why}"
    return f"{recording}: no page of the fax could be understood; the last frame is {frames[-1].name}"


def _for_machines(heard: Overheard, pages: Sequence[KeptPage], file: Path | None) -> dict[str, object]:
    return {
        "seconds": heard.seconds,
        "calls": max((each.call for each in heard.entries), default=0),
        "exchange": [
            {
                "call": each.call,
                "time": each.time,
                "channel": each.channel,
                "party": each.party,
                "name": each.name,
                "said": each.said,
                "octets": each.octets.hex(),
                "good": each.good,
                "level": each.level,
            }
            for each in heard.entries
        ],
        "pages": [
            {
                **asdict(each.details),
                "call": each.heard.call,
                "time": each.heard.time,
                "channel": each.heard.channel,
                "ecm": each.heard.parameters.ecm,
                "modulation": str(each.heard.parameters.modulation),
                "complete": each.complete,
                "remote_id": each.heard.sender,
            }
            for each in pages
        ],
        "file": None if file is None else str(file),
    }
