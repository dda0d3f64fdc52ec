"""The Class 2 driver on virtual modems of every family and with every oddity: each dot is compared.

A family's modem says what it is, and the driver is to find the profile by that; what is peculiar to it is
switched on, so that a profile without the remedy would fail.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

import pytest

import faxhw
from faxhw import hdlc
from faxhw.channel import Channel
from faxhw.ports.base import Flow
from faxhw.session import Event, OutgoingPage, PageData, Reply
from faxhw.t30.answering import answer
from faxhw.t30.calling import call
from faxhw.t32.dialect import DIALECTS
from faxhw.terms import Coding, Settings
from faxhw.testing.faxes import Job
from faxhw_drivers.class2 import driver
from faxhw_drivers.sim import MODELS, Bench, Cut, Fate, FaxQuirks, Model, Quality, Quirks
from tests.interop.documents import write_tiff
from tests.pages import page_bitmap
from tests.virtual.calls import OURS, STANDARD, THEIRS, Pages, drawn, pixels

PAGES = [page_bitmap("text", rows=200), page_bitmap("form", rows=150)]
DC1, DC2 = b"\x11", b"\x12"
CLASSES = {"2", "2.0", "2.1"}
BOTH, ALL = ("0", "2", "2.0"), ("0", "2", "2.0", "2.1")
NO_ADDRESSES = frozenset({"+FAP"})
NEITHER = NO_ADDRESSES | {"+FBUG"}
"""Commands that a make lacks."""
_GIVEN = re.compile(r"> AT\+F[A-Z]+=")
"""A command with a value, in the log."""
_LIST = re.compile(r"> AT\+F(DCC|DIS|CC|IS)=[^?]")
"""One that says what this end can do, or wants."""
_NSF = b"\xad\x00\x55A"
_RTC = re.compile("(?:0{11,}1[01]?){5,}")
EVERYTHING = replace(STANDARD, ecm=True, codings=frozenset(Coding))


@dataclass(frozen=True)
class Family:
    """A family's modem, and the profile that is to be found for it."""

    profile: str
    maker: str = "?"
    name: str = "?"
    revision: str = "1"
    ati3: str = "?"
    classes: tuple[str, ...] = ("0", "2")
    fax: FaxQuirks = field(default_factory=FaxQuirks)
    refuses: frozenset[str] = frozenset()

    def model(self) -> Model:
        return Model(
            maker=self.maker,
            name=self.name,
            revision=self.revision,
            identity={0: "1", 3: self.ati3},
            classes=self.classes,
            quirks=Quirks(fax=self.fax, refuses=self.refuses),
        )


def turned(**quirks: object) -> FaxQuirks:
    """The oddities of a class 2 chip, and others."""
    return FaxQuirks(received_reversed=frozenset(DIALECTS), **quirks)  # type: ignore[arg-type]


