"""The queue's tables as values: rows become jobs and calls, and what is known of each number stands together.

It decides nothing; ``queue`` and ``changes`` do.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from faxhw.errors import UsageError
from faxhw.serve.database import Database
from faxhw.serve.documents import Documents
from faxhw.serve.jobs import OPEN, OVER, Attempt, Job, JobState
from faxhw.serve.policy import QueuePolicy


@dataclass(slots=True)
class Calls:
    """Calls that are over, oldest first."""

    by_job: dict[int, list[Attempt]] = field(default_factory=lambda: defaultdict(list))
    by_destination: dict[str, list[Attempt]] = field(default_factory=lambda: defaultdict(list))


class Ledger:
    """The tables, and the documents that belong to them."""

    def __init__(self, path: Path, policy: QueuePolicy) -> None:
        self._database = Database(path)
        try:
            self.documents = Documents(path.parent / "documents", policy.max_octets)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._database.close()

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """All of what is done inside is durable at its end, or none of it; raises ``StorageError``."""
        with self._database.change() as connection:
            yield connection

    # ------------------------------------------------------------------------------------------------------
    # Reading

    @property
    def changes(self) -> int:
        """As long as it stays the same, nothing has changed here; raises ``StorageError``."""
        return self._database.changes

    def job(self, number: int) -> Job:
        """Raises ``UsageError`` if there is none."""
        if found := self._jobs("id = ?", number):
            return found[0]
        raise UsageError(f"there is no fax {number} in the queue (faxhw queue lists those there are)")

    def jobs(self, states: Iterable[JobState] = (*OPEN, *OVER)) -> list[Job]:
        """In the order in which they were submitted."""
        wanted = tuple(states)
        return self._jobs(f"state IN ({', '.join('?' * len(wanted))})", *wanted)

    def untold(self) -> list[Job]:
        """Jobs that are done or failed, and of which nobody was told."""
        return self._jobs("state IN (?, ?) AND NOT told", JobState.DONE, JobState.FAILED)

    def ended_after(self, moment: float) -> bool:
        """Whether a call is said to have ended after a moment, in seconds since 1970."""
        return bool(self._database.rows("SELECT 1 FROM attempt WHERE ended > ? LIMIT 1", moment))

    def calls(self, *destinations: str) -> Calls:
        """Calls to these numbers; without any, to all that open jobs are for."""
        chosen = (
            f"({', '.join('?' * len(destinations))})"
            if destinations
            else f"(SELECT destination FROM job WHERE state IN {tuple(map(str, OPEN))})"
        )
        calls = Calls()
        for row in self._database.rows(
            f"SELECT * FROM attempt WHERE ended IS NOT NULL AND destination IN {chosen} ORDER BY id",
            *destinations,
        ):
            attempt = Attempt(
                job=row["job"],
                line=row["line"],
                started=row["started"],
                ended=row["ended"],
                cause=row["cause"],
                raw_cause=row["raw_cause"],
                max_rate=row["max_rate"],
                forgotten=bool(row["forgotten"]),
            )
            calls.by_job[attempt.job].append(attempt)
            calls.by_destination[row["destination"]].append(attempt)
        return calls

    def usage(self) -> dict[str, tuple[int, float]]:
        """Of each line that has called: how many calls are remembered, and when it last began one."""
        rows = self._database.rows("SELECT line, COUNT(*), MAX(started) FROM attempt GROUP BY line")
        return {line: (calls, last) for line, calls, last in rows}

    def _jobs(self, condition: str, *values: object) -> list[Job]:
        return [
            self._job(row)
            for row in self._database.rows(f"SELECT * FROM job WHERE {condition} ORDER BY id", *values)
        ]

    def _job(self, row: sqlite3.Row) -> Job:
        return Job(
            id=row["id"],
            state=JobState(row["state"]),
            number=row["number"],
            destination=row["destination"],
            document=self.documents.path(row["document"]),
            name=row["name"],
            options=json.loads(row["options"]),
            priority=row["priority"],
            not_before=None if row["not_before"] is None else local(row["not_before"]),
            window=tuple(json.loads(row["window"])),
            tries_left=row["tries_left"],
            pages=row["pages"],
            pages_sent=row["pages_sent"],
            last_cause=row["last_cause"],
            last_raw_cause=row["last_raw_cause"],
            note=row["note"],
            submitted_by=row["submitted_by"],
            uid=row["uid"],
            submitted=local(row["submitted"]),
            ended=None if row["ended"] is None else local(row["ended"]),
            line=row["line"],
            wanted=row["wanted"],
            attempt=row["attempt"],
        )


# ----------------------------------------------------------------------------------------------------------
# Parts of changes


def insert(connection: sqlite3.Connection, table: str, **columns: object) -> int:
    """A new row; its number."""
    marks = ", ".join("?" * len(columns))
    done = connection.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", [*columns.values()]
    )
    return int(done.lastrowid or 0)


def update(connection: sqlite3.Connection, table: str, number: int, **columns: object) -> None:
    """Set columns of a row."""
    assignments = ", ".join(f"{name} = ?" for name in columns)
    connection.execute(f"UPDATE {table} SET {assignments} WHERE id = ?", [*columns.values(), number])


def local(seconds: float) -> datetime:
    """Seconds since 1970 as the date and time here."""
    return datetime.fromtimestamp(seconds, UTC).astimezone()
