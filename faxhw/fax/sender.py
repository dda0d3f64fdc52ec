"""``channel.FaxSender``: sending a fax on an answered call."""

from __future__ import annotations

import os
from enum import StrEnum

from faxhw.errors import UsageError
from faxhw.fax.causes import SUCCESSES, Cause
from faxhw.fax.control import FaxControl, Options
from faxhw.fax.documents import FaxToSend
from faxhw.fax.sending import Sending


class SendState(StrEnum):
    """Whether a send job is in progress."""

    TRANSMITTING = "TRANSMITTING"
    IDLE = "IDLE"
    ERROR = "ERROR"
    """The most recent job failed, and none is in progress."""


class CallFaxSender(FaxControl):
    """Fax transmission on a channel's call."""

    State = SendState

    def start(
        self,
        fax_to_send: FaxToSend | None = None,
        fax_options: Options | None = None,
        *,
        filename: str | os.PathLike[str] | None = None,
    ) -> bool:
        """Start sending a document, or the file ``filename``; True once the job is under way.

        False, with nothing sent to the line, if the options cannot be set or the file cannot be read:
        ``cause()`` and ``Details`` say why. Raises ``Hangup`` if the call is IDLE, ``Error`` if it is not
        ANSWERED or a fax is in progress on it, ``UsageError`` without a document.
        """
        if (fax_to_send is None) == (filename is None):
            raise UsageError("give either the document to send or filename=")
        document = fax_to_send if fax_to_send is not None else FaxToSend(filename)
        call = self._call
        return self._start(
            document,
            fax_options,
            lambda details, options: Sending(call, details, document, options),
            call.device.send,
        )

    def send(
        self,
        fax_to_send: FaxToSend | None = None,
        fax_options: Options | None = None,
        *,
        filename: str | os.PathLike[str] | None = None,
    ) -> Cause:
        """Send a fax: ``start``, and wait until it has ended. Raises as ``start`` does."""
        self.start(fax_to_send, fax_options, filename=filename)
        return self.wait_until_finished()

    def state(self) -> SendState:
        """TRANSMITTING while a job is in progress; then IDLE, or ERROR if it failed."""
        if self._running():
            return SendState.TRANSMITTING
        return SendState.IDLE if self.cause() in SUCCESSES | {Cause.NONE} else SendState.ERROR