FAMILIES = [
    Family("generic-2", fax=turned(starts_on=DC1)),
    Family("generic-2", fax=FaxQuirks(no_xon=True)),
    Family("generic-2.0", classes=("0", "2.0"), fax=FaxQuirks(starts_on=DC2)),
    Family("generic-2.1", classes=("0", "2.1"), fax=FaxQuirks(starts_on=DC2)),
    Family(
        "rockwell-k56",
        maker="ROCKWELL",
        name="AC/K56",
        fax=turned(starts_on=DC2, quality=Quality.GARBAGE, connect_at_answer=True),
    ),
    Family(
        "rc32acl",
        maker="ROCKWELL",
        name="RC32ACL",
        fax=turned(starts_on=DC2, connect_at_answer=True),
        refuses=NEITHER,
    ),
    Family(
        "rc288dpi",
        maker="ROCKWELL",
        name="AC/V34",
        fax=turned(starts_on=DC2, speed_at_answer=19200, flow_at_answer=Flow.XON_XOFF),
        refuses=NEITHER,
    ),
    Family(
        "rockwell-rc",
        maker="ROCKWELL",
        name="RC144DP",
        fax=turned(speed_at_answer=19200, flow_at_answer=Flow.XON_XOFF, quality=Quality.GARBAGE),
    ),
    Family(
        "usr-2.0",
        maker="U.S. Robotics",
        classes=("0", "1", "2.0"),
        fax=FaxQuirks(
            host_sends_rtc=True,
            bare_reports=frozenset({"+FNF"}),
            decimal_page_status=True,
            loses_page_after_rtn=True,
            not_down_to=7200,
            starts_on=DC2,
        ),
        refuses=NO_ADDRESSES,
    ),
    Family(
        "lucent-mt-2.1",
        name="MT5634ZBA",
        classes=ALL,
        fax=FaxQuirks(host_sends_rtc=True, idle_limit=10.0),
    ),
    Family(
        "lucent-mt-2.0",
        name="MT5634ZBA",
        classes=BOTH,
        fax=FaxQuirks(host_sends_rtc=True, decimal_page_status=True, idle_limit=10.0),
    ),
    Family("lucent-mt-2", name="MT5634ZBA", fax=turned(), refuses=NEITHER),
    Family(
        "lucent-mt-1.25-2.1",
        name="MT5634ZBA",
        revision="1.25",
        classes=ALL,
        fax=FaxQuirks(host_sends_rtc=True, damages=frozenset({Coding.MMR})),
    ),
    Family(
        "lucent-mt-1.25-2.0",
        name="MT5634ZBA",
        revision="1.25",
        classes=BOTH,
        fax=FaxQuirks(host_sends_rtc=True, damages=frozenset({Coding.MMR})),
    ),
    Family("mt-1432", maker="Multi-Tech", name="MT1432", fax=FaxQuirks(starts_on=DC2)),
    Family(
        "mainpine-2.1",
        maker="Mainpine",
        classes=ALL,
        fax=turned(host_sends_rtc=True, v17_register=29, idle_limit=10.0),
    ),
    Family(
        "mainpine-2.0",
        maker="Mainpine",
        classes=BOTH,
        fax=turned(host_sends_rtc=True, v17_register=29, idle_limit=10.0),
    ),
    Family("mainpine-2", maker="Mainpine", fax=turned(claims=frozenset({"ECM", "MMR"}), nsf_decimal=True)),
    Family("zyxel-2.0", maker="ZyXEL", classes=BOTH, fax=FaxQuirks(starts_on=DC2)),
    Family(
        "zyxel-6.1-2.0",
        maker="ZyXEL",
        revision="V 6.12",
        classes=BOTH,
        fax=FaxQuirks(starts_on=DC2, claims=frozenset({"ECM"})),
    ),
    Family("zyxel-2", maker="ZyXEL", fax=turned(starts_on=DC2)),
    Family("zyxel-6.1-2", maker="ZyXEL", revision="V 6.12", fax=turned(claims=frozenset({"ECM"}))),
    Family(
        "davicom-2",
        maker="DAVICOM",
        fax=turned(claims=frozenset({"MR", "MMR", "ECM"})),
        refuses=NEITHER | {"+FTBC", "+FSPL", "+FCQ"},
    ),
    Family("hayes", name="OPTIMA 33600", fax=FaxQuirks(starts_on=DC2), refuses=NEITHER),
    Family("elsa", maker="ELSA", classes=BOTH, fax=FaxQuirks(starts_on=DC2), refuses=NO_ADDRESSES),
    Family("digi-2.0", name="Digi RAS modem", classes=BOTH),
    Family("digi-2", name="Digi RAS modem", fax=turned(damages=frozenset({Coding.MMR}))),
    Family(
        "eicon-2",
        maker="Eicon",
        fax=turned(hexadecimal_lists=True),
        refuses=NO_ADDRESSES | {"+FTBC", "+FSPL", "+FPHCTO"},
    ),
    Family(
        "ppi",
        name="PM14400FXMT",
        fax=turned(
            host_sends_rtc=True,
            ok_between_documents=True,
            wishes_end_call=True,
            starts_on=DC2,
            speed_at_answer=19200,
            flow_at_answer=Flow.XON_XOFF,
        ),
    ),
]
CHANGES_SPEED = [each for each in FAMILIES if each.fax.speed_at_answer]

ODD = [
    FaxQuirks(leaves_class=True),
    FaxQuirks(decimal_hang_up=True),
    FaxQuirks(no_ok_after_hang_up=True),
    FaxQuirks(ok_between_documents=True),
    FaxQuirks(nsf_as_text=True),
    FaxQuirks(quality=Quality.GARBAGE),
    FaxQuirks(names_of="2"),
    FaxQuirks(names_of="2.0"),
    FaxQuirks(out_of_order=True),
    FaxQuirks(bare_reports=frozenset({"+FNF", "+FNSF", "+FTSI", "+FTI"})),
    FaxQuirks(zeros_before_page=16),
    FaxQuirks(zeros_before_page=1500),
    FaxQuirks(received_reversed=frozenset({"2"}), zeros_before_page=1500),
]


