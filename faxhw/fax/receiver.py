"""``channel.FaxReceiver``: receiving a fax on an answered call."""

from __future__ import annotations

import os
from enum import StrEnum

from faxhw.errors import UsageError
from faxhw.fax.causes import SUCCESSES, Cause
from faxhw.fax.control import FaxControl, Options
from faxhw.fax.documents import FaxToReceive
from faxhw.fax.receiving import Receiving


class ReceiveState(StrEnum):
    """Whether a receive job is in progress."""

    RECEIVING = "RECEIVING"
    IDLE = "IDLE"
    ERROR = "ERROR"
    """The most recent job failed, and none is in progress."""


class CallFaxReceiver(FaxControl):
    """Fax reception on a channel's call."""

    State = ReceiveState

    def start(
        self,
        fax_to_receive: FaxToReceive | None = None,
        fax_options: Options | None = None,
        *,
        filename: str | os.PathLike[str] | None = None,
    ) -> bool:
        """Start receiving to a document, or to the file ``filename``; True once the job is under way.

        False, with nothing sent to the line, if the options cannot be set or the file plainly cannot be
        written: ``cause()`` and ``Details`` say why. Raises ``Hangup`` if the call is IDLE, ``Error`` if it
        is not ANSWERED or a fax is in progress on it, ``UsageError`` without a document.
        """
        if (fax_to_receive is None) == (filename is None):
            raise UsageError("give either the document to receive to or filename=")
        document = fax_to_receive if fax_to_receive is not None else FaxToReceive(filename)
        call = self._call
        return self._start(
            document,
            fax_options,
            lambda details, options: Receiving(call, details, document, options),
            call.device.receive,
        )

    def receive(
        self,
        fax_to_receive: FaxToReceive | None = None,
        fax_options: Options | None = None,
        *,
        filename: str | os.PathLike[str] | None = None,
    ) -> Cause:
        """Receive a fax: ``start``, and wait until it has ended. Raises as ``start`` does."""
        self.start(fax_to_receive, fax_options, filename=filename)
        return self.wait_until_finished()

    def state(self) -> ReceiveState:
        """RECEIVING while a job is in progress; then IDLE, or ERROR if it failed."""
        if self._running():
            return ReceiveState.RECEIVING
        return ReceiveState.IDLE if self.cause() in SUCCESSES | {Cause.NONE} else ReceiveState.ERROR
