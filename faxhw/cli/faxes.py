"""What ``receive`` and ``send`` share: options checked before the line is touched, a fax seen through."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from faxhw.channel import Channel
from faxhw.cli.progress import Progress
from faxhw.cli.shell import Exit, Shell, complain, name_values
from faxhw.device import Device, Sounding, Tap
from faxhw.errors import Error, Hangup, UsageError
from faxhw.fax.causes import Cause
from faxhw.fax.documents import FaxToReceive, FaxToSend
from faxhw.fax.options import ANY_DEVICE, choose
from faxhw.finding import open_device

if TYPE_CHECKING:
    from faxhw.fax.control import FaxControl
    from faxhw.fax.details import FaxDetails
    from faxhw.fax.documents import PageDetails

DIAL_TIMEOUT = 120.0
"""Seconds that a call may take to be answered, where nothing else is asked for."""


def parse_options(given: Sequence[str]) -> dict[str, str]:
    """Fax options from ``NAME=VALUE`` texts, as far as they can be checked without a device."""
    options = name_values("--option", given, "SubscriberId=12345")
    choose(options, ANY_DEVICE)
    return options


def open_line(
    device: str, device_options: dict[str, str], options: dict[str, str], tap: Tap | None = None
) -> Channel:
    """The channel of a device that can do what the fax options ask for; its sound passes through ``tap``."""
    opened = open_device(device, **device_options)
    try:
        choose(options, opened.capabilities())
        if tap is not None:
            _sounding(opened).tap_sound(tap)
    except BaseException:
        opened.close()
        raise
    return Channel(opened)


def _sounding(device: Device) -> Sounding:
    if not hasattr(device, "tap_sound"):
        raise UsageError(
            f"{device.name} hands no sound to the host, so its calls cannot be recorded: a modem keeps it to "
            "itself, a telephony card does not"
        )
    return cast(Sounding, device)


def dial(channel: Channel, news: Progress, number: str, timeout: float) -> str | None:
    """Call a number; why there is no call, or ``None``."""
    news.doing(f"{channel.name}: calling {number}")
    if channel.call(number, seconds_timeout=timeout) is channel.State.ANSWERED:
        return None
    # Somebody may have answered: the modem heard a person out, or a data modem, for as long as S7 says.
    answered = "was answered by no fax" if channel.cause() is channel.Cause.OTHER else "did not answer"
    return f"{channel.name}: {number} {answered}, {channel.cause()} ({channel.Details.raw_cause})"


def check_file(file: Path, *, force: bool) -> None:
    """Raise ``UsageError`` or ``StorageError`` if no fax can be stored there, or none is to be."""
    FaxToReceive(file).check()
    if file.exists() and not force:
        raise UsageError(f"{file} exists: name another file, or give --force to replace it")


def check_apart(recording: Path, fax: Path) -> None:
    """Raise ``UsageError`` if a call's sound and its pages have the same file."""
    if recording.resolve() == fax.resolve():
        raise UsageError(f"{fax} is the recording: name another file for the fax")


def await_call(channel: Channel, news: Progress, rings: int, timeout: float | None) -> bool:
    """Whether a call came."""
    news.doing(f"{channel.name}: waiting for a call")
    if channel.wait_for_call(timeout, rings) is not channel.State.CALL_INCOMING:
        return False
    details = channel.Details
    caller = " ".join(filter(None, (details.call_from, details.caller_name))) or "an unknown number"
    news.say(f"call from {caller}")
    return True


def why_no_call(channel: Channel, timeout: float | None) -> str:
    if channel.state() is channel.State.WAITING and timeout is not None:
        return f"{channel.name}: no call within {timeout:g} s; check the line, or give a longer --timeout"
    return f"{channel.name}: the call was not answered, {channel.cause()} ({channel.Details.raw_cause})"


@dataclass(frozen=True, slots=True)
class Direction:
    """The words for one way that a fax goes."""

    doing: str
    done: str


RECEIVING = Direction("receiving", "stored in")
SENDING = Direction("sending", "sent of")