def odd(quirks: FaxQuirks) -> str:
    plain = FaxQuirks()
    names = FaxQuirks.__dataclass_fields__
    return ",".join(name for name in names if getattr(quirks, name) != getattr(plain, name))


def receives(
    bench: Bench, channel: Channel, path: Path, settings: Settings = STANDARD, number: str = THEIRS
) -> None:
    bench.station(number).call(OURS, call(settings), sender := Pages(PAGES))
    assert channel.wait_for_call(60) == "CALL_INCOMING"
    assert channel.answer() == "ANSWERED"
    assert channel.FaxReceiver.receive(faxhw.FaxToReceive(str(path))) == "NORMAL"
    channel.hang_up()
    assert sender.confirmed == len(PAGES)
    assert pixels(path) == drawn(PAGES)


def sends(
    bench: Bench, channel: Channel, path: Path, settings: Settings = STANDARD, nsf: bytes = _NSF
) -> None:
    """``nsf``: what is made out of the far end's."""
    far, received = bench.station("300"), Job()
    far.answer_with(lambda: answer(replace(settings, nsf=_NSF)), received)
    assert channel.call("300") == "ANSWERED"
    assert channel.FaxSender.send(faxhw.FaxToSend(str(path))) == "NORMAL"
    assert channel.FaxSender.Details.nsf == nsf
    channel.hang_up()
    assert [rows[: page.height] for rows, page in zip(received.pages, PAGES, strict=True)] == [
        page.rows for page in PAGES
    ]
    if not settings.ecm:
        heard = b"".join(each.data for each in far.calls[-1].events if isinstance(each, PageData))
        assert len(_RTC.findall(hdlc.bits(heard))) == len(PAGES)


@pytest.mark.parametrize("settings", [STANDARD, EVERYTHING], ids=["plain", "everything"])
@pytest.mark.parametrize("family", FAMILIES, ids=[each.profile for each in FAMILIES])
def test_a_fax_in_and_out_by_every_family(
    family: Family, settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "faxhw.device")
    bench = Bench()
    device = driver.open_on(bench.modem(OURS, family.model()).port, bench.clock, {})
    assert f"profile {family.profile}:" in device.description
    with Channel(device) as channel:
        receives(bench, channel, tmp_path / "fax.tif", settings)
        bench.run(10.0)
        sends(bench, channel, tmp_path / "fax.tif", settings)
    given = {found[0] for line in caplog.messages if (found := _GIVEN.match(line))}
    assert not {f"> AT{command}=" for command in family.refuses} & given
    refused = {each for each, reply in pairwise(caplog.messages) if reply == "< ERROR"}
    assert not [each for each in refused if _LIST.match(each)], "more is claimed than the modem has"


class DamagedOnce(Pages):
    """Pages of which the first comes damaged the first time."""

    def __call__(self, event: Event) -> Reply:
        reply = super().__call__(event)
        if isinstance(reply, OutgoingPage) and not self.refused and not self.confirmed:
            octets = b"".join(reply.data)
            third = len(octets) // 3
            reply.data = [octets[:third], b"\x55" * third, octets[2 * third :]]
        return reply


@pytest.mark.parametrize("family", FAMILIES, ids=[each.profile for each in FAMILIES])
def test_a_page_that_comes_damaged_is_had_again_by_every_family(family: Family, tmp_path: Path) -> None:
    bench = Bench()
    path = tmp_path / "fax.tif"
    with Channel(driver.open_on(bench.modem(OURS, family.model()).port, bench.clock, {})) as channel:
        bench.station(THEIRS).call(OURS, call(STANDARD), sender := DamagedOnce(PAGES))
        assert channel.wait_for_call(60) == "CALL_INCOMING"
        assert channel.answer() == "ANSWERED"
        assert channel.FaxReceiver.receive(faxhw.FaxToReceive(str(path))) == "NORMAL"
    assert (sender.refused, sender.confirmed) == (1, len(PAGES))
    assert pixels(path) == drawn(PAGES)


