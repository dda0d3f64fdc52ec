"""Two hundred calls on one channel with sound, one after another, by far not all of them whole faxes."""

from __future__ import annotations

import gc
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pytest

from faxhw.channel import Channel
from faxhw.fax.documents import FaxToReceive, FaxToSend
from faxhw.t30.answering import answer
from faxhw.t30.calling import call
from faxhw.terms import Coding, Resolution, Settings
from faxhw_drivers.dsp.driver import DspDriver
from faxhw_drivers.dsp.library import Library, library
from faxhw_drivers.sim.far_end import KeepsPages
from tests.installed import needs_software_modem
from tests.pages import append_page, page_bitmap
from tests.virtual import sound_bench
from tests.virtual.calls import OURS, THEIRS, Pages
from tests.virtual.sound_bench import SoundBench, voice

ANSWERS = "300"
"""The number of a far end that is called."""
NOBODY = "999"
PLAIN = Settings(ident="+49 89 200", resolutions=frozenset({Resolution.STANDARD}))
CORRECTED = replace(PLAIN, ecm=True, codings=frozenset(Coding))
PAGE = page_bitmap("text", rows=60)
LONG = page_bitmap("noise", rows=100)
"""Some 15 s of the line."""

pytestmark = needs_software_modem


class CountedLibrary:
    """The library, and the number of its handles that are about."""

    def __init__(self, real: Library) -> None:
        self.handles: Counter[str] = Counter()
        self.made = 0
        self._real = real

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)

    def __getitem__(self, name: str) -> Callable[..., Any]:
        function = self._real[name]
        kind, _, what = name.rpartition("_")

        def init(*arguments: object) -> int:
            self.handles[kind] += 1
            self.made += 1
            handle: int = function(*arguments)
            return handle

        def free(handle: int) -> None:
            self.handles[kind] -= 1
            function(handle)

        counting: dict[str, Callable[..., Any]] = {"init": init, "free": free}
        return counting.get(what, function)


@dataclass
class Held:
    """What a process may not have ever more of."""

    threads: list[str]
    files: int
    handles: Counter[str]

    @classmethod
    def now(cls, counted: CountedLibrary, others: Collection[object]) -> Held:
        """``others``: threads of other tests, which may end at any time."""
        gc.collect()
        threads = sorted(each.name for each in threading.enumerate() if each not in others)
        return cls(threads, len(list(Path("/proc/self/fd").iterdir())), +counted.handles)


class Calls:
    """Kinds of calls on one channel, each of which ends as it should."""

    def __init__(self, bench: SoundBench, channel: Channel, folder: Path) -> None:
        self._bench, self._channel = bench, channel
        self._caller, self._called = bench.station(THEIRS), bench.station(ANSWERS)
        self._called.answer_with(lambda: answer(CORRECTED), self._keep)
        self._kept = KeepsPages()
        self._document, self._file = folder / "sent.tif", folder / "fax.tif"
        append_page(self._document, PAGE.image())

    def _keep(self, event: Any) -> Any:
        return self._kept(event)

    def _rings(self, act: Any, on_event: Any = None) -> None:
        self._caller.call(OURS, act, on_event)
        assert self._channel.wait_for_call(60) == "CALL_INCOMING"
        assert self._channel.answer() == "ANSWERED"

    def _receives(self) -> str:
        cause = self._channel.FaxReceiver.receive(FaxToReceive(self._file))
        self._file.unlink(missing_ok=True)
        return cause

    def received(self, settings: Settings = PLAIN) -> None:
        pages = Pages([PAGE])
        self._rings(call(settings), pages)
        assert self._receives() == "NORMAL"
        assert pages.confirmed == 1

    def received_corrected(self) -> None:
        self.received(CORRECTED)

    def sent(self) -> None:
        before = len(self._kept.pages)
        assert self._channel.call(ANSWERS) == "ANSWERED"
        assert self._channel.FaxSender.send(FaxToSend(self._document)) == "NORMAL"
        assert len(self._kept.pages) == before + 1

    def hung_up_in_mid_page(self) -> None:
        self._rings(call(PLAIN), Pages([LONG]))
        self._bench.clock.world.call_later(16.0, self._caller.hang_up)
        assert self._receives() == "HANGUP"

    def cancelled(self) -> None:
        self._rings(call(PLAIN), Pages([LONG]))
        receiver = self._channel.FaxReceiver
        receiver.start(FaxToReceive(self._file))
        self._bench.run(16.0)
        receiver.stop()
        assert receiver.wait_until_finished() == "ABORTED"
        self._file.unlink(missing_ok=True)

    def spoken(self) -> None:
        self._rings(voice, lambda _: None)
        assert self._receives() == "NOTFAX"

    def busy(self) -> None:
        assert self._channel.call(NOBODY) == "IDLE"
        assert self._channel.cause() == "BUSY"

    def rejected(self) -> None:
        self._caller.call(OURS, call(PLAIN), Pages([PAGE]))
        assert self._channel.wait_for_call(60) == "CALL_INCOMING"
        self._channel.reject()
        assert self._channel.state() == "IDLE"

    def all(self) -> Iterator[Callable[[], None]]:
        """Ten of them."""
        yield from (self.received, self.received_corrected, self.busy, self.sent, self.hung_up_in_mid_page)
        yield from (self.busy, self.cancelled, self.rejected, self.spoken, self.rejected)


def test_nothing_is_held_longer_than_its_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = CountedLibrary(library())
    monkeypatch.setattr(sound_bench, "modem", DspDriver(lambda: cast("Library", counted)))
    others = threading.enumerate()
    bench = SoundBench()
    with Channel(bench.dahdi(OURS)) as channel:
        calls = Calls(bench, channel, tmp_path)
        after: list[Held] = []
        for _ in range(20):
            for one in calls.all():
                one()
                channel.hang_up()
                bench.run(15.0)
            after.append(Held.now(counted, others))
    assert counted.made > 1000
    assert after[-1] == after[0]
