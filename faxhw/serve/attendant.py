"""Attends one line: waits for calls, answers those that it is to, sends what it is given to send.

It runs in a process of its own (``python -m faxhw.serve.attendant``), knows one line and nothing of the
others, and ends when its device fails: whoever started it starts the next one. Orders come in words, and news
go out in words (``faxhw.serve.posts``):

- orders: ``stop`` (end once the page in hand is over), ``abandon`` (the same, but end the call of a job at
  once), ``retire`` (end once the call in hand is over), ``job`` and ``cancel``;
- news: ``state``, ``beat`` (a sign of life), ``fax`` (one came, or should have), ``pages`` and ``sent`` of a
  job, ``declined`` (a call came first), ``trouble`` (what went wrong on this side with the last call; empty:
  nothing), ``error`` (why it ends).
"""

from __future__ import annotations

import base64
import json
import logging
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress

from faxhw.channel import Channel
from faxhw.clock import SYSTEM_CLOCK, Clock, Deadline
from faxhw.device import Device
from faxhw.errors import DeviceError, Error, Hangup
from faxhw.fax.documents import FaxToSend
from faxhw.finding import is_on_port, open_device, parse_address
from faxhw.serve.answering import Answering
from faxhw.serve.minder import Minder
from faxhw.serve.posts import Duty, Words
from faxhw.serve.remedies import Patient, apply

log = logging.getLogger("faxhw.serve")

SLICE = 2.0
"""Seconds for which a ring is waited for at a time: so soon is an order heeded."""
CHECK_EVERY = 300.0
"""Seconds of silence after which the device is asked whether it is still there."""
DIAL_TIME = 120.0
_PIECE = 65536
_LONGEST_DUTY = 1 << 20

Report = Callable[[Words], None]
Opener = Callable[[str, Mapping[str, str]], Device]


def opened(device: str, options: Mapping[str, str]) -> Device:
    """The opener that is used, tests apart."""
    return open_device(device, **options)


class Attendant:
    """Who attends a line."""

    def __init__(self, duty: Duty, clock: Clock, report: Report, opener: Opener = opened) -> None:
        self._duty = duty
        self._line = duty.line
        self._clock = clock
        self._report = report
        self._opener = opener
        self._monitor = clock.monitor()
        self._ending = False
        """Whether there are to be no more calls."""
        self._job: Words | None = None
        self._minder = Minder(clock, report, duty.line)

    def order(self, words: Words) -> None:
        """Take an order; from any thread."""
        with self._monitor:
            match words.get("do"):
                case "stop":
                    self._ending = True
                    self._minder.end_call("the service stops")
                case "abandon":  # whoever gave the job cannot be told of it, and will give it to another
                    self._ending = True
                    self._minder.abandon("the service has died")
                case "retire":
                    self._ending = True
                case "job":
                    self._job = words
                case "cancel":
                    self._minder.cancel_job(int(words["id"]))
                case unknown:
                    log.error("%s: an order that nobody knows: %s", self._line.name, unknown)
            self._monitor.notify_all()

    def run(self) -> None:
        """Attend the line until told to end. Raises ``DeviceError`` when its device fails."""
        self._minder.beat("STARTING")
        if is_on_port(self._line.device):  # to a card or a controller none of it can be done
            apply(self._duty.remedy, lambda: Patient(parse_address(self._line.device).port, self._clock))
        with Channel(self._opener(self._line.device, self._line.device_options)) as channel:
            self._minder.mind(channel)
            try:
                self._attend(channel)
            finally:
                self._minder.leave()
                self._decline()

    def _attend(self, channel: Channel) -> None:
        answering = Answering(self._duty, self._clock, self._report)
        answering.begin()
        check = Deadline(self._clock, CHECK_EVERY)
        while not self._ending:
            self._minder.beat("WAITING")
            if self._send_job(channel):
                check = Deadline(self._clock, CHECK_EVERY)
            elif not self._line.answers:
                self._wait_for_order()
            elif channel.wait_for_call(SLICE, self._line.rings) is channel.State.CALL_INCOMING:
                self._minder.beat("CALL")
                answering.attend(channel)
                check = Deadline(self._clock, CHECK_EVERY)
            if check.passed():
                channel.check()
                check = Deadline(self._clock, CHECK_EVERY)
            if channel.state() is channel.State.ERROR:
                raise DeviceError(f"{channel.name}: the device failed")

    def _wait_for_order(self) -> None:
        with self._monitor:
            self._monitor.wait_for(lambda: self._ending or self._job is not None, SLICE)

    # ------------------------------------------------------------------------------------------------------
    # Jobs

    def _decline(self) -> None:
        """Give back the job that nothing came of."""
        with self._monitor:
            job, self._job = self._job, None
        if job is not None:
            self._report({"declined": job["id"]})

    def _send_job(self, channel: Channel) -> bool:
        """Send the job in hand, if there is one."""
        with self._monitor:
            job, self._job = self._job, None
        if job is None:
            return False
        self._minder.beat("SENDING", job=job["id"])
        try:
            words = self._sent(channel, job)
        except DeviceError as error:
            self._report({"sent": job["id"], "cause": "ERROR", "raw_cause": "", "text": str(error)})
            raise
        self._report({"sent": job["id"], **words})
        return True

    def _sent(self, channel: Channel, job: Words) -> Words:
        """Call, and send: what came of it."""
        try:
            if channel.call(job["number"], seconds_timeout=DIAL_TIME) is not channel.State.ANSWERED:
                return {"cause": str(channel.cause()), "raw_cause": channel.Details.raw_cause}
            return self._faxed(channel, job)
        except Hangup as hangup:
            return {"cause": "HANGUP", "raw_cause": "", "text": str(hangup)}
        except DeviceError:
            raise
        except Error as error:
            return {"cause": "ERROR", "raw_cause": "", "text": str(error)}
        finally:
            channel.hang_up()

    def _faxed(self, channel: Channel, job: Words) -> Words:
        sender = channel.FaxSender
        document = FaxToSend(job["document"], first_page=int(job["first_page"]))
        options = {**self._line.options, **job["options"]}
        told = document.next_page
        if sender.start(document, options):
            while sender.state() is sender.State.TRANSMITTING:
                sender.wait_until_finished(SLICE)
                if document.next_page != told:
                    told = document.next_page
                    self._report({"pages": job["id"], "sent_pages": told - 1})
        details = sender.Details
        return {
            "cause": str(sender.cause()),
            "raw_cause": details.raw_cause,
            "text": details.raw_cause_text,
            "sent_pages": document.next_page
            - 1,  # not those confirmed: one before them may have been refused
            "confirmed": details.pages,
            "remote_id": details.remote_id,
        }


