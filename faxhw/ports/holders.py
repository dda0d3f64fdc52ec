"""Which processes have a device open, as far as this user may see, and which have set a lock file for it.

Nothing is opened, so that a lock on the device itself (TIOCEXCL) is not seen; its holder is, if it may be.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from faxhw.ports.discover import SYSTEM, Roots


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that uses a device."""

    pid: int
    name: str


def holders(paths: Iterable[str], roots: Roots = SYSTEM) -> dict[str, list[Holder]]:
    """Who uses each of these devices; by path, in the order of the processes' numbers."""
    wanted = set(paths)
    found: dict[str, dict[int, Holder]] = {path: {} for path in wanted}
    for pid, path in _open_files(roots):
        if path in wanted:
            found[path][pid] = Holder(pid, _name(pid, roots))
    for path in wanted:
        pid = _locked_by(lock_file(path, roots))
        if pid and (roots.proc / str(pid)).exists():
            found[path][pid] = Holder(pid, _name(pid, roots))
    return {path: [by_pid[pid] for pid in sorted(by_pid)] for path, by_pid in found.items()}


def stale_locks(paths: Iterable[str], roots: Roots = SYSTEM) -> Mapping[str, str]:
    """The lock files that processes have left behind, by path of the device."""
    files = {path: lock_file(path, roots) for path in paths}
    return {
        path: str(file)
        for path, file in files.items()
        if (pid := _locked_by(file)) and not (roots.proc / str(pid)).exists()
    }


def lock_file(path: str, roots: Roots = SYSTEM) -> Path:
    """Where programs that use a serial port say so (FHS 5.9)."""
    return roots.lock / f"LCK..{Path(path).name}"


def _open_files(roots: Roots) -> Iterator[tuple[int, str]]:
    with contextlib.suppress(OSError):
        for process in roots.proc.iterdir():
            if process.name.isdecimal():
                with contextlib.suppress(OSError):  # it has ended, or is another user's
                    for entry in (process / "fd").iterdir():
                        with contextlib.suppress(OSError):
                            yield int(process.name), str(entry.readlink())


def _locked_by(file: Path) -> int:
    """The process number in a lock file, as text or (UUCP's old form) as it lies in memory; 0 without one."""
    with contextlib.suppress(OSError):
        content = file.read_bytes()[:64]
        words = content.split()
        if words and words[0].isdigit():
            return int(words[0])
        if len(content) == 4:
            return int.from_bytes(content, sys.byteorder)
    return 0


def _name(pid: int, roots: Roots) -> str:
    with contextlib.suppress(OSError):
        return (roots.proc / str(pid) / "comm").read_text(encoding="utf-8", errors="replace").strip()
    return ""