@pytest.mark.parametrize("fclass", ["2", "2.0", "2.1"])
@pytest.mark.parametrize("quirks", ODD, ids=[odd(each) for each in ODD])
def test_a_fax_in_and_out_whatever_the_oddity(quirks: FaxQuirks, fclass: str, tmp_path: Path) -> None:
    bench = Bench()
    modem = bench.modem(OURS, quirks=Quirks(fax=quirks))
    with Channel(driver.open_on(modem.port, bench.clock, {"class": fclass})) as channel:
        receives(bench, channel, tmp_path / "fax.tif")
        bench.run(10.0)
        sends(bench, channel, tmp_path / "fax.tif", nsf=b"" if quirks.nsf_as_text else _NSF)
        bench.run(10.0)
        receives(bench, channel, tmp_path / "again.tif", number="400")


@pytest.mark.parametrize("fclass", ["2.0", "2.1"])
def test_class_2s_hang_up_codes_in_another_class(fclass: str, tmp_path: Path) -> None:
    bench = Bench()
    modem = bench.modem(OURS, quirks=Quirks(fax=FaxQuirks(decimal_hang_up=True)))
    with Channel(driver.open_on(modem.port, bench.clock, {"class": fclass})) as channel:
        bench.impair(Cut(at=2.0, page=3))
        bench.station(THEIRS).call(OURS, call(STANDARD), Pages(PAGES))
        assert channel.wait_for_call(60) == "CALL_INCOMING"
        assert channel.answer() == "ANSWERED"
        assert channel.FaxReceiver.receive(faxhw.FaxToReceive(str(tmp_path / "fax.tif"))) == "HANGUP"
        assert channel.FaxReceiver.Details.raw_cause == "0xa2"


@pytest.mark.parametrize("fclass", ["2", "2.0", "2.1"])
def test_no_carrier_in_place_of_every_code(fclass: str, tmp_path: Path) -> None:
    bench = Bench()
    modem = bench.modem(OURS, quirks=Quirks(fax=FaxQuirks(no_carrier_for_hang_up=True)))
    with Channel(driver.open_on(modem.port, bench.clock, {"class": fclass})) as channel:
        receives(bench, channel, tmp_path / "fax.tif")
        bench.run(10.0)
        bench.station("300").answer_with(lambda: answer(STANDARD), Job())
        assert channel.call("300") == "ANSWERED"
        document = faxhw.FaxToSend(str(tmp_path / "fax.tif"))
        # Class 2 says what became of the last page first; later ones say nothing else of it.
        assert channel.FaxSender.send(document) == ("NORMAL" if fclass == "2" else "HANGUP")
        confirmed = [page.confirmed for page in document.PageDetails]
        assert confirmed == [True, fclass == "2"]


@pytest.mark.parametrize("fclass", ["2", "2.0", "2.1"])
@pytest.mark.parametrize("fate", Fate)
@pytest.mark.parametrize("page", [1, 2])
def test_a_modem_that_fails_in_mid_page(fate: Fate, page: int, fclass: str, tmp_path: Path) -> None:
    bench = Bench()
    modem = bench.modem(OURS, quirks=Quirks(fax=FaxQuirks(fate=fate, fate_in_page=page)))
    with Channel(driver.open_on(modem.port, bench.clock, {"class": fclass})) as channel:
        bench.station(THEIRS).call(OURS, call(STANDARD), sender := Pages(PAGES))
        assert channel.wait_for_call(60) == "CALL_INCOMING"
        assert channel.answer() == "ANSWERED"
        began = bench.clock.monotonic()
        document = faxhw.FaxToReceive(str(tmp_path / "fax.tif"))
        assert channel.FaxReceiver.receive(document) in ("ERROR", "HANGUP", "COMMSFAULT")
        assert bench.clock.monotonic() - began < 120
        assert len(document.PageDetails) == sender.confirmed == page - 1


@pytest.mark.parametrize("fclass", ["2", "2.0", "2.1"])
def test_a_modem_that_settles_on_v34_by_itself(fclass: str, tmp_path: Path) -> None:
    bench = Bench()
    modem = bench.modem(OURS, quirks=Quirks(fax=FaxQuirks(v34=13)))
    with Channel(driver.open_on(modem.port, bench.clock, {"class": fclass})) as channel:
        receives(bench, channel, tmp_path / "fax.tif", EVERYTHING)
        bench.run(10.0)
        sends(bench, channel, tmp_path / "fax.tif", EVERYTHING)
        for negotiated in (channel.FaxReceiver.Details.negotiated, channel.FaxSender.Details.negotiated):
            assert (negotiated["Modem"], negotiated["DataRate"]) == ("V.34", 33600)


