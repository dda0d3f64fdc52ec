"""How a command tells what goes on: live on a terminal, line by line elsewhere, not at all to machines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Protocol

from faxhw.cli.shell import OutputLostError, Shell, on_terminal, say, speaking_out
from faxhw.clock import SYSTEM_CLOCK, Clock

if TYPE_CHECKING:
    from rich.spinner import Spinner


Detail = Callable[[], str]
"""Looks up what changes all the time; called often, and from another thread."""


class Progress(Protocol):
    """Where the news go."""

    def say(self, text: str) -> None:
        """A line that stays."""
        ...

    def doing(self, text: str, detail: Detail | None = None) -> None:
        """What is going on from now on."""
        ...


class Silent:
    """For machines."""

    def say(self, text: str) -> None:
        pass

    def doing(self, text: str, detail: Detail | None = None) -> None:
        pass


class Plain:
    """For log files and pipes: each line as it comes."""

    def say(self, text: str) -> None:
        with suppress(OutputLostError):  # the fax goes on
            say(text)

    def doing(self, text: str, detail: Detail | None = None) -> None:
        self.say(text)


class Live:
    """For a terminal: what is going on, and for how long, stands in the last line and moves."""

    def __init__(self, clock: Clock) -> None:
        from rich.console import Console  # noqa: PLC0415 - rich is slow to import, and needed only here
        from rich.live import Live as Display  # noqa: PLC0415
        from rich.spinner import Spinner  # noqa: PLC0415

        self._clock = clock
        self._console = Console(highlight=False, markup=False, emoji=False)
        self._spinner = Spinner("dots")
        self._text = ""
        self._detail: Detail | None = None
        self._since = clock.monotonic()
        self.display = Display(
            console=self._console, get_renderable=self._last_line, refresh_per_second=8, transient=True
        )

    def say(self, text: str) -> None:
        with suppress(OutputLostError), speaking_out():
            self._console.print(text, soft_wrap=True)

    def doing(self, text: str, detail: Detail | None = None) -> None:
        self._text, self._detail, self._since = text, detail, self._clock.monotonic()

    def _last_line(self) -> Spinner:
        from rich.text import Text  # noqa: PLC0415

        seconds = f"{self._clock.monotonic() - self._since:.0f} s"
        detail = self._detail() if self._detail is not None else ""
        self._spinner.update(text=Text(", ".join(filter(None, (self._text, detail, seconds)))))
        return self._spinner


@contextmanager
def progress(shell: Shell) -> Iterator[Progress]:
    """The progress display that fits: a log on the same terminal (``-v``) wants plain lines."""
    if shell.json:
        yield Silent()
    elif shell.verbosity or not on_terminal():
        yield Plain()
    else:
        live = Live(SYSTEM_CLOCK)
        with live.display:
            yield live
