"""The list of devices: what each is, what to do about it, and the table that knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from faxhw.modem.known import KnownError, Row, parse, table
from faxhw.modem.listing import listed
from faxhw.reports import DeviceInfo, Kind

from .system_tree import VENDOR_SPECIFIC, SystemTree


@pytest.fixture
def tree(tmp_path: Path) -> SystemTree:
    return SystemTree(tmp_path)


def only(tree: SystemTree) -> DeviceInfo:
    (info,) = listed("modem", tree.roots)
    return info


def test_a_modem_with_a_port(tree: SystemTree) -> None:
    path = tree.tty("ttyACM0", tree.usb("1-1", "0572:1329", "CONEXANT", "USB\x07 Modem", serial="246"))
    tree.process(12, "pppd", path)
    info = only(tree)
    assert (info.device, info.driver, info.kind) == (f"modem:{path}", "modem", Kind.MODEM)
    assert (info.maker, info.model, info.profile) == ("CONEXANT", "USB Modem", "conexant-1.0")
    assert info.stable_path == "usb:0572:1329:246"
    assert (info.in_use, info.used_by) == (True, ("12 pppd",))
    link = tree.by_id("usb-modem", path)
    assert only(tree).stable_path == link


def test_a_usb_modem_without_a_port_is_opened_by_its_id(tree: SystemTree) -> None:
    tree.usb("1-1", "0803:3095", "Zoom", "Modem 3095")
    info = only(tree)
    assert (info.device, info.driver, info.kind) == ("usb:0803:3095", "modem", Kind.MODEM)


def test_twins_are_named_by_their_places(tree: SystemTree) -> None:
    for number, (place, serial) in enumerate({"1-1": "", "1-2": "", "1-3": "7"}.items()):
        path = tree.tty(f"ttyACM{number}", tree.usb(place, "0572:1329", serial=serial))
    tree.by_id("usb-7", path)
    tree.by_id("usb-modem", path.replace("2", "1"))  # of two that want the same link one has it
    tree.usb("2-1", "0803:3095", serial="1")
    tree.usb("2-2", "0803:3095", serial="1")
    told = {each.device: each.stable_path for each in listed("modem", tree.roots)}
    assert [*told.values()] == [
        "usb:0572:1329:1-1",
        "usb:0572:1329:1-2",
        str(tree.roots.dev / "serial/by-id/usb-7"),
        "usb:0803:3095:2-1",
        "usb:0803:3095:2-2",
    ]
    assert "usb:0803:3095:2-2" in told


def test_a_usb_modem_that_nobody_knows(tree: SystemTree) -> None:
    tree.usb("1-1", "ffff:0001", serial="9")
    info = only(tree)
    assert (info.device, info.kind) == ("usb:ffff:0001:9", Kind.MODEM)
    assert "by the class of its USB device" in info.description
    assert info.notes


def test_what_is_no_modem_is_said_to_be_that(tree: SystemTree) -> None:
    tree.tty("ttyACM0", tree.usb("1-1", "2341:0043", "Arduino", "Uno"))
    tree.tty("ttyUSB0", tree.usb("1-2", "12d1:1001", "HUAWEI", "Mobile", interface=VENDOR_SPECIFIC), "option")
    tree.tty(
        "ttyUSB1", tree.usb("1-3", "0403:6001", "FTDI", "GPS Mouse", interface=VENDOR_SPECIFIC), "ftdi_sio"
    )
    tree.tty(
        "ttyUSB2", tree.usb("1-4", "0403:6001", "FTDI", "USB UART", interface=VENDOR_SPECIFIC), "ftdi_sio"
    )
    told = {Path(each.device).name: each for each in listed("modem", tree.roots)}
    assert [told[name].kind for name in ("ttyACM0", "ttyUSB0", "ttyUSB1")] == [Kind.OTHER] * 3
    assert "microcontroller board" in told["ttyACM0"].description
    assert "mobile networks carry no fax" in told["ttyUSB0"].notes[0]
    assert "a GPS receiver" in told["ttyUSB1"].description
    assert told["ttyUSB2"].kind is Kind.PORT


def test_software_modems(tree: SystemTree) -> None:
    tree.usb("1-1", "0572:1253", "Conexant", interface=VENDOR_SPECIFIC)
    tree.pci("0000:01:00.0", "11c1:0440", "0x078000")
    tree.pci("0000:02:00.0", "ffff:0001", "0x070300")
    infos = listed("modem", tree.roots)
    assert [each.device for each in infos] == ["usb:0572:1253", "pci:0000:01:00.0", "pci:0000:02:00.0"]
    for each in infos:
        assert (each.kind, each.driver) == (Kind.SOFTMODEM, "")
        assert "software modem" in each.description
        assert "use an external modem" in each.notes[0]


def test_what_nobody_would_take_for_a_modem_is_not_listed(tree: SystemTree) -> None:
    tree.usb("1-1", "051d:0002", "APC", "Back-UPS", interface=VENDOR_SPECIFIC)
    tree.usb("1-2", "046d:c31c", "Logitech", "Modem-grey keyboard", interface=VENDOR_SPECIFIC)
    tree.pci("0000:03:00.0", "8086:1234", "0x020000")
    assert listed("modem", tree.roots) == []


def test_a_lock_that_was_left_behind(tree: SystemTree) -> None:
    tree.tty("ttyS0", None, "serial8250", uart="4")
    file = tree.lock("ttyS0", b"4242\n")
    info = only(tree)
    assert (info.kind, info.in_use) == (Kind.PORT, False)
    assert info.notes == (f"a program that has ended left the lock file {file}: remove it",)


FACTS = [
    # bus, id, kind and a word of the field notes, section B8
    ("usb", "0572:1321", Kind.MODEM, "CX93010"),
    ("usb", "0572:1329", Kind.MODEM, "TFM-561U"),
    ("usb", "17ef:7000", Kind.MODEM, "Lenovo"),
    ("usb", "0ace:1608", Kind.MODEM, "ZyXEL Omni 56K"),
    ("usb", "0baf:0303", Kind.MODEM, "USR5637"),
    ("usb", "06e0:f107", Kind.MODEM, "MT5634ZBA"),
    ("usb", "06e0:f114", Kind.MODEM, "MT9234MU"),
    ("usb", "04c1:0082", Kind.MODEM, "3Com"),
    ("usb", "1690:0109", Kind.MODEM, "Askey"),
    ("usb", "0572:1253", Kind.SOFTMODEM, "Zoom V.92 HCF"),
    ("usb", "0572:1300", Kind.SOFTMODEM, "SoftK56"),
    ("usb", "0483:ff10", Kind.SOFTMODEM, "ST56"),
    ("usb", "10c4:ea60", Kind.PORT, "CP210x"),
    ("pci", "16ec:2f00", Kind.SOFTMODEM, "USR5660A"),
    ("pci", "1522:4000", Kind.MODEM, "IQ Express"),
    ("pci", "1133:e015", Kind.OTHER, "Eicon"),
    ("pci", "d161:8005", Kind.OTHER, "Digium"),
]


@pytest.mark.parametrize(("bus", "number", "kind", "word"), FACTS)
def test_the_table_has_what_the_field_notes_say(bus: str, number: str, kind: Kind, word: str) -> None:
    row = table().find(bus, number, "")
    assert row is not None
    assert row.sort.kind is kind
    assert word in row.what


def test_every_row_can_be_met() -> None:
    """None stands behind one that takes all of its devices."""
    for bus, rows in (("usb", table().usb), ("pci", table().pci)):
        for row in rows:
            assert table().find(bus, _example(row), "") is row


def _example(row: Row) -> str:
    """An id that the row has, and those before it hopefully not: the last one of each wildcard."""
    inside, text = "", ""
    for letter in row.id:
        if letter == "[":
            inside = letter
        elif letter == "]":
            text, inside = text + inside[-1], ""
        elif inside:
            inside += letter
        else:
            text += {"?": "9", "*": "f"}.get(letter, letter)
    return text + "f" * (9 - len(text))


SOUND = """
usb = [{ id = "0572:1329", what = "x", sort = "s", source = "o" }]
pci = []
names = [{ pattern = "x", sort = "s", source = "o" }]
[sources]
o = "x"
[sorts.s]
kind = "modem"
is = "x"
advice = ""
[sorts.by-class]
kind = "modem"
is = "x"
advice = ""
[sorts.modem-without-port]
kind = "other"
is = "x"
advice = ""
"""


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("", "", ""),
        ("pci = []", "pci = ", "not TOML"),
        ("pci = []", "", "has no 'pci'"),
        ('id = "0572:1329"', 'id = "572:1329"', "usb, '572:1329': an id is written as"),
        (
            'what = "x", sort = "s"',
            'what = "x", sort = "t"',
            "usb, '0572:1329': sort = 't': there is no such",
        ),
        ('source = "o" }]\npci', 'source = "p" }]\npci', "source = 'p'"),
        ('what = "x"', 'wat = "x"', "must have the texts id, sort, source, what"),
        ('pattern = "x"', 'pattern = "("', "names, '\\(': no regular expression"),
        ('kind = "modem"', 'kind = "moden"', "sorts.s: kind = 'moden'"),
    ],
)
def test_a_wrong_table_is_refused(old: str, new: str, complaint: str) -> None:
    text = SOUND.replace(old, new) if old else SOUND
    if not complaint:
        assert parse(text).usb[0].source == "x"
        return
    with pytest.raises(KnownError, match=complaint):
        parse(text)
