"""A channel on an odd modem of class 2, 2.0 or 2.1, and a profile that lacks the remedy for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

import faxhw
from faxhw.at.library import profiles
from faxhw.at.profile import Class2, Profile
from faxhw.channel import Channel
from faxhw.session import Negotiated
from faxhw.t30.answering import answer
from faxhw.t30.calling import call
from faxhw.terms import Modulation, Settings
from faxhw.testing.faxes import Job
from faxhw_drivers.class2 import driver
from faxhw_drivers.sim import Bench, FaxQuirks, Model, PluggedModem, Quirks, Station
from tests.interop.documents import write_tiff
from tests.pages import page_bitmap
from tests.virtual.calls import OURS, STANDARD, THEIRS, Pages

PAGES = [page_bitmap("text", rows=200), page_bitmap("form", rows=150)]
TWO, TWO_0, TWO_1 = ("0", "2"), ("0", "2.0"), ("0", "2.1")


def fax(path: Path) -> faxhw.FaxToSend:
    write_tiff(path, [page.image() for page in PAGES], 98)
    return faxhw.FaxToSend(str(path))


def answered(channel: Channel) -> None:
    assert channel.wait_for_call(60) == "CALL_INCOMING"
    assert channel.answer() == "ANSWERED"


@dataclass
class Line:
    """A channel on an odd modem of class 2, 2.0 or 2.1, and what else is on its bench."""

    bench: Bench
    channel: Channel
    far: Station
    modem: PluggedModem

    def receives(self, path: Path, settings: Settings = STANDARD, **options: str) -> str:
        """A fax from a station that calls: the cause."""
        self.far.call(OURS, call(settings), Pages(PAGES))
        answered(self.channel)
        cause = self.channel.FaxReceiver.receive(faxhw.FaxToReceive(str(path)), fax_options=options)
        self.channel.hang_up()
        self.bench.run(10.0)
        return str(cause)

    def modulations(self) -> set[Modulation]:
        """What the far end was trained for, in its last call."""
        events = self.far.calls[-1].events
        return {each.parameters.modulation for each in events if isinstance(each, Negotiated)}

    def sends(self, path: Path, settings: Settings = STANDARD, **options: str) -> str:
        """A fax to a station that answers: the cause."""
        self.far.answer_with(lambda: answer(settings), Job())
        assert self.channel.call(THEIRS) == "ANSWERED"
        cause = self.channel.FaxSender.send(fax(path), fax_options=options)
        self.channel.hang_up()
        self.bench.run(10.0)
        return str(cause)


def change(monkeypatch: pytest.MonkeyPatch, name: str, **keys: object) -> Profile:
    """A profile with other values for some of its keys, and those of its table ``class2``."""
    known, own = profiles(), {key: keys.pop(key) for key in list(keys) if key in Class2.__slots__}
    changed = replace(known[name], class2=replace(known[name].class2, **own), **keys)  # type: ignore[arg-type]
    monkeypatch.setitem(known, name, changed)
    return changed


@contextmanager
def opened_on(model: Model, **options: str) -> Iterator[Line]:
    """A channel on a modem of this make; ``options`` are the driver's."""
    bench = Bench()
    modem = bench.modem(OURS, model)
    with Channel(driver.open_on(modem.port, bench.clock, options)) as channel:
        yield Line(bench, channel, bench.station(THEIRS), modem)


def opened(
    classes: tuple[str, ...], fax: FaxQuirks, ati0: str = "1", **said: str
) -> AbstractContextManager[Line]:
    """The same, on one that says of itself what ``Model`` has names for."""
    identity = {0: ati0, 3: "?"}
    return opened_on(Model(classes=classes, quirks=Quirks(fax=fax), identity=identity, **said))  # type: ignore[arg-type]
