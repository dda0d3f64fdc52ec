"""The receiving end, from a DCS on (T.30 figure 5-2b): phase B again and again, and pages in between.

Phase B is ``accepting``; pages come plain (``plain_receiving``) or with error correction (``ecm_receiving``).
"""

from __future__ import annotations

from faxhw.session import Settings
from faxhw.t30.accepting import Acceptance
from faxhw.t30.dialogue import Dialogue, Steps
from faxhw.t30.ecm_receiving import EcmPages
from faxhw.t30.frames import Message
from faxhw.t30.plain_receiving import PlainPages
from faxhw.t30.replying import Replies


class Receiver:
    """Receives documents, whichever station called the other."""

    def __init__(self, line: Dialogue, settings: Settings) -> None:
        self._acceptance = Acceptance(line, settings)
        replies = Replies(line)
        self._plain = PlainPages(line, replies)
        self._ecm = EcmPages(line, replies, settings)

    def receive(self, command: Message) -> Steps[None]:
        """All that follows from a DCS, until another document is announced, which begins with a new phase B.

        Any other end is the end of the call.
        """
        dcs: Message | None = command
        while dcs is not None:
            parameters = yield from self._acceptance.accept(dcs)
            pages = self._ecm if parameters.ecm else self._plain
            dcs = yield from pages.document(parameters, self._acceptance.page_came)
