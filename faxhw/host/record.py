"""What ``faxhw host-setup`` has done to a host: the record by which it is undone.

It stands in a folder of its own, with a copy of each file that was replaced.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from faxhw.errors import StorageError
from faxhw.host.disk import Found, look

FOLDER = "/var/lib/faxhw-host-setup"
_NAME = "record.json"


@dataclass(slots=True)
class Before:
    """What stood at a place before us; the content is in a file of its own, with the same permissions."""

    digest: str
    kept: str
    link: bool
    mode: int
    uid: int
    gid: int


@dataclass(slots=True)
class Entry:
    """A file of ours."""

    installed: list[str] = field(default_factory=list)
    """Digests of all that was put there, the newest last: an update may be cut short."""
    before: Before | None = None

    def is_ours(self, found: Found | None) -> bool:
        """Whether this is what was put there."""
        return found is not None and found.digest in self.installed

    def is_before(self, found: Found | None) -> bool:
        """Whether this is what was there before."""
        return (found and found.digest) == (self.before and self.before.digest)


@dataclass(slots=True)
class Record:
    """All entries, by where the file belongs, and the folders that were made, outer ones first."""

    files: dict[str, Entry] = field(default_factory=dict)
    folders: list[str] = field(default_factory=list)

    def as_file(self) -> Found:
        """As it is stored."""
        return Found((json.dumps(asdict(self), indent=1) + "\n").encode())


class Shelf:
    """The folder with the record, and with what was replaced."""

    def __init__(self, root: Path) -> None:
        self.folder = root / FOLDER.lstrip("/")
        self.path = self.folder / _NAME

    def read(self) -> Record:
        """The record; an empty one, if there is none."""
        found = look(self.path)
        if found is None:
            return Record()
        try:
            data = json.loads(found.content)
            return Record(
                {target: _entry(entry) for target, entry in data["files"].items()}, [*data["folders"]]
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise StorageError(
                f"{self.path} is damaged: put the files beside it back by hand, and remove it"
            ) from error

    def kept(self, before: Before) -> Found:
        """What stood there before us."""
        path = self.folder / before.kept
        found = look(path)
        if found is None:
            raise StorageError(f"{path} is missing: it was to be put back")
        return Found(found.content, before.link, before.mode, before.uid, before.gid)

    def keep(self, target: str, found: Found) -> tuple[Before, Path, Found]:
        """What to write into the record about a file that is replaced, and what to store where."""
        name = target.strip("/").replace("/", "-")
        before = Before(found.digest, name, found.link, found.mode, found.uid, found.gid)
        mode = 0o600 if found.link else found.mode
        return before, self.folder / name, Found(found.content, False, mode, found.uid, found.gid)


def _entry(data: Mapping[str, object]) -> Entry:
    installed, before = data["installed"], data["before"]
    if not isinstance(installed, list) or not (before is None or isinstance(before, dict)):
        raise TypeError
    return Entry(installed, Before(**before) if before else None)
