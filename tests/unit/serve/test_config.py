"""The configuration of the service: what a file comes to, and every complaint with its line."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Sequence
from pathlib import Path

import pytest

from faxhw.errors import UsageError
from faxhw.ports.usb import names
from faxhw.serve.config import (
    Application,
    ConfigError,
    GivenUp,
    Hook,
    Inbox,
    Kind,
    Line,
    OnReject,
    QueuePolicy,
    load,
)
from faxhw.serve.hours import Hours

from .host import APPLICATION, FRONT, INBOX, Host

HEAD = 3
"""The lines above the first table."""


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def refused(host: Host, *lines: str, above: str = "") -> tuple[int, str]:
    """The line that is complained of, from 1 for the first of ``lines``, and the complaint."""
    path = host.write(*lines, above=above)
    with pytest.raises(ConfigError) as caught:
        load(path)
    said = str(caught.value)
    assert "\n" not in said
    found = re.fullmatch(rf"{re.escape(str(path))}:(?:([0-9]+):)? (.*)", said)
    assert found is not None, said
    return int(found[1] or 0) - HEAD, found[2]


def test_the_least(host: Host) -> None:
    config = load(host.write(*FRONT, *INBOX))
    assert config.lines == (Line("front", "/dev/ttyACM0", inbox=Inbox(host.inbox)),)
    assert (config.path, config.state, config.socket) == (host.path, host.state, host.folder / "control")
    assert (config.hooks, config.queue) == ((), QueuePolicy())
    assert config.line("front") is config.lines[0]


def test_everything(host: Host) -> None:
    config = load(
        host.write(
            *FRONT,
            'device_options = { profile = "generic", speed = 115200 }',
            "rings = 2",
            "sends = false",
            'ident = "+49 30 1234"',
            "options = { MaxPages = 200, ECM = true }",
            'hours = ["Mon-Fri 08:00-18:00", "Sat 22:00-02:00"]',
            'accept = ["+49 (30) *", "0[1-9]*"]',
            'reject = ["anonymous", "+49900*"]',
            'on_reject = "hang_up"',
            'called = "*123"',
            "max_seconds = 3600",
            *INBOX,
            'pattern = "{date}/{time}.tif"'.replace("/", "-"),
            "[[line]]",
            'name = "back"',
            'device = "class1:/dev/ttyACM1"',
            "[line.application]",
            'file = "answer.py"',
            'arguments = ["a", "b"]',
            'files = "state"',
            "[[hook]]",
            f'command = ["{host.hook}", "now"]',
            'on = ["received"]',
            'lines = ["back"]',
            "tries = 3",
            "timeout = 5",
            "first_wait = 1",
            "[queue]",
            "tries = 4",
            'window = ["22:00-06:00"]',
            'blocked = "0900 *"',
            "[given_up]",
            "keep_days = 7",
            "keep = 5",
        )
    )
    front, back = config.lines
    assert front == Line(
        name="front",
        device="/dev/ttyACM0",
        device_options={"profile": "generic", "speed": "115200"},
        rings=2,
        sends=False,
        ident="+49 30 1234",
        options={"MaxPages": 200, "ECM": True, "SubscriberId": "+49 30 1234"},
        hours=Hours.parse(["Mon-Fri 08:00-18:00", "Sat 22:00-02:00"]),
        accept=("+49 (30) *", "0[1-9]*"),
        reject=("anonymous", "+49900*"),
        on_reject=OnReject.HANG_UP,
        called=("*123",),
        max_seconds=3600,
        inbox=Inbox(host.inbox, "{date}-{time}.tif"),
    )
    assert back.application == Application(host.application, ("a", "b"), host.state)
    (hook,) = config.hooks
    assert hook == Hook(
        (str(host.hook), "now"), frozenset({Kind.RECEIVED}), ("back",), tries=3, timeout=5, first_wait=1
    )
    assert [hook.wants(*told) for told in ((Kind.RECEIVED, "back"), (Kind.SENT, "back"))] == [True, False]
    assert not hook.wants(Kind.RECEIVED, "front")
    assert config.queue == QueuePolicy(tries=4, window=Hours.parse(["22:00-06:00"]), blocked=("0900 *",))
    assert config.given_up == GivenUp(keep_days=7, keep=5)


def test_where_state_and_socket_are_by_default(host: Host) -> None:
    path = host.file("fax.toml", "\n".join((*FRONT, *INBOX)))
    run = host.directory("run")
    systemd = {"STATE_DIRECTORY": f"{host.state}:/elsewhere", "RUNTIME_DIRECTORY": str(run)}
    config = load(path, systemd)
    assert (config.state, config.socket) == (host.state, run / "control")
    config = load(path, {"HOME": "/home/nobody-here", "XDG_RUNTIME_DIR": "/run/user/nobody-here"})
    assert config.state == Path("/home/nobody-here/.local/state/faxhw")
    assert config.socket == Path("/run/user/nobody-here/faxhw/control")
    with pytest.raises(ConfigError, match=rf'{path}: socket is missing, and .*; write socket = "/run'):
        load(path, {"HOME": "/home/nobody-here"})
    run.chmod(0o777)
    with pytest.raises(ConfigError, match=f"{path}: socket: everybody on this host can put files into {run}"):
        load(path, systemd)


@pytest.mark.parametrize(
    ("lines", "number", "message"),
    [
        # The grammar
        ((*FRONT, "rings = "), 4, "this is no TOML: Invalid value"),
        ((*FRONT, "rings = 1", "rings = 2"), 5, "this is no TOML: Cannot overwrite a value"),
        # Unknown keys
        (("[[lime]]",), 1, "unknown key 'lime'; did you mean line?"),
        ((*FRONT, "ring = 2"), 4, "line 1: unknown key 'ring'; did you mean rings?"),
        ((*FRONT, "frobnicate = 2"), 4, "unknown key 'frobnicate'; there are name, device, device_options"),
        (
            (*FRONT, "[line.inbox]", 'directry = "in"'),
            5,
            "line 'front', inbox: unknown key 'directry'; did you",
        ),
        ((*FRONT, *INBOX, "[queue]", "trys = 1"), 7, "queue: unknown key 'trys'; did you mean tries?"),
        # Missing ones
        (("# nothing",), -HEAD, "there is no line; write a [[line]]"),
        (("[[line]]", 'device = "/dev/x"'), 1, "line 1: name is missing"),
        (("[[line]]", 'name = "front"'), 1, "line 'front': device is missing"),
        (FRONT, 1, "line 'front': nothing takes its calls; write [line.inbox]"),
        ((*FRONT, "[line.inbox]"), 4, "line 'front', inbox: directory is missing"),
        ((*FRONT, *INBOX, "[[hook]]"), 6, "hook 1: command is missing"),
        # Values
        ((*FRONT, "device_options = { profil = 'x' }"), 4, "no option 'profil'; did you mean profile?"),
        ((*FRONT, "device_options = { profile = 'x' }"), 4, "there is no modem profile 'x'"),
        ((*FRONT, "rings = 0"), 4, "line 'front': rings = 0: give a whole number from 1 to 20"),
        ((*FRONT, "rings = true"), 4, "rings = true: give a whole number"),
        ((*FRONT, "rings = '2'"), 4, "rings = '2': give a whole number"),
        ((*FRONT, "max_seconds = 5"), 4, "max_seconds = 5: give a whole number from 60 to 86400"),
        ((*FRONT, "answers = 1"), 4, "answers = 1: give true or false"),
        ((*FRONT, "answers = false", "sends = false"), 4, "answers and sends are both false; leave the line"),
        (("[[line]]", "name = 'a/b'"), 2, "line 1: name = 'a/b': give at most 32 letters"),
        ((*FRONT, "on_reject = 'shout'"), 4, "on_reject = 'shout': give 'ring' or 'hang_up'"),
        ((*FRONT, "ident = 'me'"), 4, "ident: SubscriberId is at most 20 of digits, + and space, not 'me'"),
        (
            (*FRONT, "ident = '1'", "options = { SubscriberId = '1' }"),
            4,
            "ident: options has SubscriberId, which is the same",
        ),
        ((*FRONT, "options = { MaxPage = 1 }"), 4, "unknown fax option 'MaxPage', did you mean MaxPages?"),
        ((*FRONT, "[line.options]", "MaxPages = 'all'"), 4, "options: MaxPages is a number from 0 to 9999"),
        ((*FRONT, "options = { MaxPages = [1] }"), 4, "options: MaxPages = [1]: give a text, a number"),
        ((*FRONT, "options = 'ECM'"), 4, "options = 'ECM': give a table such as"),
        ((*FRONT, "hours = [", "'Mon-Fri',", "'Mo']"), 4, "hours: 'Mo' are no hours: 'Mo' is none of Mon"),
        ((*FRONT, "hours = [1]"), 4, "hours = [1]: give a list of texts in quotes"),
        ((*FRONT, "accept = ['[1-']"), 4, "accept: '[1-' is no pattern for numbers"),
        ((*FRONT, "reject = ['']"), 4, "reject: '' is no pattern for numbers"),
        # Devices
        (("[[line]]", "name = 'a'", "device = ' '"), 3, "line 'a': device: no device was named"),
        (
            ("[[line]]", "name = 'a'", "device = 'clas1:x'"),
            3,
            "there is no driver 'clas1': did you mean class1?",
        ),
        # Inbox
        (
            (*FRONT, *INBOX, "[line.application]", "file = 'answer.py'"),
            6,
            "it has an inbox and an application",
        ),
        ((*FRONT, "[line.inbox]", "directory = 'out'"), 5, "there is no directory"),
        ((*FRONT, "[line.inbox]", "directory = 'notify'"), 5, "notify is no directory; name one"),
        ((*FRONT, "[line.inbox]", "directory = ''"), 5, "directory = '': give a path"),
        ((*FRONT, *INBOX, "pattern = '../{date}.tif'"), 6, "pattern: a name leads nowhere else"),
        (
            (*FRONT, *INBOX, "pattern = '{dates}.tif'"),
            6,
            "pattern: there is no field {dates}; did you mean {date}?",
        ),
        ((*FRONT, *INBOX, "pattern = '{fax}.tif'"), 6, "there is no field {fax}; there are date, time"),
        ((*FRONT, *INBOX, "pattern = '{date'"), 6, "end the name in .tif or .tiff"),
        ((*FRONT, *INBOX, "pattern = '{date.tif'"), 6, "write fields as {date}, a brace as {{ or }}"),
        ((*FRONT, *INBOX, "pattern = '{date!r}.tif'"), 6, "{date} takes no format"),
        ((*FRONT, *INBOX, "pattern = '.{date}.tif'"), 6, "begins with no dot or dash"),
        ((*FRONT, *INBOX, "pattern = '{caller.x}.tif'"), 6, "there is no field {caller.x}"),
        (
            (*FRONT, *INBOX, f"pattern = '{'x' * 240}.tif'"),
            6,
            "names may get 261 octets long, and 255 is the",
        ),
        # Hooks
        (
            (*FRONT, *INBOX, "[[hook]]", "command = 'no-such-program'"),
            7,
            "there is no program no-such-program",
        ),
        ((*FRONT, *INBOX, "[[hook]]", "command = ['']"), 7, "command is missing"),
        (
            (*FRONT, *INBOX, "[[hook]]", "command = 'true'", "on = ['recieved']"),
            8,
            "hook 1: on: there is no 'recieved'; did you mean 'received'?",
        ),
        (
            (*FRONT, *INBOX, "[[hook]]", "command = 'true'", "[[hook]]", "command = 'true'", "lines = ['x']"),
            10,
            "hook 2: lines: there is no 'x'; there are 'front'",
        ),
        ((*FRONT, *INBOX, "[queue]", "tries = 0"), 7, "queue: tries = 0: give a whole number from 1 to 100"),
        ((*FRONT, *INBOX, "[[queue]]"), 6, "write it as [queue], a table"),
        (("[line]", 'name = "front"'), 1, "write line as [[line]]"),
    ],
)
def test_bad_input(host: Host, lines: Sequence[str], number: int, message: str) -> None:
    found, said = refused(host, *lines)
    assert found == number, said
    assert message in said


def test_files_that_cannot_be_read(host: Host) -> None:
    with pytest.raises(ConfigError, match=r"fax\.toml: cannot be read: No such file or directory"):
        load(host.path)
    host.path.write_bytes(b"# one\n# tw\xff\n")
    with pytest.raises(ConfigError, match=r"fax\.toml:2: this is no UTF-8 text"):
        load(host.path)
    host.path.write_text("[[line]]\nname = [")
    with pytest.raises(ConfigError, match=r"fax\.toml:2: this is no TOML"):
        load(host.path)


def test_two_lines_of_one_name(host: Host) -> None:
    second = ("[[line]]", 'device = "/dev/ttyACM1"', 'name = "front"', *INBOX)
    assert refused(host, *FRONT, *INBOX, *second) == (
        8,
        "line 'front': name = 'front': another line has that name; give it one of its own",
    )


@pytest.mark.parametrize("device", ["/dev/ttyACM0", "class1:/dev/ttyACM0", "/dev/./ttyACM0", "class2:LINK"])
def test_two_lines_on_one_device(host: Host, device: str) -> None:
    link = host.folder / "modem"
    link.symlink_to("/dev/ttyACM0")
    second = ("[[line]]", 'name = "back"', f'device = "{device.replace("LINK", str(link))}"', *INBOX)
    number, said = refused(host, *FRONT, *INBOX, *second)
    assert number == 8
    assert "line 'front' is on it already; a device is one line's" in said


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("usb:0572:1329", "/dev/ttyACM7", True),
        ("usb:0572:1329", "class1:usb:572:1329:1-1.4", True),
        ("usb:0572:1329", "/dev/ttyACM8", False),
        ("usb:0803:3095", "usb:0803:3095:1-2", True),  # which has no tty
        ("usb:ffff:0001:A", "class2:usb:FFFF:1:A", True),  # which is not plugged in
        ("usb:ffff:0001:A", "usb:ffff:0001:B", False),
        ("usb:aaaa:0001", "usb:aaaa:0001:1-3", False),  # there are two of that kind
    ],
)
def test_one_stick_by_two_names(
    host: Host, monkeypatch: pytest.MonkeyPatch, one: str, other: str, *, same: bool
) -> None:
    for place, usb_id in {
        "1-1.4": "0572:1329",
        "1-2": "0803:3095",
        "1-3": "aaaa:0001",
        "1-5": "aaaa:0001",
    }.items():
        folder = host.folder / "usb" / place
        folder.mkdir(parents=True)
        for file, text in zip(("idVendor", "idProduct"), usb_id.split(":"), strict=True):
            (folder / file).write_text(text)
    (host.folder / "usb/1-1.4/1-1.4:1.0/tty/ttyACM7").mkdir(parents=True)
    monkeypatch.setattr(names, "_SYS_USB", host.folder / "usb")
    first = ("[[line]]", 'name = "a"', f'device = "{one}"', *INBOX)
    lines = (*first, "[[line]]", 'name = "b"', f'device = "{other}"', *INBOX)
    if same:
        assert "line 'a' is on it already" in refused(host, *lines)[1]
    else:
        assert len(load(host.write(*lines)).lines) == 2


def test_two_remote_lines(host: Host) -> None:
    first = ("[[line]]", 'name = "a"', 'device = "class1:rfc2217://host:1"', *INBOX)
    second = ("[[line]]", 'name = "b"', 'device = "rfc2217://host:1"', *INBOX)
    assert refused(host, *first, *second)[0] == 8
    assert len(load(host.write(*first, *second[:2], 'device = "rfc2217://host:2"', *INBOX)).lines) == 2


def test_lines_that_share_a_controller(host: Host) -> None:
    device = 'device = "capi:tcp://box:5031/1"'
    first = ("[[line]]", 'name = "a"', device, 'device_options = { msn = "1" }', *INBOX)
    second = ("[[line]]", 'name = "b"', device, 'device_options = { msn = "2" }', *INBOX)
    assert [each.device for each in load(host.write(*first, *second)).lines] == ["capi:tcp://box:5031/1"] * 2


def test_an_application_that_would_not_load(host: Host) -> None:
    """``test_trial`` has the many ways; here, that it is told with its place, and each file is tried once."""
    host.file("answer.py", "print('news')\n1 / 0\n" + APPLICATION)
    own = ("[line.application]", 'file = "answer.py"')
    number, said = refused(host, *FRONT, *own)
    assert number == 5
    assert said == (
        f"line 'front', application: file: {host.application} cannot be loaded: "
        f"ZeroDivisionError: division by zero ({host.application}:2)"
    )
    host.file("answer.py", "open(__file__ + '.runs', 'a').write('x')\n" + APPLICATION)
    second = ("[[line]]", 'name = "back"', 'device = "/dev/ttyACM1"')
    assert len(load(host.write(*FRONT, *own, *second, *own)).lines) == 2
    assert (host.folder / "answer.py.runs").read_text() == "x"


@pytest.mark.parametrize(
    ("spoil", "number", "message"),
    [
        (("fax.toml", 0o642), 0, "can be changed by everybody on this host; chmod o-w"),
        ((".", 0o777), 0, "everybody on this host can put another file in the place of"),
        (("state", 0o777), -2, "state: everybody on this host can put files into"),
        (("in", 0o755), 5, "in is open to everybody on this host, and faxes will be in it; chmod o-rwx"),
        (("in", 0o751), 5, "is open to everybody"),
        (("in", 0o752), 5, "everybody on this host can put files into"),
        (("answer.py", 0o646), 10, "answer.py can be changed by everybody"),
        (("notify", 0o757), 12, "hook 1: command: "),
    ],
)
def test_permissions_that_let_others_in(
    host: Host, spoil: tuple[str, int], number: int, message: str
) -> None:
    path = host.write(
        *FRONT,
        *INBOX,
        "[[line]]",
        'name = "back"',
        'device = "/dev/ttyACM1"',
        "[line.application]",
        'file = "answer.py"',
        "[[hook]]",
        f'command = "{host.hook}"',
    )
    load(path)
    (host.folder / spoil[0]).chmod(spoil[1])
    try:
        with pytest.raises(ConfigError) as caught:
            load(path)
    finally:
        host.folder.chmod(0o700)
    assert str(caught.value).startswith(f"{path}:{number + HEAD}: " if number else f"{path}: ")
    assert message in str(caught.value)


def test_a_socket_that_others_could_make(host: Host) -> None:
    host.directory("open", 0o1777)
    host.file("fax.toml", "\n".join(('socket = "open/control"', *FRONT, *INBOX)))
    with pytest.raises(ConfigError, match=r"fax\.toml:1: socket: everybody on this host can put files into"):
        load(host.path, {"STATE_DIRECTORY": str(host.state)})


def test_a_socket_whose_path_is_too_long(host: Host) -> None:
    host.file("fax.toml", "\n".join((f'socket = "{"s" * 100}"', *FRONT, *INBOX)))
    with pytest.raises(ConfigError, match=r"fax\.toml:1: socket: .* is too long for one; 107 octets"):
        load(host.path, {"STATE_DIRECTORY": str(host.state)})
    with socket.socket(socket.AF_UNIX) as far, pytest.raises(OSError, match="too long"):
        far.bind(str(host.folder / ("s" * 100)))


def test_a_directory_that_cannot_be_written(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != host.inbox and real(path, mode))
    number, said = refused(host, *FRONT, *INBOX)
    assert number == 5
    assert "cannot be written by this user" in said


def test_it_is_an_error_of_use(host: Host) -> None:
    with pytest.raises(UsageError):
        load(host.path)


def test_lines_are_found_in_any_toml(host: Host) -> None:
    """Strings over lines, comments, quoted and dotted keys, arrays over lines, inline tables."""
    lines = [
        '[[ "line" ]] # the first',
        'name = "fr\\u006fnt" # "',
        "device = '/dev/ttyACM0'",
        "hours = [ # hours",
        "  'Mon ]', # a ] in a string",
        "]",
        'inbox.directory = """\\',
        '  in"""',
    ]
    assert refused(host, *lines)[0] == 4
    lines[4] = " 'Mon 10:00-11:00' "
    assert load(host.write(*lines)).lines[0].inbox == Inbox(host.inbox)
    assert refused(host, *lines, 'inbox.pattern = "x"')[0] == 9
    assert refused(host, *lines, 'accept = """', "rings = 3", '"""""')[0] == 9
    assert refused(host, *lines, "device_options.'a b' = { c = [", "]}", "rings = 0")[0] == 9
    assert refused(host, *lines, "device_options.'speed' = 9600", "rings = 0")[0] == 10
