"""What hooks are told of a fax: an ``Event``, as JSON and as environment variables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime

from faxhw.at.replies import printable
from faxhw.fax.call import CallDetails
from faxhw.fax.causes import Cause
from faxhw.fax.details import FaxDetails
from faxhw.serve.settings import Kind


@dataclass(frozen=True, slots=True)
class Event:
    """A fax that was received, was sent, or failed. Texts from the line have no control characters."""

    kind: Kind
    line: str
    """The line's name."""
    id: str
    """Unique to the fax; who is told twice can know by it."""
    file: str = ""
    """The path of the fax; empty if there is none."""
    pages: int = 0
    """Pages stored, or confirmed by the far end."""
    cause: str = ""
    raw_cause: str = ""
    raw_cause_text: str = ""
    caller: str = ""
    caller_name: str = ""
    called: str = ""
    remote_id: str = ""
    started: datetime | None = None
    ended: datetime | None = None
    job: int | None = None
    """The queue's number of it, if it was sent for the queue."""

    @classmethod
    def of_call(cls, line: str, call: CallDetails, id: str, started: datetime | None) -> Event:  # noqa: A002
        """A fax on a call; until it has ended it counts as failed."""
        return cls(
            kind=Kind.FAILED,
            line=line,
            id=id,
            caller=call.call_from,
            caller_name=call.caller_name,
            called=call.call_to,
            started=started,
        )

    def with_result(self, details: FaxDetails, cause: str, *, file: str, pages: int) -> Event:
        """The same once the fax has ended: ``pages`` are those stored or confirmed."""
        done = Kind.RECEIVED if details.received else Kind.SENT
        return replace(
            self,
            kind=done if cause == Cause.NORMAL else Kind.FAILED,
            file=file,
            pages=pages,
            cause=str(cause),
            raw_cause=details.raw_cause,
            raw_cause_text=details.raw_cause_text,
            remote_id=details.remote_id,
            ended=details.ended,
        )

    def as_dict(self) -> dict[str, object]:
        """The fields; moments as ISO 8601 text."""
        moments = {"started": self.started, "ended": self.ended}
        return asdict(self) | {name: each and each.isoformat() for name, each in moments.items()}

    def as_json(self) -> str:
        return json.dumps(self.as_dict())

    def as_environment(self) -> dict[str, str]:
        """``FAXHW_KIND``, ``FAXHW_LINE``, ``FAXHW_FILE`` …; empty where there is nothing to tell."""
        return {
            f"FAXHW_{name.upper()}": "" if value is None else printable(str(value))
            for name, value in self.as_dict().items()
        }

    @classmethod
    def from_dict(cls, told: Mapping[str, object]) -> Event:
        """The event that ``as_dict`` told of, perhaps among other things. Raises ``ValueError``."""
        known = {each.name: told[each.name] for each in fields(cls) if each.name in told}
        for name in ("started", "ended"):
            if isinstance(moment := known.get(name), str):
                known[name] = datetime.fromisoformat(moment)
        try:
            return cls(**{**known, "kind": Kind(str(known.get("kind")))})  # type: ignore[arg-type]
        except TypeError as error:
            raise ValueError(f"this is no event: {error}") from error
