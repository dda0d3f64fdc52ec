"""What is to be done to a host's files, and doing it: ``plan…`` looks, ``apply`` and ``undo`` act.

- What is replaced is kept, and put back by ``undo``.
- A file of ours that somebody has changed since is theirs: it is neither replaced nor removed.
- What was there already, as we would have it, is not ours.
- Cut short at any moment, either can be given again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from difflib import unified_diff
from enum import StrEnum
from pathlib import Path

from faxhw.errors import StorageError
from faxhw.host.disk import Found, Staging, look
from faxhw.host.record import Entry, Record, Shelf


class Deed(StrEnum):
    """What becomes of a file."""

    CREATE = "create"
    REPLACE = "replace"
    UPDATE = "update"
    REMOVE = "remove"
    PUT_BACK = "put back"
    NOTHING = "nothing"
    """It is as it is to be."""
    LEAVE = "leave"
    """It was changed since it was put there."""


_WRITES = {Deed.CREATE, Deed.REPLACE, Deed.UPDATE}


@dataclass(frozen=True, slots=True)
class Step:
    """A file, and what becomes of it."""

    target: str
    deed: Deed
    now: Found | None = None
    then: Found | None = None

    def difference(self) -> list[str]:
        """The lines that come and go, as ``diff -u`` has them."""
        if self.deed is Deed.NOTHING:
            return []
        old, new = (found.lines() if found else [] for found in (self.now, self.then))
        return [*unified_diff(old, new, self.target, self.target, "as it is", "as it would be", lineterm="")]


class HostSetup:
    """The files below a root folder: that of the host, or a prefix."""

    def __init__(self, root: Path, files: Mapping[str, bytes]) -> None:
        """``files``: the content of each by where it belongs."""
        self._root = root
        self._files = {target: Found(content) for target, content in files.items()}
        self._shelf = Shelf(root)

    def plan(self) -> list[Step]:
        """What ``apply`` would do."""
        record = self._shelf.read()
        return [self._wanted(target, then, record.files.get(target)) for target, then in self._files.items()]

    def _wanted(self, target: str, then: Found, entry: Entry | None) -> Step:
        now = look(self._at(target))
        if now and now.digest == then.digest:
            deed = Deed.NOTHING
        elif now is None:
            deed = Deed.CREATE
        elif entry is None or entry.is_before(now):
            deed = Deed.REPLACE
        else:
            deed = Deed.UPDATE if entry.is_ours(now) else Deed.LEAVE
        return Step(target, deed, now, then)

    def apply(self, steps: Iterable[Step]) -> None:
        """Do what was planned; raises ``StorageError``, and then nothing is changed, or it can be undone."""
        record = self._shelf.read()
        writes = [step for step in steps if step.deed in _WRITES]
        if not writes:
            return
        with Staging() as staging:
            for folder in (self._shelf.folder, *(self._at(step.target).parent for step in writes)):
                made = staging.make_folders(folder)
                record.folders += (self._target(each) for each in made if each.is_relative_to(self._root))
            copies = [copy for step in writes for copy in self._enter(step, record)]
            # In this order: cut short behind the record, what it tells of is still as it was before.
            staging.put(self._shelf.path, record.as_file())
            for path, copy in copies:
                staging.put(path, copy)
            for step in writes:
                if step.then is not None:
                    staging.put(self._at(step.target), step.then)
            staging.publish()

    def _enter(self, step: Step, record: Record) -> Iterator[tuple[Path, Found]]:
        """Enter a file that is written into the record; what it replaces, and where to keep that."""
        entry = record.files.setdefault(step.target, Entry())
        if step.deed is Deed.REPLACE and step.now is not None:
            entry.before, path, copy = self._shelf.keep(step.target, step.now)
            yield path, copy
        if step.then is not None and not entry.is_ours(step.then):
            entry.installed.append(step.then.digest)

    def plan_undo(self) -> list[Step]:
        """What ``undo`` would do."""
        return [self._unwanted(target, entry) for target, entry in self._shelf.read().files.items()]

    def _unwanted(self, target: str, entry: Entry) -> Step:
        now = look(self._at(target))
        if entry.is_before(now):
            return Step(target, Deed.NOTHING, now)
        then = self._shelf.kept(entry.before) if entry.before else None
        if now is not None and not entry.is_ours(now):
            return Step(target, Deed.LEAVE, now, then)
        return Step(target, Deed.PUT_BACK if then else Deed.REMOVE, now, then)

    def undo(self, steps: Iterable[Step]) -> None:
        """Do what was planned; what was left stays in the record, for another time."""
        record = self._shelf.read()
        steps = list(steps)
        left = {step.target for step in steps if step.deed is Deed.LEAVE}
        remaining = Record({target: record.files[target] for target in left}, record.folders)
        with Staging() as staging:
            for step in steps:
                if step.deed is Deed.PUT_BACK and step.then is not None:
                    staging.put(self._at(step.target), step.then)
            staging.publish()
        for step in steps:
            if step.deed is Deed.REMOVE:
                _remove(self._at(step.target))
        self._tidy(record, remaining)

    def _tidy(self, record: Record, remaining: Record) -> None:
        """Bring the record up to date; without entries it goes, and the empty folders that were made."""
        for target, entry in record.files.items():
            if entry.before and target not in remaining.files:
                _remove(self._shelf.folder / entry.before.kept)
        if remaining.files:
            with Staging() as staging:
                staging.put(self._shelf.path, remaining.as_file())
                staging.publish()
            return
        _remove(self._shelf.path)
        for folder in reversed(record.folders):
            with suppress(OSError):  # something else is in it
                self._at(folder).rmdir()

    def _at(self, target: str) -> Path:
        return self._root / target.lstrip("/")

    def _target(self, path: Path) -> str:
        return f"/{path.relative_to(self._root)}"


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(f"{path} cannot be removed: {error.strerror}") from error
