"""The sending end, from what the far end can do on (T.30 figure 5-2a): phase B, and pages in between.

Phase B is ``proposing``; pages go plain or with error correction (``posting``).
"""

from __future__ import annotations

from faxhw.session import NextStep, OutgoingPage, PageSent, PageWanted, Refused, SessionError, Status
from faxhw.t30.capabilities import Capabilities
from faxhw.t30.dialogue import Dialogue, Steps
from faxhw.t30.ecm_sending import EcmPost
from faxhw.t30.frames import Fcf
from faxhw.t30.plain_sending import CONFIRMS, PlainPost
from faxhw.t30.proposing import Proposal
from faxhw.terms import Parameters, Settings

MAX_RESENDS = 3
"""How often a page that was refused is sent again before the call is given up."""
MAX_REFUSALS = 8
"""How many refusals in a row end the call, whatever the job would do about them."""


class Sender:
    """Sends documents, whichever station called the other."""

    def __init__(self, line: Dialogue, settings: Settings) -> None:
        self._line = line
        self._settings = settings
        self._pages = 0
        """Pages that are behind us, as error correction counts them: confirmed, or given up."""
        self._again = False
        """Whether the page last given was not confirmed and goes out once more."""
        self._resends = 0
        self._refusals = 0
        """How often in a row a page was refused."""

    def send(self, remote: Capabilities) -> Steps[None]:
        """A document, from DCS to EOM, to a station that can do so much. Any other end ends the call."""
        proposal = Proposal(self._line, self._settings, remote)
        document_open = True
        while document_open:
            parameters = yield from proposal.settle()
            document_open = yield from self._document(parameters, proposal)

    def _document(self, parameters: Parameters, proposal: Proposal) -> Steps[bool]:
        """Pages until training is needed: whether this document goes on."""
        line = self._line
        plain, corrected = PlainPost(line, parameters), EcmPost(line, parameters, proposal)
        while True:
            page = yield from line.tell(PageWanted(parameters, again=self._again))
            if not isinstance(page, OutgoingPage):
                raise SessionError(f"PageWanted was answered by {page!r}")
            if parameters.ecm:
                reply = yield from corrected.send(page, self._pages)
            else:
                reply = yield from plain.send(page)
            confirmed = reply.fcf in CONFIRMS
            sent = PageSent(confirmed, corrected.requests if parameters.ecm else 0)
            goes_on = (yield from line.tell(sent)) is Refused.GO_ON
            if confirmed:
                self._confirmed()
            else:
                yield from self._refused(goes_on=goes_on, beyond_correction=reply.fcf == Fcf.PPR)
            if reply.fcf == Fcf.PPR:
                yield from corrected.give_up(page)
            if page.next_step is NextStep.NO_MORE and (confirmed or goes_on):
                if confirmed:
                    yield from line.disconnect(Status.NORMAL, "the last page was confirmed")
                yield from line.disconnect(Status.PAGE_QUALITY, "the last page was refused")
            if page.next_step is NextStep.MORE_DOCUMENTS and (confirmed or goes_on):
                return False
            if reply.fcf == Fcf.RTN:
                proposal.fall_back()  # good training was no proof of a good line
            if reply.fcf not in (Fcf.MCF, Fcf.PPR):
                return True

    def _confirmed(self) -> None:
        self._pages += 1
        self._again, self._resends, self._refusals = False, 0, 0

    def _refused(self, *, goes_on: bool, beyond_correction: bool) -> Steps[None]:
        """Note a refusal; ends the call if there were too many, or if more of the same is of no use."""
        line = self._line
        self._refusals += 1
        self._pages += goes_on
        self._again = not goes_on
        self._resends = 0 if goes_on else self._resends + 1
        if beyond_correction and not goes_on:
            yield from line.disconnect(Status.PAGE_QUALITY, "a page could not be corrected at any rate")
        if self._resends > MAX_RESENDS or self._refusals > MAX_REFUSALS:
            yield from line.disconnect(Status.PAGE_QUALITY, f"a page was refused {self._refusals} times")
