"""Receiving by a modem that runs T.30: +FDR, a page, its status, and +FDR again, which confirms the page.

So a page is stored, and its verdict told to the modem where that thought otherwise, before the next +FDR.
"""

from __future__ import annotations

import re
from typing import NoReturn

from faxhw import hdlc
from faxhw.at.replies import Result
from faxhw.session import (
    Cancelled,
    NextStep,
    PageBegins,
    PageData,
    PageEnds,
    PageOver,
    SessionError,
    Status,
    Verdict,
    VerdictWanted,
)
from faxhw.t4.encode import encode_page
from faxhw.t32 import parameters
from faxhw.t32.dialect import INTERRUPT, MCF, RTN, RTP, STEPS
from faxhw.t32.parameters import Subparameters
from faxhw.terms import Parameters, Settings
from faxhw_drivers.class2 import preparing
from faxhw_drivers.class2.answering import answer
from faxhw_drivers.class2.conducting import Course, Steps
from faxhw_drivers.class2.modem import END_WAIT, Standing

_START = {"DC1": b"\x11", "DC2": b"\x12"}
_PAGE_PATIENCE = 60.0
"""Seconds without a report from +FDR to CONNECT: a reply, a training, and T1 after EOM."""
_STATUS_PATIENCE = 40.0
"""Seconds from the end of a page's data to its status: T2, and the sender's three tries."""
_DATA_SILENCE = 20.0
"""Seconds without an octet of a page after which the modem has lost it."""
_ECM_SILENCE = 90.0
"""The same with error correction: frames come again, or the sender waits (T5)."""
_LONGEST_PAGE = 3600.0
_DISK_PATIENCE = 2.0
"""Seconds for which the disk is waited for at a time: in between the job can be stopped."""
_DISK_TRIES = 12
"""How often: no sender waits longer, and a modem cannot be told to hold it off."""
_PARTIAL_PAGE = 3
"""+FET of a block of a page that goes on (PPS-NULL)."""
_TRIES = 3
"""How often +FDR may bring OK and no page, as some modems say between documents."""
_LAST_REPORT = 5.0
"""Seconds for which the modem's hang-up is waited for after the last page."""

_WORDS = {Verdict.GOOD: MCF, Verdict.RETRAIN: RTP, Verdict.REJECTED: RTN}
_ENDINGS = {
    Verdict.FAILED: (Status.STORAGE_FAILED, "the page could not be stored"),
    Verdict.GIVEN_UP: (Status.PAGE_QUALITY, "the page came damaged too often"),
    Verdict.PENDING: (Status.STORAGE_FAILED, "the disk took too long over a page"),
}


def receive(course: Course, settings: Settings, *, dialled: bool) -> Steps[NoReturn]:
    """The steps of a station that receives: who answered is sent a fax, who ``dialled`` polls for it."""
    modem, reports = course.modem, course.modem.reports
    if dialled:
        preparing.be_caller(modem, settings)
        yield from course.introduce()
        if not reports.has_document:
            course.disconnect(Status.CANNOT_BE_POLLED, "the called station has nothing to be polled")
    else:
        preparing.be_called(modem, settings, receives=True)
        answer(modem)
        yield from course.introduce()
        if reports.wants_document and reports.settled is None:
            course.disconnect(
                Status.CANNOT_BE_POLLED, "the caller wants to receive; there is nothing to send"
            )
        if settings.password and reports.password != settings.password:
            course.disconnect(Status.WRONG_PASSWORD, "the DCS came without the right password")
        modem.ask_what_is_settled()
    yield from _Pages(course, settings).receive()
    raise AssertionError("pages without an end")


