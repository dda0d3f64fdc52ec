"""What the runner of a world in real time looks after: ends at which programs of this host come in."""

from __future__ import annotations

from typing import Protocol


class End(Protocol):
    """A file descriptor with a program behind it, or none yet. Nothing that it does waits."""

    @property
    def in_use(self) -> bool:
        """Whether news of it are told by its file descriptor; else it has to be looked at now and then."""
        ...

    def fileno(self) -> int: ...

    def wants(self) -> tuple[bool, bool]:
        """Whether a wait for input, and for room for output, would tell anything new."""
        ...

    def serve(self) -> None:
        """Move what can be moved."""
        ...
