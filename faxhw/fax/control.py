"""What ``FaxReceiver`` and ``FaxSender`` have in common: one job at a time, and waiting for what it does."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from faxhw.errors import Error, Hangup, StorageError
from faxhw.fax import causes
from faxhw.fax.call import Call, CallState, patience
from faxhw.fax.details import FaxDetails, NegotiatedSettings
from faxhw.fax.documents import FaxToReceive, FaxToSend
from faxhw.fax.job import STOP_TIME, Job, Work
from faxhw.fax.options import Chosen, OptionError, choose
from faxhw.session import Session, Status
from faxhw.terms import Settings

log = logging.getLogger("faxhw.fax")

Options = Mapping[str, object]
"""``fax_options``: option names and values (``faxhw.fax.options``)."""


class FaxControl:
    """The documented functions that both have. Every one may be called from any thread."""

    Cause = causes.Cause

    def __init__(self, call: Call) -> None:
        self.Details = FaxDetails(call, log)
        """Details of the job in progress, or else of the last one."""
        self._call = call
        self._job: Job | None = None
        self._refusal: tuple[causes.Cause, Error] | None = None
        """Why the last ``start`` did not come to a job."""

    # ------------------------------------------------------------------------------------------------------
    # Starting

    def _start(
        self,
        document: FaxToReceive | FaxToSend,
        fax_options: Options | None,
        work: Callable[[FaxDetails, Chosen], Work],
        session: Callable[[Settings], Session],
    ) -> bool:
        call = self._call
        if self._running():
            raise Error(f"{call.name}: a fax is in progress already")
        call.require_answered()
        details = FaxDetails(call, log)
        try:
            chosen = choose(fax_options, call.device.capabilities())
            details.update(
                options=dict(chosen.values),
                file=str(document.path),
                received=isinstance(document, FaxToReceive),
            )
            job = Job(call, details, work(details, chosen), lambda: session(chosen.settings))
        except OptionError as error:
            details.update(failed_option=error.failed)
            return self._refuse(details, error.cause, error)
        except StorageError as error:
            details.update(raw_cause=causes.raw_cause(Status.STORAGE_FAILED), raw_cause_text=str(error))
            return self._refuse(details, causes.Cause.ERROR, error)
        job.take()
        document.PageDetails = []  # what a script holds of an earlier fax stays
        log.info("%s: the fax starts, %s", call.name, document.path)
        job.start()
        self.Details, self._job, self._refusal = details, job, None
        return True

    def _refuse(self, details: FaxDetails, cause: causes.Cause, error: Error) -> bool:
        log.error("%s: the fax was not started: %s", self._call.name, error)
        details.update(last_page=True)
        self.Details, self._job, self._refusal = details, None, (cause, error)
        return False

    def _running(self) -> bool:
        return self._job is not None and not self._job.over

    # ------------------------------------------------------------------------------------------------------
    # The documented functions

    def cause(self) -> causes.Cause:
        """Why the last job ended, or could not start; NONE while one is in progress, or if there was none."""
        if self._job is not None:
            return self._job.cause
        return self._refusal[0] if self._refusal is not None else causes.Cause.NONE

    def stop(self) -> bool:
        """End the job in progress with cause ABORTED, the line left up; blocks until it has ended.

        False if it did not within 10 s; it is then ended in the background. True at once if there is none.
        Raises ``Hangup`` if the call is IDLE, ``Error`` if it is not ANSWERED.
        """
        self._call.require_answered()
        job = self._job
        if job is None or job.over:
            return True
        job.cancel()
        if self._wait(lambda: job.over, STOP_TIME):
            return True
        log.error("%s: the fax did not stop within %.0f s", self._call.name, STOP_TIME)
        job.kill()
        return False

    def wait_for_negotiated_settings(self, seconds_timeout: float | None = None) -> NegotiatedSettings:
        """The negotiated settings, as soon as there are any.

        Empty if negotiation failed, or if ``seconds_timeout`` passed while the job goes on. Raises ``Hangup``
        if the call becomes IDLE first, ``Error`` if the job ends with cause ERROR first.
        """
        job = self._started_job()
        self._wait(lambda: bool(job.details.negotiated) or self._at_end(job), seconds_timeout)
        if not job.details.negotiated and self._at_end(job):
            self._raise_hangup_or_error(job, failed=job.cause is causes.Cause.ERROR)
        return job.details.negotiated

    def wait_for_next_page(self, seconds_timeout: float | None = None) -> int:
        """The number of pages completed, as soon as there is one more than when last asked.

        The number as before if ``seconds_timeout`` passed, or once there will be no more. When the job is
        over: raises ``Hangup`` if the call is IDLE, ``Error`` if the cause is ERROR or no page came at all.
        """
        job = self._started_job()
        told = job.pages_told
        self._wait(
            lambda: job.details.pages > told or job.details.last_page or self._at_end(job), seconds_timeout
        )
        pages = job.details.pages
        if pages <= told and self._at_end(job):
            self._raise_hangup_or_error(job, failed=job.cause is causes.Cause.ERROR or not pages)
        job.pages_told = max(pages, job.pages_told)
        return pages

    def wait_until_finished(self, seconds_timeout: float | None = None) -> causes.Cause:
        """The job's cause, once it has ended; TIMEOUT if ``seconds_timeout`` passed first and it goes on.

        ``None`` waits forever. Does not raise ``Hangup``.
        """
        job = self._job
        if job is None:
            return self.cause()
        return job.cause if self._wait(lambda: job.over, seconds_timeout) else causes.Cause.TIMEOUT

    # ------------------------------------------------------------------------------------------------------

    def _wait(self, predicate: Callable[[], bool], seconds: float | None) -> bool:
        timeout = patience(seconds)
        with self._call.monitor:
            return self._call.monitor.wait_for(predicate, timeout)

    def _at_end(self, job: Job) -> bool:
        return job.over or self._call.state is CallState.IDLE

    def _started_job(self) -> Job:
        if self._job is not None:
            return self._job
        if self._refusal is not None:
            raise Error(f"{self._call.name}: the fax was not started") from self._refusal[1]
        if self._call.refresh() is CallState.IDLE:
            raise Hangup(f"{self._call.name}: there is no call")
        raise Error(f"{self._call.name}: no fax was started")

    def _raise_hangup_or_error(self, job: Job, *, failed: bool) -> None:
        if self._call.state is CallState.IDLE:
            raise Hangup(f"{self._call.name}: the call is over") from job.failure
        if failed:
            raise Error(
                f"{self._call.name}: the fax failed with cause {job.cause}: {job.details.raw_cause_text}"
            ) from job.failure
