"""How a command tells what goes on: live on a terminal, line by line elsewhere, not at all to machines."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import click

from faxhw.cli.shell import Shell

if TYPE_CHECKING:
    import rich.progress


class Progress(Protocol):
    """Where the news go."""

    def say(self, text: str) -> None:
        """A line that stays."""
        ...

    def doing(self, text: str) -> None:
        """What is going on from now on."""
        ...


class Silent:
    """For machines."""

    def say(self, text: str) -> None:
        pass

    def doing(self, text: str) -> None:
        pass


class Plain:
    """For log files and pipes: each line as it comes."""

    def say(self, text: str) -> None:
        click.echo(text)
        sys.stdout.flush()

    def doing(self, text: str) -> None:
        self.say(text)


class Live:
    """For a terminal: what is going on, and for how long, stands in the last line and moves."""

    def __init__(self, display: rich.progress.Progress) -> None:
        self._display = display
        self._task = display.add_task("")

    def say(self, text: str) -> None:
        self._display.console.print(text, markup=False, highlight=False, emoji=False)

    def doing(self, text: str) -> None:
        self._display.reset(self._task, description=text)


@contextmanager
def progress(shell: Shell) -> Iterator[Progress]:
    """The progress display that fits: a log on the same terminal (``-v``) wants plain lines."""
    if shell.json:
        yield Silent()
    elif shell.verbosity or not sys.stdout.isatty():
        yield Plain()
    else:
        from rich.progress import Progress as Display  # noqa: PLC0415 - slow to import, and only needed here
        from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415

        text = TextColumn("{task.description}", markup=False)
        with Display(SpinnerColumn(), text, TimeElapsedColumn(), transient=True) as display:
            yield Live(display)