@pytest.mark.parametrize("command", ["+FDR", "+FET"])
@pytest.mark.parametrize("fclass", ["2", "2.0", "2.1"])
def test_a_command_of_which_nothing_comes(command: str, fclass: str, tmp_path: Path) -> None:
    bench = Bench()
    modem = bench.modem(OURS, quirks=Quirks(fax=FaxQuirks(never_answers=frozenset({command}))))
    with Channel(driver.open_on(modem.port, bench.clock, {"class": fclass})) as channel:
        began = bench.clock.monotonic()
        if command == "+FET":
            bench.station("300").answer_with(lambda: answer(STANDARD), Job())
            write_tiff(tmp_path / "fax.tif", [page.image() for page in PAGES], 98)
            assert channel.call("300") == "ANSWERED"
            document = faxhw.FaxToSend(str(tmp_path / "fax.tif"))
            assert (channel.FaxSender.send(document) == "NORMAL") is (fclass != "2")
        else:
            bench.station(THEIRS).call(OURS, call(STANDARD), Pages(PAGES))
            assert channel.wait_for_call(60) == "CALL_INCOMING"
            assert channel.answer() == "ANSWERED"
            assert channel.FaxReceiver.receive(faxhw.FaxToReceive(str(tmp_path / "fax.tif"))) != "NORMAL"
        assert bench.clock.monotonic() - began < 200


@pytest.mark.parametrize("make", [name for name, make in MODELS.items() if CLASSES & set(make.classes)])
def test_every_make_receives_and_sends(make: str, tmp_path: Path) -> None:
    bench = Bench()
    modem = bench.modem(OURS, make)
    with Channel(driver.open_on(modem.port, bench.clock, {})) as channel:
        receives(bench, channel, tmp_path / "fax.tif", EVERYTHING)
        bench.run(10.0)
        sends(bench, channel, tmp_path / "fax.tif", EVERYTHING)
    assert modem.lost_octets == 0


@pytest.mark.parametrize("family", CHANGES_SPEED, ids=[each.profile for each in CHANGES_SPEED])
def test_a_modem_that_goes_over_to_another_speed_when_it_answers(family: Family, tmp_path: Path) -> None:
    bench = Bench()
    port = bench.modem(OURS, family.model()).port
    with Channel(driver.open_on(port, bench.clock, {"speed": "57600"})) as channel:
        receives(bench, channel, tmp_path / "fax.tif")
        bench.run(10.0)
        sends(bench, channel, tmp_path / "fax.tif")
        bench.run(10.0)
        receives(bench, channel, tmp_path / "again.tif", number="400")


@pytest.mark.parametrize("flow", ["none", "rtscts", "xonxoff"])
@pytest.mark.parametrize("fclass", ["2", "2.0", "2.1"])
def test_every_flow_control_carries_every_octet(fclass: str, flow: str, tmp_path: Path) -> None:
    bench = Bench()
    modem = bench.modem(OURS)
    with Channel(driver.open_on(modem.port, bench.clock, {"class": fclass, "flow": flow})) as channel:
        receives(bench, channel, tmp_path / "fax.tif", EVERYTHING)
        bench.run(10.0)
        if flow != "none":  # nothing holds data back there
            sends(bench, channel, tmp_path / "fax.tif", EVERYTHING)
    assert modem.lost_octets == 0


@pytest.mark.parametrize("fclass", ["2", "2.0", "2.1"])
def test_replies_in_pieces(fclass: str, tmp_path: Path) -> None:
    bench = Bench()
    modem = bench.modem(OURS, quirks=Quirks(reply_gap=0.02))
    with Channel(driver.open_on(modem.port, bench.clock, {"class": fclass})) as channel:
        receives(bench, channel, tmp_path / "fax.tif")
        bench.run(10.0)
        sends(bench, channel, tmp_path / "fax.tif")


@pytest.mark.parametrize(
    ("quirks", "left"),
    [
        (Quirks(lacks=frozenset({"2.1"})), "2.0"),
        (Quirks(fails_in=frozenset({"2.1"})), "2.0"),
        (Quirks(lacks=frozenset({"2.1"}), fails_in=frozenset({"2.0"})), "2"),
    ],
)
def test_a_class_that_is_claimed_and_not_there(quirks: Quirks, left: str, tmp_path: Path) -> None:
    bench = Bench()
    device = driver.open_on(bench.modem(OURS, quirks=quirks).port, bench.clock, {})
    assert device.description.endswith(f"class {left}")
    with Channel(device) as channel:
        receives(bench, channel, tmp_path / "fax.tif")
