"""A fax job: the thread that drives a session, answers its events, and says how it ended.

What the pages are and where they go is the business of the job's *work* (``receiving``, ``sending``).
Whatever fails here, in the work or below in the session, ends this job with cause ERROR and nothing else.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from faxhw.errors import DeviceError, Error, StorageError
from faxhw.fax.call import Call, CallCause, CallState
from faxhw.fax.causes import SUCCESSES, Cause, Meaning, meaning, raw_cause
from faxhw.fax.details import FaxDetails, NegotiatedSettings
from faxhw.session import (
    Cancelled,
    Event,
    Negotiated,
    Outcome,
    PageEnds,
    RemoteInfo,
    Reply,
    Session,
    Status,
    Verdict,
)
from faxhw.t30.nsf import facilities
from faxhw.terms import FarEndType

log = logging.getLogger("faxhw.fax")

STOP_TIME = 10.0
"""Seconds within which a session that is told to stop has to end."""


class Work(Protocol):
    """What is done with the pages."""

    @property
    def ending(self) -> tuple[Status, Exception | None] | None:
        """Why this side had to end the fax, and the exception behind it; ``None`` where it had not."""
        ...

    def handle(self, event: Event) -> Reply:
        """Answer an event about pages; ``Cancelled`` ends the fax politely, and its text says why."""
        ...

    def close(self) -> None:
        """The session is over."""
        ...


class Job:
    """One fax, from the first signal to the last."""

    def __init__(self, call: Call, details: FaxDetails, work: Work, session: Callable[[], Session]) -> None:
        self.details = details
        self.over = False
        self.cause = Cause.NONE
        self.failure: Exception | None = None
        """The exception behind cause ERROR."""
        self.pages_told = 0
        """How many pages were completed when somebody last asked."""
        self._call = call
        self._work = work
        self._session = session
        self._inside = False
        """Whether the session has the word, so that only the device can interrupt it."""
        self._cancelled = False
        self._throw = False
        """Whether ``Cancelled`` is still to be thrown into the session at its next event."""
        self._killed = False
        self._parting = False
        """Whether ``Cancelled`` was thrown: what comes now is the session's farewell."""
        self._reason = ""

    def take(self) -> None:
        """Take the device; raises ``Error`` if it is in use."""
        with self._call.monitor:
            self._call.take(self)

    def start(self) -> None:
        """Begin; the device was taken."""
        call = self._call
        self.details.update(started=call.clock.now())
        call.worker = call.clock.spawn(self._run, f"fax {call.name}")

    def cancel(self) -> None:
        """Have the fax end politely, soon; safe to repeat."""
        with self._call.monitor:
            if self._cancelled or self.over:
                return
            self._cancelled = True
            self._throw = not self._inside
        if not self._throw:
            self._call.device.cancel()

    def kill(self) -> None:
        """Have the session end without another word: it did not heed ``cancel``."""
        with self._call.monitor:
            self._killed = True
        self._call.device.cancel()

    # ------------------------------------------------------------------------------------------------------
    # In the job's thread

    def _run(self) -> None:
        outcome = Outcome(Status.PROGRAM_FAILED)
        try:
            outcome = self._drive(self._session())
        except Cancelled:
            outcome = Outcome(Status.ABORTED)
        except DeviceError as error:
            self._note_failure(error)
            outcome = Outcome(Status.DEVICE_FAILED, line_up=False)
        except Exception as error:  # noqa: BLE001 - a bug ends this job, not the process: other lines go on
            self._note_failure(error)
        finally:
            self._close_work()
            self._end(outcome)

    def _drive(self, session: Session) -> Outcome:
        try:
            event = self._resume(session, None)
            while True:
                event = self._resume(session, self._answer(event))
        except StopIteration as stop:
            outcome: Outcome = stop.value
            return outcome
        finally:
            session.close()

    def _resume(self, session: Session, word: Reply | Cancelled) -> Event:
        """Give the session the word, until its next event."""
        with self._call.monitor:
            if self._killed:
                raise Cancelled
            if self._throw and not self._parting:
                word = Cancelled("stopped by the script")
            self._inside = True
        try:
            if isinstance(word, Cancelled):
                self._parting = True
                return session.throw(word)
            return session.send(word)
        finally:
            with self._call.monitor:
                self._inside = False

    def _answer(self, event: Event) -> Reply | Cancelled:
        self._call.details.far_end_type = FarEndType.FAX  # nobody else gives a session anything to report
        if self._parting:
            return Verdict.FAILED if isinstance(event, PageEnds) else None
        try:
            match event:
                case RemoteInfo():
                    self._learn(event)
                case Negotiated(parameters):
                    negotiated = NegotiatedSettings.of(parameters, self.details.remote_id)
                    self._publish(negotiated=negotiated)
                    log.info("%s: negotiated %s", self._call.name, dict(negotiated))
                case _:
                    return self._work.handle(event)
        except Cancelled as cancelled:
            self._reason = str(cancelled)
            return cancelled
        except Exception as error:  # noqa: BLE001 - as in _run; the session still says goodbye
            self._note_failure(error)
            return Cancelled("this side failed")
        return None

    def _learn(self, info: RemoteInfo) -> None:
        said: dict[str, object] = {
            "remote_id": info.ident,
            "sub_address": info.sub_address,
            "nsf": info.nsf,
            "other_frames": info.others,
            "remote_capabilities": info.capabilities,
        }
        if info.nsf and (maker := facilities(info.nsf)) is not None:
            said["remote_maker"] = str(maker)
            log.info("%s: the far end is made by %s", self._call.name, maker)
        self._publish(**{name: value for name, value in said.items() if value is not None})

    def _publish(self, **news: object) -> None:
        """Update the details and wake whoever waits for them."""
        with self._call.monitor:
            self.details.update(**news)
            self._call.monitor.notify_all()

    def _note_failure(self, error: Exception) -> None:
        """The first failure is what the fax ended by; others may be its consequences."""
        if self.failure is None:
            self.failure = error
        else:
            log.warning("%s: after that: %s", self._call.name, error, exc_info=_if_bug(error))

    def _close_work(self) -> None:
        try:
            self._work.close()
        except Exception as error:  # noqa: BLE001 - as in _run
            self._note_failure(error)

    # ------------------------------------------------------------------------------------------------------
    # The end

    def _end(self, outcome: Outcome) -> None:
        if outcome.far_end_type is not FarEndType.UNKNOWN:
            self._call.details.far_end_type = outcome.far_end_type
        raw, found = self._conclude(outcome)
        call, state = self._call, CallState.ANSWERED
        if not outcome.line_up and not call.closed:
            state = self._release_line()
        self._tell_end(found, outcome.detail)
        news = {"raw_cause": raw, "raw_cause_text": found.sentence, "ended": call.clock.now()}
        self.details.update(**news)
        call.fax_ended(self.details, found.cause)
        with call.monitor:
            self.details.update(last_page=True)
            self.cause = found.cause
            self.over = True
            if state is not CallState.ANSWERED:
                call.move(state, _CALL_CAUSES[state])
            call.give_back()

    def _conclude(self, outcome: Outcome) -> tuple[str, Meaning]:
        """The raw cause and what it means, with what this side knows better than the session."""
        status, failure = self._work.ending or (outcome.status, None)
        if failure is not None:
            self._note_failure(failure)
        if self.failure is not None:
            status = _failed(self.failure)
            found = meaning(Outcome(status))
            return raw_cause(status), Meaning(found.cause, f"{found.sentence} {self.failure}")
        if status is Status.NORMAL and self.details.pages == 0:
            status = Status.DCN_RECEIVED
        reason = outcome.reason if status is outcome.status else 0
        found = meaning(replace(outcome, status=status, reason=reason))
        return raw_cause(status, reason), Meaning(found.cause, self._reason or found.sentence)

    def _tell_end(self, found: Meaning, detail: str) -> None:
        """One line: an error with the cause, unless the fax ended as it should."""
        said = f"{found.cause}: {' '.join(filter(None, (found.sentence, detail)))}"
        if found.cause in SUCCESSES:
            log.info("%s: the fax ended, %s", self._call.name, said)
        else:
            log.error("%s: the fax failed, %s", self._call.name, said, exc_info=_if_bug(self.failure))

    def _release_line(self) -> CallState:
        try:
            self._call.device.hang_up()
        except Error as error:
            log.error("%s: the line could not be released: %s", self._call.name, error)  # noqa: TRY400
            return CallState.ERROR
        except Exception:
            log.exception("%s: the line could not be released", self._call.name)
            return CallState.ERROR
        return CallState.IDLE


_CALL_CAUSES = {CallState.IDLE: CallCause.NORMAL, CallState.ERROR: CallCause.ERROR}


def _if_bug(failure: Exception | None) -> Exception | None:
    """What the log is to have a traceback of."""
    return None if isinstance(failure, Error) else failure


def _failed(failure: Exception) -> Status:
    if isinstance(failure, StorageError):
        return Status.STORAGE_FAILED
    return Status.DEVICE_FAILED if isinstance(failure, DeviceError) else Status.PROGRAM_FAILED
