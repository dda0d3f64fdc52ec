"""Whole channels on the software modem against libspandsp's fax terminal, over lines of every kind.

Simulated time: rings, dialling and 8 kHz sound on a virtual line, with what befalls it on the way. Its modems
are libspandsp's at both ends; T.30, timing, pages and the line are not.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

import faxhw
from faxhw.audio.laws import Law
from faxhw_drivers.sim.audio import CLEAN, Echo, Impairments
from tests.installed import needs_libspandsp
from tests.interop.documents import pixels, write_tiff
from tests.interop.sound import setting
from tests.interop.spandsp import MH, MMR, MR, V17, V27TER, V29, Plan
from tests.pages import page_bitmap

pytestmark = [pytest.mark.interop, needs_libspandsp]

ALL_MODEMS = V17 | V29 | V27TER
MODEMS = {"V.17": ALL_MODEMS, "V.29": V29 | V27TER, "V.27ter": V27TER}
RATES = [
    ("V.17", 14400),
    ("V.17", 12000),
    ("V.17", 9600),
    ("V.17", 7200),
    ("V.29", 9600),
    ("V.29", 7200),
    ("V.27ter", 4800),
    ("V.27ter", 2400),
]
CODINGS = {"MH": MH, "MR": MH | MR, "MMR": MH | MR | MMR}
ROW = 1728 // 8
SENT_LEVEL = -14.0
"""dBm0 at which the terminal says pages."""

both_ways = pytest.mark.parametrize("receives", [True, False], ids=["we receive", "we send"])
with_and_without_ecm = pytest.mark.parametrize("ecm", [True, False], ids=["ECM", "plain"])


@dataclass
class Fax:
    """One fax: how it went for us and for the terminal, and what came of the pages."""

    cause: str
    settled: dict[str, object]
    pages: list[faxhw.PageDetails]
    far: dict[str, object]
    sent: Path
    received: Path
    seconds: float
    """From the call's being up to its end."""

    @property
    def went_well(self) -> bool:
        return (self.cause, self.far["code"]) == ("NORMAL", 0)

    @property
    def equal(self) -> bool:
        return pixels(self.received) == pixels(self.sent)

    @property
    def again(self) -> int:
        """How often parts of pages were sent again."""
        return sum(page.retransmissions for page in self.pages)


