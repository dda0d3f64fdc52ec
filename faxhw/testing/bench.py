"""What the suite needs of a virtual line, and where it gets it: the ``sim`` driver, by its entry point."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, cast

from faxhw.clock import Clock
from faxhw.finding import load_driver
from faxhw.session import Event, Outcome, Reply
from faxhw.t30.line import Procedure


class FarEndCall(Protocol):
    """One call of a far end."""

    outcome: Outcome | None
    """How its procedure ended; ``None`` before."""
    events: list[Event]
    ended: float | None
    """When the call was over, on the bench's clock."""


class FarEnd(Protocol):
    """A subscriber who performs T.30 procedures, or makes a sound that is none."""

    @property
    def calls(self) -> Sequence[FarEndCall]:
        """Calls made and answered, in order."""
        ...

    def call(self, number: str, act: Any, on_event: Callable[[Event], Reply] = ...) -> FarEndCall:
        """Dial a number and, once answered, perform a procedure (or sound one of the bench's tones)."""
        ...

    def answer_with(
        self, make: Callable[[], Procedure] | Any, on_event: Callable[[Event], Reply] = ..., rings: int = 1
    ) -> None:
        """Answer calls from now on, each with a new procedure (or with one of the bench's tones)."""
        ...

    def hang_up(self) -> None: ...


class Bench(Protocol):
    """A virtual telephone exchange in simulated time. The same seed gives the same run."""

    @property
    def clock(self) -> Clock: ...

    def modem(self, number: str) -> Any:
        """Plug in a virtual fax modem; its ``port`` is a ``faxhw.ports.base.Port`` on the bench's clock."""
        ...

    def card(self, number: str) -> Any:
        """Plug in a virtual telephony card that performs line operations itself."""
        ...

    def capi(self, *numbers: str) -> Any:
        """Plug in a virtual CAPI controller with these numbers; ``connect(name)`` gives a port to it."""
        ...

    def station(self, number: str) -> FarEnd:
        """Plug in a far end."""
        ...

    def run(self, seconds: float) -> None:
        """Let so much time pass."""
        ...

    @property
    def voice(self) -> Any:
        """What a far end can ``call`` with to be a human."""
        ...


def new_bench(seed: int = 1) -> Bench:
    """A bench of the installed ``sim`` driver. Raises ``UsageError`` if there is none."""
    return cast(Bench, cast(Any, load_driver("sim")).bench(seed))
