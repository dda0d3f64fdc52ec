"""A call that rings: whether it is answered, and what is done with it then.

What has the call is the line's inbox, which stores the fax, or its application, which does as it likes. In
either case the line is released in the end, and an event for the hooks is on the disk before it is told that
the fax is over.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from faxhw import applications
from faxhw.channel import Channel
from faxhw.clock import Clock
from faxhw.errors import DeviceError, Error, Hangup, StorageError
from faxhw.fax.causes import Cause
from faxhw.fax.details import FaxDetails
from faxhw.serve.callers import Verdict, decide
from faxhw.serve.events import Event
from faxhw.serve.hooks import Spool
from faxhw.serve.inbox import recover, store
from faxhw.serve.posts import Duty, Words
from faxhw.serve.settings import Application, Inbox

log = logging.getLogger("faxhw.serve")

_LOOK = 2.0
"""Seconds between looks at a call that is let ring."""


class Answering:
    """What a line does with the calls that come."""

    def __init__(self, duty: Duty, clock: Clock, report: Callable[[Words], None]) -> None:
        self._line = duty.line
        self._clock = clock
        self._report = report
        self._spool = Spool(duty.spool, duty.hooks, clock)

    def begin(self) -> None:
        """Tell of the faxes in whose midst the process before this one died, and of what would go wrong."""
        if self._line.application is not None:
            try:
                applications.load(self._line.application.file)
            except Error as error:
                self._trouble(str(error))
        if self._line.inbox is not None:
            for record in recover(self._line.inbox.directory, self._spool.put):
                self._report({"fax": record.event.as_dict()})

    def attend(self, channel: Channel) -> None:
        """Deal with the call that rings. Raises ``DeviceError`` if the device fails."""
        decision = decide(self._line, channel.Details, self._clock.now())
        caller = channel.Details.call_from or "an unknown number"
        log.info("a call from %s: %s, for %s", caller, decision.verdict, decision.reason)
        try:
            match decision.verdict:
                case Verdict.LET_RING:
                    self._let_ring(channel)
                case Verdict.REJECT:
                    channel.reject()
                case Verdict.ANSWER:
                    self._answer(channel)
        except Hangup as hangup:
            log.info("%s", hangup)
        finally:
            channel.hang_up()

    def _let_ring(self, channel: Channel) -> None:
        while channel.ring() is channel.State.RING_INCOMING:
            self._clock.sleep(_LOOK)

    def _answer(self, channel: Channel) -> None:
        if self._line.application is not None:
            self._run(channel, self._line.application)
        elif self._line.inbox is not None:
            self._store(channel, self._line.inbox)

    def _store(self, channel: Channel, inbox: Inbox) -> None:
        try:
            record = store(channel, inbox, self._line, self._spool.put)
        except StorageError as error:  # the call rings on: somebody else may be able to take it
            self._trouble(str(error))
            self._let_ring(channel)
        else:
            event = record.event
            self._report({"trouble": event.raw_cause_text if event.cause == Cause.ERROR else ""})
            self._report({"fax": event.as_dict()})

    def _run(self, channel: Channel, application: Application) -> None:
        """Have an application deal with the call. What it raises ends its call, and nothing else."""
        channel.tell_of_faxes(lambda details, cause: self._fax_ended(channel, details, cause))
        try:
            applications.run(
                applications.load(application.file),
                channel,
                application.arguments,
                files=application.files,
                logger=logging.getLogger("faxhw.application"),
            )
        except (Hangup, DeviceError):
            raise
        except Error as error:
            self._trouble(f"{application.file}: {error}")
        except Exception as error:
            log.exception("%s has failed", application.file)
            self._report({"trouble": f"{application.file}: {type(error).__name__}: {error}"})
        except SystemExit as end:
            log.info("%s has ended itself (%s)", application.file, end)
            self._report({"trouble": ""})
        else:
            self._report({"trouble": ""})
        finally:
            channel.tell_of_faxes(None)

    def _trouble(self, what: str) -> None:
        """Say what this host has done wrong with a call, or will."""
        log.error("%s", what)
        self._report({"trouble": what})

    def _fax_ended(self, channel: Channel, details: FaxDetails, cause: str) -> None:
        """Tell of a fax of an application."""
        event = Event.of_call(self._line.name, channel.Details, details.ID, details.started)
        event = event.with_result(details, cause, file=details.file, pages=details.pages)
        self._report({"fax": event.as_dict()})
        self._spool.put(event)