class Faxing:
    """Makes faxes in a directory of its own."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def __call__(
        self,
        *,
        receives: bool,
        modem: str = "V.17",
        ecm: bool = True,
        coding: str = "MMR",
        from_far: Impairments = CLEAN,
        to_far: Impairments = CLEAN,
        options: dict[str, str] | None = None,
        kinds: tuple[str, ...] = ("text:500", "form:300"),
        dots_down: int = 196,
        seed: int = 1,
    ) -> Fax:
        """Send a document from the terminal to a channel with the software modem, or the other way."""
        sent, received = self._directory / "sent.tif", self._directory / "received.tif"
        received.unlink(missing_ok=True)
        drawn = [page_bitmap(kind, rows=int(rows)) for kind, rows in (each.split(":") for each in kinds)]
        write_tiff(sent, [each.image() for each in drawn], dots_down)
        plan = Plan(
            str(sent if receives else received),
            calls=receives,
            modems=MODEMS[modem],
            compressions=CODINGS[coding],
            ecm=ecm,
        )
        with setting(from_far, to_far, far_calls=receives, seed=seed) as call:
            far = call.far_calls(plan) if receives else call.far_answers(plan)
            clock = call.network.clock
            began = clock.monotonic()
            fax = call.channel.FaxReceiver if receives else call.channel.FaxSender
            document: faxhw.FaxToReceive | faxhw.FaxToSend
            if receives:
                document = faxhw.FaxToReceive(str(received))
                cause = call.channel.FaxReceiver.receive(document, options or {})
            else:
                document = faxhw.FaxToSend(str(sent))
                cause = call.channel.FaxSender.send(document, options or {})
            settled = dict(fax.Details.negotiated)
            clock.sleep(1.0)  # the terminal hears DCN to its end
            call.channel.hang_up()
            seconds = clock.monotonic() - began
            return Fax(cause, settled, list(document.PageDetails), far.outcome(), sent, received, seconds)


@pytest.fixture
def fax(tmp_path: Path) -> Faxing:
    return Faxing(tmp_path)


# ----------------------------------------------------------------------------------------------------------
# Everything that can be settled


@both_ways
@with_and_without_ecm
@pytest.mark.parametrize(("modem", "rate"), RATES)
def test_every_modulation_and_rate(fax: Faxing, modem: str, rate: int, ecm: bool, receives: bool) -> None:
    options = {"MaxDataRate": str(rate), "v29": "NO" if modem == "V.17" else "YES"}
    done = fax(receives=receives, modem=modem, ecm=ecm, options=options, kinds=("text:300", "form:100"))
    assert done.went_well, done
    assert (done.settled["Modem"], done.settled["DataRate"], done.settled["ECM"]) == (modem, rate, ecm)
    assert (done.far["rate"], done.far["pages"], done.again) == (rate, 2, 0)
    assert done.equal


@both_ways
@pytest.mark.parametrize(
    ("coding", "ecm"), [("MH", False), ("MR", False), ("MH", True), ("MR", True), ("MMR", True)]
)
def test_every_coding(fax: Faxing, coding: str, ecm: bool, receives: bool) -> None:
    done = fax(
        receives=receives, coding=coding, ecm=ecm, kinds=("mixed:200", "text:300", "blank:100"), dots_down=98
    )
    assert done.went_well, done
    assert (done.settled["Compression"], done.settled["ECM"]) == (coding, ecm)
    assert done.equal


# ----------------------------------------------------------------------------------------------------------
# Lines on which nothing is lost


@pytest.mark.parametrize("level", [-6.0, -20.0, -24.0, -28.0, -32.0, -36.0, -40.0])
@pytest.mark.parametrize("modem", MODEMS)
def test_levels(fax: Faxing, modem: str, level: float) -> None:
    done = fax(receives=True, modem=modem, from_far=Impairments(gain=level - SENT_LEVEL))
    assert done.went_well, done
    assert done.equal
    assert done.again == 0
    assert [page.signal_level for page in done.pages] == [pytest.approx(level, abs=1.0)] * 2


LINES = {
    "A-law": (Impairments(law=Law.A), Impairments(law=Law.A)),
    "mu-law": (Impairments(law=Law.MU), Impairments(law=Law.MU)),
    "analogue": (
        Impairments(gain=-10.0, band_limits=True, noise=-60.0, law=Law.A),
        Impairments(gain=-10.0, noise=-60.0, law=Law.A),  # its modem fails with the band limits and V.17
    ),
    "satellite": (Impairments(delay=0.26), Impairments(delay=0.26)),
    "jitter buffers": (Impairments(delay=0.6), Impairments(delay=0.6)),
    "near echo": (CLEAN, Impairments(near_echo=Echo(delay=0.003, loss=14.0))),
    "late near echo": (CLEAN, Impairments(near_echo=Echo(delay=0.02, loss=12.0))),
    "far echo": (
        Impairments(delay=0.02),
        Impairments(delay=0.02, far_echo=Echo(delay=0.004, loss=15.0)),
    ),
    "far echo across an ocean": (
        Impairments(delay=0.1),
        Impairments(delay=0.1, far_echo=Echo(delay=0.004, loss=15.0)),
    ),
    "far echo by satellite": (
        Impairments(delay=0.26),
        Impairments(delay=0.26, far_echo=Echo(delay=0.004, loss=15.0)),
    ),
}


@both_ways
@with_and_without_ecm
@pytest.mark.parametrize("line", LINES)
def test_lines(fax: Faxing, line: str, ecm: bool, receives: bool) -> None:
    from_far, to_far = LINES[line]
    done = fax(receives=receives, ecm=ecm, from_far=from_far, to_far=to_far)
    assert done.went_well, done
    assert done.settled["DataRate"] == 14400
    assert done.equal
    assert done.again == 0


# ----------------------------------------------------------------------------------------------------------
# Lines that do harm


NOISY = {
    "V.17": Impairments(gain=-10.0, noise=-47.0),
    "V.29": Impairments(gain=-16.0, noise=-48.0),
    "V.27ter": Impairments(gain=-23.0, noise=-51.0),
}
"""By the fastest modulation, noise that training gets over and a page does not."""
BURSTS = Impairments(burst_every=6.0, burst_length=0.06)
SLIPS = {
    "samples doubled": Impairments(doubled_every=4.3),
    "samples lost": Impairments(lost_every=4.3),
}
DROPPED = Impairments(dropped=0.003)
"""Share of blocks that a network of packets loses."""


@pytest.mark.parametrize("modem", MODEMS)
@pytest.mark.parametrize("harm", ["noise", "bursts", "blocks dropped", *SLIPS])
def test_what_we_lose_is_asked_for_again(fax: Faxing, harm: str, modem: str) -> None:
    harms = {"noise": NOISY[modem], "bursts": BURSTS, "blocks dropped": DROPPED, **SLIPS}
    done = fax(receives=True, modem=modem, from_far=harms[harm])
    assert done.went_well, done
    assert done.equal
    assert done.again > 0


@pytest.mark.parametrize("gain", [-18.0, -20.0, -22.0])
def test_short_training_is_caught_on_a_faint_and_noisy_line(fax: Faxing, gain: float) -> None:
    done = fax(receives=True, from_far=Impairments(gain=gain, noise=-50.0))
    assert done.went_well, done
    assert done.settled["Modem"] == "V.17"
    assert done.equal


# The terminal hears noise above -47 dBm0 as a carrier, and is not patient with frames that come damaged: what
# it is put to is less.
@pytest.mark.parametrize(
    ("modem", "line"),
    [
        ("V.17", Impairments(gain=-16.0, noise=-50.0)),
        ("V.17", DROPPED),
        ("V.29", BURSTS),
        *((modem, line) for modem in MODEMS for line in SLIPS.values()),
    ],
)
def test_what_it_loses_it_gets_again(fax: Faxing, modem: str, line: Impairments) -> None:
    done = fax(receives=False, modem=modem, to_far=line)
    assert done.went_well, done
    assert done.equal
    assert done.again > 0


@pytest.mark.parametrize(
    ("receives", "modem", "line", "settled"),
    [
        (True, "V.17", Impairments(gain=-14.0, noise=-48.0), ("V.17", 12000)),
        (True, "V.29", Impairments(gain=-18.0, noise=-50.0), ("V.29", 7200)),
        (True, "V.27ter", Impairments(gain=-21.0, noise=-50.0), ("V.27ter", 2400)),
        (False, "V.17", Impairments(gain=-14.0, noise=-50.0), ("V.17", 12000)),
    ],
)
def test_without_correction_noise_makes_it_slower_and_no_dot_is_lost(
    fax: Faxing, receives: bool, modem: str, line: Impairments, settled: tuple[str, int]
) -> None:
    from_far, to_far = (line, CLEAN) if receives else (CLEAN, line)
    done = fax(receives=receives, modem=modem, ecm=False, coding="MR", from_far=from_far, to_far=to_far)
    assert done.went_well, done
    assert (done.settled["Modem"], done.settled["DataRate"]) == settled
    assert done.equal


@both_ways
@pytest.mark.parametrize("modem", ["V.29", "V.27ter"])
def test_without_correction_slips_cost_rows_and_the_receiver_knows(
    fax: Faxing, modem: str, receives: bool
) -> None:
    slips = Impairments(lost_every=5.0)
    from_far, to_far = (slips, CLEAN) if receives else (CLEAN, slips)
    done = fax(
        receives=receives,
        modem=modem,
        ecm=False,
        coding="MH",
        from_far=from_far,
        to_far=to_far,
        options={"MaxPercentBadLines": "20", "MaxConsecBadLines": "100"} if receives else {},
    )
    assert done.went_well, done
    assert not done.equal
    for (_, came), (_, sent) in zip(pixels(done.received), pixels(done.sent), strict=True):
        rows = {sent[at : at + ROW] for at in range(0, len(sent), ROW)}
        known = sum(came[at : at + ROW] in rows for at in range(0, len(came), ROW))
        assert known > 0.9 * len(came) / ROW
    if receives:
        assert sum(page.bad_rows for page in done.pages) > 0


def test_the_call_is_cut_in_the_second_page(fax: Faxing) -> None:
    done = fax(receives=True, from_far=Impairments(cut=22.0), kinds=("text:200", "photo:600"))
    assert done.cause == "HANGUP"
    assert pixels(done.received) == pixels(done.sent)[:1]


def test_the_same_seed_makes_the_same_call(fax: Faxing) -> None:
    def course(seed: int) -> tuple[object, ...]:
        done = fax(receives=True, from_far=NOISY["V.17"], seed=seed)
        return done.seconds, done.settled, done.pages, done.far

    assert course(1) == course(1)
    assert course(1) != course(3)
