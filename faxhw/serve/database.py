"""The SQLite file under the queue: one owner, a schema with a version, changes that last or are not made.

A change is a transaction in write-ahead mode with ``synchronous=FULL``: once it is over it survives the loss
of power. A lock on a file beside it keeps a second service out; it lasts for as long as this process lives,
or one that was forked from it without an ``exec``.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from faxhw.disk import sync_directory
from faxhw.errors import DeviceError, StorageError, UsageError

_BUSY_TIMEOUT = 5.0
"""Seconds to wait for a program that looks into the file, a backup say."""
_APPLICATION = 0x66617871  # "faxq"
_STEPS: tuple[str, ...] = (
    """
    CREATE TABLE job (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        state TEXT NOT NULL,
        wanted TEXT NOT NULL DEFAULT '',
        number TEXT NOT NULL,
        destination TEXT NOT NULL,
        document TEXT NOT NULL,
        name TEXT NOT NULL,
        options TEXT NOT NULL,
        priority INTEGER NOT NULL,
        not_before REAL,
        window TEXT NOT NULL,
        tries_left INTEGER NOT NULL,
        pages INTEGER NOT NULL,
        pages_sent INTEGER NOT NULL,
        last_cause TEXT NOT NULL DEFAULT '',
        last_raw_cause TEXT NOT NULL DEFAULT '',
        note TEXT NOT NULL DEFAULT '',
        submitted_by TEXT NOT NULL,
        uid INTEGER NOT NULL,
        submitted REAL NOT NULL,
        ended REAL,
        line TEXT NOT NULL DEFAULT '',
        attempt INTEGER NOT NULL DEFAULT 0,
        told INTEGER NOT NULL DEFAULT 0
    );
    CREATE INDEX job_by_state ON job (state);
    CREATE TABLE attempt (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        job INTEGER NOT NULL,
        destination TEXT NOT NULL,
        line TEXT NOT NULL,
        started REAL NOT NULL,
        ended REAL,
        cause TEXT NOT NULL DEFAULT '',
        raw_cause TEXT NOT NULL DEFAULT '',
        max_rate INTEGER NOT NULL,
        forgotten INTEGER NOT NULL DEFAULT 0
    );
    CREATE INDEX attempt_by_job ON attempt (job);
    CREATE INDEX attempt_by_destination ON attempt (destination);
    """,
)
"""What leads from each version of the schema to the next; an older file is brought up by those it lacks."""
VERSION = len(_STEPS)


class Database:
    """The file, opened and locked; raises ``DeviceError`` if another service has it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        with self._telling():
            self._lock = _locked(path)
        try:
            with self._telling():
                self._open()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Safe to repeat."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """All of what is done inside, on the disk at its end, or nothing; raises ``StorageError``."""
        with self._telling():
            connection = self._opened
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # a full disk has rolled it back already
                    connection.execute("ROLLBACK")
                raise

    @property
    def changes(self) -> int:
        """How many rows have been changed since it was opened; raises ``StorageError``."""
        return self._opened.total_changes

    def rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        """What a query finds; raises ``StorageError``."""
        with self._telling():
            return self._opened.execute(query, values).fetchall()

    # ------------------------------------------------------------------------------------------------------

    @property
    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            raise StorageError(f"the queue {self._path} is closed")
        return self._connection

    def _open(self) -> None:
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))  # SQLite's would be 0o644
        sync_directory(self._path.parent)
        connection = sqlite3.connect(self._path, timeout=_BUSY_TIMEOUT, isolation_level=None)
        self._connection = connection
        connection.row_factory = sqlite3.Row
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "trusted_schema = OFF"):
            connection.execute(f"PRAGMA {pragma}")
        if (verdict := connection.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise sqlite3.DatabaseError(verdict)
        self._bring_up()

    def _bring_up(self) -> None:
        version = self._pragma("user_version")
        application = self._pragma("application_id")
        if version > VERSION or (version and application != _APPLICATION):
            raise UsageError(
                f"the queue {self._path} was not written by this faxhw or an older one (it is of version "
                f"{version}): update faxhw, or name another state directory"
            )
        for number, step in enumerate(_STEPS[version:], start=version + 1):
            with self.change() as connection:
                for statement in filter(str.strip, step.split(";")):
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {_APPLICATION}")
                connection.execute(f"PRAGMA user_version = {number}")

    def _pragma(self, name: str) -> int:
        return int(self._opened.execute(f"PRAGMA {name}").fetchone()[0])

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            raise StorageError(f"the queue {self._path} cannot be used: {error}") from error
        except sqlite3.DatabaseError as error:
            raise StorageError(
                f"the queue {self._path} is damaged ({error}): move it and {self._path.parent / 'documents'} "
                "away, start again, and submit anew what is in there"
            ) from error
        except OSError as error:
            raise StorageError(f"the queue {self._path} cannot be used: {error.strerror or error}") from error


def _locked(path: Path) -> int:
    """A descriptor that keeps others out of the queue."""
    file = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(file)
        raise DeviceError(
            f"the queue {path} is in use by another faxhw serve: end that, or give this one a state "
            "directory of its own"
        ) from error
    except BaseException:
        os.close(file)
        raise
    return file
