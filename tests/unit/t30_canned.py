"""All canned calls, by who plays them: for what is to be shown of every one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from faxhw.t30.line import Procedure

from . import test_t30_answering as answering
from . import test_t30_calling as calling
from . import test_t30_ecm_receiving as ecm_receiving
from . import test_t30_ecm_sending as ecm_sending
from . import test_t30_polling as polling
from .t30_play import Play
from .t30_state import CALLED_RECEIVES, CALLS, IS_POLLED, POLLS


@dataclass(frozen=True)
class Canned:
    """A canned call."""

    role: str
    name: str
    begin: Callable[[], tuple[Play, Procedure]]
    """How to make its far end, and the procedure that it meets."""
    short: bool = True
    """Whether it is worth while to play it many times: no block of 256 frames, and no mirror of another."""

    def __str__(self) -> str:
        return f"{self.role}: {self.name}"


def _all() -> Iterator[Canned]:
    for name, answered in answering.CALLS.items():
        yield Canned(CALLED_RECEIVES, name, answered.play)
    for name, called in calling.CALLS.items():
        yield Canned(CALLS, name, called.play)
    for name, held in polling.HELD.items():
        yield Canned(IS_POLLED, name, held.play)
    for name, fetched in polling.FETCHED.items():
        yield Canned(POLLS, name, fetched.play)
    for name, received in ecm_receiving.CALLS.items():
        short = not any("255" in str(each) for each in received.hears)
        yield Canned(CALLED_RECEIVES, f"ECM, {name}", partial(received.play, polls=False), short)
        yield Canned(POLLS, f"ECM, {name}", partial(received.play, polls=True), short=False)
    for name, sent in ecm_sending.CALLS.items():
        short = len(sent.page) < 10000
        yield Canned(CALLS, f"ECM, {name}", partial(sent.play, polled=False), short)
        yield Canned(IS_POLLED, f"ECM, {name}", partial(sent.play, polled=True), short=False)


CANNED: tuple[Canned, ...] = tuple(_all())