class Fax:
    """A fax that a command has started: told of while it goes on, and reported when it is over."""

    def __init__(
        self,
        channel: Channel,
        job: FaxControl,
        document: FaxToReceive | FaxToSend,
        news: Progress,
        direction: Direction,
    ) -> None:
        self._channel = channel
        self._job = job
        self._document = document
        self._news = news
        self._direction = direction
        self._told = 0

    def see_through(self, shell: Shell) -> Exit:
        """Tell of the fax until it is over, by itself or by an interrupt, and say how it ended."""
        try:
            self._follow()
        except KeyboardInterrupt:
            self._channel.close()
            return self._report(shell, interrupted=True)
        return self._report(shell, interrupted=False)

    def _follow(self) -> None:
        job = self._job
        self._news.doing("negotiating")
        with suppress(Error, Hangup):  # the report says the same, and more
            if settings := job.wait_for_negotiated_settings():
                self._news.say(_negotiated(job.Details, settings))
            while not job.Details.last_page:
                self._news.doing(f"{self._direction.doing} page {self._page_under_way()}", self._octets)
                job.wait_for_next_page()
                self._tell_pages()
        self._news.doing("finishing")
        job.wait_until_finished()

    def _report(self, shell: Shell, *, interrupted: bool) -> Exit:
        self._tell_pages(over=True)
        details, cause = self._job.Details, self._job.cause()
        code = Exit.INTERRUPTED if interrupted else Exit.NORMAL if cause is Cause.NORMAL else Exit.FAILED
        if code is Exit.NORMAL:
            self._news.say(f"{cause}: {self._what_there_is()}")
            error = {}
        else:
            message = (
                f"{details.line}: the fax {'was interrupted' if interrupted else 'failed'}, {cause}: "
                f"{details.raw_cause_text} (raw cause {details.raw_cause}); {self._what_there_is()}"
            )
            complain(message)
            error = {"error": message}
        return shell.outcome({**error, **self._for_machines(cause)}, code)

    # ------------------------------------------------------------------------------------------------------

    def _page_under_way(self) -> str:
        number = self._document.first_page + self._job.Details.pages
        return f"{number} of {self._document.pages}" if self._document.pages > 1 else f"{number}"

    def _octets(self) -> str:
        details = self._job.Details
        octets, size = details.page_octets, details.page_size
        if octets < size:
            return f"{100 * octets // size} % of {size} octets"
        return f"{octets} octets" if octets else ""

    def _tell_pages(self, *, over: bool = False) -> None:
        """Tell of the pages whose fate is known: some cards say at the end of a call what was confirmed."""
        pages = self._document.PageDetails
        confirmed = (number for number, page in enumerate(pages, 1) if page.confirmed)
        known = len(pages) if over else max(confirmed, default=0)
        for page in pages[self._told : known]:
            self._news.say(page_line(page))
            self._told += 1

    def _what_there_is(self) -> str:
        pages, document = self._job.Details.pages, self._document
        said = f"{pages or 'no'} page{'' if pages == 1 else 's'} {self._direction.done} {document.path}"
        # Not the number of pages sent: one that was refused, and kept, may be among them.
        following = document.next_page if isinstance(document, FaxToSend) else 1
        return f"{said}; --first-page {following} sends the rest" if 1 < following <= document.pages else said

    def _for_machines(self, cause: Cause) -> dict[str, object]:
        details, call = self._job.Details, self._channel.Details
        return {
            "cause": cause,
            "raw_cause": details.raw_cause,
            "raw_cause_text": details.raw_cause_text,
            "file": str(self._document.path),
            "pages": [asdict(page) for page in self._document.PageDetails],
            "negotiated": details.negotiated,
            "remote_id": details.remote_id,
            "sub_address": details.sub_address,
            "call_from": call.call_from,
            "call_to": call.call_to,
            "caller_name": call.caller_name,
            "device": details.line,
            "id": details.ID,
            "started": details.started,
            "ended": details.ended,
        }


def _negotiated(details: FaxDetails, settings: dict[str, object]) -> str:
    far_end = f" with {details.remote_id}" if details.remote_id else ""
    correction = "with ECM" if settings["ECM"] else "no ECM"
    return (
        f"negotiated{far_end}: {settings['Modem']} {settings['DataRate']} bit/s, {settings['Compression']}, "
        f"{settings['Resolution']}, {settings['PageWidth']}, {correction}"
    )


def page_line(page: PageDetails) -> str:
    """What became of a page, in a line."""
    damage = f", {page.bad_rows} bad rows" if page.bad_rows else ""
    verdict = "" if page.confirmed else ", not confirmed"
    number = f"{page.number}, sheet {page.sheet}" if page.sheet > 1 else f"{page.number}"
    return (
        f"page {number}: {page.receive_quality}{verdict}, {page.width} x {page.length} dots{damage}, "
        f"{page.compression}, {page.size} octets in {page.seconds:.1f} s at {page.data_rate} bit/s"
    )
