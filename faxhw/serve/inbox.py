"""The built-in application: a call is answered, its fax stored in a directory, and told of.

Beside the fax ``NAME`` comes ``NAME.json`` with all that is known of it. Nothing is ever replaced, and a call
without a page leaves nothing. Whenever the process dies, the pages that were confirmed are there, and who
opens the inbox next writes and tells what is still to be told (``recover``).
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path

from faxhw.channel import Channel
from faxhw.clock import SYSTEM_CLOCK
from faxhw.disk import sweep, write_file
from faxhw.errors import Error, Hangup, StorageError
from faxhw.fax.causes import Cause, raw_cause
from faxhw.fax.details import FaxDetails
from faxhw.fax.documents import FaxToReceive
from faxhw.serve.claims import Claim, abandoned, claim
from faxhw.serve.events import Event
from faxhw.serve.naming import names
from faxhw.serve.numbers import told
from faxhw.serve.settings import Inbox, Line
from faxhw.session import Status
from faxhw.tiff import survey

log = logging.getLogger("faxhw.serve")

_SECRETS = ("Password",)
"""Fax options that are nobody's business."""


@dataclass(frozen=True, slots=True)
class Record:
    """A fax, as it is told of."""

    event: Event
    call: Mapping[str, object] = field(default_factory=dict)
    """What is known of the call (``faxhw.fax.call.CallDetails``)."""
    fax: Mapping[str, object] = field(default_factory=dict)
    """What is known of the fax (``faxhw.fax.details.FaxDetails``)."""
    page_details: tuple[Mapping[str, object], ...] = ()
    """An entry for each page (``faxhw.fax.documents.PageDetails``)."""

    def as_json(self) -> str:
        """What the file beside the fax says: the event's fields, and ours."""
        more = {"call": self.call, "fax": self.fax, "page_details": self.page_details}
        return json.dumps({**self.event.as_dict(), **more}, indent=2, default=_plain) + "\n"


Tell = Callable[[Event], None]


def store(channel: Channel, inbox: Inbox, line: Line, tell: Tell) -> Record:
    """Answer the call that rings, or take the one that stands, and store its fax.

    ``tell`` is called once the fax and the file beside it are on disk; ``Spool.put`` is one. If it raises an
    ``Error``, the fax is told of when the inbox is opened next. Raises ``StorageError`` with the call
    untouched if nothing can be stored, ``Hangup`` if the call is gone before there was a fax.
    """
    call = channel.Details
    began = (call.started or SYSTEM_CLOCK.now()).astimezone()
    event = Event.of_call(line.name, call, uuid.uuid4().hex, began)
    taken = claim(inbox.directory, names(inbox.pattern, _fields(event, began)), {"event": event.as_dict()})
    try:
        if channel.state() in (channel.State.CALL_INCOMING, channel.State.RING_INCOMING):
            channel.answer()
        if channel.state() is not channel.State.ANSWERED:
            raise Hangup(f"{channel.name}: the call was not answered, {channel.cause()}")
        document = FaxToReceive(taken.fax, replace=False)
        cause = channel.FaxReceiver.receive(document, line.options)
        record = _record(event, channel, document, cause)
        if record.event.pages:
            _write_sidecar(taken, record)
        if _told(tell, record.event):
            taken.release()
        return record
    finally:
        if taken.fax.exists():
            taken.leave()
        else:
            taken.release()


def recover(directory: Path, tell: Tell) -> list[Record]:
    """Tell of the faxes that a process was storing when it died, and clear up behind it.

    To be called when a line is opened; claims of lines that live are left alone.
    """
    records: list[Record] = []
    try:
        sweep(directory, SYSTEM_CLOCK.now().timestamp())
        for found in abandoned(directory):
            record = _of_abandoned(found) if found.fax.exists() else None
            if record is None or _told(tell, record.event):
                found.release()
            found.leave()
            records += [record] if record is not None else []
    except OSError as error:
        log.error("%s cannot be looked through: %s", directory, error.strerror or error)  # noqa: TRY400
    return records


# ----------------------------------------------------------------------------------------------------------


def _fields(event: Event, began: datetime) -> dict[str, str]:
    """What the names of a fax can say."""
    return {
        "date": f"{began:%Y-%m-%d}",
        "time": f"{began:%H%M%S}",
        "line": event.line,
        "caller": told(event.caller),
        "called": told(event.called),
        "name": event.caller_name,
        "id": event.id,
    }


def _record(event: Event, channel: Channel, document: FaxToReceive, cause: Cause) -> Record:
    details = channel.FaxReceiver.Details
    pages = len(document.PageDetails)
    return Record(
        event.with_result(details, cause, file=str(document.path) if pages else "", pages=pages),
        asdict(channel.Details),
        _public(details),
        tuple(asdict(page) for page in document.PageDetails),
    )


def _public(details: FaxDetails) -> dict[str, object]:
    public = {name: value for name, value in vars(details).items() if not name.startswith("_")}
    options = {name: value for name, value in details.options.items() if name not in _SECRETS}
    return {**public, "options": options, "fax_standard": details.fax_standard}


def _write_sidecar(taken: Claim, record: Record) -> None:
    """The fax is stored whether or not this can be written."""
    try:
        write_file(taken.sidecar, record.as_json().encode())
    except OSError as error:
        log.error("%s cannot be written: %s", taken.sidecar, error.strerror or error)  # noqa: TRY400


def _told(tell: Tell, event: Event) -> bool:
    try:
        tell(event)
    except Error as error:
        log.error("%s: nobody could be told of %s: %s", event.line, event.file or "a call", error)  # noqa: TRY400
        return False
    return True


def _of_abandoned(found: Claim) -> Record | None:
    """What there is to tell of a fax: what stands beside it, or what was known before it began."""
    try:
        if found.sidecar.exists():
            return Record(Event.from_dict(json.loads(found.sidecar.read_bytes())))
        event = Event.from_dict(_mapping(found.purpose().get("event")))
        pages = len(survey(found.fax, lambda _: None))
    except (OSError, ValueError, StorageError) as error:
        log.error("%s cannot be told of: %s", found.fax, error)  # noqa: TRY400 - no bug of ours
        return None
    record = Record(
        replace(
            event,
            file=str(found.fax),
            pages=pages,
            cause=str(Cause.ERROR),
            raw_cause=raw_cause(Status.PROGRAM_FAILED),
            raw_cause_text="The service died in the middle of the fax.",
        )
    )
    log.warning("%s: the service died in the middle of it; it has %d pages", found.fax, pages)
    _write_sidecar(found, record)
    return record


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _plain(value: object) -> object:
    """What JSON has no word for."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes | bytearray):
        return value.hex()
    if isinstance(value, Iterable):
        return sorted(map(str, value))
    return str(value)
