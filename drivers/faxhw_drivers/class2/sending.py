"""Sending by a modem that runs T.30: +FDT, a page, what follows it, and the far end's word.

In class 2 the data ends by DLE ETX, and +FET says what follows; later classes say that by the octet after the
last DLE, and OK means a page confirmed, ERROR one refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NoReturn

from faxhw.at import dle
from faxhw.at.replies import Result
from faxhw.errors import PortError
from faxhw.ports.base import Flow
from faxhw.session import (
    Cancelled,
    FormatWanted,
    NextStep,
    OutgoingPage,
    PageSent,
    PageWanted,
    Refused,
    SessionError,
    Status,
)
from faxhw.t30 import capabilities
from faxhw.t30.capabilities import Capabilities
from faxhw.t30.sending import MAX_REFUSALS, MAX_RESENDS
from faxhw.t32 import parameters
from faxhw.t32.dialect import MCF, PAGE_END, PIP, RTN, RTP, STEPS
from faxhw.t32.hangup import status_of
from faxhw.t32.parameters import RATES, Subparameters
from faxhw.terms import Format, Modulation, Parameters, Settings
from faxhw_drivers.class2 import preparing
from faxhw_drivers.class2.answering import answer
from faxhw_drivers.class2.conducting import Course, Steps
from faxhw_drivers.class2.modem import END_WAIT, HungUp, Standing

_XON = b"\x11"
_TRAINING_PATIENCE = 60.0
"""Seconds without a report from +FDT to CONNECT: a training at each rate, three times over."""
_REPLY_PATIENCE = 60.0
"""Seconds from the end of a page on the line to the far end's word: three tries, or RNR for T5."""
_LAST_REPORT = 10.0
"""Seconds for which the modem's hang-up is waited for after the last page."""
_PIECE = 1024
"""Octets that are given at a time: what was given cannot be taken back."""
_PPM = {step: number for number, step in STEPS.items()}
_CONFIRMS = frozenset({MCF, RTP, PIP})


def send(course: Course, settings: Settings, *, dialled: bool) -> Steps[NoReturn]:
    """The steps of a station that sends: who ``dialled`` does it, who answered waits to be polled."""
    modem = course.modem
    if not dialled:
        preparing.be_called(modem, settings, receives=False)
        answer(modem)
    yield from course.introduce()
    if dialled:
        preparing.introduce_ourselves(modem, settings)
    else:
        _check(course, settings)
    yield from _Pages(course, settings).send()
    raise AssertionError("pages without an end")


def _check(course: Course, settings: Settings) -> None:
    """End the call of somebody who does not poll, or may not."""
    reports = course.modem.reports
    if not reports.wants_document:
        course.disconnect(
            Status.RECEIVE_B_BAD_COMMAND, "the caller wants to send; here a document is to be polled"
        )
    if settings.password and reports.password != settings.password:
        course.disconnect(Status.WRONG_PASSWORD, "the DTC came without the right password")
    if settings.selective_polling and reports.selective_polling != settings.selective_polling:
        course.disconnect(
            Status.CANNOT_BE_POLLED, f"another document was asked for: {reports.selective_polling!r}"
        )


