"""A whole service in simulated time: supervisor, queue and hooks as they are, its lines on virtual modems."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from faxhw.clock import Worker
from faxhw.serve.config import load
from faxhw.serve.dispatch import Dispatch
from faxhw.serve.hooks import Spool
from faxhw.serve.hours import Hours
from faxhw.serve.jobs import Job, Submission
from faxhw.serve.notify import ServiceManager
from faxhw.serve.queue import Queue
from faxhw.serve.station import Station
from faxhw.serve.supervisor import Supervisor
from faxhw.t30.calling import call
from faxhw.terms import Settings
from faxhw_drivers.sim import Bench
from faxhw_drivers.sim import Station as FarEnd
from tests.pages import PageBitmap, page_bitmap
from tests.virtual.calls import STANDARD, Pages
from tests.virtual.staff import SimulatedStaff

PAGES = [page_bitmap("text", rows=150, seed=number) for number in range(2)]
LINE = """
[[line]]
name = "{name}"
device = "/dev/{number}"
{more}
[line.inbox]
directory = "in"
pattern = "{{line}}-{{caller}}.tif"
"""


@dataclass
class Service:
    """A service under test, on a bench."""

    folder: Path
    bench: Bench = field(default_factory=Bench)
    config: Path = field(init=False)
    staff: SimulatedStaff = field(init=False)
    queue: Queue = field(init=False)
    spool: Spool = field(init=False)
    supervisor: Supervisor = field(init=False)
    worker: Worker = field(init=False)

    def __post_init__(self) -> None:
        self.config = self.folder / "fax.toml"
        self.staff = SimulatedStaff(self.bench)
        for name in ("in", "state", "run"):
            (self.folder / name).mkdir(mode=0o750)

    def write(self, lines: dict[str, str], more: str = "") -> None:
        """The configuration: numbers of lines, with more of each."""
        head = 'state = "state"\nsocket = "run/control"\n'
        tables = [LINE.format(name=f"line{number}", number=number, more=own) for number, own in lines.items()]
        self.config.write_text(head + "".join(tables) + more)
        self.config.chmod(0o640)

    def start(self) -> None:
        self.worker = self.bench.clock.spawn(self._run, "supervisor")
        self.bench.run(30)

    def _run(self) -> None:
        config, clock = load(self.config), self.bench.clock
        self.queue = Queue(config.state / "queue.db", clock, config.queue, Hours.parse)
        self.spool = Spool(config.state / "hooks", config.hooks, clock)
        dispatch = Dispatch(clock, self.queue, self.spool)
        self.supervisor = Supervisor(config, self.staff, clock, dispatch, ServiceManager({}))
        self.supervisor.run()
        self.queue.close()

    def stop(self) -> None:
        self.supervisor.stop()
        assert self.worker.join(400), "the service does not end"

    def station(self, number: str) -> Station:
        return self.supervisor.stations[f"line{number}"]

    def calls(
        self,
        number: str,
        caller: str,
        settings: Settings = STANDARD,
        drawn: Sequence[PageBitmap] = tuple(PAGES),
    ) -> tuple[FarEnd, Pages]:
        """Have somebody call a line and send."""
        far, pages = self.bench.station(caller), Pages(drawn)
        far.call(number, call(settings), pages)
        return far, pages

    def queue_up(self, document: Path, number: str) -> Job:
        """Have the service send."""

        def submit() -> Job:
            with document.open("rb") as file:
                return self.queue.submit(Submission(number, name=document.stem), file.fileno())

        return self.supervisor.ask(submit)

    def fax(self, name: str) -> Path:
        return self.folder / "in" / name


@contextmanager
def serving(
    folder: Path, lines: dict[str, str], more: str = "", numbers: Sequence[str] = ()
) -> Iterator[Service]:
    """A service on virtual modems; ``numbers`` are those of the lines that stand in ``more``."""
    service = Service(folder)
    service.write(lines, more)
    for number in (*lines, *numbers):
        service.staff.plug_in(number)
    service.start()
    try:
        yield service
    finally:
        service.stop()
    assert service.staff.posts == []