class _Pages:
    """The pages of a call."""

    def __init__(self, course: Course, settings: Settings) -> None:
        self._course = course
        self._modem = course.modem
        self._settings = settings
        self._in_doubt = False
        """Whether the next page may be the last one again: the modem would not confirm that."""

    def receive(self) -> Steps[NoReturn]:
        course, reports = self._course, self._modem.reports
        while True:
            yield from self._wait_for_page()
            current = yield from self._settled()
            yield PageBegins(current)
            yield from self._page(current)
            if reports.page_end is None:
                self._modem.wait_for_reports(0.5)  # the result may have overtaken the report
            end = (reports.page_end or 0) % INTERRUPT
            step = STEPS.get(end, NextStep.MORE_PAGES)
            verdict = yield from self._verdict(step, current)
            self._give(verdict)
            course.refused = verdict is Verdict.REJECTED
            course.perhaps_complete = reports.page_end is None and not course.refused
            if step is NextStep.NO_MORE and not course.refused:
                self._part()

    def _wait_for_page(self) -> Steps[None]:
        """Have the modem reply to the page before, and go on to the next one: CONNECT."""
        for _ in range(_TRIES):
            result = self._modem.order("+FDR", _PAGE_PATIENCE)
            yield from self._course.introduce()
            if result is Result.CONNECT:
                self._begin()
                return
            if result is Result.ERROR:
                break
        self._refused_to_go_on(result)

    def _refused_to_go_on(self, result: Result) -> NoReturn:
        self._modem.wait_for_end(END_WAIT)
        self._modem.must_be_on_call()
        self._modem.fail(f"the modem answers +FDR with {result}")

    def _begin(self) -> None:
        modem = self._modem
        modem.reports.begin_page()
        modem.chat.begin_data(keep_lone_dle=False)
        modem.chat.port.write(_START[modem.traits.start])
        modem.standing = Standing.RECEIVING

    def _settled(self) -> Steps[Parameters]:
        """What the page comes under; ends the call if that is slower than the job allows."""
        settings = self._settings
        unknown = Subparameters(br=preparing.offer(self._modem, settings).br)
        fallback = parameters.settled(unknown, self._modem.dialect, settings.families)
        current = yield from self._course.negotiated(settings.families, fallback)
        if current.modulation.rate < settings.min_rate:
            self._course.disconnect(
                Status.TRAINING_FAILED, f"the modem has trained for {current.modulation}, which is too slow"
            )
        return current

    # ------------------------------------------------------------------------------------------------------
    # A page

    def _page(self, current: Parameters) -> Steps[None]:
        """All data of a page, to the result that belongs to it."""
        modem = self._modem
        while True:
            tail = yield from self._data(current)
            if not current.ecm:
                yield from self._complete(tail, current)
                yield PageOver()
            modem.result(_STATUS_PATIENCE)
            if modem.reports.page_end != _PARTIAL_PAGE:
                return
            yield from self._wait_for_page()

    def _data(self, current: Parameters) -> Steps[bytes]:
        """Data until it ends; the last octets of it."""
        modem, chat = self._modem, self._modem.chat
        silence = _ECM_SILENCE if current.ecm else _DATA_SILENCE
        tail = b""
        began = modem.clock.monotonic()
        while (piece := chat.gather_data(silence)) is not None:
            if chat.take_interrupt():
                raise Cancelled
            if not piece or modem.clock.monotonic() - began > _LONGEST_PAGE:
                self._course.disconnect(Status.RECEIVE_C, "the modem began a page, and did not end it")
            tail = yield from self._pass_on(modem.bit_order.take(piece, current), tail)
        modem.standing = Standing.WORKING
        return (yield from self._pass_on(modem.bit_order.rest(current), tail))

    def _pass_on(self, octets: bytes, tail: bytes) -> Steps[bytes]:
        """Hand octets to the job; the last ones so far."""
        if octets:
            yield PageData(octets)
        return (tail + octets)[-_TAIL:]

    def _complete(self, tail: bytes, current: Parameters) -> Steps[None]:
        """Give a page the RTC that the modem has removed: it did see that the page was over."""
        if _has_rtc(tail):
            self._modem.habits.passes_rtc = True
        elif not self._modem.habits.passes_rtc:
            yield PageData(encode_page([], current.coding, current.row_dots))

    # ------------------------------------------------------------------------------------------------------
    # The word on it

    def _verdict(self, step: NextStep, current: Parameters) -> Steps[Verdict]:
        """The job's verdict."""
        intact = current.ecm and self._modem.reports.page_status in (None, MCF)
        event = PageEnds(step, intact=intact, perhaps_again=self._in_doubt, patience=_DISK_PATIENCE)
        self._in_doubt = False
        verdict = yield event
        for _ in range(_DISK_TRIES):
            if verdict is Verdict.PENDING:
                self._modem.keep_awake()
                verdict = yield VerdictWanted(_DISK_PATIENCE)
        if not isinstance(verdict, Verdict):
            raise SessionError(f"PageEnds was answered by {verdict!r}")
        return verdict

    def _give(self, verdict: Verdict) -> None:
        """Have the modem say the verdict at the next +FDR; or end the call, where it must not confirm."""
        if verdict in _ENDINGS:
            self._course.disconnect(*_ENDINGS[verdict])
        word, modem = _WORDS[verdict], self._modem
        meant = modem.reports.page_status or MCF
        if meant == word or modem.say(f"{modem.dialect.page_status}={word}"):
            return
        if verdict is Verdict.REJECTED:
            self._course.disconnect(Status.PAGE_QUALITY, "the modem cannot be told to refuse a page")
        self._in_doubt = meant == RTN

    def _part(self) -> NoReturn:
        """After the last page: its confirmation, and the end."""
        modem, self._course.complete = self._modem, True
        result = modem.order("+FDR", _PAGE_PATIENCE)
        if result is not Result.CONNECT:
            modem.wait_for_end(_LAST_REPORT)
        if modem.reports.hung_up is None:
            modem.standing = Standing.WORKING if result is Result.CONNECT else Standing.NOTHING
            self._course.disconnect(Status.NORMAL, "the last page was confirmed; the modem did not hang up")
        modem.on_call = False
        self._course.end(Status.NORMAL, "the last page was confirmed")


# ----------------------------------------------------------------------------------------------------------

_TAIL = 48
"""Octets that hold an RTC of six EOLs with their tag bits, fill, and what a carrier is turned off with."""
_RTC = re.compile("(?:00000000000+1[01]?){2}")


def _has_rtc(tail: bytes) -> bool:
    """Whether a page's last octets hold two EOLs with nothing between them."""
    return _RTC.search(hdlc.bits(tail)) is not None