class _Pages:
    """The pages of a call."""

    def __init__(self, course: Course, settings: Settings) -> None:
        self._course = course
        self._modem = course.modem
        self._settings = settings
        self._form = Format()
        self._slower_than: int | None = None
        """br of a training that was good and whose page was refused: it is not tried again."""
        self._again = False
        """Whether the page last given was not confirmed and goes out once more."""
        self._resends = 0
        self._refusals = 0
        """How often in a row a page was refused."""

    def send(self) -> Steps[NoReturn]:
        while True:
            yield from self._agree()
            while (yield from self._page()):
                pass

    # ------------------------------------------------------------------------------------------------------
    # Phase B

    def _agree(self) -> Steps[None]:
        """Have the job choose a format, and tell the modem."""
        modem, settings, remote = self._modem, self._settings, self._remote()
        possible = capabilities.formats(settings, remote)
        form = yield FormatWanted(possible)
        if form is not None and not isinstance(form, Format):
            raise SessionError(f"FormatWanted was answered by {form!r}")
        self._form = form or capabilities.best(possible)
        wanted = preparing.offer(
            modem,
            replace(
                settings,
                resolutions=frozenset({self._form.resolution}),
                codings=frozenset({self._form.coding}),
                width=self._form.width,
                length=self._form.length,
            ),
        )
        preparing.wish(modem, replace(wanted, br=min(wanted.br, self._most_br())))

    def _most_br(self) -> int:
        """br that may be wished for."""
        modem, last_resort = self._modem, self._modem.traits.not_down_to
        if self._slower_than is not None:
            return self._slower_than - 1
        if modem.number in modem.habits.slow_numbers and last_resort >= self._settings.min_rate:
            return RATES.index(last_resort)
        return modem.most.br

    def _remote(self) -> Capabilities:
        """What the far end can do; the least, where the modem did not say."""
        said = self._modem.reports.remote or Subparameters(br=self._modem.most.br)
        return parameters.understand(said, self._modem.dialect)

    def _train(self) -> Steps[Parameters]:
        """Have the modem train, until a page may begin."""
        modem, reports, remote = self._modem, self._modem.reports, self._remote()
        result = modem.order("+FDT", _TRAINING_PATIENCE)
        if result is not Result.CONNECT:
            modem.wait_for_end(END_WAIT)
            modem.must_be_on_call()
            modem.fail(f"the modem answers +FDT with {result}")
        modem.standing = Standing.SENDING
        reports.begin_page()
        yield from self._course.introduce()
        ladder = capabilities.ladder(self._settings, remote)
        fastest = ladder[0] if ladder else Modulation(next(iter(remote.families)), remote.max_rate)
        current = yield from self._course.negotiated(
            self._settings.families & remote.families,
            capabilities.agree(self._settings, remote, fastest, self._form),
        )
        if current.modulation.rate < self._settings.min_rate:
            self._course.disconnect(
                Status.TRAINING_FAILED, f"the modem has trained for {current.modulation}, which is too slow"
            )
        return current

    # ------------------------------------------------------------------------------------------------------
    # Phases C and D

    def _page(self) -> Steps[bool]:
        """A page: whether the next one goes under the same parameters. Any other end ends the session."""
        current = yield from self._train()
        traits, chat = self._modem.traits, self._modem.chat
        if traits.xon_wait and not chat.await_octet(_XON, traits.xon_wait):
            chat.log.debug("no XON came: the page is sent all the same")
        page = yield PageWanted(current, again=self._again, with_rtc=traits.host_sends_rtc)
        if not isinstance(page, OutgoingPage):
            raise SessionError(f"PageWanted was answered by {page!r}")
        status = self._deliver(page, current)
        confirmed = status in _CONFIRMS
        self._course.complete = confirmed and page.next_step is NextStep.NO_MORE
        goes_on = (yield PageSent(confirmed)) is Refused.GO_ON
        if confirmed:
            self._again, self._resends, self._refusals = False, 0, 0
        else:
            self._refused(goes_on=goes_on)
        self._course.refused = not confirmed
        settled = confirmed or goes_on
        if page.next_step is NextStep.NO_MORE and settled:
            self._part(confirmed=confirmed)
        if status == RTN:
            self._slower_than = self._rate_number(current)
        return status == MCF and page.next_step is NextStep.MORE_PAGES

    def _refused(self, *, goes_on: bool) -> None:
        """Note a refusal; ends the call if there were too many."""
        self._refusals += 1
        self._again = not goes_on
        self._resends = 0 if goes_on else self._resends + 1
        if self._resends > MAX_RESENDS or self._refusals > MAX_REFUSALS:
            self._course.disconnect(Status.PAGE_QUALITY, f"a page was refused {self._refusals} times")

    def _rate_number(self, current: Parameters) -> int | None:
        """br of what was settled, if there is a slower one that the job allows."""
        numbers = parameters.reported(replace(current, min_scan_time=0.0), self._modem.dialect)
        slowest = min((each.rate for each in self._settings.modulations()), default=2400)
        return numbers.br if current.modulation.rate > slowest else self._slower_than

    def _deliver(self, page: OutgoingPage, current: Parameters) -> int | None:
        """Send a page, and what follows it: the far end's word, by the numbers of +FPTS."""
        modem = self._modem
        octet = modem.dialect.page_ends.get(page.next_step)
        try:
            result = self._data(page.data, dle.DLE + octet if octet else dle.END, current.modulation.rate)
            if not octet:
                result = modem.order(f"{PAGE_END}={_PPM[page.next_step]}", _REPLY_PATIENCE)
        except HungUp:
            # It may have said the far end's word before, or ended the call as it is to be ended.
            if modem.reports.page_status is None and page.next_step is NextStep.NO_MORE:
                return self._word_of_hanging_up()
            if modem.reports.page_status is None:
                raise
            result = Result.OK
        return self._word(result, by_result=bool(octet))

    def _word(self, result: Result, *, by_result: bool) -> int | None:
        reports, modem = self._modem.reports, self._modem
        if reports.page_status is None and by_result:
            return MCF if result is Result.OK else RTN
        if reports.page_status is None:
            modem.wait_for_reports(END_WAIT)
        if reports.page_status is None:
            modem.fail("the modem does not tell what became of the page")
        return reports.page_status

    def _word_of_hanging_up(self) -> int:
        """The far end's word on the last page, where the modem said no more than that the call is over."""
        code, hexadecimal = self._modem.reports.hung_up, self._modem.dialect.hexadecimal
        if code is not None and status_of(code, hexadecimal=hexadecimal) is Status.NORMAL:
            return MCF
        raise HungUp

    def _part(self, *, confirmed: bool) -> NoReturn:
        """After the last page: the modem ends the call, or is told to."""
        modem, course = self._modem, self._course
        if not confirmed:
            course.disconnect(Status.PAGE_QUALITY, "the last page was refused")
        if not modem.wait_for_end(_LAST_REPORT):
            course.disconnect(Status.NORMAL, "the last page was confirmed; the modem did not hang up")
        modem.on_call = False
        course.end(Status.NORMAL, "the last page was confirmed")

    # ------------------------------------------------------------------------------------------------------
    # Data

    def _data(self, data: Iterable[bytes], end: bytes, rate: int) -> Result:
        """Give the modem a page's octets, and what ends them: the result that it then has."""
        modem, port = self._modem, self._modem.chat.port
        began, sent = modem.clock.monotonic(), 0
        if modem.flow is Flow.XON_XOFF:  # only now: in what is received both octets are data
            port.set_flow(Flow.XON_XOFF)
        try:
            for piece in data:
                for start in range(0, len(piece), _PIECE):
                    self._write(piece[start : start + _PIECE])
                sent += len(piece)
            port.write(end)
            left = max(0.0, sent * 8 / rate - (modem.clock.monotonic() - began))
            return modem.result(left + _REPLY_PATIENCE)
        finally:
            if modem.flow is Flow.XON_XOFF:
                port.set_flow(Flow.NONE)

    def _write(self, piece: bytes) -> None:
        """Give the modem a piece. It may hang up at any time, and then takes no more."""
        modem, chat = self._modem, self._modem.chat
        try:
            chat.write_data(piece)
        except PortError:
            chat.listen(0.0)
            modem.must_be_on_call()
            raise
        chat.listen(0.0)
        modem.must_be_on_call()
        if chat.take_interrupt():
            raise Cancelled
