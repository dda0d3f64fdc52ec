"""Faxes by the driver ``capi`` on a scripted controller: pages in and out, how they end, and sound."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from faxhw.audio.laws import Law, compress, expand
from faxhw.audio.port import BLOCK, SILENCE, AudioPort
from faxhw.capi import sff, structures
from faxhw.capi.framing import FritzboxFraming
from faxhw.capi.messages import Message
from faxhw.device import CallResult, Device, SoftLine
from faxhw.errors import PortError
from faxhw.hdlc import REVERSED
from faxhw.session import (
    Event,
    FormatWanted,
    Negotiated,
    NextStep,
    Outcome,
    OutgoingPage,
    PageBegins,
    PageData,
    PageEnds,
    PagesDelivered,
    PageTaken,
    PageWanted,
    RemoteInfo,
    Reply,
    Status,
    Verdict,
    VerdictWanted,
)
from faxhw.t4.encode import encode_page
from faxhw.t4.rows import Row
from faxhw.terms import Coding, Format, PageWidth, Resolution, Settings
from faxhw.testing.faxes import Job, drive
from faxhw_drivers.capi.call import Call
from faxhw_drivers.capi.client import Client
from faxhw_drivers.capi.sound import SILENCES, CapiSound
from faxhw_drivers.capi.transports import StreamTransport
from faxhw_drivers.capi.wishes import read
from faxhw_drivers.dsp.driver import DspDriver
from tests.installed import needs_software_modem
from tests.unit.capi_bench import NCCI, NCPI, PLCI, ROWS, SETTINGS, SOUND, Controller, document

# ----------------------------------------------------------------------------------------------------------
# Receiving


def answered(box: Controller) -> Device:
    device = box.open()
    box.rings()
    assert device.wait_for_call(10.0) is not None
    assert device.answer(10.0) is CallResult.CONNECTED
    return device


def received(box: Controller, job: Callable[[Event], Reply] | None = None) -> tuple[Outcome, Job]:
    kept = Job()
    device = answered(box)
    return drive(device.receive(SETTINGS), job or kept), kept


def test_a_fax_and_what_was_settled() -> None:
    box = Controller()
    box.will_connect()
    box.ends(box.gives(document(ROWS, ROWS), start=5.0) + 1, pages=2)
    outcome, job = received(box)
    assert (outcome.status, outcome.line_up, outcome.reason) == (Status.NORMAL, False, 0)
    assert job.pages == [ROWS, ROWS]
    info, settled = job.events[:2]
    assert info == RemoteInfo(ident="+1 200")
    assert isinstance(settled, Negotiated)
    assert (settled.parameters.modulation.rate, settled.parameters.coding) == (9600, Coding.MR)
    asked = structures.parse(structures.B_PROTOCOL, box.last("CONNECT_RESP").octets("b"))
    fax = structures.parse(structures.FAX, asked.octets("b3_configuration"))
    assert (fax.integer("options"), fax.octets("ident")) == (1, b"+49 30 1")
    steps = [event.next_step for event in job.events if isinstance(event, PageEnds)]
    assert steps[-1] in (NextStep.NO_MORE, NextStep.MORE_PAGES)


def test_what_is_not_wanted_is_told_to_the_card() -> None:
    box = Controller()
    box.will_connect()
    box.ends(8.0, reason=0x3314)
    device = answered(box)
    slow = Settings(
        codings=frozenset({Coding.MH}), max_rate=4800, resolutions=frozenset({Resolution.STANDARD})
    )
    drive(device.receive(slow), Job())
    asked = structures.parse(structures.B_PROTOCOL, box.last("CONNECT_RESP").octets("b"))
    fax = structures.parse(structures.FAX, asked.octets("b3_configuration"))
    rate = structures.parse(structures.B1_CONFIGURATION, asked.octets("b1_configuration")).integer("rate")
    assert (fax.integer("options"), rate) == (0xE000, 4800)


def test_a_page_is_stored_before_its_last_block_is_answered() -> None:
    box = Controller()
    box.will_connect()
    octets = document(ROWS, end=False)
    box.gives(octets, size=len(octets), start=5.0)
    box.ends(20.0, pages=1)
    seen: list[list[int]] = []

    class Watching(Job):
        def __call__(self, event: Event) -> Reply:
            if isinstance(event, PageEnds):
                assert event.settled
                seen.append(box.answers())
            return super().__call__(event)

    outcome, _ = received(box, Watching())
    assert outcome.status is Status.NORMAL
    assert seen == [[]]
    assert box.answers() == [1]


def test_a_page_that_cannot_be_stored_is_not_answered_and_ends_the_fax() -> None:
    box = Controller()
    box.will_connect()
    octets = document(ROWS)
    box.gives(octets, size=len(octets), start=5.0)
    box.then("DISCONNECT_B3_REQ", lambda: box.ends(0.1, reason=0x3318))
    outcome, _ = received(box, Job([Verdict.FAILED]))
    assert outcome.status is Status.STORAGE_FAILED
    assert box.answers() == []


def test_a_slow_disk_is_waited_for() -> None:
    box = Controller()
    box.will_connect()
    box.ends(box.gives(document(ROWS), start=5.0) + 1, pages=1)

    class Slow(Job):
        def __call__(self, event: Event) -> Reply:
            if isinstance(event, PageEnds):
                super().__call__(event)
                return Verdict.PENDING
            return Verdict.GOOD if isinstance(event, VerdictWanted) else super().__call__(event)

    assert received(box, Slow())[0].status is Status.NORMAL


@pytest.mark.parametrize(
    ("length", "pages", "silent", "stored"),
    [
        (False, 2, False, 2),  # the card has confirmed it
        (False, 1, False, 1),
        (False, 0, True, 2),  # nobody can tell
        (True, 0, True, 1),  # it is plainly half a page
        (True, 1, False, 1),
    ],
)
def test_what_becomes_of_the_page_in_hand_when_the_fax_breaks_off(
    length: bool, pages: int, silent: bool, stored: int
) -> None:
    box = Controller()
    box.will_connect()
    octets = document(ROWS, ROWS, length=length, end=False)[:-300]
    box.ends(box.gives(octets, start=5.0) + 1, reason=0x3314, pages=pages, silent=silent)
    outcome, job = received(box)
    assert (outcome.status, outcome.reason) == (Status.LINE_DROPPED, 0x3314)
    assert len(job.pages) == stored
    assert job.pages[0] == ROWS


@pytest.mark.parametrize(("length", "stored"), [(False, 2), (True, 1)])
def test_what_becomes_of_it_when_the_connection_is_lost(*, length: bool, stored: int) -> None:
    box = Controller()
    box.will_connect()
    over = box.gives(document(ROWS, ROWS, length=length, end=False)[:-300], start=5.0)
    box.world.call_later(over + 1, lambda: box.port.fail("the box was switched off"))
    outcome, job = received(box)
    assert (outcome.status, outcome.line_up) == (Status.DEVICE_FAILED, False)
    assert "switched off" in outcome.detail
    assert len(job.pages) == stored


@pytest.mark.parametrize(
    ("octets", "said"),
    [
        (b"%PDF-1.4", "no SFF"),
        (sff.document_header() + b"".join(sff.page(ROWS, 1000, fine=True)), "a page of 1000 dots"),
    ],
)
def test_pages_that_are_none(octets: bytes, said: str) -> None:
    box = Controller()
    box.will_connect()
    box.gives(octets, start=5.0)
    box.then("DISCONNECT_B3_REQ", lambda: box.ends(0.1, reason=0x3318))
    outcome, _ = received(box)
    assert outcome.status is Status.DEVICE_FAILED
    assert said in outcome.detail


def test_an_ncpi_that_is_cut_off_tells_nothing() -> None:
    box = Controller()
    box.will_connect(ncpi=b"\x40\x38\x01")
    box.ends(box.gives(document(ROWS), start=5.0) + 1, pages=1)
    outcome, job = received(box)
    assert outcome.status is Status.NORMAL
    assert job.pages == [ROWS]


@pytest.mark.parametrize(
    ("reason_b3", "reason", "status", "code"),
    [
        (0, 0x3490, Status.LINE_DROPPED, 0x3490),
        (0x3311, 0x3490, Status.OTHER_THAN_FAX, 0x3311),
        (0, 0, Status.DCN_RECEIVED, 0),
    ],
)
def test_how_a_fax_ends_that_never_was_one(reason_b3: int, reason: int, status: Status, code: int) -> None:
    box = Controller()
    box.on["CONNECT_RESP"] = lambda each: box.say("CONNECT_ACTIVE_IND", plci=PLCI)
    box.later(10.0, "DISCONNECT_B3_IND", ncci=NCCI, reason=reason_b3)
    if reason:
        box.later(10.5, "DISCONNECT_IND", plci=PLCI, reason=reason)
    outcome, _ = received(box)
    assert (outcome.status, outcome.reason, outcome.heard_fax) == (status, code, False)


def test_a_fax_of_which_nothing_more_comes_is_given_up() -> None:
    box = Controller()
    box.will_connect()
    box.then("DISCONNECT_B3_REQ", lambda: box.ends(0.1, reason=0x3318))
    outcome, _ = received(box)
    assert outcome.status is Status.RECEIVE_C
    assert 600 < box.clock.monotonic() < 700


# ----------------------------------------------------------------------------------------------------------
# Sending


@dataclass
class Sender:
    """A job that sends pages."""

    pages: list[list[Row]]
    fine: bool = True
    taken: int = 0
    delivered: int | None = None
    wanted: list[Resolution] = field(default_factory=list)

    def __call__(self, event: Event) -> Reply:
        match event:
            case FormatWanted(formats):
                fine = self.fine and Resolution.FINE in formats.resolutions
                return Format(Coding.MH, Resolution.FINE if fine else Resolution.STANDARD, PageWidth.A4)
            case PageWanted(parameters):
                self.wanted.append(parameters.resolution)
                last = self.taken + 1 == len(self.pages)
                data = encode_page(self.pages[self.taken], Coding.MH, 1728)
                return OutgoingPage([data], NextStep.NO_MORE if last else NextStep.MORE_PAGES)
            case PageTaken():
                self.taken += 1
            case PagesDelivered(pages):
                self.delivered = pages
        return None


def dialled(box: Controller, ncpi: bytes = NCPI) -> Device:
    device = box.open()
    box.later(1.0, "CONNECT_ACTIVE_IND", plci=PLCI)
    assert device.dial("456", 10.0) is CallResult.CONNECTED

    def connects(each: Message) -> None:
        box.confirm(each)
        box.later(1.0, "CONNECT_B3_ACTIVE_IND", ncci=NCCI, ncpi=ncpi)

    box.on["CONNECT_B3_REQ"] = connects
    return device


def test_pages_are_given_as_sff_and_counted_at_the_end() -> None:
    box = Controller()
    device = dialled(box)
    box.then("DISCONNECT_B3_REQ", lambda: box.ends(30.0, pages=2))
    sender = Sender([ROWS, ROWS])
    outcome = drive(device.send(SETTINGS), sender)
    assert (outcome.status, sender.delivered) == (Status.NORMAL, 2)
    given = b"".join(each.data for each in box.heard if each.name == "DATA_B3_REQ")
    assert given == document(ROWS, ROWS)


@pytest.mark.parametrize(
    ("reason", "pages", "silent", "status", "delivered"),
    [
        (0x3314, 1, False, Status.LINE_DROPPED, 1),
        (0, 1, False, Status.DCN_RECEIVED, 1),
        (0, 0, True, Status.NORMAL, 2),
        (0x3315, 0, True, Status.SEND_D, 0),
        (0, 9, False, Status.NORMAL, 2),
    ],
)
def test_how_many_pages_arrived(
    reason: int, pages: int, silent: bool, status: Status, delivered: int
) -> None:
    box = Controller()
    device = dialled(box)
    box.then("DISCONNECT_B3_REQ", lambda: box.ends(30.0, reason=reason, pages=pages, silent=silent))
    sender = Sender([ROWS, ROWS])
    outcome = drive(device.send(SETTINGS), sender)
    assert (outcome.status, outcome.reason, sender.delivered) == (status, reason, delivered)


def test_the_card_holds_pages_back_by_its_window() -> None:
    box = Controller()
    device = dialled(box)
    held: list[Message] = []
    most: list[int] = []

    def let_go() -> None:
        box.confirm(held.pop(0))

    def hold(each: Message) -> None:
        held.append(each)
        most.append(len(held))
        box.world.call_later(2.0, let_go)

    box.on["DATA_B3_REQ"] = hold
    box.then("DISCONNECT_B3_REQ", lambda: box.ends(1.0, pages=1))
    noise = [tuple(range(row % 3, 1728, 2)) for row in range(60)]
    outcome = drive(device.send(SETTINGS), Sender([noise]))
    assert outcome.status is Status.NORMAL
    assert max(most) == 7
    assert len(most) > 7


def test_a_block_that_is_not_taken_ends_the_fax() -> None:
    box = Controller()
    device = dialled(box)
    box.on["DATA_B3_REQ"] = lambda each: box.confirm(each, info=0x300C)
    box.then("DISCONNECT_B3_REQ", lambda: box.ends(0.1))
    outcome = drive(device.send(SETTINGS), Sender([ROWS]))
    assert outcome.status is Status.DEVICE_FAILED
    assert "0x300c" in outcome.detail


def test_pages_are_drawn_as_the_far_end_takes_them() -> None:
    box = Controller()
    device = dialled(box, structures.build(structures.FAX_NCPI, rate=14400))
    box.then("DISCONNECT_B3_REQ", lambda: box.ends(1.0, pages=1))
    sender = Sender([ROWS])
    assert drive(device.send(SETTINGS), sender).status is Status.NORMAL
    assert sender.wanted == [Resolution.STANDARD]


def test_a_protocol_that_is_refused() -> None:
    box = Controller()
    device = dialled(box)
    box.on["CONNECT_B3_REQ"] = lambda each: box.confirm(each, info=0x2006)
    box.then("DISCONNECT_REQ", lambda: box.say("DISCONNECT_IND", plci=PLCI))
    outcome = drive(device.send(SETTINGS), Sender([ROWS]))
    assert (outcome.status, outcome.reason) == (Status.DEVICE_FAILED, 0x2006)


def test_a_rate_below_the_job_s_is_not_used() -> None:
    box = Controller()
    device = dialled(box, structures.build(structures.FAX_NCPI, rate=2400))
    box.then("DISCONNECT_B3_REQ", lambda: box.ends(1.0))
    outcome = drive(device.send(replace(SETTINGS, min_rate=9600)), Sender([ROWS]))
    assert outcome.status is Status.TRAINING_FAILED


# ----------------------------------------------------------------------------------------------------------
# Sound


def _inner_parts(box: Controller) -> tuple[Client, Call]:
    client = Client(StreamTransport(box.connect(), box.clock, FritzboxFraming()))
    call = Call(client, PLCI, dialled=True)
    client.listener = call.hear
    return client, call


@pytest.mark.parametrize(("law", "name"), [(Law.A, "a"), (Law.MU, "mu")])
def test_sound_is_law_coded_and_the_first_bit_lowest(law: Law, name: str) -> None:
    box = Controller(profile=SOUND)
    assert read({"law": name}).law is law
    client, call = _inner_parts(box)
    call.ncci, call.active = NCCI, True
    sound = CapiSound(client, call, law)
    tone = bytes(range(160))
    for number in range(5):
        box.later(0.02 * number, "DATA_B3_IND", tone.translate(REVERSED), ncci=NCCI, handle=number)
    said = expand(bytes(reversed(range(160))), law)
    heard = [sound.transfer(said) for _ in range(5)]
    assert heard == [expand(tone, law)] * 5
    box.clock.sleep(0.1)
    given = b"".join(each.data for each in box.heard if each.name == "DATA_B3_REQ").translate(REVERSED)
    assert given[: 2 * BLOCK] == SILENCES[law] * 2 * BLOCK
    assert given[2 * BLOCK :][: 3 * BLOCK] == compress(said, law) * 3
    assert len(given) == 7 * BLOCK  # as many as were heard, and what was said first
    assert box.answers() == [0, 1, 2, 3, 4]
    box.later(0.5, "DISCONNECT_B3_IND", ncci=NCCI)
    assert sound.transfer(SILENCE) == b""
    assert sound.transfer(SILENCE) == b""


def _dialled_by_sound(box: Controller) -> Device:
    device = box.open()
    box.later(1.0, "CONNECT_ACTIVE_IND", plci=PLCI)
    assert device.dial("456", 10.0) is CallResult.CONNECTED
    return device


@needs_software_modem
def test_a_call_whose_sound_is_not_to_be_had() -> None:
    box = Controller(profile=SOUND)
    box.then("CONNECT_B3_REQ", lambda: box.later(1.0, "DISCONNECT_IND", plci=PLCI, reason=0x3490))
    outcome = drive(_dialled_by_sound(box).send(SETTINGS), Job())
    assert (outcome.status, outcome.reason) == (Status.LINE_DROPPED, 0x3490)
    assert box.last("CONNECT_REQ").integer("cip") == 4


@needs_software_modem
def test_a_call_that_goes_while_its_sound_is_asked_for() -> None:
    box = Controller(profile=SOUND)

    def refuse(each: Message) -> None:
        box.confirm(each, info=0x2001)
        box.later(0.1, "DISCONNECT_IND", plci=PLCI, reason=0x3490)

    box.on["CONNECT_B3_REQ"] = refuse
    outcome = drive(_dialled_by_sound(box).send(SETTINGS), Job())
    assert (outcome.status, outcome.reason) == (Status.LINE_DROPPED, 0x3490)


def test_whoever_waits_for_sound_hears_that_it_was_closed() -> None:
    box = Controller(profile=SOUND)
    sound = CapiSound(*_inner_parts(box), Law.A)
    box.world.call_later(1.0, sound.close)
    began = box.clock.monotonic()
    assert sound.transfer(SILENCE) == b""
    assert box.clock.monotonic() - began == pytest.approx(1.0)


def test_sound_that_stops_is_a_failure_of_the_card() -> None:
    box = Controller(profile=SOUND)
    with pytest.raises(PortError, match="gives no sound any more"):
        CapiSound(*_inner_parts(box), Law.A).transfer(SILENCE)


def test_page_data_comes_with_its_page() -> None:
    box = Controller()
    box.will_connect()
    box.ends(box.gives(document(ROWS), start=5.0) + 1, pages=1)
    kinds: list[type[Event]] = []

    def note(event: Event) -> Reply:
        if not kinds or kinds[-1] is not type(event):
            kinds.append(type(event))
        return Verdict.GOOD if isinstance(event, PageEnds) else None

    received(box, note)
    assert kinds == [RemoteInfo, Negotiated, PageBegins, PageData, PageEnds]


@needs_software_modem
def test_a_fax_is_stopped_before_there_is_any_sound() -> None:
    box = Controller(profile=SOUND)
    device = _dialled_by_sound(box)
    box.world.call_later(3.0, device.cancel)
    began = box.clock.monotonic()
    assert drive(device.send(SETTINGS), Job()).status is Status.ABORTED
    assert box.clock.monotonic() - began < 5


@needs_software_modem
def test_a_fax_is_stopped_while_the_software_modem_is_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def set_up(modem: DspDriver, audio: AudioPort, *, calling: bool) -> SoftLine:
        device.cancel()
        return line_on(modem, audio, calling=calling)

    line_on = DspDriver.line_on
    monkeypatch.setattr(DspDriver, "line_on", set_up)
    box = Controller(profile=SOUND)
    box.then("CONNECT_B3_REQ", lambda: box.later(0.0, "CONNECT_B3_ACTIVE_IND", ncci=NCCI))
    for number in range(500):
        box.later(1.1 + 0.02 * number, "DATA_B3_IND", SILENCES[Law.A] * BLOCK, ncci=NCCI, handle=number)
    device = _dialled_by_sound(box)
    assert drive(device.send(SETTINGS), Job()).status is Status.ABORTED