# ----------------------------------------------------------------------------------------------------------
# The process


class _Wire:
    """Orders from standard input, news to what was standard output."""

    def __init__(self) -> None:
        self._news = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)  # what an application prints goes to the log
        self._lock = threading.Lock()

    def report(self, words: Words) -> None:
        with self._lock, suppress(OSError, ValueError):  # nobody is there: the end of the orders tells so
            self._news.write(json.dumps(words, default=str) + "\n")
            self._news.flush()

    def listen(self, attendant: Attendant) -> None:
        """Pass on orders; their end is the end of whoever gave them, and so of the service."""
        # Not from sys.stdin: a thread that waits in there when the process ends makes that a crash.
        with open(0, "rb", buffering=0, closefd=False) as orders:
            rest = b""
            while piece := orders.read(_PIECE):
                *lines, rest = (rest + piece).split(b"\n")
                for line in lines:
                    attendant.order(json.loads(line))
        attendant.order({"do": "abandon"})


def _first_line() -> bytes:
    """Of standard input, and nothing beyond it."""
    line = bytearray()
    while (octet := os.read(0, 1)) not in (b"", b"\n") and len(line) < _LONGEST_DUTY:
        line += octet
    return bytes(line)


def main() -> int:
    """Attend the line that standard input names; the exit code says how that ended (0: as told)."""
    duty: Duty = pickle.loads(base64.b64decode(_first_line()))
    logging.basicConfig(level=duty.log_level, format=f"%(levelname)s {duty.line.name}: %(message)s")
    wire = _Wire()
    attendant = Attendant(duty, SYSTEM_CLOCK, wire.report)
    signal.signal(  # in a thread: a handler may not wait for a lock of whatever it has interrupted
        signal.SIGTERM, lambda *_: SYSTEM_CLOCK.spawn(lambda: attendant.order({"do": "stop"}), "signal")
    )
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    SYSTEM_CLOCK.spawn(lambda: wire.listen(attendant), "orders")
    try:
        attendant.run()
    except Error as error:
        wire.report({"error": str(error)})
        return 3 if isinstance(error, DeviceError) else 1
    except Exception as error:
        log.exception("it has failed")
        wire.report({"error": f"{type(error).__name__}: {error}"})
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
