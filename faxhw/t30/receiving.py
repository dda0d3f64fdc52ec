"""The receiving end, from a DCS on (T.30 figure 5-2b): phase B again and again, and pages in between.

Phase B is ``accepting``; pages come plain (``plain_receiving``) or with error correction (``ecm_receiving``).
"""

from __future__ import annotations

from faxhw.t30.accepting import Acceptance
from faxhw.t30.dialogue import Dialogue, Steps
from faxhw.t30.ecm_receiving import EcmDocument
from faxhw.t30.frames import Message
from faxhw.t30.plain_receiving import PlainPages
from faxhw.t30.replying import Replies
from faxhw.terms import Settings


class Receiver:
    """Receives documents, whichever station called the other."""

    def __init__(self, line: Dialogue, settings: Settings) -> None:
        self._line = line
        self._settings = settings
        self._acceptance = Acceptance(line, settings)
        self._replies = Replies(line)
        self._plain = PlainPages(line, self._replies)

    def receive(self, command: Message) -> Steps[None]:
        """All that follows from a DCS, until another document is announced, which begins with a new phase B.

        Any other end is the end of the call.
        """
        dcs: Message | None = command
        while dcs is not None:
            parameters = yield from self._acceptance.accept(dcs)
            page_came = self._acceptance.page_came
            if parameters.ecm:
                document = EcmDocument(self._line, self._replies, self._settings, parameters, page_came)
                dcs = yield from document.receive()
            else:
                dcs = yield from self._plain.document(parameters, page_came)
